"""Reads of plans: who may see which, and a result with names for people: pairs, gaps with proofs, figures, changes."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.escalations import COUNTY_DIGITS
from app.domain.plans import PlanState, WhatIf
from app.domain.roles import Actor
from app.features.commissioners.models import Commissioner
from app.features.demands.models import Demand
from app.features.plans.models import DispatchPlan, PlanOutcome
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary
from app.storage.reach import inside, nothing

MOST_PLANS = 100
MOST_COMPARED = 3
SCALE = 10_000
MOST_NAMED = 6
# More rows than this are folded, county by county (or township by township): a phone shows a page and not a roll.
MOST_UNFOLDED = 20


def seen(actor: Actor) -> sa.ColumnElement[bool]:
    """Plans for places of one's own territory."""
    return inside(DispatchPlan.territory, actor.reach.territory) if actor.reach.territory else nothing()


def plan(session: Session, actor: Actor, uid: UUID) -> DispatchPlan | None:
    outcomes = selectinload(DispatchPlan.outcomes)
    wanted = sa.select(DispatchPlan).where(DispatchPlan.uid == uid, seen(actor))
    return session.scalar(
        wanted.options(outcomes.joinedload(PlanOutcome.match), outcomes.joinedload(PlanOutcome.demand))
    )


def plans(session: Session, actor: Actor) -> list[DispatchPlan]:
    """One's plans, the newest first; given-up ones last."""
    dropped = sa.case((DispatchPlan.state == PlanState.DROPPED, 1), else_=0)
    wanted = sa.select(DispatchPlan).where(seen(actor)).order_by(dropped, DispatchPlan.id.desc()).limit(MOST_PLANS)
    return list(session.scalars(wanted))


def locked(session: Session, plan_id: int) -> DispatchPlan:
    """The plan, held until the transaction ends and read afresh."""
    wanted = sa.select(DispatchPlan).where(DispatchPlan.id == plan_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


@dataclass(frozen=True)
class Line:
    """One pair of a plan with names. `fit` in per cent, `km` None where not known."""

    township: str
    place: str
    industry: str
    what: str
    pair: str
    demand_uid: str | None
    name: str
    commissioner_uid: str
    fit: int
    km: float | None
    renewal: bool


@dataclass(frozen=True)
class Gap:
    """A demand or cell left open, and why in words; `proof` is what a planner can check by hand."""

    township: str
    place: str
    what: str
    why: str
    proof: str = ""


@dataclass(frozen=True)
class Figures:
    """A county's figures as shown; None where there is nothing to divide by. `fit` and `first` in per cent."""

    name: str
    wanted: int
    matched: int
    fit: int | None
    km: float | None
    first: int | None


@dataclass(frozen=True)
class Change:
    """What a plan means for one commissioner against today, by names of townships."""

    name: str
    uid: str
    kept: tuple[str, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A computed plan for people."""

    plan: DispatchPlan
    what_if: WhatIf
    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]
    whole: Figures
    counties: tuple[Figures, ...]
    changes: tuple[Change, ...]
    breaches: tuple[str, ...]
    gap_share: float | None
    solver: str
    at: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)  # county or township → its name

    def folds(self, rows: Sequence[Any]) -> list[tuple[str, list[Any]]]:
        """Lines or gaps under the headings they are folded in; few rows stand together under no heading."""
        if len(rows) <= MOST_UNFOLDED:
            return [("", list(rows))] if rows else []
        digits = COUNTY_DIGITS if len({row.township[:COUNTY_DIGITS] for row in rows}) > 1 else None
        groups: dict[str, list[Any]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.township):
            groups[row.township[:digits]].append(row)
        return [(self.names.get(code, code), group) for code, group in groups.items()]

    @property
    def needs(self) -> int:
        """How many pairs serve a township's need without a demand."""
        return sum(line.demand_uid is None for line in self.lines)


@dataclass(frozen=True)
class _Names:
    """Names behind the identifiers of some results."""

    commissioners: Mapping[str, str]
    demands: Mapping[str, Demand]
    places: Mapping[str, str]
    industries: Mapping[str, str]


def shown(session: Session, row: DispatchPlan) -> Shown | None:
    """The plan with names; None before it is computed."""
    if row.result is None or row.inputs is None:
        return None
    inputs, told = json.loads(row.inputs), json.loads(row.result)
    serving = [tuple(pair) for pair in json.loads(row.today or "[]")]
    names = _names(session, inputs, [uid for _, uid in serving])
    wanted = {d[0]: d for d in inputs["demands"]}
    lines = tuple(_line(pair, wanted[pair[0]], names) for pair in told["plan"]["assignments"])
    return Shown(
        row,
        WhatIf.from_json(row.what_if),
        tuple(sorted(lines, key=lambda line: (line.township, line.industry, line.name))),
        tuple(_gaps(told["plan"], inputs, wanted, names)),
        _figures("全部", told["served"]["whole"]),
        tuple(_figures(names.places.get(one["county"], one["county"]), one) for one in told["served"]["counties"]),
        tuple(_changes(serving, lines, names)),
        tuple(_breaches(told["plan"]["breaches"], names)),
        told["plan"]["gap"],
        told["plan"]["solver"],
        Counter(line.township for line in lines),
        names.places,
    )


def _names(session: Session, inputs: Mapping[str, Any], more: Iterable[str]) -> _Names:
    people = sorted({row[0] for row in inputs["offers"]} | set(more))
    uids = [UUID(row[0]) for row in inputs["demands"] if not row[0].startswith("need:")]
    named = session.execute(
        sa.select(Commissioner.uid, Commissioner.name).where(Commissioner.uid.in_([UUID(uid) for uid in people]))
    )
    demands = session.scalars(
        sa.select(Demand).where(Demand.uid.in_(uids)).options(joinedload(Demand.organisation)).order_by(Demand.id)
    )
    codes = {row[2] for row in inputs["demands"]} | {row[1] for row in inputs["demands"]}
    everywhere = [row.code for row in regions.townships(session, regions.city(session).code)]  # type: ignore[union-attr]
    return _Names(
        {str(uid): name for uid, name in named},
        {str(row.uid): row for row in demands},
        regions.place_names(session, {*codes, *everywhere}),
        {row.code: row.title for row in vocabulary.industries_by_id(session).values()},
    )


def _line(pair: Sequence[Any], wanted: Sequence[Any], names: _Names) -> Line:
    uid, offer, fit, travel, renewal = pair
    demand = names.demands.get(uid)
    return Line(
        wanted[2],
        names.places.get(wanted[2], wanted[2]),
        names.industries.get(wanted[3], ""),
        demand.title if demand else "乡镇产业需要",
        f"{uid} {offer}",
        str(demand.uid) if demand else None,
        names.commissioners.get(offer, "（已不在名册）"),
        offer,
        round(fit * 100 / SCALE),
        None if travel < 0 else round(travel / 1000, 1),
        bool(renewal),
    )


def _gaps(
    plan: Mapping[str, Any], inputs: Mapping[str, Any], wanted: Mapping[str, Any], names: _Names
) -> Iterable[Gap]:
    for cell in plan["open_cells"]:
        place = names.places.get(cell["township"], cell["township"])
        industry = names.industries.get(cell["industry"], cell["industry"])
        yield Gap(cell["township"], place, industry, *_cell_words(cell, names))
    if plan["open_cells"] or plan["mode"] == "cover":
        return
    has = {inputs["demands"][d][0] for d in inputs["pairs"]["demand"]}
    for uid, missing in plan["unserved"]:
        row, demand = wanted[uid], names.demands.get(uid)
        why = "合适的人选名额已经排满，或排给别处总体更好" if uid in has else "没有合适人选"
        what = demand.title if demand else names.industries.get(row[3], "乡镇产业需要")
        left = f"还缺{missing}位；" if missing > 1 else ""
        yield Gap(row[2], names.places.get(row[2], row[2]), what, left + why)


def _cell_words(cell: Mapping[str, Any], names: _Names) -> tuple[str, str]:
    """Why a cell cannot be filled, and what is missing, in plain words."""
    if cell["reason"] == "no_candidate":
        return "没有合适人选", "全市在任的科特派里，没有人公布过或选认过这个产业。要补上：选认或引进做这个产业的人。"
    if cell["reason"] == "all_barred":
        return "候选人选都已谢绝", "合适的人选都谢绝过这里的需求。要补上：另找人选，或请他们改变主意。"
    cut = cell["cut"]
    who = [names.commissioners.get(uid, uid) for uid in cut["offers"]]
    named = "、".join(who[:MOST_NAMED]) + (f"等{len(who)}位" if len(who) > MOST_NAMED else "")
    limits = "；另受限于：" + "、".join(cut["limits"][:MOST_NAMED]) if cut["limits"] else ""
    cells = len(cut["cells"])
    proof = (
        f"有{cells}处只能由这{len(who)}位承担（{named}），他们合计最多再去{cut['capacity']}个乡镇，排不下{limits}。"
        "要补上：增加同一产业的人选，或提高每人最多承担的数量。"
    )
    return "人选不够分", proof


def _figures(name: str, told: Mapping[str, int]) -> Figures:
    def share(part: str, whole: str, scale: int = 1) -> int | None:
        return round(100 * told[part] / told[whole] / scale) if told[whole] else None

    km = round(told["travel_m"] / told["with_travel"] / 1000, 1) if told["with_travel"] else None
    first = share("first_choices", "choosers")
    return Figures(name, told["wanted"], told["matched"], share("fit", "pairs", SCALE), km, first)


def _changes(serving: Iterable[Sequence[str]], lines: Iterable[Line], names: _Names) -> Iterable[Change]:
    """Person by person: townships served today and in the plan; those for whom nothing changes are left out."""
    before: dict[str, set[str]] = defaultdict(set)
    after: dict[str, set[str]] = defaultdict(set)
    for township, uid in serving:
        before[uid].add(township)
    for line in lines:
        after[line.commissioner_uid].add(line.township)

    def told(codes: set[str]) -> tuple[str, ...]:
        return tuple(names.places.get(code, code) for code in sorted(codes))

    people = sorted(before.keys() | after.keys(), key=lambda uid: (names.commissioners.get(uid, ""), uid))
    for uid in people:
        had, gets = before[uid], after[uid]
        if had != gets:
            name = names.commissioners.get(uid, "（已不在名册）")
            yield Change(name, uid, told(had & gets), told(gets - had), told(had - gets))


def _breaches(rows: Iterable[Sequence[Any]], names: _Names) -> Iterable[str]:
    for county, _, wanted, reached in rows:
        yield f"{names.places.get(county, county)}：要求{wanted}个名额，方案里是{reached}个"
