"""Builders with keyword defaults, through the same actions that people use. A test names only what matters to it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from app.domain.identity import id_check_digit
from app.domain.roles import Actor, Reach, Role
from app.domain.vocabulary import Ground, Kind, Level, NeedType, OrganisationKind, ServiceMode, Source, Urgency

COUNTY = "350424"  # 宁化县
TOWNSHIP = "350424103"  # 石壁镇
CITY = "350400"


def actor(role: Role = Role.COUNTY_HEAD, territory: str | None = COUNTY, **reach: Any) -> Actor:
    """Someone who may act, without an account in the database."""
    if reach:
        return Actor(None, role.label, role, reach=Reach(**reach))
    return Actor(None, role.label, role, reach=Reach(territory=territory))


def valid_id_number(serial: int, born: date = date(1980, 5, 17)) -> str:
    """A well-formed invented identity number."""
    first = f"350424{born:%Y%m%d}{serial % 1000:03d}"
    return first + id_check_digit(first)


class Builder:
    """Makes rows in a session; every method returns the row and fills in what the test does not care about."""

    def __init__(self, session: Session, today: date, now: datetime, numbers: Iterator[int] | None = None) -> None:
        """`numbers`: shared by builders of one database, so that the second one's people are not the first one's."""
        self.session, self.today, self.now = session, today, now
        self.numbers: Iterator[int] = numbers or count(1)
        self.bureau = actor(Role.CITY_HEAD, CITY)

    def industry_id(self, code: str = "agriculture") -> int:
        from app.features.vocabulary import queries

        return queries.industry_by_code(self.session, code).id

    def person(self, name: str | None = None, **values: Any):
        from app.features.people import actions

        n = next(self.numbers)
        values.setdefault("phone", f"139{n:08d}")
        return actions.keep_person(self.session, self.bureau, self.today, name=name or f"林测试{n}", **values)

    def organisation(self, name: str | None = None, **values: Any):
        from app.features.organisations import actions

        n = next(self.numbers)
        values.setdefault("kind", OrganisationKind.VILLAGE)
        values.setdefault("region_code", TOWNSHIP)
        return actions.keep_organisation(self.session, self.bureau, name=name or f"测试村{n}", **values)

    def commissioner(self, kind: Kind = Kind.INDIVIDUAL, **values: Any):
        from app.features.commissioners import actions

        values.setdefault("source", Source.COUNTY)
        values.setdefault("county_code", COUNTY)
        match kind:
            case Kind.INDIVIDUAL:
                values.setdefault("person", None)
                values["person"] = values["person"] or self.person(values.pop("name", None))
                return actions.keep_individual(self.session, self.bureau, **values)
            case Kind.TEAM:
                leader = values.pop("leader", None) or self.person()
                members = values.pop("members", None) or [self.person(), self.person()]
                name = values.pop("name", None) or f"测试团队{next(self.numbers)}"
                return actions.keep_team(self.session, self.bureau, name=name, leader=leader, members=members, **values)
            case _:
                organisation = values.pop("organisation", None) or self.organisation(kind=OrganisationKind.ENTERPRISE)
                return actions.keep_entity(self.session, self.bureau, organisation=organisation, **values)

    def appointment(self, commissioner: Any = None, **values: Any):
        from app.features.commissioners import actions

        values.setdefault("level", Level.COUNTY)
        values.setdefault("batch_year", self.today.year)
        year = values["batch_year"]
        values.setdefault("begins", date(year, 1, 1))
        values.setdefault("ends", date(year, 12, 31))
        values.setdefault("ground", Ground.FREE_SERVICE)
        values.setdefault("county_code", COUNTY)
        values.setdefault("cover", [(TOWNSHIP, self.industry_id())])
        return actions.appoint(
            self.session, self.bureau, self.today, commissioner=commissioner or self.commissioner(), **values
        )

    def offer(self, commissioner: Any = None, *, publish: bool = True, **values: Any):
        from app.features.menus import actions

        values.setdefault("title", "茶园冬季管护与病虫害防治")
        values.setdefault("description", "到园里看，教修剪、清园和绿色防控")
        values.setdefault("industry_id", self.industry_id())
        values.setdefault("need_type", NeedType.PLANT_PROTECTION)
        commissioner = commissioner or self.appointment().commissioner
        offer = actions.keep_offer(self.session, self.bureau, commissioner=commissioner, **values)
        if publish:
            actions.publish(self.session, self.bureau, self.now, offer)
        return offer

    def demand(self, **values: Any):
        """A submitted demand of a village in 石壁镇."""
        from app.features.demands import actions

        values.setdefault("title", "茶树叶子发黄卷起来")
        values.setdefault("description", "三十亩茶园，上个月开始")
        values.setdefault("region_code", TOWNSHIP)
        values.setdefault("urgency", Urgency.NORMAL)
        if "organisation_id" not in values:
            values["organisation_id"] = self.organisation(region_code=values["region_code"]).id
        poster = values.pop("poster", None) or actor(Role.TOWNSHIP_OFFICIAL, values["region_code"])
        return actions.post(self.session, poster, self.today, **values)

    def open_demand(self, need_type: NeedType = NeedType.PLANT_PROTECTION, **values: Any):
        from app.features.demands import actions

        demand = self.demand(**values)
        return actions.triage(
            self.session,
            actor(Role.COUNTY_TRIAGE, demand.region_code[:6]),
            self.today,
            demand,
            industry_id=self.industry_id(),
            need_type=need_type,
            urgency=demand.urgency,
        )

    def visit(self, appointment: Any = None, **values: Any):
        """A submitted visit of one commissioner, served a village of the township."""
        from app.features.visits import actions

        appointment = appointment or self.appointment()
        values.setdefault("region_code", TOWNSHIP)
        values.setdefault("service_date", self.today - timedelta(days=3))
        values.setdefault("days", 1)
        values.setdefault("industry_id", self.industry_id())
        values.setdefault("mode", ServiceMode.ON_SITE)
        values.setdefault("work_done", "查看茶园，教修剪和清园")
        values.setdefault("served", [self.organisation(region_code=values["region_code"]).id])
        values.setdefault("participants", [(appointment.commissioner.person_id, 2)])
        person_id = values["participants"][0][0]
        writer = values.pop("writer", None) or actor(Role.COMMISSIONER, person_id=person_id)
        return actions.log(self.session, writer, self.today, self.now, **values)

    def passed_visit(self, appointment: Any = None, **values: Any):
        from app.features.visits import actions

        visit = self.visit(appointment, **values)
        return actions.review(
            self.session, actor(Role.COUNTY_REVIEWER, visit.region_code[:6]), self.today, visit, "pass"
        )
