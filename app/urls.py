"""The site's contents page: every blueprint with its prefix, the menu, and what desks are handed at the start."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from app.features.accounts import views as accounts
from app.features.agreements import views as agreements
from app.features.anonymising import views as anonymising
from app.features.commissioners import views as commissioners
from app.features.coverage import views as coverage
from app.features.demands import views as demands
from app.features.home import views as home
from app.features.matches import standing
from app.features.matches import views as matches
from app.features.menus import views as menus
from app.features.organisations import views as organisations
from app.features.people import views as people
from app.features.plans import views as plans
from app.features.regions import views as regions
from app.features.rounds import views as rounds
from app.features.tallies import views as tallies
from app.features.visits import experience
from app.features.visits import views as visits
from app.features.vocabulary import views as vocabulary
from app.web.navigation import Entry
from app.web.pages import cache_static

BLUEPRINTS = (
    (home.blueprint, "/"),
    (accounts.blueprint, "/account"),
    (regions.blueprint, "/regions"),
    (people.blueprint, "/people"),
    (organisations.blueprint, "/organisations"),
    (commissioners.blueprint, "/commissioners"),
    (rounds.blueprint, "/rosters"),
    (vocabulary.blueprint, "/vocabulary"),
    (menus.blueprint, "/menus"),
    (demands.blueprint, "/demands"),
    (matches.blueprint, "/matches"),
    (agreements.blueprint, "/agreements"),
    (visits.blueprint, "/visits"),
    (coverage.blueprint, "/coverage"),
    (plans.blueprint, "/plans"),
    (tallies.blueprint, "/tallies"),
    (anonymising.blueprint, "/anonymising"),
)

# A demand is shown with its proposals by the matches desk; to its readers it is still a demand.
DEMAND_PAGES = tuple(
    f"matches.{name}"
    for name in ("demand", "submit", "move", "close", "show_contact", "invite", "set_aside", "apply", "settle")
)

# Which places count is asked about where cover is looked at.
PLACES = ("regions.townships", "regions.units", "regions.count_units")

MENU = (
    Entry("今日待办", "home.first_page", icon="home"),
    Entry("技术需求", "demands.demand_list", ("demands.read",), icon="flag", pages=DEMAND_PAGES),
    Entry("服务记录", "visits.visit_list", ("visits.read",), icon="pin"),
    Entry(
        "服务菜单",
        "menus.menu_list",
        ("menus.read",),
        icon="list",
        pages=("matches.invite_to_serve", "matches.send_invitation"),
    ),
    Entry("对接", "matches.match_list", ("matches.read",), icon="link"),
    Entry("派驻方案", "plans.plan_list", ("plans.keep",), icon="calendar"),
    Entry("三方协议", "agreements.agreement_list", ("agreements.read",), icon="document"),
    Entry(
        "科特派",
        "commissioners.commissioner_list",
        ("commissioners.read",),
        icon="people",
        pages=("anonymising.ask", "anonymising.anonymise"),
    ),
    Entry(
        "单位",
        "organisations.organisation_list",
        ("organisations.keep", "visits.review", "commissioners.keep"),
        icon="building",
    ),
    Entry("覆盖地图", "coverage.cover_map", ("coverage.read",), icon="map", pages=PLACES),
    Entry("年终统计", "tallies.tally", ("tallies.read",), icon="chart"),
    Entry("名册导入", "rounds.batch_list", ("rosters.import",), icon="upload"),
    Entry("匹配词库", "vocabulary.concept_list", ("vocabulary.keep",), icon="list", pages=("vocabulary.dictionaries",)),
    Entry("操作留痕", "home.trail", ("trail.read",), icon="shield"),
    Entry(
        "账号管理",
        "accounts.account_list",
        ("accounts.keep",),
        icon="settings",
        pages=tuple(
            f"commissioners.{name}" for name in ("new_grant", "give_grant", "without_account", "open_accounts")
        ),
    ),
)


def install(app: Flask, csrf: CSRFProtect) -> None:
    for blueprint, prefix in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=prefix.rstrip("/") or None)
    for view in app.view_functions.values():
        if getattr(view, "csrf_exempt", False):
            csrf.exempt(view)
    app.after_request(cache_static)
    # Desks look left only: what the desk on the right knows is handed to the one on the left here, at the start.
    standing.when_experience_is_told_by(experience.experience)
