"""The invented city of `seed`: who there is, what is wanted and offered, and a year of visits; in bulk, by chance.

Shares (how many demands are open, how many visits confirmed) are assumptions of a busy city, named below; no rule of
the policy is broken by a row, but none was asked either: the demonstration is what shows rules at work.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from app.cli.seeded_rows import Rows, noon
from app.cli.seeded_words import Words
from app.demonstration.names import FIRST, SECOND, SENDING_UNITS, SURNAMES, VILLAGE_HEADS, VILLAGE_TAILS, Names
from app.domain.agreements import AgreementState
from app.domain.demands import DemandState, Outcome, due_on
from app.domain.matches import Initiative, MatchState
from app.domain.menus import OfferState
from app.domain.vocabulary import (
    CooperationMode,
    Ground,
    Kind,
    Level,
    NeedType,
    OrganisationKind,
    ServiceMode,
    Source,
    Urgency,
)
from app.features.agreements.models import Agreement
from app.features.commissioners.models import (
    Appointment,
    AppointmentState,
    Commissioner,
    CommissionerIndustry,
    DeclaredCover,
    TeamMember,
)
from app.features.demands.models import Demand, DemandStep
from app.features.matches.models import Match
from app.features.menus.models import Offer
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.storage.keyring import KeyRing
from app.storage.names import pinyin_of

YEARS = 4  # batch years on the roll, each commissioner appointed in each
TEAM_SHARE, ENTITY_SHARE, TEAM_SIZE = 0.045, 0.007, 5
LEVELS = ((Level.COUNTY, 70), (Level.CITY, 20), (Level.PROVINCE, 10))
INDUSTRY_SHARES = {"agriculture": 58, "steel_equipment": 16, "new_materials": 14, "culture_tourism_health": 12}
S = DemandState
# How demands stand; what is settled leaves the desks, what is not is what first pages ask for.
DEMAND_SHARES = {
    S.SUBMITTED: 4, S.OPEN: 9, S.NONE_SUITABLE: 1, S.CHOSEN: 3, S.AGREED: 4, S.IN_SERVICE: 9, S.DONE: 4,
    S.CLOSED: 60, S.RETURNED: 2, S.WITHDRAWN: 4,
}  # fmt: skip
UNSETTLED = frozenset({S.SUBMITTED, S.OPEN, S.NONE_SUITABLE, S.RETURNED})
TAKEN_ON = frozenset({S.CHOSEN, S.AGREED, S.IN_SERVICE, S.DONE, S.CLOSED})
SERVED_STATES = frozenset({S.IN_SERVICE, S.DONE, S.CLOSED})
WITH_AGREEMENT = frozenset({S.AGREED}) | SERVED_STATES


@dataclass(frozen=True)
class Scale:
    """How much of everything; `served_per_township` are villages, co-operatives and firms."""

    commissioners: int
    offers: int
    demands: int
    visits: int
    served_per_township: int


@dataclass(frozen=True)
class Place:
    """What the reference data gives: townships by county, leading industries with their parts, kinds of result."""

    city: str
    townships: dict[str, list[str]]
    industries: dict[str, int]
    parts: dict[str, list[int]]
    result_kinds: dict[str, int]


@dataclass(frozen=True)
class Figure:
    """A commissioner with the people who may act, where and in what."""

    id: int
    kind: Kind
    people: tuple[int, ...]
    county: str
    industry: str
    appointments: dict[int, int]


@dataclass(frozen=True)
class Served:
    """A demand that was or is being served, and by whom."""

    demand: int
    match: int
    figure: Figure
    region: str
    organisation: int
    begun: date


class City:
    """Makes rows of one city; every choice comes from one seeded source."""

    def __init__(self, rows: Rows, ring: KeyRing, place: Place, scale: Scale, today: date) -> None:
        self.rows, self.ring, self.place, self.scale, self.today = rows, ring, place, scale, today
        self.random: Random = rows.random
        self.names = Names(self.random.getrandbits(32))
        self.words = Words(self.random, tuple(place.industries))
        self.made = noon(date(today.year - YEARS + 1, 1, 2))
        self.counties = list(place.townships)
        self.by_size = [len(place.townships[county]) for county in self.counties]
        self.units: dict[str, list[int]] = {}
        self.sending: list[int] = []
        self.figures: list[Figure] = []
        self.by_county: dict[str, list[Figure]] = {county: [] for county in self.counties}
        self.served: list[Served] = []

    def county(self) -> str:
        return self.random.choices(self.counties, self.by_size)[0]

    def industry(self) -> str:
        return self.random.choices(list(INDUSTRY_SHARES), list(INDUSTRY_SHARES.values()))[0]

    # Units and people.

    def organisations(self) -> None:
        for name, _ in SENDING_UNITS:
            self.sending.append(self._organisation(OrganisationKind.SENDING_UNIT, name, None))
        kinds = (OrganisationKind.VILLAGE, OrganisationKind.COOPERATIVE, OrganisationKind.ENTERPRISE)
        for townships in self.place.townships.values():
            for township in townships:
                self.units[township] = [
                    self._organisation(kinds[n % 3], self._unit_name(kinds[n % 3], n), township)
                    for n in range(self.scale.served_per_township)
                ]
            self.rows.flush_if_many()

    def _unit_name(self, kind: OrganisationKind, n: int) -> str:
        """Distinct within a township by its number."""
        head = VILLAGE_HEADS[n % len(VILLAGE_HEADS)]
        tail = VILLAGE_TAILS[n // len(VILLAGE_HEADS) % len(VILLAGE_TAILS)]
        return f"{head}{tail}{'村' if kind is OrganisationKind.VILLAGE else f'{kind.label}（演示）'}"

    def _organisation(self, kind: OrganisationKind, name: str, region: str | None) -> int:
        pinyin, initials = pinyin_of(name)
        return self.rows.add(
            Organisation, kind=kind, name=name, pinyin=pinyin, initials=initials, region_code=region,
            contact_name=self._name(), contact_phone_sealed=self.ring.seal(self.names.phone()), made_at=self.made,
        )  # fmt: skip

    def _name(self) -> str:
        return "".join(self.random.choice(letters) for letters in (SURNAMES, FIRST, SECOND))

    def person(self) -> tuple[int, str]:
        name, number, phone = self._name(), self.names.id_number(), self.names.phone()
        pinyin, initials = pinyin_of(name, person=True)
        key = self.rows.add(
            Person, name=name, pinyin=pinyin, initials=initials,
            id_number_sealed=self.ring.seal(number), id_number_hash=self.ring.lookup_hash(f"id:{number}"),
            phone_sealed=self.ring.seal(phone), phone_hash=self.ring.lookup_hash(f"phone:{phone}"),
            employer_id=self.random.choice(self.sending), made_at=self.made,
        )  # fmt: skip
        return key, name

    def commissioners(self) -> None:
        for _ in range(self.scale.commissioners):
            chance = self.random.random()
            kind = (
                Kind.TEAM
                if chance < TEAM_SHARE
                else Kind.ENTITY
                if chance < TEAM_SHARE + ENTITY_SHARE
                else Kind.INDIVIDUAL
            )
            figure = self._commissioner(kind, self.county(), self.industry())
            self.figures.append(figure)
            self.by_county[figure.county].append(figure)
            self.rows.flush_if_many()

    def _commissioner(self, kind: Kind, county: str, industry: str) -> Figure:
        people: list[tuple[int, str]] = []
        organisation = None
        if kind is Kind.ENTITY:
            name = f"{self._name()[1:]}科技服务公司（演示{len(self.figures)}）"
            organisation = self._organisation(OrganisationKind.ENTERPRISE, name, self.place.townships[county][0])
        else:
            people = [self.person() for _ in range(TEAM_SIZE if kind is Kind.TEAM else 1)]
            name = people[0][1] if kind is Kind.INDIVIDUAL else f"{self.words.specialities(industry)}服务团"
        pinyin, initials = pinyin_of(name, person=kind is Kind.INDIVIDUAL)
        key = self.rows.add(
            Commissioner, kind=kind, name=name[:200], pinyin=pinyin, initials=initials,
            person_id=people[0][0] if kind is Kind.INDIVIDUAL else None, organisation_id=organisation,
            source=self.random.choice(list(Source)), sending_unit_id=self.random.choice(self.sending),
            county_code=county, specialities=self.words.specialities(industry), made_at=self.made,
        )  # fmt: skip
        for part in self.random.sample(self.place.parts[industry], 2):
            self.rows.add(CommissionerIndustry, commissioner_id=key, industry_id=part)
        if kind is Kind.TEAM:
            for place, (person, _) in enumerate(people):
                self.rows.add(TeamMember, commissioner_id=key, person_id=person, leads=place == 0)
        appointments = self._appointments(key, county, industry)
        return Figure(key, kind, tuple(person for person, _ in people), county, industry, appointments)

    def _appointments(self, commissioner: int, county: str, industry: str) -> dict[int, int]:
        """Batch year → appointment; one each year, always at the same level."""
        level = self.random.choices([level for level, _ in LEVELS], [share for _, share in LEVELS])[0]
        made: dict[int, int] = {}
        for year in range(self.today.year - YEARS + 1, self.today.year + 1):
            made[year] = self.rows.add(
                Appointment, commissioner_id=commissioner, level=level, batch_year=year, begins=date(year, 1, 1),
                ends=date(year, 12, 31), ground=self.random.choice(list(Ground)), document=f"演示文号〔{year}〕1号",
                county_code=county, state=AppointmentState.IN_FORCE, made_at=noon(date(year, 1, 2)),
            )  # fmt: skip
            for township in self.random.sample(self.place.townships[county], 2):
                self.rows.add(
                    DeclaredCover, appointment_id=made[year], region_code=township,
                    industry_id=self.place.industries[industry],
                )  # fmt: skip
        return made

    # What is offered and wanted.

    def offers(self) -> None:
        states = (OfferState.PUBLISHED, OfferState.DRAFT, OfferState.WITHDRAWN)
        for n in range(self.scale.offers):
            figure = self.figures[n % len(self.figures)]
            title, told = self.words.offer(figure.industry)
            state = self.random.choices(states, [94, 3, 3])[0]
            day = self.today - timedelta(days=self.random.randint(1, 900))
            self.rows.add(
                Offer, commissioner_id=figure.id, title=title, description=told,
                industry_id=self.place.industries[figure.industry], need_type=self.random.choice(list(NeedType)),
                state=state, published_at=None if state is OfferState.DRAFT else noon(day), made_at=noon(day),
            )  # fmt: skip
            self.rows.flush_if_many()

    def demands(self) -> None:
        for n in range(self.scale.demands):
            state = self.random.choices(list(DEMAND_SHARES), list(DEMAND_SHARES.values()))[0]
            days = self.random.randint(0, 25) if state in UNSETTLED else self.random.randint(30, 700)
            # Counties in turn at first, so that each has work on its desk even at the smallest scale.
            county = self.counties[n % len(self.counties)] if n < 220 else self.county()
            self._demand(state, county, self.today - timedelta(days=days))
            self.rows.flush_if_many()

    def _demand(self, state: DemandState, county: str, day: date) -> None:
        industry = self.industry()
        region = self.random.choice(self.place.townships[county])
        organisation = self.random.choice(self.units[region])
        title, told = self.words.demand(industry)
        urgency = self.random.choices(list(Urgency), [1, 3, 12])[0]
        triaged = state not in (S.SUBMITTED, S.RETURNED, S.WITHDRAWN)
        closed = state is S.CLOSED
        key = self.rows.add(
            Demand, title=title, description=told, region_code=region, organisation_id=organisation,
            contact_name=self._name(), contact_phone_sealed=self.ring.seal(self.names.phone()),
            industry_id=self.place.industries[industry] if triaged else None,
            need_type=self.random.choice(list(NeedType)) if triaged else None, urgency=urgency, state=state,
            outcome=self.random.choices(list(Outcome), [8, 1, 1])[0] if closed else None, submitted_on=day,
            due_on=due_on(day, urgency), closed_on=day + timedelta(days=29) if closed else None, made_at=noon(day),
        )  # fmt: skip
        for verb, reached in (("submit", S.SUBMITTED), ("triage", S.TRIAGED), ("open", S.OPEN), ("end", state)):
            if (
                verb == "submit"
                or (triaged and verb != "end")
                or (verb == "end" and state not in (S.SUBMITTED, S.OPEN))
            ):
                said = verb if verb != "end" else state.value
                self.rows.add(DemandStep, demand_id=key, verb=said[:20], state=reached, at=noon(day), by="演示数据")
                self.rows.event(f"demands.{said}", "demands", key, "演示数据", day)
        if state in TAKEN_ON:
            self._taken_on(key, state, county, region, organisation, day)
        elif state is S.OPEN and self.random.random() < 0.5:
            self._match(key, self._willing(county), MatchState.INVITED, day)

    def _willing(self, county: str) -> Figure:
        return self.random.choice([f for f in self.by_county[county] if f.kind is not Kind.ENTITY])

    def _taken_on(self, key: int, state: DemandState, county: str, region: str, organisation: int, day: date) -> None:
        figure = self._willing(county)
        match = self._match(key, figure, MatchState.ACCEPTED, day + timedelta(days=2))
        begun = day + timedelta(days=5)
        if state in WITH_AGREEMENT:
            self.rows.add(
                Agreement, match_id=match, sending_unit_id=self.random.choice(self.sending),
                served_unit_id=organisation, cooperation=CooperationMode.PUBLIC, begins_on=begun,
                ends_on=begun + timedelta(days=364), content="按需求到现场指导，指导情况以服务记录为准。",
                state=AgreementState.IN_FORCE, filed_on=begun, made_at=noon(begun),
            )  # fmt: skip
        if state in SERVED_STATES:
            self.served.append(Served(key, match, figure, region, organisation, begun))

    def _match(self, demand: int, figure: Figure, state: MatchState, day: date) -> int:
        accepted = state is MatchState.ACCEPTED
        return self.rows.add(
            Match, demand_id=demand, commissioner_id=figure.id, initiative=Initiative.INVITATION, state=state,
            seat=1 if accepted else None, made_at=noon(day), answered_at=noon(day) if accepted else None,
        )  # fmt: skip

    def mode(self) -> ServiceMode:
        return ServiceMode.ONLINE if self.random.random() < 0.12 else ServiceMode.ON_SITE
