"""Commissioners and their dated appointments. A person is not an appointment: every count is derived."""

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app.domain.vocabulary import Ground, Kind, Labelled, Level, Source
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.storage import columns, stamps
from app.storage.base import Base, choice


class AppointmentState(Labelled):
    IN_FORCE = ("in_force", "有效")
    WITHDRAWN = ("withdrawn", "已撤销")


@stamps.counted
class Commissioner(stamps.CountsEverywhere, Base):
    __tablename__ = "commissioners"
    moves_figures = ("kind", "source")
    __table_args__ = (
        sa.CheckConstraint(
            "(kind = 'individual') = (person_id IS NOT NULL) AND (kind = 'entity') = (organisation_id IS NOT NULL)",
            name="kind_has_its_subject",
        ),
        sa.Index("ix_commissioners_pinyin_id", "pinyin", "id"),
        {"comment": "individual → one person; team → members; legal entity → one organisation"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    kind: Mapped[Kind] = choice(Kind, "kind", comment="个人 团队 法人")
    name: Mapped[columns.title] = mapped_column(
        comment="person's, team's or entity's name, for lists", info=columns.personal("name")
    )
    pinyin: Mapped[columns.sort_key] = mapped_column(info=columns.personal("name"))
    initials: Mapped[str] = mapped_column(
        sa.String(60), index=True, info=columns.personal("name"), comment="first letters, for finding"
    )
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), unique=True, comment="of an individual")
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisations.id"), unique=True, comment="of an entity"
    )
    source: Mapped[Source] = choice(Source, "source", index=True, comment="where they come from")
    sending_unit_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisations.id"), index=True, comment="派出单位"
    )
    county_code: Mapped[str] = mapped_column(
        sa.ForeignKey("regions.code"),
        index=True,
        comment="county that keeps the record; the city's own: 350400",
    )
    specialities: Mapped[str] = mapped_column(sa.String(300), default="", comment="in free words, as people write them")
    introduction: Mapped[str | None] = mapped_column(
        sa.Text(), info=columns.personal("profile"), comment="published with the menu"
    )
    yearly_half_days: Mapped[int] = mapped_column(default=60, comment="half-days a year he, she or it can serve")
    made_at: Mapped[columns.created_at]
    version: Mapped[columns.version]

    person: Mapped[Person | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship(foreign_keys=[organisation_id])
    sending_unit: Mapped[Organisation | None] = relationship(foreign_keys=[sending_unit_id])
    appointments: Mapped[list["Appointment"]] = relationship(
        back_populates="commissioner", order_by="Appointment.batch_year.desc(), Appointment.id.desc()"
    )
    members: Mapped[list["TeamMember"]] = relationship(back_populates="commissioner", order_by="TeamMember.id")
    industries: Mapped[list["CommissionerIndustry"]] = relationship(back_populates="commissioner")


class TeamMember(Base):
    __tablename__ = "team_members"
    __table_args__ = (
        sa.UniqueConstraint("commissioner_id", "person_id"),
        sa.Index(
            "uq_team_members_one_leader",
            "commissioner_id",
            unique=True,
            sqlite_where=sa.text("leads AND ends IS NULL"),
            postgresql_where=sa.text("leads AND ends IS NULL"),
        ),
        {"comment": "团队成员, counted apart from appointments; the leader is one of them"},
    )

    id: Mapped[columns.key]
    commissioner_id: Mapped[int] = mapped_column(sa.ForeignKey("commissioners.id"), comment="the team")
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True, comment="the member")
    leads: Mapped[bool] = mapped_column(default=False, comment="负责人")
    begins: Mapped[date | None] = mapped_column(comment="first day in the team")
    ends: Mapped[date | None] = mapped_column(comment="last day in the team")
    commissioner: Mapped[Commissioner] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()


class CommissionerIndustry(Base):
    __tablename__ = "commissioner_industries"
    __table_args__ = ({"comment": "what a commissioner works in"},)

    commissioner_id: Mapped[int] = mapped_column(sa.ForeignKey("commissioners.id"), primary_key=True)
    industry_id: Mapped[int] = mapped_column(sa.ForeignKey("industries.id"), primary_key=True, index=True)
    commissioner: Mapped[Commissioner] = relationship(back_populates="industries")


@stamps.counted
class Appointment(stamps.CountsEverywhere, Base):
    __tablename__ = "appointments"
    moves_figures = ("level", "commissioner_id")
    __table_args__ = (
        sa.CheckConstraint("ends >= begins", name="term"),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_on IS NOT NULL)", name="withdrawn_has_its_day"),
        sa.Index(
            "uq_appointments_one_a_year",
            "commissioner_id",
            "level",
            "batch_year",
            unique=True,
            sqlite_where=sa.text("state = 'in_force'"),
            postgresql_where=sa.text("state = 'in_force'"),
        ),
        sa.Index("ix_appointments_counting", "batch_year", "level", "state", "county_code", "commissioner_id"),
        {"comment": "one commissioner, one level, one batch year: what 人次, 组次 and 家次 count"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    commissioner_id: Mapped[int] = mapped_column(sa.ForeignKey("commissioners.id"), index=True, comment="who")
    level: Mapped[Level] = choice(Level, "level", comment="县级 市级 省级")
    batch_year: Mapped[int] = mapped_column(comment="选认年度")
    begins: Mapped[date] = mapped_column(comment="first day of the term")
    ends: Mapped[date] = mapped_column(comment="last day of the term")
    ground: Mapped[Ground] = choice(Ground, "ground", comment="选认依据")
    document: Mapped[str | None] = mapped_column(sa.String(120), comment="document number, e.g. 明科农〔2018〕5号")
    county_code: Mapped[str] = mapped_column(
        sa.ForeignKey("regions.code"),
        index=True,
        comment="recommending county; city and provincial units: the city",
    )
    renewal_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("appointments.id"), comment="续聘 of which")
    state: Mapped[AppointmentState] = choice(AppointmentState, "state", comment="withdrawn ones do not count")
    withdrawn_on: Mapped[date | None] = mapped_column(comment="Shanghai date")
    withdrawn_because: Mapped[str | None] = mapped_column(sa.String(300), comment="the reason given")
    import_batch_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("import_batches.id"), index=True, comment="came by"
    )
    made_at: Mapped[columns.created_at]

    commissioner: Mapped[Commissioner] = relationship(back_populates="appointments")
    cover: Mapped[list["DeclaredCover"]] = relationship(back_populates="appointment")

    def counted_in(self) -> Iterable[stamps.Mark | int]:
        """Its county's appointments; and figures anywhere, when visits under it count otherwise than before."""
        return [*super().counted_in(), (self.county_code, stamps.ALL_YEARS)]

    @classmethod
    def marks_of(cls, session: Session, ids: Iterable[int]) -> Iterable[stamps.Mark]:
        """The counties whose appointments these are."""
        counties = session.scalars(sa.select(cls.county_code).where(cls.id.in_(ids)).distinct())
        return [(county, stamps.ALL_YEARS) for county in counties]


@stamps.counted
class DeclaredCover(Base):
    __tablename__ = "declared_cover"
    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "region_code", "industry_id"),
        sa.Index("ix_declared_cover_region_code_industry_id", "region_code", "industry_id"),
        {"comment": "declared township-industry pairs; a county code means 全县 and covers no township"},
    )

    id: Mapped[columns.key]
    appointment_id: Mapped[int] = mapped_column(sa.ForeignKey("appointments.id"), comment="declared in")
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("regions.code"), comment="township, or county for 全县")
    industry_id: Mapped[int] = mapped_column(sa.ForeignKey("industries.id"), comment="in which industry")
    appointment: Mapped[Appointment] = relationship(back_populates="cover")

    def counted_in(self) -> Iterable[stamps.Mark | int]:
        """Where its appointment counts."""
        return stamps.values_of(self, "appointment_id") or [stamps.EVERYWHERE]

    @classmethod
    def marks_of(cls, session: Session, ids: Iterable[int]) -> Iterable[stamps.Mark]:
        """The counties of these appointments."""
        return Appointment.marks_of(session, ids)
