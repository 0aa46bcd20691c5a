"""Invented worlds for the tally: commissioners, appointments, visits and demands as Hypothesis makes them up.

Rows are written straight into the tables, so that worlds hold what no single page could make; the constraints of the
database still refuse what cannot be. `expected` counts the same world in plain Python, without any SQL.
"""

from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.domain.demands import DemandState, Outcome
from app.domain.divisions import prefix_of
from app.domain.tallies import LevelRule, Question, ServiceFigures
from app.domain.visits import VisitState
from app.domain.vocabulary import Ground, Kind, Level, OrganisationKind, ServiceMode, Source, Urgency
from app.features.commissioners.models import (
    Appointment,
    AppointmentState,
    Commissioner,
    CommissionerIndustry,
    DeclaredCover,
    TeamMember,
)
from app.features.demands.models import Demand
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.features.visits.models import Participant, ServedUnit, Visit, VisitResult
from app.features.vocabulary import queries as vocabulary
from app.features.vocabulary.models import ResultKind

CITY, COUNTIES = "350400", ("350424", "350421")
TOWNSHIPS = ("350424103", "350424100", "350421100")
INDUSTRIES = ("agriculture", "agriculture.tea", "steel_equipment")
YEARS = (2024, 2025, 2026)
SOURCES = (Source.COUNTY, Source.BEIJING)
DAYS = st.sampled_from(
    [date(2023, 12, 31), date(2024, 1, 1), date(2025, 6, 1), date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 1)]
)


@dataclass
class World:
    """Rows in memory; `industry` maps ids to (code of the top, code)."""

    appointments: list[Any] = field(default_factory=list)
    visits: list[Any] = field(default_factory=list)
    demands: list[Any] = field(default_factory=list)
    works_in: dict[int, set[int]] = field(default_factory=dict)
    members: dict[int, set[int]] = field(default_factory=dict)
    cover: dict[int, set[str]] = field(default_factory=dict)
    parts: dict[int, set[int]] = field(default_factory=dict)


commissioner_facts = st.tuples(
    st.sampled_from(Kind), st.sampled_from(SOURCES), st.sets(st.sampled_from(INDUSTRIES), min_size=1)
)
appointment_facts = st.tuples(
    st.integers(0, 5),  # whose
    st.sampled_from(Level),
    st.sampled_from(YEARS),
    st.sampled_from([*COUNTIES, CITY]),
    st.booleans(),  # withdrawn
    st.sets(st.sampled_from([*TOWNSHIPS, COUNTIES[0]])),  # a county's code: 全县
)
visit_facts = st.tuples(
    st.sampled_from(TOWNSHIPS),
    DAYS,
    st.sampled_from(INDUSTRIES),
    st.sampled_from(ServiceMode),
    st.sampled_from([VisitState.PASSED, VisitState.PASSED, VisitState.SUBMITTED, VisitState.RETURNED]),
    st.booleans(),  # confirmed
    st.dictionaries(st.integers(0, 9), st.integers(1, 2), min_size=1, max_size=3),  # appointment → half-days
    st.sets(st.integers(0, 2), min_size=1),  # served units
    st.dictionaries(st.integers(0, 1), st.integers(1, 50)),  # kind of result → amount
    st.none() | st.integers(0, 2),  # in answer to
)
demand_facts = st.tuples(
    st.sampled_from(TOWNSHIPS),
    st.none() | st.sampled_from(INDUSTRIES),
    st.sampled_from([Outcome.MET, Outcome.MET, Outcome.PARTLY, None]),
    DAYS,
)
plans = st.fixed_dictionaries(
    {
        "commissioners": st.lists(commissioner_facts, min_size=6, max_size=6),
        "appointments": st.lists(appointment_facts, min_size=10, max_size=14, unique_by=lambda a: a[:3]),
        "visits": st.lists(visit_facts, min_size=5, max_size=9),
        "demands": st.lists(demand_facts, min_size=3, max_size=3),
    }
)


@st.composite
def questions(draw: st.DrawFn, industry_ids: dict[str, int]) -> Question:
    """A span and at most two narrowings: with more, most answers would be nought and prove little."""
    choices: dict[str, st.SearchStrategy[Any]] = {
        "county": st.sampled_from([*COUNTIES, CITY]),
        "township": st.sampled_from(TOWNSHIPS),
        "level": st.sampled_from(Level),
        "kind": st.sampled_from(Kind),
        "source": st.sampled_from(SOURCES),
        "industry_id": st.sampled_from(sorted(industry_ids.values())),
    }
    asked = draw(st.sets(st.sampled_from(sorted(choices)), max_size=2))
    first = draw(st.sampled_from(YEARS))
    return Question(
        first_year=first,
        last_year=draw(st.integers(first, YEARS[-1])),
        territory=draw(st.sampled_from([CITY, CITY, *COUNTIES, TOWNSHIPS[0]])),
        level_rule=draw(st.sampled_from(LevelRule)),
        **{name: draw(choices[name]) for name in sorted(asked)},
    )


def build(session: Session, plan: dict[str, Any]) -> World:
    """The rows of a plan, flushed."""
    return _Maker(session).make(plan)


class _Maker:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.numbers = count(1)
        found = {code: vocabulary.industry_by_code(session, code) for code in INDUSTRIES}
        self.industries = {code: row.id for code, row in found.items() if row}
        self.world = World(
            parts={id_: set(vocabulary.with_parts(session, id_)) for id_ in self.industries.values()},
        )
        self.kinds = session.query(ResultKind).order_by(ResultKind.place).limit(2).all()

    def keep(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def make(self, plan: dict[str, Any]) -> World:
        commissioners = [self.commissioner(*facts) for facts in plan["commissioners"]]
        units = [self.unit() for _ in range(3)]
        demands = [self.demand(units[0], *facts) for facts in plan["demands"]]
        for whose, *facts in plan["appointments"]:
            self.appointment(commissioners[whose], *facts)
        for facts in plan["visits"]:
            self.visit(units, demands, *facts)
        return self.world

    def person(self) -> Person:
        n = next(self.numbers)
        return self.keep(Person(name=f"林测试{n}", pinyin=f"lin ce shi {n:03d}", initials="lcs"))

    def unit(self) -> Organisation:
        n = next(self.numbers)
        made = Organisation(
            kind=OrganisationKind.VILLAGE, name=f"测试村{n}", pinyin=f"ce shi cun {n:03d}", initials="c"
        )
        made.region_code = TOWNSHIPS[0]
        return self.keep(made)

    def commissioner(self, kind: Kind, source: Source, codes: set[str]) -> Commissioner:
        n = next(self.numbers)
        made = Commissioner(kind=kind, source=source, county_code=COUNTIES[0], name=f"甲{n}", initials="j")
        made.pinyin = f"jia {n:03d}"
        if kind is Kind.INDIVIDUAL:
            made.person_id = self.person().id
        elif kind is Kind.ENTITY:
            made.organisation_id = self.unit().id
        self.keep(made)
        if kind is Kind.TEAM:
            people = [self.person().id for _ in range(2)]
            self.session.add_all(TeamMember(commissioner_id=made.id, person_id=p) for p in people)
            self.world.members[made.id] = set(people)
        ids = {self.industries[code] for code in codes}
        self.session.add_all(CommissionerIndustry(commissioner_id=made.id, industry_id=i) for i in ids)
        self.world.works_in[made.id] = ids
        return made

    def appointment(
        self, whose: Commissioner, level: Level, year: int, county: str, withdrawn: bool, places: set[str]
    ) -> None:
        made = Appointment(
            commissioner_id=whose.id,
            level=level,
            batch_year=year,
            begins=date(year, 1, 1),
            ends=date(year, 12, 31),
            ground=Ground.NOT_STATED,
            county_code=county,
            state=AppointmentState.WITHDRAWN if withdrawn else AppointmentState.IN_FORCE,
            withdrawn_on=date(year, 3, 1) if withdrawn else None,
        )
        made.commissioner = whose
        self.keep(made)
        for place in places:
            industry_id = self.industries["agriculture"]
            self.session.add(DeclaredCover(appointment_id=made.id, region_code=place, industry_id=industry_id))
        self.world.appointments.append(made)
        self.world.cover[made.id] = places

    def demand(
        self, unit: Organisation, place: str, industry: str | None, outcome: Outcome | None, day: date
    ) -> Demand:
        made = Demand(
            title="要人来看看",
            region_code=place,
            organisation_id=unit.id,
            urgency=Urgency.NORMAL,
            state=DemandState.CLOSED if outcome else DemandState.OPEN,
            outcome=outcome,
            closed_on=day if outcome else None,
            industry_id=self.industries[industry] if industry else None,
        )
        self.world.demands.append(self.keep(made))
        return made

    def visit(
        self,
        units: list[Organisation],
        demands: list[Demand],
        place: str,
        day: date,
        industry: str,
        mode: ServiceMode,
        state: VisitState,
        confirmed: bool,
        acting: dict[int, int],
        served: set[int],
        results: dict[int, int],
        demand: int | None,
    ) -> None:
        made = Visit(
            region_code=place,
            service_date=day,
            industry_id=self.industries[industry],
            mode=mode,
            work_done="看了",
            fingerprint="0" * 64,
            state=state,
            passed_on=day if state is VisitState.PASSED else None,
            confirmed_on=day if confirmed else None,
            demand_id=None if demand is None else demands[demand].id,
        )
        made.participants = [
            Participant(person_id=self.person().id, appointment=self.world.appointments[n], half_days=half_days)
            for n, half_days in acting.items()
        ]
        made.served = [ServedUnit(organisation_id=units[n].id) for n in served]
        made.results = [VisitResult(kind_id=self.kinds[n].id, amount=amount) for n, amount in results.items()]
        self.world.visits.append(self.keep(made))


class Expected:
    """What a question should come to, counted in memory."""

    def __init__(self, world: World, question: Question) -> None:
        self.world, self.question = world, question
        self.appointments = [a for a in world.appointments if self._appointed(a)]
        self.visits = [v for v in world.visits if self._visited(v)]

    def _acting(self, a: Appointment) -> bool:
        q = self.question
        return (
            (q.level is None or a.level in q.level_rule.counting_at(q.level))
            and q.kind in (None, a.commissioner.kind)
            and q.source in (None, a.commissioner.source)
        )

    def _in_industry(self, ids: set[int]) -> bool:
        asked = self.question.industry_id
        return asked is None or bool(ids & self.world.parts[asked])

    def _appointed(self, a: Appointment) -> bool:
        q = self.question
        of_territory = {
            6: q.territory == CITY or a.county_code == q.territory,
            9: q.territory in self.world.cover[a.id],
        }[len(q.territory)]
        return (
            a.state is AppointmentState.IN_FORCE
            and q.first_year <= a.batch_year <= q.last_year
            and of_territory
            and q.county in (None, a.county_code)
            and (q.township is None or q.township in self.world.cover[a.id])
            and self._acting(a)
            and self._in_industry(self.world.works_in[a.commissioner_id])
        )

    def _in_place(self, code: str) -> bool:
        q = self.question
        if q.county == CITY:
            return False
        return (
            code.startswith(prefix_of(q.territory))
            and (q.county is None or code.startswith(q.county))
            and q.township in (None, code)
        )

    def _visited(self, v: Visit) -> bool:
        return (
            v.state is VisitState.PASSED
            and self.question.first_year <= v.service_date.year <= self.question.last_year
            and self._in_place(v.region_code)
            and self._in_industry({v.industry_id})
            and any(self._acting(p.appointment) for p in v.participants)
        )

    def _met(self, d: Demand) -> bool:
        q = self.question
        narrowed = q.level or q.kind or q.source
        answered = any(
            v.state is VisitState.PASSED
            and v.demand_id == d.id
            and any(self._acting(p.appointment) for p in v.participants)
            for v in self.world.visits
        )
        return (
            d.outcome is Outcome.MET
            and q.first_year <= d.closed_on.year <= q.last_year
            and self._in_place(d.region_code)
            and (q.industry_id is None or (d.industry_id is not None and self._in_industry({d.industry_id})))
            and (answered or not narrowed)
        )

    @property
    def team_members(self) -> int:
        teams = {a.commissioner_id for a in self.appointments if a.commissioner.kind is Kind.TEAM}
        return len(set().union(*(self.world.members[t] for t in teams)))

    @property
    def service(self) -> ServiceFigures:
        return ServiceFigures(
            visits=sum(v.mode is ServiceMode.ON_SITE for v in self.visits),
            online_visits=sum(v.mode is ServiceMode.ONLINE for v in self.visits),
            confirmed_visits=sum(v.confirmed_on is not None for v in self.visits),
            half_days=sum(p.half_days for v in self.visits for p in v.participants if self._acting(p.appointment)),
            served_units=len({u.organisation_id for v in self.visits for u in v.served}),
            demands_met=sum(self._met(d) for d in self.world.demands),
        )
