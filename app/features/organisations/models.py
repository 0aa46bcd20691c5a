"""Villages, co-operatives, enterprises, sending units, stations: one table, a kind each."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.vocabulary import OrganisationKind
from app.storage import columns
from app.storage.base import Base, choice


class Organisation(Base):
    __tablename__ = "organisations"
    __table_args__ = (
        sa.UniqueConstraint("region_code", "kind", "name"),
        sa.Index("ix_organisations_pinyin_id", "pinyin", "id"),
        {"comment": "what is served, what sends, and legal-entity commissioners"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    kind: Mapped[OrganisationKind] = choice(OrganisationKind, "kind", comment="village, enterprise, sending unit …")
    name: Mapped[columns.title] = mapped_column(index=True, comment="full name")
    pinyin: Mapped[columns.sort_key]
    initials: Mapped[str] = mapped_column(sa.String(60), index=True, comment="first letters, for finding")
    region_code: Mapped[str | None] = mapped_column(
        sa.ForeignKey("regions.code"),
        index=True,
        comment="township or county; empty for units outside the city",
    )
    credit_code: Mapped[str | None] = mapped_column(sa.String(18), unique=True, comment="unified social credit code")
    contact_name: Mapped[str | None] = mapped_column(
        sa.String(60), info=columns.personal("contact"), comment="whom to ask"
    )
    contact_phone_sealed: Mapped[str | None] = mapped_column(
        sa.Text(), info=columns.personal("contact", sealed=True), comment="sealed"
    )
    made_at: Mapped[columns.created_at]
    version: Mapped[columns.version]
