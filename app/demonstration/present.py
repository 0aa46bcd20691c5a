"""The present: demands at every stage of their life, and a year and a half of visits, all hung on an anchor date."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.demonstration.cast import COUNTY, TOWNSHIP, Cast, person_actor, role_actor, rows
from app.demonstration.stage import Figure, Stage
from app.demonstration.visiting import (
    PASSED_CONFIRMED,
    PASSED_ONLY,
    RETURNED,
    WAITING,
    WAITING_CONFIRMED,
    Ending,
    Visiting,
)
from app.domain.calendar import SHANGHAI
from app.domain.demands import Outcome
from app.domain.roles import Actor, Role
from app.domain.vocabulary import CooperationMode, Level, NeedType, OrganisationKind, Urgency
from app.features.agreements import actions as agreements
from app.features.demands import actions as demands
from app.features.demands.models import Demand
from app.features.matches import actions as matches
from app.features.matches.models import Match
from app.features.organisations import actions as organisations
from app.features.organisations.models import Organisation

LADDER = ("draft", "submitted", "open", "invited", "chosen", "agreed", "in_service", "done", "closed")


@dataclass(frozen=True)
class Fate:
    """How far a demand has come, how many days ago it was posted, who helps, and how its visits stand."""

    stage: str
    days_ago: int
    offer: str = ""
    endings: tuple[Ending, ...] = ()
    words: str = ""


FATES: dict[str, Fate] = {
    "D002": Fate("submitted", 0),
    "D015": Fate("submitted", 5),
    "N02": Fate("submitted", 1),
    "D005": Fate("submitted", 2),
    "D051": Fate("submitted", 4),
    "D007": Fate("open", 4),
    "D021": Fate("open", 6),
    "D012": Fate("open", 3),
    "D016": Fate("open", 9),
    "D034": Fate("open", 12),
    "N04": Fate("open", 2),
    "N08": Fate("open", 1),
    "D053": Fate("none_suitable", 15, words="本市名单里没有口腔医疗人工智能方向的人，已请市局向省里求助。"),
    "D014": Fate("invited", 4, "O040"),
    "D078": Fate("invited", 2, "O056"),
    "D001": Fate("invited", 3, "O024"),
    "D009": Fate("invited", 3, "O032"),
    "D038": Fate("applied", 6, "O029"),
    "D057": Fate("chosen", 14, "O010"),
    "D063": Fate("chosen", 11, "O024"),
    "N05": Fate("chosen", 9, "M05"),
    "D067": Fate("agreed", 21, "O036"),
    "N01": Fate("agreed", 8, "O032"),
    "D070": Fate("in_service", 35, "O035", (PASSED_CONFIRMED, WAITING)),
    "D071": Fate("in_service", 50, "O015", (PASSED_CONFIRMED, PASSED_CONFIRMED)),
    "D072": Fate("in_service", 44, "O038", (PASSED_ONLY, WAITING_CONFIRMED)),
    "D069": Fate("in_service", 40, "O027", (PASSED_CONFIRMED, RETURNED)),
    "N03": Fate("in_service", 30, "M01", (PASSED_CONFIRMED, WAITING)),
    "D004": Fate("in_service", 27, "O001", (PASSED_CONFIRMED,)),
    "D068": Fate("done", 70, "M10", (PASSED_CONFIRMED, PASSED_CONFIRMED)),
    "D017": Fate("done", 64, "O052", (PASSED_CONFIRMED,)),
    "D013": Fate("closed", 95, "O041", (PASSED_CONFIRMED,)),
    "D046": Fate("closed", 120, "O040", (PASSED_CONFIRMED, PASSED_CONFIRMED)),
    "D077": Fate("closed", 110, "O066", (PASSED_CONFIRMED,)),
    "D081": Fate("closed", 150, "O045", (PASSED_CONFIRMED, PASSED_ONLY)),
    "N06": Fate("closed", 85, "M10", (PASSED_CONFIRMED,)),
    "N07": Fate("draft", 0),
}


class Present:
    """Walks every demand as far as its fate says, each step on its own day and by whoever takes it."""

    def __init__(self, stage: Stage, cast: Cast, visiting: Visiting, anchor: date) -> None:
        self.stage, self.cast, self.visiting, self.anchor = stage, cast, visiting, anchor
        self.session = stage.session
        self.units: dict[str, Organisation] = {}  # by the id of the demand that was posted for it

    def demands(self) -> None:
        for row in rows("demands.csv"):
            self._walk(row, FATES[row["id"]])

    def unit(self, row: dict[str, str]) -> Organisation:
        names, kind = self.stage.names, OrganisationKind(row["unit_kind"])
        name = {
            OrganisationKind.VILLAGE: names.village,
            OrganisationKind.FAMILY_FARM: names.farm,
            OrganisationKind.COOPERATIVE: lambda: names.cooperative("种养"),
        }.get(kind, lambda: names.enterprise("科技"))()
        return organisations.keep_organisation(
            self.session, self.stage.actor, kind=kind, name=name, region_code=row["township"],
            contact_name=names.person(), contact_phone=names.phone(),
        )  # fmt: skip

    def _poster(self, township: str) -> Actor:
        if township == TOWNSHIP:
            account = self.cast.accounts["xiangzhen"]
            return Actor(
                account.id,
                account.name,
                Role.TOWNSHIP_OFFICIAL,
                reach=role_actor(Role.TOWNSHIP_OFFICIAL, township).reach,
            )
        return role_actor(Role.TOWNSHIP_OFFICIAL, township)

    def _walk(self, row: dict[str, str], fate: Fate) -> None:
        day = self.anchor - timedelta(days=fate.days_ago)
        unit = self.units[row["id"]] = self.unit(row)
        demand = demands.post(
            self.session, self._poster(row["township"]), day, title=row["title"][:80], description=row["description"],
            region_code=row["township"], organisation_id=unit.id, urgency=Urgency(row["urgency"]),
            scale=row["scale"] or None, contact_name=unit.contact_name, contact_phone=self.stage.names.phone(),
            submit=fate.stage != "draft",
        )  # fmt: skip
        if fate.stage in ("draft", "submitted"):
            return
        bureau = role_actor(Role.COUNTY_TRIAGE, row["township"][:6])
        day = min(day + timedelta(days=1), self.anchor)
        demands.triage(
            self.session, bureau, day, demand, industry_id=self.stage.industry_ids[row["industry"]],
            need_type=NeedType(row["need_type"]), urgency=Urgency(row["urgency"]),
        )  # fmt: skip
        if fate.stage == "none_suitable":
            demands.move(self.session, bureau, day, demand, "none_suitable", fate.words)
        elif fate.stage == "applied":
            figure = self.cast.figures[fate.offer]
            matches.apply(
                self.session, self._as(figure), day, demand, figure.commissioner, self.cast.offers[fate.offer],
                words="做过类似的，可以先去看一次。",
            )  # fmt: skip
        elif fate.stage != "open":
            self._match(demand, fate, bureau, day)

    def _as(self, figure: Figure) -> Actor:
        assert figure.person is not None
        return person_actor(Role.COMMISSIONER, figure.person.id)

    def _match(self, demand: Demand, fate: Fate, bureau: Actor, day: date) -> None:
        figure = self.cast.figures[fate.offer]
        match = matches.invite(
            self.session, bureau, day, demand, figure.commissioner, self.cast.offers[fate.offer],
            words="请您看看能否接，三天内答复就好。",
        )  # fmt: skip
        if fate.stage == "invited":
            return
        day = min(day + timedelta(days=2), self.anchor)
        matches.answer(self.session, self._as(figure), _at(day), match, "accept", "可以，下周先去看现场。")
        if fate.stage == "chosen":
            return
        self._agree(demand, match, figure, bureau, day)
        if fate.endings:
            self._serve(demand, match, figure, fate, day)
        if fate.stage in ("done", "closed"):
            self._end(demand, bureau, fate)

    def _agree(self, demand: Demand, match: Match, figure: Figure, bureau: Actor, day: date) -> None:
        ends = date(self.anchor.year + 1, 12, 31)
        agreement = agreements.draft(
            self.session, bureau, day, match, cooperation=CooperationMode.PUBLIC, begins_on=day, ends_on=ends,
            content=f"围绕“{demand.title}”开展现场诊断和技术指导，每次服务后由受援单位确认。",
            sending_unit_id=figure.commissioner.sending_unit_id,
        )  # fmt: skip
        agreements.file(self.session, bureau, day, agreement)

    def _serve(self, demand: Demand, match: Match, figure: Figure, fate: Fate, day: date) -> None:
        span = max((self.anchor - day).days - 1, 1)
        self.stage.today = self.anchor
        for n, ending in enumerate(fate.endings):
            on = min(day + timedelta(days=2 + span * n // len(fate.endings)), self.anchor)
            self.visiting.visit(
                figure, on, township=demand.region_code, ending=ending, demand=demand, match_id=match.id
            )

    def _end(self, demand: Demand, bureau: Actor, fate: Fate) -> None:
        day = self.anchor - timedelta(days=max(fate.days_ago // 4, 2))
        demands.move(self.session, bureau, day, demand, "finish")
        if fate.stage == "closed":
            outcome = Outcome.PARTLY if fate.offer == "O045" else Outcome.MET
            demands.move(self.session, bureau, day, demand, "close", outcome=outcome)

    def renewals(self, pools: dict[str, list[Figure]]) -> list[Figure]:
        """Who of the history serves today: appointed for last year and this."""
        serving: list[Figure] = []
        wanted = [
            (pools["province"][330:600], Level.PROVINCE),
            (pools["county"][480:650], Level.COUNTY),
            (pools["city"][90:150], Level.CITY),
            (pools["teams"][28:64], Level.PROVINCE),
            (pools["entities"][3:8], Level.PROVINCE),
        ]
        for pool, level in wanted:
            for figure in pool:
                for year in (self.anchor.year - 1, self.anchor.year):
                    self.stage.today = date(year, 2, 1)
                    self.stage.appoint(figure, level, year, ends=date(year, 12, 31))
            serving += pool
        return serving

    def visits(self, serving: list[Figure], many: int) -> None:
        """Visits of the last year and this, most of them reviewed and confirmed, some of this month still waiting."""
        self.stage.today = self.anchor
        active = [f for f in serving if f.person is not None and f.county != self.stage.city]
        first = date(self.anchor.year - 1, 1, 10)
        random = self.stage.random
        for n in range(many):
            figure = random.choice(active)
            day = first + timedelta(days=(self.anchor - first).days * n // many)
            recent = (self.anchor - day).days < 20
            ending = random.choices(
                [PASSED_CONFIRMED, PASSED_ONLY, WAITING, WAITING_CONFIRMED], [2, 1, 3, 2] if recent else [12, 4, 0, 0]
            )[0]
            self.visiting.visit(figure, day, township=self._place(figure), ending=ending)
        self._own_visits()

    def _place(self, figure: Figure) -> str:
        """A township of the figure's county; the towns nearest the road get more, as in life."""
        places = self.stage.townships[figure.county]
        return self.stage.random.choices(places, range(len(places), 0, -1))[0]

    def _own_visits(self) -> None:
        """What the demonstration's commissioner has on the desk: one returned, one waiting for a word, some done."""
        figure, account = self.cast.figures["O032"], self.cast.accounts["ketepai"]
        for days_ago, ending in ((60, PASSED_CONFIRMED), (33, PASSED_CONFIRMED), (12, WAITING), (6, RETURNED)):
            self.visiting.visit(
                figure, self.anchor - timedelta(days=days_ago), township=f"{COUNTY}108", ending=ending,
                account_id=account.id,
            )  # fmt: skip


def past_visits(stage: Stage, visiting: Visiting, pools: dict[str, list[Figure]], a_year: int) -> None:
    """Visits of 2017-2020 by those who were appointed then."""
    from app.demonstration.history import PROVINCE

    for year, (first, behind) in PROVINCE.items():
        stage.today = date(year, 12, 31)
        pool = [f for f in pools["province"][first:behind] if f.county != stage.city]
        for n in range(a_year):
            day = date(year, 1, 15) + timedelta(days=340 * n // a_year)
            figure = stage.random.choice(pool)
            township = stage.random.choice(stage.townships[figure.county])
            ending = stage.random.choices([PASSED_CONFIRMED, PASSED_ONLY], [3, 2])[0]
            visiting.visit(figure, day, township=township, ending=ending)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10, 0), SHANGHAI)
