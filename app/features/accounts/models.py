"""Tables of accounts: who signs in, in which grants, from which sessions, and what went wrong at the door."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.roles import Role, ScopeKind
from app.storage import columns
from app.storage.base import Base, choice


class Account(Base):
    __tablename__ = "accounts"
    __table_args__ = ({"comment": "one per person who signs in; never deleted, only closed"},)

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    login: Mapped[str] = mapped_column(
        sa.String(60),
        unique=True,
        comment="what is typed at the door, lower case",
        info=columns.personal("display"),  # often the pinyin of a name
    )
    name: Mapped[str] = mapped_column(sa.String(60), comment="shown in the header", info=columns.personal("display"))
    password_hash: Mapped[str | None] = mapped_column(sa.String(255), comment="empty until set by a one-time link")
    password_scheme: Mapped[str] = mapped_column(
        sa.String(20), default="argon2id", comment="so that another can be added"
    )
    made_at: Mapped[columns.created_at]
    closed_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="closed accounts cannot sign in")
    version: Mapped[columns.version]
    grants: Mapped[list["Grant"]] = relationship(back_populates="account", order_by="Grant.id")


class Grant(Base):
    __tablename__ = "grants"
    __table_args__ = (
        sa.CheckConstraint(
            "(scope = 'territory') = (region_code IS NOT NULL)"
            " AND (scope = 'organisation') = (organisation_id IS NOT NULL)"
            " AND (scope = 'oneself') = (person_id IS NOT NULL)",
            name="scope_has_its_subject",
        ),
        {"comment": "role + scope; a person acts in one at a time"},
    )

    id: Mapped[columns.key]
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"), index=True, comment="whose")
    role: Mapped[Role] = choice(Role, "role", comment="what it lets do")
    scope: Mapped[ScopeKind] = choice(ScopeKind, "scope", comment="over what")
    region_code: Mapped[str | None] = mapped_column(sa.ForeignKey("regions.code"), comment="the territory")
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), comment="the organisation")
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), comment="oneself")
    begins: Mapped[date] = mapped_column(comment="first day")
    ends: Mapped[date | None] = mapped_column(comment="last day; empty while it holds")
    account: Mapped[Account] = relationship(back_populates="grants")


class SignedInSession(Base):
    __tablename__ = "signed_in_sessions"
    __table_args__ = ({"comment": "server-side sessions: listed to their owner, revocable"},)

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True, comment="sha256 of the token in the cookie")
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"), index=True, comment="whose")
    grant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("grants.id"), comment="acts in")
    device: Mapped[str] = mapped_column(sa.String(120), comment="browser and system in words, no version, no address")
    made_at: Mapped[columns.created_at]
    seen_at: Mapped[columns.moment] = mapped_column(comment="last use, to five minutes")
    expires_at: Mapped[columns.moment] = mapped_column(comment="signed out then at the latest")
    revoked_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="signed out")


class LoginFailure(Base):
    __tablename__ = "login_failures"
    __table_args__ = (
        sa.Index("ix_login_failures_login_hash_at", "login_hash", "at"),
        sa.Index("ix_login_failures_address_hash_at", "address_hash", "at"),
        {"comment": "failed attempts; throttling reads them, so it holds for all processes and restarts"},
    )

    id: Mapped[columns.key]
    login_hash: Mapped[str] = mapped_column(sa.String(64), comment="keyed hash of what was typed as name")
    address_hash: Mapped[str] = mapped_column(sa.String(64), comment="keyed hash of the network address")
    at: Mapped[columns.created_at]


class SetUpLink(Base):
    __tablename__ = "set_up_links"
    __table_args__ = ({"comment": "one-time links by which a person sets the first or a new password"},)

    id: Mapped[columns.key]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True, comment="sha256 of the token in the link")
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"), comment="for whom")
    expires_at: Mapped[columns.moment] = mapped_column(comment="useless after")
    used_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="useless once used")
