"""Pages on which the administrator gives an account a role: over a territory, for a commissioner or for a unit."""

from typing import Any
from uuid import UUID

from flask import abort, request, url_for

from app.domain.roles import Role, ScopeKind, scope_of, takes_territory
from app.features.accounts import queries as accounts
from app.features.accounts.models import Account
from app.features.commissioners import accountless, acting, opening
from app.features.commissioners.forms import SubjectGrantForm, TerritoryGrantForm
from app.features.commissioners.pages import blueprint
from app.features.regions import queries as regions
from app.web.forms import Form
from app.web.guards import actor, permitted
from app.web.pages import chips, done, page
from app.web.platform import moment, today
from app.web.session import commits, db


def _account(uid: UUID) -> Account:
    return accounts.account_by_uid(db(), uid) or abort(404)


def _role(name: str) -> Role:
    return next((role for role in Role if role.value == name), None) or abort(404)


def _form(role: Role) -> tuple[TerritoryGrantForm | SubjectGrantForm, list[acting.Subject]]:
    """The form that asks what the role needs: a territory, or one of those who are called as was searched."""
    if ScopeKind.TERRITORY in scope_of(role):
        form = TerritoryGrantForm()
        form.region.choices = [pair for pair in regions.territory_choices(db()) if takes_territory(role, pair[0])]
        return form, []
    words = request.args.get("q", "").strip()[:60]
    found = acting.subjects(db(), role, words) if words else []
    chosen = SubjectGrantForm()
    chosen.subject.choices = [(one.key, f"{one.title}（{one.about}）") for one in found]
    return chosen, found


def _shown(account: Account, role: Role, form: Any, found: list[acting.Subject]) -> Any:
    words = request.args.get("q", "").strip()[:60]
    return page("commissioners/new_grant.html", account=account, role=role, form=form, found=found, words=words)


@blueprint.get("/accounts/<uuid:uid>/grants/<name>")
@permitted("accounts.keep")
def new_grant(uid: UUID, name: str) -> Any:
    role = _role(name)
    return _shown(_account(uid), role, *_form(role))


@blueprint.post("/accounts/<uuid:uid>/grants/<name>")
@permitted("accounts.keep")
@commits
def give_grant(uid: UUID, name: str) -> Any:
    account, role = _account(uid), _role(name)
    form, found = _form(role)

    def give() -> None:
        if isinstance(form, TerritoryGrantForm):
            acting.give_territory(db(), actor(), account, role, today(), form.region.data or "")
        else:
            acting.give_grant(db(), actor(), account, role, today(), form.subject.data or "")

    if form.accepts(give):
        return done(f"已授予“{role.label}”。", "accounts.account", uid=uid)
    return _shown(account, role, form, found)


def _county() -> str:
    asked = request.args.get("county", "")
    return asked if asked in dict(regions.county_choices(db(), with_city=True)) else ""


def _waiting_page(form: Form, status: int = 200) -> Any:
    counties, county = regions.county_choices(db(), with_city=True), _county()
    return page(
        "commissioners/without_account.html",
        status,
        form=form,
        rows=accountless.waiting(db(), today(), county),
        count=accountless.how_many_wait(db(), today(), county),
        counties=counties,
        county=county,
        names=regions.names(db(), [code for code, _ in counties]),
        chips=chips([("county", "所属县", counties)]),
    )


@blueprint.get("/accounts")
@permitted("accounts.keep")
def without_account() -> Any:
    """Serving commissioners who cannot sign in yet."""
    return _waiting_page(Form())


@blueprint.post("/accounts")
@permitted("accounts.keep")
@commits
def open_accounts() -> Any:
    """Open accounts for the ticked people; the links are shown once, on the answer itself."""
    form, made = Form(), list[opening.Opened]()
    people = [uid for uid in map(_uid, request.form.getlist("chosen")) if uid]
    if not form.accepts(lambda: made.extend(opening.open_accounts(db(), actor(), today(), moment(), people))):
        return _waiting_page(form, 422)
    links = [(one, url_for("accounts.set_up", token=one.token, _external=True)) for one in made]
    return page("commissioners/open_accounts.html", links=links)


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
