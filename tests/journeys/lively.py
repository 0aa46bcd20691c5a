"""A small lively city: the demonstration's present around the tests' day, one account for every role, every state.

Made once for all test processes of a run and copied by each. It leaves the years 2017-2020 out: six seconds, not forty.
"""

import fcntl
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from app import create_app
from app.demonstration.cast import COMMISSIONERS_OFFER, COUNTY, TEAMS_OFFER, TOWNSHIP, Cast, person_actor, role_actor
from app.demonstration.present import Present
from app.demonstration.stage import Stage
from app.demonstration.visiting import Ending, Visiting
from app.domain.anonymising import Because
from app.domain.calendar import shanghai_date
from app.domain.roles import Role, system_actor
from app.domain.visits import ConfirmationAnswer
from app.domain.vocabulary import ConfirmationChannel, CooperationMode, Level, OrganisationKind, ServiceMode, Urgency
from app.features.accounts import actions as accounts
from app.features.accounts.models import Grant
from app.features.agreements import actions as agreements
from app.features.agreements.models import Agreement
from app.features.anonymising import actions as anonymising
from app.features.demands import actions as demands
from app.features.demands.models import Demand
from app.features.matches import actions as matches
from app.features.matches.models import Match
from app.features.menus import actions as menus
from app.features.plans import actions as plans
from app.features.plans.models import DispatchPlan
from app.features.visits import actions as visits
from app.features.visits.models import Visit, VisitPhoto
from app.jobs import worker
from app.storage.files import FileStore, StoredFile, clean_photo, keep
from app.storage.session import writing
from config import Settings
from tests.browser import Browser
from tests.builders import CITY
from tests.conftest import NOW
from tests.databases import Databases
from tests.features.rounds.importing import applied, sent
from tests.features.rounds.test_roster_import import CHEN, LIN
from tests.features.rounds.workbooks import roster
from tests.journeys.states import rarer
from tests.templates import COMPILED

FILES = ("city.db", "keys.json", "city.json")
VISITS = 40
UNASKED = Ending(review=None, asked=False, answer=None)


@dataclass
class City:
    """What a test must know of the city to walk in it."""

    folder: Path
    cookies: dict[str, str] = field(default_factory=dict)  # log-in name → session cookie
    passwords: dict[str, str] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)  # log-in name → its roles
    links: dict[str, str] = field(default_factory=dict)  # what a link is → its path
    rivals: dict[str, str] = field(default_factory=dict)  # log-in name → its invitation to the one seat
    ways: dict[str, list[str]] = field(default_factory=dict)  # log-in name → pages that a form leads to, not a link

    def open(self) -> Flask:
        """The application over the city in `folder`, at the tests' moment."""
        settings = Settings(data_dir=self.folder, database_url=f"sqlite:///{self.folder / 'city.db'}")
        made = create_app(settings, clock=lambda: NOW)
        made.testing = True
        made.jinja_env.bytecode_cache = COMPILED
        return made


def lively_city(databases: Callable[[], Databases], shared: Path) -> Path:
    """The folder of the city in `shared`; whoever comes first builds it there."""
    with (shared / "city.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "city").exists():
            _build(databases(), shared / "building")
            (shared / "building").rename(shared / "city")
    return shared / "city"


def copy_of(folder: Path, own: Path) -> City:
    """The city of `folder`, in a folder where it may be changed."""
    shutil.copytree(folder, own, dirs_exist_ok=True)
    told = json.loads((own / "city.json").read_text(encoding="utf8"))
    return City(own, **told)


def _build(databases: Databases, folder: Path) -> None:
    folder.mkdir()
    shutil.copy(databases.template.removeprefix("sqlite:///"), folder / "city.db")
    shutil.copy(databases.folder / "keys.json", folder / "keys.json")
    city = City(folder)
    app = city.open()
    held = app.extensions["ketepai"]
    with writing(held.engine, held.keyring) as session:
        _tell(app, session, held.files, city)
    _plans(app, city)
    held.engine.dispose()
    told = {name: value for name, value in asdict(city).items() if name != "folder"}
    (folder / "city.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf8")


def _plans(app: Flask, city: City) -> None:
    """Two what-ifs of the county's head, computed, to be compared; a third that a worker has given up."""
    browser = Browser(app)
    browser.http.set_cookie("ketepai", city.cookies["xianju"])
    for title, mode in (("先匹配", "fit"), ("先覆盖", "cover")):
        browser.submit(browser.get("/plans/new").form("/plans/new"), title=title, mode=mode)
    while worker.work_once(browser.platform):
        pass
    made = [link for link in browser.get("/plans/").links if link.startswith("/plans/") and len(link) > 40]
    uids = [link.rsplit("/", 1)[1] for link in made]
    city.ways.setdefault("xianju", []).extend([*made, f"/plans/compare?plan={uids[0]}&plan={uids[1]}"])
    browser.submit(browser.get("/plans/new").form("/plans/new"), title="算不出来", mode="fit")
    held = browser.platform
    with writing(held.engine, held.keyring) as session:
        failed = session.query(DispatchPlan).filter_by(title="算不出来").one()
        plans.keep_failure(session, failed.id, "计算超过 15 分钟，已停止。")
        city.ways["xianju"].append(f"/plans/{failed.uid}")


def _tell(app: Flask, session: Session, files: FileStore, city: City) -> None:
    stage = Stage(session, system_actor("tests"), shanghai_date(NOW), CITY, seed=7)
    visiting, cast = Visiting(stage), Cast(stage, shanghai_date(NOW), NOW)
    story = Present(stage, cast, visiting, shanghai_date(NOW))
    serving = [stage.individual(COUNTY if n % 3 == 0 else None) for n in range(60)]
    for figure in serving:
        for year in (NOW.year - 1, NOW.year):
            stage.appoint(figure, Level.COUNTY, year)
    cast.hire()
    cast.give_accounts()
    cast.give_served_account(visiting.unit_in(TOWNSHIP))
    story.demands()
    story.visits(serving, VISITS)
    session.flush()
    _papers(session, files)
    _parties(session, cast, city)
    _drafts(session, cast, city)
    _rivals(session, cast, city)
    rarer(session, cast, city.ways)
    _rosters(session, city)
    _doors(app, session, cast, city)
    own = cast.figures[COMMISSIONERS_OFFER]
    fresh = [visiting.visit(own, shanghai_date(NOW), township=TOWNSHIP, ending=UNASKED) for _ in range(4)]
    _links(session, city, fresh)
    _leavers(stage, city)


def _leavers(stage: Stage, city: City) -> None:
    """One whose time is over (only such a person may be taken out for good), and one of whom nothing else is kept."""
    left, gone = (stage.individual(COUNTY) for _ in range(2))
    for figure in (left, gone):
        stage.appoint(figure, Level.COUNTY, NOW.year - 1)
    stage.session.flush()
    head = role_actor(Role.COUNTY_HEAD, COUNTY)
    anonymising.anonymise(stage.session, head, shanghai_date(NOW), NOW, gone.person, Because.ASKED)
    ways = [f"/commissioners/{figure.commissioner.uid}" for figure in (left, gone)]
    city.ways.setdefault("xianju", []).extend(ways)


def _papers(session: Session, files: FileStore) -> None:
    """A photo on every demand and visit, a sealed scan on every other agreement."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "seagreen").save(out, "JPEG")
    picture = keep(session, files, clean_photo(out.getvalue()), "image/jpeg")
    for demand in session.query(Demand).order_by(Demand.id):
        demands.add_photos(session, demand, [picture])
    for visit in session.query(Visit).order_by(Visit.id):
        visit.photos.append(VisitPhoto(file_id=picture.id))
    for agreement in session.query(Agreement).order_by(Agreement.id).all()[::2]:
        agreement.scan = picture
    session.flush()


def _parties(session: Session, cast: Cast, city: City) -> None:
    """The units that sign in are parties of an agreement and of visits; another agreement is a draft."""
    signed = [a for a in session.query(Agreement).order_by(Agreement.id) if a.sending_unit_id]
    agreement = next(a for a in signed if session.query(Visit).filter_by(match_id=a.match_id).count())
    served, sending = agreement.match.demand.organisation_id, agreement.sending_unit_id
    for login, unit in (("paichu", sending), ("shouyuan", served)):
        session.query(Grant).filter_by(account_id=cast.accounts[login].id).one().organisation_id = unit
    for match in session.query(Match).order_by(Match.id):
        if match.seat and session.query(Agreement).filter_by(match_id=match.id).first() is None:
            begins, ends = shanghai_date(NOW), shanghai_date(NOW).replace(month=12)
            bureau = role_actor(Role.COUNTY_TRIAGE, match.demand.region_code[:6])
            made = agreements.draft(
                session, bureau, begins, match, cooperation=CooperationMode.PUBLIC, begins_on=begins, ends_on=ends,
                content="到现场诊断并教会管护。",
            )  # fmt: skip
            city.ways.setdefault("shiju", []).append(f"/agreements/{made.uid}")
            break
    session.flush()


def _drafts(session: Session, cast: Cast, city: City) -> None:
    """Begun and not yet shown to anybody: a menu entry and a visit of the commissioner who signs in."""
    figure = cast.figures[COMMISSIONERS_OFFER]
    own = person_actor(Role.COMMISSIONER, figure.person.id, cast.accounts["ketepai"].id)
    offer = cast.offers[COMMISSIONERS_OFFER]
    menu = menus.keep_offer(
        session, own, commissioner=figure.commissioner, title="玉米制种田间检查", description="到田里看花期和去杂",
        industry_id=offer.industry_id, need_type=offer.need_type,
    )  # fmt: skip
    served = session.query(Visit).first().served[0].organisation_id
    visit = visits.log(
        session, own, shanghai_date(NOW), NOW, region_code=TOWNSHIP, service_date=shanghai_date(NOW), days=1,
        industry_id=offer.industry_id, mode=ServiceMode.ON_SITE, work_done="先记一半", served=[served],
        participants=[(figure.person.id, 2)], submit=False,
    )  # fmt: skip
    session.flush()
    city.ways["ketepai"] = [f"/menus/{menu.uid}", f"/visits/{visit.uid}"]


def _rivals(session: Session, cast: Cast, city: City) -> None:
    """A demand that wants one, to which the commissioner and the head of the team are invited."""
    day, bureau = shanghai_date(NOW), role_actor(Role.COUNTY_TRIAGE, COUNTY)
    posted = demands.post(
        session, role_actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP), day, title="制种玉米抽丝不齐，田里要怎么补救",
        region_code=TOWNSHIP, new_unit=(OrganisationKind.VILLAGE, "抽丝村"), urgency=Urgency.URGENT, people_wanted=1,
    )  # fmt: skip
    first = cast.offers[COMMISSIONERS_OFFER]
    demands.triage(
        session, bureau, day, posted, industry_id=first.industry_id, need_type=first.need_type, urgency=Urgency.URGENT
    )
    for login, name in (("ketepai", COMMISSIONERS_OFFER), ("tuanzhang", TEAMS_OFFER)):
        invited = cast.figures[name].commissioner
        match = matches.invite(session, bureau, day, posted, invited, cast.offers[name])
        session.flush()
        city.rivals[login] = f"/matches/{match.uid}"


def _rosters(session: Session, city: City) -> None:
    head = role_actor(Role.COUNTY_HEAD, COUNTY)
    city_head = role_actor(Role.CITY_HEAD, CITY)
    done, _ = applied(session, roster([CHEN]), actor=head)
    city.ways.setdefault("shiju", []).append(f"/rosters/{done.uid}")
    wrong = {**LIN, "姓名": "王某", "身份证号": LIN["身份证号"][:-1]}
    for actor in (head, city_head):
        sent(session, roster([CHEN, LIN, wrong]), actor=actor)


def _doors(app: Flask, session: Session, cast: Cast, city: City) -> None:
    """Everybody of the cast is signed in."""
    city.passwords = {listed["login"]: listed["password"] for listed in cast.listed}
    signed = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    accounts.sign_in(session, cast.accounts["ketepai"], NOW, "Edge · Windows", 14)
    for login, account in cast.accounts.items():
        token = accounts.sign_in(session, account, NOW, "Chrome · Android", 14)
        city.cookies[login] = signed.dumps({"token": token})
        session.refresh(account)
        city.roles[login] = [grant.role.value for grant in account.grants]
    named = urlencode({"q": cast.figures[COMMISSIONERS_OFFER].person.name})
    uid = cast.accounts["xiangzhen"].uid
    city.ways.setdefault("admin", []).append(f"/commissioners/accounts/{uid}/grants/{Role.COMMISSIONER.value}?{named}")


def _links(session: Session, city: City, fresh: list[Visit]) -> None:
    """Links that people without an account open, and what their makers see."""
    actor = system_actor("tests")
    new = accounts.open_account(session, actor, "xinren", "新人")
    city.links["set-up"] = f"/account/set-up/{accounts.make_set_up_link(session, actor, new, NOW)}"
    asking, day = role_actor(Role.COUNTY_REVIEWER, COUNTY), shanghai_date(NOW)
    for visit, answer in zip(fresh, (None, *ConfirmationAnswer), strict=False):
        unit = visit.served[0].organisation_id
        token = visits.ask_confirmation(session, asking, NOW, visit, unit, ConfirmationChannel.LINK)
        if answer is not None:
            words = "那天没有来过" if answer is ConfirmationAnswer.DISPUTED else None
            visits.answer_confirmation(session, NOW, day, token, answer, words=words, satisfaction=None)
        city.links[f"confirmation, {answer or 'open'}"] = f"/visits/c/{token}"
        city.ways.setdefault("ketepai", []).append(f"/visits/{visit.uid}/link/{token}")
    sealed = fresh[-1]
    picture = session.query(StoredFile).first()
    visits.keep_sheet(session, asking, NOW, day, sealed, sealed.served[0].organisation_id, picture)
    session.flush()
