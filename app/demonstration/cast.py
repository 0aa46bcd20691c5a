"""Who acts in the present: commissioners with menus, and one account for every role."""

import csv
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from app.demonstration.stage import Figure, Stage
from app.domain.roles import Actor, Reach, Role
from app.domain.vocabulary import Kind, Level, NeedType, Source
from app.features.accounts import actions as accounts
from app.features.accounts.models import Account
from app.features.menus import actions as menus
from app.features.menus.models import Offer
from app.features.organisations.models import Organisation

DATA = Path(__file__).resolve().parent / "data"
COUNTY = "350424"  # 宁化县, where the demonstration's county accounts work
TOWNSHIP = "350424103"  # 石壁镇
COMMISSIONERS_OFFER = "O032"  # whose owner signs in as the commissioner
TEAMS_OFFER = "O035"  # whose team's leader signs in as team head


@dataclass(frozen=True)
class AccountWanted:
    """An account to be made: log-in name, what it shows, its roles with their territory."""

    login: str
    name: str
    who: str
    roles: tuple[tuple[Role, str], ...]


TERRITORIAL = (
    AccountWanted("xiangzhen", "石壁镇演示员", "乡镇干部（宁化县石壁镇）", ((Role.TOWNSHIP_OFFICIAL, TOWNSHIP),)),
    AccountWanted("fenzhen", "宁化分诊演示员", "县级分诊员（宁化县）", ((Role.COUNTY_TRIAGE, COUNTY),)),
    AccountWanted("shenhe", "宁化审核演示员", "县级审核员（宁化县）", ((Role.COUNTY_REVIEWER, COUNTY),)),
    AccountWanted(
        "xianju",
        "宁化科技局演示员",
        "县科技局负责人，兼分诊、审核（宁化县）",
        ((Role.COUNTY_HEAD, COUNTY), (Role.COUNTY_TRIAGE, COUNTY), (Role.COUNTY_REVIEWER, COUNTY)),
    ),
    AccountWanted("shifenzhen", "市分诊演示员", "市级分诊员", ((Role.CITY_TRIAGE, "350400"),)),
    AccountWanted("shishenhe", "市审核演示员", "市级审核员", ((Role.CITY_REVIEWER, "350400"),)),
    AccountWanted("shiju", "市科技局演示员", "市科技局负责人", ((Role.CITY_HEAD, "350400"),)),
    AccountWanted("caiwu", "经费演示员", "经费管理员", ((Role.FINANCE_OFFICER, "350400"),)),
    AccountWanted("pingshen", "评审演示员", "考核评审员", ((Role.PANEL_MEMBER, "350400"),)),
    AccountWanted("shenji", "审计演示员", "安全审计员", ((Role.AUDITOR, "350400"),)),
    AccountWanted("admin", "系统管理演示员", "系统管理员", ((Role.ADMINISTRATOR, "350400"),)),
)


def role_actor(role: Role, territory: str) -> Actor:
    """Somebody of a bureau or township who is not among the accounts."""
    return Actor(None, role.label, role, reach=Reach(territory=territory))


def person_actor(role: Role, person_id: int, account_id: int | None = None) -> Actor:
    return Actor(account_id, role.label, role, reach=Reach(person_id=person_id))


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf8", newline="") as file:
        return list(csv.DictReader(file))


class Cast:
    """Commissioners with published menus, by the id of their offer, and the accounts."""

    def __init__(self, stage: Stage, anchor: date, now: datetime) -> None:
        self.stage, self.anchor, self.now = stage, anchor, now
        self.figures: dict[str, Figure] = {}
        self.offers: dict[str, Offer] = {}
        self.accounts: dict[str, Account] = {}
        self.listed: list[dict[str, str]] = []

    def hire(self) -> None:
        """Make the commissioners of the menu, appoint them for this year and the last, publish what they offer."""
        for n, row in enumerate(rows("offers.csv")):
            figure = self._figure(row)
            self.figures[row["id"]] = figure
            level = (Level.PROVINCE, Level.COUNTY, Level.CITY)[n % 3]
            for year in (self.anchor.year - 1, self.anchor.year):
                self.stage.today = date(year, 1, 5)
                self.stage.appoint(figure, level, year, ends=date(self.anchor.year + 1, 12, 31))
            offer = menus.keep_offer(
                self.stage.session,
                self.stage.actor,
                commissioner=figure.commissioner,
                title=row["title"],
                description=row["description"],
                industry_id=self.stage.industry_ids[row["industry"]],
                need_type=NeedType(row["need_type"]),
            )
            self.offers[row["id"]] = menus.publish(self.stage.session, self.stage.actor, self.now, offer)

    def _figure(self, row: dict[str, str]) -> Figure:
        trade, city = row["industry"], self.stage.city
        leading = trade.split(".")[0]
        match Kind(row["kind"]):
            case Kind.TEAM:
                return self.stage.team(row["county"], leading, trade=trade)
            case Kind.ENTITY:
                return self.stage.entity(COUNTY if row["county"] == city else row["county"], leading, trade)
            case _:
                source = Source.PROVINCE if row["county"] == city else Source.COUNTY
                return self.stage.individual(row["county"], source, leading, trade=trade)

    def give_accounts(self) -> None:
        """One account for every role but the served unit's, each with a random password."""
        for wanted in TERRITORIAL:
            account = self._account(wanted.login, wanted.name, wanted.who)
            for role, territory in wanted.roles:
                self._grant(account, role, region_code=territory)
        person = self.figures[COMMISSIONERS_OFFER].person
        leader = self.figures[TEAMS_OFFER].person
        assert person is not None and leader is not None
        self._grant(self._account("ketepai", person.name, "科技特派员（个人）"), Role.COMMISSIONER, person_id=person.id)
        self._grant(self._account("tuanzhang", leader.name, "团队负责人"), Role.TEAM_HEAD, person_id=leader.id)
        unit = self.stage.sending_units[0]
        self._grant(
            self._account("paichu", "派出单位演示员", f"派出单位联络员（{unit.name}）"),
            Role.SENDING_CONTACT,
            organisation_id=unit.id,
        )

    def give_served_account(self, served: Organisation) -> None:
        """The account of a unit that is being served, so that its first page has something to confirm."""
        self._grant(
            self._account("shouyuan", "受援单位演示员", f"受援单位联络员（{served.name}）"),
            Role.SERVED_CONTACT,
            organisation_id=served.id,
        )

    def _account(self, login: str, name: str, who: str) -> Account:
        account = accounts.open_account(self.stage.session, self.stage.actor, login, name)
        password = "-".join(secrets.token_hex(2) for _ in range(3))
        accounts.set_password(self.stage.session, self.stage.actor, account, password)
        self.accounts[login] = account
        self.listed.append({"login": login, "password": password, "who": who})
        return account

    def _grant(self, account: Account, role: Role, **scope: object) -> None:
        accounts.give_grant(self.stage.session, self.stage.actor, account, role, date(2017, 1, 1), **scope)  # type: ignore[arg-type]
