"""Who may do what: roles, the permissions each holds, and which may never meet in one account.

A grant = role + scope (a territory, an organisation, or oneself). A person may hold several grants and acts in
one at a time; the page header says which. After decisions 9 (roles) and the separation of three officers (三员分立).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.divisions import DivisionLevel, level_of
from app.domain.refusals import RuleBroken
from app.domain.vocabulary import Labelled


class ScopeKind(Labelled):
    TERRITORY = ("territory", "辖区")
    ORGANISATION = ("organisation", "单位")
    ONESELF = ("oneself", "本人")


class Role(Labelled):
    TOWNSHIP_OFFICIAL = ("township_official", "乡镇干部")
    COMMISSIONER = ("commissioner", "科技特派员")
    TEAM_HEAD = ("team_head", "团队（工作站）负责人")
    SENDING_CONTACT = ("sending_contact", "派出单位联络员")
    SERVED_CONTACT = ("served_contact", "受援单位联络员")
    COUNTY_TRIAGE = ("county_triage", "县级分诊员")
    COUNTY_REVIEWER = ("county_reviewer", "县级审核员")
    COUNTY_HEAD = ("county_head", "县级科技局负责人")
    CITY_TRIAGE = ("city_triage", "市级分诊员")
    CITY_REVIEWER = ("city_reviewer", "市级审核员")
    CITY_HEAD = ("city_head", "市级科技局负责人")
    FINANCE_OFFICER = ("finance_officer", "经费管理员")
    PANEL_MEMBER = ("panel_member", "考核评审员")
    AUDITOR = ("auditor", "安全审计员")
    ADMINISTRATOR = ("administrator", "系统管理员")


_LOOK = {"commissioners.read", "demands.read", "menus.read", "matches.read", "coverage.read"}
_TRIAGE = _LOOK | {
    "plans.keep",
    "demands.post",
    "demands.triage",
    "demands.finish",
    "demands.close",
    "matches.invite",
    "agreements.read",
    "agreements.file",
    "visits.read",
    "organisations.keep",
    "tallies.read",
}
_REVIEW = _LOOK | {
    "visits.read",
    "visits.review",
    "visits.confirm_link",
    "agreements.read",
    "demands.close",
    "tallies.read",
}
_HEAD = _TRIAGE | _REVIEW | {"commissioners.keep", "rosters.import", "people.reveal", "people.keep", "people.anonymise"}

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.TOWNSHIP_OFFICIAL: frozenset(
        _LOOK
        | {
            "demands.post",
            "demands.finish",
            "matches.invite",
            "agreements.read",
            "visits.read",
            "organisations.keep",
            "tallies.read",
        }
    ),
    Role.COMMISSIONER: frozenset(
        _LOOK
        | {
            "menus.keep",
            "matches.answer",
            "agreements.read",
            "agreements.file",
            "visits.read",
            "visits.log",
            "visits.confirm_link",
            "demands.finish",
        }
    ),
    Role.TEAM_HEAD: frozenset(
        _LOOK
        | {
            "menus.keep",
            "matches.answer",
            "agreements.read",
            "agreements.file",
            "visits.read",
            "visits.log",
            "visits.confirm_link",
        }
    ),
    Role.SENDING_CONTACT: frozenset({"commissioners.read", "menus.read", "agreements.read", "visits.read"}),
    Role.SERVED_CONTACT: frozenset({"demands.read", "menus.read", "agreements.read", "visits.read"}),
    Role.COUNTY_TRIAGE: frozenset(_TRIAGE),
    Role.COUNTY_REVIEWER: frozenset(_REVIEW),
    Role.COUNTY_HEAD: frozenset(_HEAD),
    Role.CITY_TRIAGE: frozenset(_TRIAGE),
    Role.CITY_REVIEWER: frozenset(_REVIEW | {"vocabulary.keep"}),
    Role.CITY_HEAD: frozenset(_HEAD | {"vocabulary.keep", "regions.decide", "tallies.decide"}),
    Role.FINANCE_OFFICER: frozenset({"commissioners.read", "tallies.read", "agreements.read"}),
    Role.PANEL_MEMBER: frozenset({"commissioners.read", "visits.read", "tallies.read"}),
    Role.AUDITOR: frozenset({"trail.read"}),
    Role.ADMINISTRATOR: frozenset({"accounts.keep", "regions.keep"}),
}


_COUNTY, _CITY, _TOWNSHIP = DivisionLevel.COUNTY, DivisionLevel.CITY, DivisionLevel.TOWNSHIP
# Roles over a territory and of which level it is; every other role acts for a unit or for oneself.
TERRITORIES: dict[Role, tuple[DivisionLevel, ...]] = {
    Role.TOWNSHIP_OFFICIAL: (_TOWNSHIP,),
    Role.COUNTY_TRIAGE: (_COUNTY,),
    Role.COUNTY_REVIEWER: (_COUNTY,),
    Role.COUNTY_HEAD: (_COUNTY,),
    Role.CITY_TRIAGE: (_CITY,),
    Role.CITY_REVIEWER: (_CITY,),
    Role.CITY_HEAD: (_CITY,),
    Role.FINANCE_OFFICER: (_CITY, _COUNTY),
    Role.PANEL_MEMBER: (_CITY, _COUNTY),
    Role.AUDITOR: (_CITY,),
    Role.ADMINISTRATOR: (_CITY,),
}
# A legal entity's commissioner acts for the entity, a station's head for the station.
_FOR_WHOM: dict[Role, tuple[ScopeKind, ...]] = {
    Role.COMMISSIONER: (ScopeKind.ONESELF, ScopeKind.ORGANISATION),
    Role.TEAM_HEAD: (ScopeKind.ONESELF, ScopeKind.ORGANISATION),
    Role.SENDING_CONTACT: (ScopeKind.ORGANISATION,),
    Role.SERVED_CONTACT: (ScopeKind.ORGANISATION,),
}


def scope_of(role: Role) -> tuple[ScopeKind, ...]:
    """Over what a role is given: a territory, or a unit or oneself."""
    return (ScopeKind.TERRITORY,) if role in TERRITORIES else _FOR_WHOM[role]


def takes_territory(role: Role, code: str) -> bool:
    """Whether a role may be given over this division."""
    return level_of(code) in TERRITORIES.get(role, ())


def check_scope(role: Role, scope: ScopeKind, territory: str | None) -> None:
    """Refuse a role over what it cannot stand for: a county's officer over a township, a contact over a county."""
    if scope not in scope_of(role) or (territory and not takes_territory(role, territory)):
        wanted = "或".join(level.label for level in TERRITORIES.get(role, ())) or "或".join(
            one.label for one in scope_of(role)
        )
        raise RuleBroken(f"“{role.label}”只能授予在{wanted}上，请重新选择。", field="region")


def permissions_of(role: Role) -> frozenset[str]:
    return PERMISSIONS[role]


@dataclass(frozen=True)
class Reach:
    """The rows a person may see and change: those of a territory, of an organisation, or his or her own.

    `territory` is a division code (city, county or township). At most one of the three is set; none set
    reaches nothing.
    """

    territory: str | None = None
    organisation_id: int | None = None
    person_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """Who acts, and in which grant. `system` acts are recorded without an account."""

    account_id: int | None
    display_name: str
    role: Role | None = None
    grant_id: int | None = None
    reach: Reach = Reach()
    grant_title: str = ""
    has_other_grants: bool = False

    def may(self, permission: str) -> bool:
        return self.role is not None and permission in PERMISSIONS[self.role]


def system_actor(name: str) -> Actor:
    """The platform itself, a command, or a seeding run."""
    return Actor(account_id=None, display_name=name)


def check_roles_together(roles: Iterable[Role]) -> None:
    """Refuse joining system administrator, security auditor and business roles in one account (三员分立)."""
    held = set(roles)
    groups = [held & {Role.ADMINISTRATOR}, held & {Role.AUDITOR}, held - {Role.ADMINISTRATOR, Role.AUDITOR}]
    if sum(bool(group) for group in groups) > 1:
        raise RuleBroken(
            "系统管理员、安全审计员和业务人员不能由同一账号兼任（三员分立），请为其另建账号。", field="role"
        )
