"""Service visits: one event, one place, one service date; who took part, whom it served, what came of it."""

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app.domain.visits import ConfirmationAnswer, VisitState
from app.domain.vocabulary import ConfirmationChannel, ServiceMode
from app.features.commissioners.models import Appointment
from app.features.demands.models import Demand
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.features.regions.models import Region
from app.storage import columns, stamps
from app.storage.base import Base, choice
from app.storage.files import StoredFile


@stamps.counted
class Visit(Base):
    __tablename__ = "visits"
    __table_args__ = (
        sa.CheckConstraint("days BETWEEN 1 AND 31", name="days"),
        sa.CheckConstraint("(state = 'passed') = (passed_on IS NOT NULL)", name="passed_has_its_day"),
        sa.CheckConstraint("confirmed_on IS NULL OR state <> 'draft'", name="draft_not_confirmed"),
        # Cover groups by township and industry, tallies by one of them: in this order no row is sorted or fetched.
        sa.Index("ix_visits_counting", "state", "region_code", "industry_id", "service_date", "mode", "confirmed_on"),
        sa.Index("ix_visits_region_code_state_id", "region_code", "state", "id"),
        sa.Index("ix_visits_service_date_id", "service_date", "id"),
        {"comment": "counts by service date, once, and only when passed; its uid makes a late arrival exactly one"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    demand_id: Mapped[int | None] = mapped_column(sa.ForeignKey("demands.id"), index=True, comment="in answer to")
    match_id: Mapped[int | None] = mapped_column(sa.ForeignKey("matches.id"), index=True, comment="under which match")
    writer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"), index=True, comment="who logged it")
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("regions.code"), comment="township of service")
    place: Mapped[str | None] = mapped_column(sa.String(120), comment="village or workshop, in words")
    service_date: Mapped[date] = mapped_column(comment="of a stay: its first day")
    days: Mapped[int] = mapped_column(default=1, comment="calendar days of the stay")
    industry_id: Mapped[int] = mapped_column(
        sa.ForeignKey("industries.id"), comment="prefilled from demand or appointment"
    )
    mode: Mapped[ServiceMode] = choice(ServiceMode, "mode", comment="现场 or 线上; on-line shown apart")
    work_done: Mapped[str] = mapped_column(sa.Text(), comment="what was done")
    advice: Mapped[str | None] = mapped_column(sa.Text(), comment="what the served side should do next")
    fingerprint: Mapped[str] = mapped_column(sa.String(64), comment="hash of all it says, see domain/visits.py")
    state: Mapped[VisitState] = choice(VisitState, "state", comment="see domain/visits.py")
    submitted_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="last submission")
    passed_on: Mapped[date | None] = mapped_column(comment="Shanghai date of review")
    confirmed_on: Mapped[date | None] = mapped_column(comment="Shanghai date of the served side's word")
    review_words: Mapped[str | None] = mapped_column(sa.String(500), comment="why returned, or advice")
    made_at: Mapped[columns.created_at]
    version: Mapped[columns.version]

    region: Mapped[Region] = relationship()
    demand: Mapped[Demand | None] = relationship()
    participants: Mapped[list["Participant"]] = relationship(back_populates="visit", order_by="Participant.id")
    served: Mapped[list["ServedUnit"]] = relationship(back_populates="visit", order_by="ServedUnit.id")
    results: Mapped[list["VisitResult"]] = relationship(back_populates="visit")
    confirmations: Mapped[list["Confirmation"]] = relationship(back_populates="visit", order_by="Confirmation.id")
    photos: Mapped[list["VisitPhoto"]] = relationship(back_populates="visit", order_by="VisitPhoto.id")

    def counted_in(self) -> Iterable[stamps.Mark | int]:
        """County and year of service, as they were and as they are; nothing unless it is passed or was."""
        states, places, days = (stamps.values_of(self, name) for name in ("state", "region_code", "service_date"))
        if states is None or places is None or days is None:
            return [stamps.EVERYWHERE]
        if VisitState.PASSED not in states:
            return []
        return [(place[:6], day.year) for place in places for day in days]

    @classmethod
    def marks_of(cls, session: Session, ids: Iterable[int]) -> Iterable[stamps.Mark]:
        """County and year of service of those that are passed."""
        wanted = sa.select(cls.region_code, cls.service_date).where(cls.id.in_(ids), cls.state == VisitState.PASSED)
        return [(place[:6], day.year) for place, day in session.execute(wanted)]


class _OfVisit:
    """A row that counts where and when its visit does."""

    def counted_in(self) -> Iterable[stamps.Mark | int]:
        return stamps.values_of(self, "visit_id") or [stamps.EVERYWHERE]

    @classmethod
    def marks_of(cls, session: Session, ids: Iterable[int]) -> Iterable[stamps.Mark]:
        return Visit.marks_of(session, ids)


@stamps.counted
class Participant(_OfVisit, Base):
    __tablename__ = "participants"
    __table_args__ = (
        sa.UniqueConstraint("visit_id", "person_id"),
        sa.CheckConstraint("half_days BETWEEN 1 AND 62", name="half_days"),
        sa.Index("ix_participants_counting", "visit_id", "appointment_id", "half_days"),
        {"comment": "a person once per visit, acting under one appointment"},
    )

    id: Mapped[columns.key]
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visits.id"), comment="of which visit")
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True, comment="who")
    appointment_id: Mapped[int] = mapped_column(sa.ForeignKey("appointments.id"), index=True, comment="acted under")
    half_days: Mapped[int] = mapped_column(comment="service time")
    visit: Mapped[Visit] = relationship(back_populates="participants")
    person: Mapped[Person] = relationship()
    appointment: Mapped[Appointment] = relationship()


@stamps.counted
class ServedUnit(_OfVisit, Base):
    __tablename__ = "served_units"
    __table_args__ = (
        sa.UniqueConstraint("visit_id", "organisation_id"),
        {"comment": "whom the visit served"},
    )

    id: Mapped[columns.key]
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visits.id"), comment="of which visit")
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True, comment="which unit")
    visit: Mapped[Visit] = relationship(back_populates="served")
    organisation: Mapped[Organisation] = relationship()


@stamps.counted
class VisitResult(_OfVisit, Base):
    __tablename__ = "visit_results"
    __table_args__ = (
        sa.UniqueConstraint("visit_id", "kind_id"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.Index("ix_visit_results_counting", "visit_id", "kind_id", "amount"),
        {"comment": "claimed once per visit; confirmed with the visit"},
    )

    id: Mapped[columns.key]
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visits.id"), comment="of which visit")
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("result_kinds.id"), index=True, comment="of what")
    amount: Mapped[int] = mapped_column(columns.BIG, comment="in the kind's smallest unit")
    visit: Mapped[Visit] = relationship(back_populates="results")


class Confirmation(Base):
    __tablename__ = "confirmations"
    __table_args__ = (
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer_has_its_moment"),
        {"comment": "one request for the served side's word; GET shows, POST decides"},
    )

    id: Mapped[columns.key]
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visits.id"), index=True, comment="of which visit")
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), comment="which served unit")
    channel: Mapped[ConfirmationChannel] = choice(ConfirmationChannel, "channel", comment="how it was asked")
    token_hash: Mapped[str | None] = mapped_column(
        sa.String(64), unique=True, comment="sha256 of the token in the link"
    )
    content_hash: Mapped[str] = mapped_column(
        sa.String(64), comment="fingerprint of what was shown; a changed visit asks again"
    )
    expires_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="the link is useless after")
    answer: Mapped[ConfirmationAnswer | None] = choice(ConfirmationAnswer, "answer", nullable=True, comment="the word")
    answered_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="when")
    answered_by: Mapped[str | None] = mapped_column(
        sa.String(60), info=columns.personal("name"), comment="name given, optional"
    )
    words: Mapped[str | None] = mapped_column(
        sa.String(500), info=columns.personal("words"), comment="what the served side added; may name people"
    )
    satisfaction: Mapped[int | None] = mapped_column(comment="1 to 5, optional")
    scan_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("stored_files.id"), comment="sealed sheet, if that was the channel"
    )
    made_at: Mapped[columns.created_at]
    visit: Mapped[Visit] = relationship(back_populates="confirmations")
    organisation: Mapped[Organisation] = relationship()
    scan: Mapped[StoredFile | None] = relationship()


class VisitPhoto(Base):
    __tablename__ = "visit_photos"
    __table_args__ = (
        sa.UniqueConstraint("visit_id", "file_id"),
        {"comment": "optional; no position is kept"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visits.id"), comment="of which visit")
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_files.id"), comment="re-encoded, no EXIF")
    visit: Mapped[Visit] = relationship(back_populates="photos")
    file: Mapped[StoredFile] = relationship()
