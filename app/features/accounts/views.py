"""Pages of the accounts desk: the door, one's sessions and grants, and account keeping."""

import math
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask import session as cookie

from app.domain.calendar import SHANGHAI
from app.domain.roles import Actor, Role
from app.features.accounts import actions, passwords, queries
from app.features.accounts.forms import AccountForm, ChangePasswordForm, GrantChoiceForm, NewPasswordForm, SignInForm
from app.features.accounts.models import Account, SignedInSession
from app.storage.session import reading, writing
from app.web import held
from app.web.guards import actor, actor_or_none, permitted, public, signed_in, when_signed_in_by
from app.web.pages import chips, done, page
from app.web.paging import cursor, paged
from app.web.platform import moment, platform, today
from app.web.session import commits, db

blueprint = Blueprint("accounts", __name__)
PAGE = 50


def _session_row() -> SignedInSession | None:
    token = cookie.get("token")
    return queries.live_session(db(), token, moment()) if token else None


def find_actor() -> Actor | None:
    """Who is signed in; looked up in the sessions table, so that a revoked session ends at once."""
    row = _session_row()
    if row is None:
        return None
    found = queries.actor_of(db(), row, today())
    if found is not None and request.method == "GET" and moment() - row.seen_at > actions.SEEN_EVERY:
        with writing(platform().engine, platform().keyring) as own:
            actions.touch(own, own.get_one(SignedInSession, row.id), moment())
    return found


def ask_to_sign_in() -> Any:
    """A stranger's GET goes to the door and comes back; a stranger's POST is held and comes back filled in."""
    if request.method == "GET":
        return redirect(url_for("accounts.sign_in_form", next=request.full_path.rstrip("?")))
    form = SignInForm(formdata=None, next=held.form_page(), typed=held.sealed_typing())
    return page("accounts/sign_in_form.html", 401, form=form)


when_signed_in_by(find_actor, ask_to_sign_in)


def _safe_next(path: str | None) -> str:
    parts = urlsplit(path or "")
    inside = path and path.startswith("/") and not path.startswith("//") and not parts.netloc and "\\" not in path
    return path if inside and path else url_for("home.first_page")


@blueprint.get("/sign-in")
@public("the door")
def sign_in_form() -> Any:
    if actor_or_none():
        return redirect(_safe_next(request.args.get("next")))
    return page(
        "accounts/sign_in_form.html",
        form=SignInForm(next=request.args.get("next", ""), login=request.args.get("login", "")[:60]),
    )


@blueprint.post("/sign-in")
@public("the door")
@commits
def sign_in() -> Any:
    form = SignInForm()
    if not form.validate_on_submit():
        return page("accounts/sign_in_form.html", form=form)
    again_at = _may_try_again_at(form)
    if again_at is not None:
        return _not_yet(form, again_at)
    account = _checked_account(form)
    if account is None:
        return page("accounts/sign_in_form.html", form=form)
    token = actions.sign_in(db(), account, moment(), _device(), platform().settings.session_days)
    cookie.clear()
    cookie["token"], cookie.permanent = token, True
    typed = held.unseal_typing(form.typed.data or "")
    if typed:
        flash("已登录。您刚才填写的内容还在，请核对后重新提交；照片等附件需要重新选择。", "good")
        return redirect(held.hold_for(account.id, *typed), 303)
    return redirect(_safe_next(form.next.data), 303)


def _may_try_again_at(form: SignInForm) -> datetime | None:
    held_platform = platform()
    with reading(held_platform.engine, held_platform.keyring) as own:
        return queries.may_try_again_at(own, _login(form), request.remote_addr or "", moment())


def _not_yet(form: SignInForm, again_at: datetime) -> Any:
    """429 with the form as it was typed, but for the password, and the hour from which to try again."""
    seconds = max(1, math.ceil((again_at - moment()).total_seconds()))
    clock = again_at.astimezone(SHANGHAI) + timedelta(seconds=59)  # shown to the minute, never too early
    form.form_errors.append(
        f"密码错误次数过多，为保护账号，请约{math.ceil(seconds / 60)}分钟后（{clock:%H:%M}以后）再登录。"
        "忘记密码请联系系统管理员发一个重设链接。"
    )
    return *page("accounts/sign_in_form.html", 429, form=form), {"Retry-After": str(seconds)}


def _login(form: SignInForm) -> str:
    return (form.login.data or "").strip().lower()


def _checked_account(form: SignInForm) -> Account | None:
    """The account whose password was typed. Hashing takes a tenth of a second, so no write lock is held meanwhile."""
    held_platform = platform()
    with reading(held_platform.engine, held_platform.keyring) as own:
        account = queries.account_by_login(own, _login(form))
    if passwords.is_password(account.password_hash if account else None, form.password.data or ""):
        return account
    with writing(held_platform.engine, held_platform.keyring) as own:
        actions.note_failure(own, _login(form), request.remote_addr or "", moment())
    form.form_errors.append(actions.WRONG)
    return None


def _device() -> str:
    agent = request.user_agent.string
    system = next((s for s in ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux") if s in agent), "其他系统")
    browser = next(
        (b for b in ("MicroMessenger", "wxwork", "Edg", "Firefox", "Chrome", "Safari") if b in agent),
        "浏览器",
    )
    names = {"MicroMessenger": "微信", "wxwork": "企业微信", "Edg": "Edge", "Mac OS": "Mac"}
    return f"{names.get(browser, browser)} · {names.get(system, system)}"


@blueprint.post("/sign-out")
@signed_in
@commits
def sign_out() -> Any:
    row = _session_row()
    if row is not None:
        actions.revoke(db(), actor(), row, moment())
    cookie.clear()
    flash("已退出登录。", "good")
    return redirect(url_for("accounts.sign_in_form"), 303)


@blueprint.get("/grants")
@signed_in
def choose_grant() -> Any:
    return page("accounts/choose_grant.html", form=_grant_choice())


def _grant_choice() -> GrantChoiceForm:
    form = GrantChoiceForm()
    form.grant.choices = [(h.id, h.title) for h in queries.grants_of(db(), actor().account_id or 0, today())]
    if form.grant.data is None:
        form.grant.data = actor().grant_id
    return form


@blueprint.post("/grants")
@signed_in
@commits
def take_grant() -> Any:
    form, row = _grant_choice(), _session_row()
    if row is not None and form.accepts(lambda: actions.choose_grant(db(), actor(), row, form.grant.data, today())):
        return done("身份已切换，下面是这个身份要办的事。", "home.first_page")
    return page("accounts/choose_grant.html", form=form)


def _sessions_page(form: ChangePasswordForm) -> Any:
    rows = queries.live_sessions_of(db(), actor().account_id or 0, moment())
    return page("accounts/sessions.html", rows=rows, this=_session_row(), form=form)


@blueprint.get("/sessions")
@signed_in
def sessions() -> Any:
    return _sessions_page(ChangePasswordForm())


@blueprint.post("/sessions/<uuid:uid>/revoke")
@signed_in
@commits
def revoke(uid: UUID) -> Any:
    row = queries.own_session(db(), actor().account_id or 0, uid) or abort(404)
    actions.revoke(db(), actor(), row, moment())
    return done("该设备已退出登录。", "accounts.sessions")


@blueprint.post("/password")
@signed_in
@commits
def change_password() -> Any:
    form, this = ChangePasswordForm(), _session_row() or abort(401)
    typed = form.current.data or "", form.new_password.data or ""
    if form.accepts(lambda: actions.change_password(db(), actor(), this, moment(), *typed)):
        return done("密码已更改，其他设备已退出，下次登录请使用新密码。", "accounts.sessions")
    return _sessions_page(form)


@blueprint.get("/set-up/<token>")
@public("a one-time link decides; GET only shows")
def set_up(token: str) -> Any:
    link = queries.set_up_link(db(), token, moment())
    if link is None:
        return page("accounts/link_useless.html", 410)
    account = db().get_one(Account, link.account_id)
    return page("accounts/set_up.html", form=NewPasswordForm(), token=token, account=account)


@blueprint.post("/set-up/<token>")
@public("a one-time link decides")
@commits
def finish_set_up(token: str) -> Any:
    link = queries.set_up_link(db(), token, moment())
    if link is None:
        return page("accounts/link_useless.html", 410)
    form, account = NewPasswordForm(), db().get_one(Account, link.account_id)
    if form.accepts(lambda: actions.use_set_up_link(db(), token, form.new_password.data or "", moment())):
        return done("密码已设好，请登录。", "accounts.sign_in_form", login=account.login)
    return page("accounts/set_up.html", form=form, token=token, account=account)


@blueprint.get("/all")
@permitted("accounts.keep")
def account_list() -> Any:
    search = request.args.get("q", "")
    rows = paged(queries.accounts_page(db(), search, cursor(), PAGE), lambda a: [a.login], PAGE)
    names = queries.grant_places(db(), [a.id for a in rows.rows])
    return page(
        "accounts/account_list.html",
        rows=rows,
        search=search,
        names=names,
        form=AccountForm(),
        chips=chips([("q", "查找", None)]),
    )


@blueprint.post("/all")
@permitted("accounts.keep")
@commits
def open_account() -> Any:
    form = AccountForm()
    made: list[Account] = []
    if form.accepts(
        lambda: made.append(actions.open_account(db(), actor(), form.login.data or "", form.name.data or ""))
    ):
        return done("账号已建立，请授予角色，再生成设置密码的链接发给本人。", "accounts.account", uid=made[0].uid)
    rows = paged(queries.accounts_page(db(), "", None, PAGE), lambda a: [a.login], PAGE)
    names = queries.grant_places(db(), [a.id for a in rows.rows])
    return page("accounts/account_list.html", rows=rows, search="", names=names, form=form)


def _account(uid: UUID) -> Account:
    return queries.account_by_uid(db(), uid) or abort(404)


@blueprint.get("/all/<uuid:uid>")
@permitted("accounts.keep")
def account(uid: UUID) -> Any:
    found = _account(uid)
    names = queries.grant_places(db(), [found.id])
    return page("accounts/account.html", account=found, names=names, roles=Role.choices())


@blueprint.post("/all/<uuid:uid>/grants/<int:grant_id>/end")
@permitted("accounts.keep")
@commits
def end_grant(uid: UUID, grant_id: int) -> Any:
    grant = next((g for g in _account(uid).grants if g.id == grant_id), None) or abort(404)
    actions.end_grant(db(), actor(), grant, today())
    return done("角色已收回。", "accounts.account", uid=uid)


@blueprint.post("/all/<uuid:uid>/link")
@permitted("accounts.keep")
@commits
def make_link(uid: UUID) -> Any:
    account = _account(uid)
    token = actions.make_set_up_link(db(), actor(), account, moment())
    link = url_for("accounts.set_up", token=token, _external=True)
    return page("accounts/make_link.html", link=link, account=account)


@blueprint.post("/all/<uuid:uid>/close")
@permitted("accounts.keep")
@commits
def close_account(uid: UUID) -> Any:
    actions.close_account(db(), actor(), _account(uid), moment())
    return done("账号已停用，其登录已全部退出。", "accounts.account_list")
