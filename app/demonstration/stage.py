"""What history and present share: divisions, industries, units, and people who are made once."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy.orm import Session

from app.demonstration.names import SENDING_UNITS, Names, cycle
from app.domain.roles import Actor
from app.domain.vocabulary import Ground, Kind, Level, OrganisationKind, Source
from app.features.commissioners import actions as commissioners
from app.features.commissioners.models import Appointment, Commissioner
from app.features.organisations import actions as organisations
from app.features.organisations.models import Organisation
from app.features.people import actions as people
from app.features.people.models import Person
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary

TITLES = ["高级农艺师", "农艺师", "教授", "副教授", "研究员", "副研究员", "高级工程师", "工程师"]

# Which sub-industries people of a leading industry work in, and what they say they are good at.
TRADES: dict[str, list[tuple[str, str]]] = {
    "agriculture": [
        ("agriculture.rice_seed", "水稻制种、花期调控"),
        ("agriculture.tea", "茶树栽培、茶园病虫害防治"),
        ("agriculture.edible_fungi", "食用菌栽培与菌种"),
        ("agriculture.forest_bamboo", "竹林丰产、林下经济"),
        ("agriculture.fruit_vegetables", "果树栽培、蔬菜设施栽培"),
        ("agriculture.livestock", "畜禽养殖与疫病防治"),
        ("agriculture.aquatic", "淡水养殖、水质调控"),
        ("agriculture.medicinal", "中药材种植与初加工"),
        ("agriculture.flowers", "花卉引种与土壤改良"),
        ("agriculture.lotus_coix", "莲子、薏米栽培"),
    ],
    "steel_equipment": [
        ("steel_equipment.casting", "铸造工艺、模具"),
        ("steel_equipment.machine_tools", "数控加工、自动化"),
        ("steel_equipment.steel", "轧钢、热处理"),
        ("steel_equipment.automotive", "汽车零部件、机械设计"),
    ],
    "new_materials": [
        ("new_materials.fluorine", "氟化工、防腐"),
        ("new_materials.graphite", "石墨与石墨烯材料"),
        ("new_materials.silicon", "有机硅、硅材料"),
        ("new_materials.textile", "纤维与染整"),
    ],
    "culture_tourism_health": [
        ("culture_tourism_health.rural_tourism", "乡村旅游规划"),
        ("culture_tourism_health.forest_health", "森林康养"),
        ("culture_tourism_health.planning", "村庄规划、景观"),
    ],
}


@dataclass(frozen=True)
class Figure:
    """A commissioner of the story with where and in what he, she or it works."""

    commissioner: Commissioner
    person: Person | None
    county: str
    leading: str
    trade: str


class Stage:
    """Makes people and appointments in a session; every choice comes from one seeded source."""

    def __init__(self, session: Session, actor: Actor, today: date, city_code: str, seed: int) -> None:
        self.session, self.actor, self.today, self.city = session, actor, today, city_code
        self.names = Names(seed)
        self.random = self.names.random
        # Held, because a session forgets what nobody holds and would fetch its county again for each appointment.
        self._held = [regions.city(session), *regions.counties(session)]
        self.counties = [region.code for region in self._held if region and region.rank == "county"]
        self.townships: dict[str, list[str]] = defaultdict(list)
        for township in regions.townships(session, city_code):
            self.townships[township.code[:6]].append(township.code)
        self.industry_ids = {
            i.code: i.id for i in vocabulary.industries_by_id(session).values() if i.scheme_id == self._scheme()
        }
        self._turns: dict[tuple[str, str], Iterator[str]] = {}

    def _scheme(self) -> int:
        found = vocabulary.industry_by_code(self.session, "agriculture")
        assert found is not None
        return found.scheme_id

    @cached_property
    def sending_units(self) -> list[Organisation]:
        return [
            organisations.keep_organisation(
                self.session, self.actor, kind=OrganisationKind.SENDING_UNIT, name=name, region_code=region
            )
            for name, region in SENDING_UNITS
        ]

    @cached_property
    def station(self) -> Organisation:
        return organisations.keep_organisation(
            self.session,
            self.actor,
            kind=OrganisationKind.STATION,
            name="示例理工大学三明科技特派员工作站",
            region_code=self.city,
        )

    def county(self) -> str:
        """A county, the larger the more often."""
        return self.random.choices(self.counties, [len(self.townships[c]) for c in self.counties])[0]

    def leading(self) -> str:
        return self.random.choices(list(TRADES), [58, 16, 14, 12])[0]

    def next_townships(self, county: str, leading: str, count: int) -> list[str]:
        """Townships of a county in turn, so that in time every one is served in every leading industry there."""
        key = (county, leading)
        if key not in self._turns:
            self._turns[key] = cycle(self.townships[county], self.random)
        turn = self._turns[key]
        return list(dict.fromkeys(next(turn) for _ in range(count)))

    def person(self, county: str, unit: Organisation | None = None) -> Person:
        return people.keep_person(
            self.session,
            self.actor,
            self.today,
            name=self.names.person(),
            id_number=self.names.id_number(),
            phone=self.names.phone(),
            employer_id=unit.id if unit else None,
            professional_title=self.random.choice(TITLES),
        )

    def _trade(self, leading: str, wanted: str) -> tuple[str, str]:
        """A sub-industry with words for it: the wanted one, or any of the leading industry."""
        if wanted:
            return wanted, dict(TRADES[leading]).get(wanted, "")
        return self.random.choice(TRADES[leading])

    def individual(
        self,
        county: str | None = None,
        source: Source = Source.COUNTY,
        leading: str | None = None,
        unit: Organisation | None = None,
        trade: str = "",
    ) -> Figure:
        county, leading = county or self.county(), leading or self.leading()
        trade, words = self._trade(leading, trade)
        if unit is None and source is not Source.COUNTY:
            unit = self.random.choice(self.sending_units)
        person = self.person(county if county != self.city else self.counties[0], unit)
        made = commissioners.keep_individual(
            self.session,
            self.actor,
            person=person,
            source=source,
            county_code=county,
            sending_unit_id=unit.id if unit else None,
            specialities=words,
            industry_ids=[self.industry_ids[trade]],
        )
        return Figure(made, person, county, leading, trade)

    def team(self, county: str | None = None, leading: str | None = None, trade: str = "") -> Figure:
        county, leading = county or self.county(), leading or self.leading()
        trade, words = self._trade(leading, trade)
        unit = self.random.choice(self.sending_units)
        leader, *members = [self.person(county, unit) for _ in range(self.random.randint(3, 6))]
        name = f"{leader.name}{words.split('、')[0] or '综合技术'}服务团"
        made = commissioners.keep_team(
            self.session,
            self.actor,
            name=name,
            source=Source.PROVINCE,
            county_code=county,
            leader=leader,
            members=members,
            sending_unit_id=unit.id,
            specialities=words,
            industry_ids=[self.industry_ids[trade]],
        )
        return Figure(made, leader, county, leading, trade)

    def entity(self, county: str | None = None, leading: str | None = None, trade: str = "") -> Figure:
        county, leading = county or self.county(), leading or self.leading()
        trade, words = self._trade(leading, trade)
        organisation = organisations.keep_organisation(
            self.session,
            self.actor,
            kind=OrganisationKind.ENTERPRISE,
            name=self.names.enterprise("科技服务"),
            region_code=self.townships[county][0],
        )
        made = commissioners.keep_entity(
            self.session,
            self.actor,
            organisation=organisation,
            source=Source.COUNTY,
            county_code=county,
            specialities=words,
            industry_ids=[self.industry_ids[trade]],
        )
        return Figure(made, None, county, leading, trade)

    def appoint(
        self, figure: Figure, level: Level, year: int, *, begins: date | None = None, ends: date | None = None
    ) -> Appointment:
        """One appointment with one to three townships of the county in the figure's trade.

        One in fifteen declares the whole county instead, which covers no township.
        """
        industry = self.industry_ids[figure.trade]
        home = figure.county if figure.county != self.city else self.county()
        places = (
            [home]
            if self.random.random() < 0.066
            else self.next_townships(home, figure.leading, self.random.randint(1, 3))
        )
        kind = figure.commissioner.kind
        return commissioners.appoint(
            self.session,
            self.actor,
            self.today,
            commissioner=figure.commissioner,
            level=level,
            batch_year=year,
            begins=begins or date(year, 1, 1),
            ends=ends or date(year + (1 if level is Level.CITY else 0), 12, 31),
            ground=Ground.COOPERATION if kind is not Kind.INDIVIDUAL else self.random.choice(list(Ground)[:3]),
            document=f"演示文号〔{year}〕{1 + list(Level).index(level)}号",
            county_code=figure.county,
            cover=[(place, industry) for place in places],
        )
