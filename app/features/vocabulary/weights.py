"""Weights of the ranking's parts as a dated setting: proposed as measured, adopted or dropped by a person."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.matching.settings import SettingState, shipped, weights_of
from app.domain.refusals import MoveRefused, RuleBroken
from app.domain.roles import Actor
from app.domain.wording import LONGEST_WHY, spoken
from app.features.vocabulary.models import WeightSetting
from app.storage import trail

MOST_SHOWN = 50


@dataclass(frozen=True)
class InForce:
    """The weights of a day: the setting's uid (empty: what ships), since when, and the weight of each part."""

    uid: str
    since: date | None
    values: Mapping[str, float]

    @property
    def name(self) -> str:
        """How proposals name it."""
        return f"{self.since:%Y年%m月%d日}起的权重" if self.since else "出厂权重"


def in_force(session: Session, today: date) -> InForce:
    """The latest adopted setting whose day has come, over what ships."""
    row = session.scalar(
        sa.select(WeightSetting)
        .where(WeightSetting.state == SettingState.ADOPTED, WeightSetting.valid_from <= today)
        .order_by(WeightSetting.valid_from.desc(), WeightSetting.id.desc())
        .limit(1)
    )
    if row is None:
        return InForce("", None, shipped())
    return InForce(str(row.uid), row.valid_from, {**shipped(), **json.loads(row.values)})


def settings(session: Session) -> list[WeightSetting]:
    """Every setting, the latest first."""
    return list(session.scalars(sa.select(WeightSetting).order_by(WeightSetting.id.desc()).limit(MOST_SHOWN)))


def setting(session: Session, uid: UUID) -> WeightSetting | None:
    return session.scalar(sa.select(WeightSetting).where(WeightSetting.uid == uid))


def propose(session: Session, actor: Actor, values: Mapping[str, float], measured: Mapping[str, Any]) -> WeightSetting:
    """Put weights up for a person to decide; nothing changes by it. Refused: unknown parts, weights outside 0 to 1."""
    weights_of(values)
    by = actor.role.label if actor.role else actor.display_name
    row = WeightSetting(
        state=SettingState.PROPOSED, values=json.dumps(dict(values)), measured=json.dumps(dict(measured)), by=by[:60]
    )
    session.add(row)
    trail.record(session, actor, "weights.propose", row)
    session.flush()
    return row


def adopt(
    session: Session, actor: Actor, today: date, row: WeightSetting, valid_from: date | None, words: str | None
) -> None:
    """Let a proposed setting hold from a day on. Refused: one decided already, a day in the past, no reason."""
    said = _decidable(session, row, words)
    if valid_from is None or valid_from < today:
        raise RuleBroken("请填今天或以后的启用日期。", field="valid_from")
    row.state, row.valid_from, row.words = SettingState.ADOPTED, valid_from, said
    trail.record(session, actor, "weights.adopt", row, words=said)
    session.flush()


def drop(session: Session, actor: Actor, row: WeightSetting, words: str | None) -> None:
    """Decide against a proposed setting, with a word."""
    said = _decidable(session, row, words)
    row.state, row.words = SettingState.DROPPED, said
    trail.record(session, actor, "weights.drop", row, words=said)
    session.flush()


def _decidable(session: Session, row: WeightSetting, words: str | None) -> str:
    held = sa.select(WeightSetting).where(WeightSetting.id == row.id).with_for_update()
    session.scalars(held.execution_options(populate_existing=True)).one()
    if row.state != SettingState.PROPOSED:
        raise MoveRefused(f"这组权重{row.state.label}，不能再决定。请刷新页面查看。")
    why = spoken(" ".join((words or "").split()), longest=LONGEST_WHY)
    if not why:
        raise RuleBroken("请写明理由。", field="reason")
    return why
