"""What those have to do who send, are served, pay, assess, audit or keep accounts; every list is short and bounded."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.domain.agreements import AgreementState
from app.domain.events import event_words
from app.domain.roles import Actor, Role
from app.domain.visits import ConfirmationAnswer, VisitState
from app.features.accounts.models import Account, Grant, SignedInSession
from app.features.agreements import queries as agreements
from app.features.commissioners import accountless
from app.features.commissioners import queries as commissioners
from app.features.commissioners.models import Appointment, Commissioner
from app.features.home.figures import Figure, Sight
from app.features.home.queries import SHOWN, Todo, Work, own_day
from app.features.visits import queries as visits
from app.features.visits.models import Confirmation, Visit
from app.storage import seals
from app.storage.jobs import Job, JobState
from app.storage.trail import Event, shown_words

ENDING_WITHIN = timedelta(days=60)
MOST_EVENTS = 20_000  # the trail has no index but its own order: a first page looks no further back
OPEN_ACCOUNT = (Account.closed_at.is_(None),)


def recent_visits(session: Session, actor: Actor, title: str = "最近的服务") -> Work:
    """The newest visits within one's reach: to read, not to act on."""
    rows = visits.visits_page(session, actor, visits.VisitFilter(), size=SHOWN)[:SHOWN]
    items = [_visit_line(row, since=row.state.label) for row in rows]
    return Work(title, items, None, "visits.visit_list", {}, "还没有服务记录。", duty=False)


def _visit_line(row: visits.VisitRow, due: str = "", since: str = "", urgency: str | None = None) -> Todo:
    about = f"{row.county}{row.place} · {row.who} · {row.service_date}"
    return Todo(row.work_done[:40], "服务", "visits.visit", {"uid": row.uid}, about, due, urgency, since)


def to_be_confirmed(session: Session, actor: Actor, now: datetime) -> Work:
    """Visits that served one's unit and that it has not confirmed: the link sent to its phone does it.

    Where no link is on its way there is nothing that the unit could do, so it does not count as waiting for it.
    """
    wanted = visits.VisitFilter(states=(VisitState.SUBMITTED.value, VisitState.PASSED.value), confirmed=False)
    rows = visits.visits_page(session, actor, wanted, size=SHOWN)[:SHOWN]
    asked = _asked(session, actor, [row.uid for row in rows], now)
    items = [
        _visit_line(row, "请点开收到的链接确认", urgency="waiting")
        if row.uid in asked
        else _visit_line(row, since="等科特派发来确认链接")
        for row in sorted(rows, key=lambda row: row.uid not in asked)
    ]
    shown, words = {"confirmed": "0"}, "给您单位的服务都已确认。"
    return Work("等您单位确认的服务", items, len(asked), "visits.visit_list", shown, words, duty=bool(asked))


def _asked(session: Session, actor: Actor, uids: list[UUID], now: datetime) -> set[UUID]:
    """Those of some visits for which a link to one's unit is open."""
    rows = session.scalars(
        sa.select(Visit.uid)
        .join(Confirmation, Confirmation.visit_id == Visit.id)
        .where(
            Visit.uid.in_(uids),
            Confirmation.organisation_id == actor.reach.organisation_id,
            Confirmation.answer.is_(None),
            Confirmation.expires_at > now,
            Confirmation.content_hash == Visit.fingerprint,
        )
    )
    return set(rows)


def agreements_to_sign(session: Session, actor: Actor) -> Work:
    """Agreements drafted with one's unit as a party and not yet signed."""
    rows = agreements.agreements_page(session, actor, [AgreementState.DRAFT], None, SHOWN)
    return _agreement_work("等签的三方协议", rows[:SHOWN], "请签字盖章", {"state": "draft"}, "没有等签的三方协议。")


def scans_missing(session: Session, actor: Actor) -> Work:
    """Agreements in force of which no sealed scan is on file: what a payment would have to rest on."""
    rows = agreements.agreements_page(session, actor, [], None, SHOWN, scan_missing=True)
    words = "在履行的协议都有盖章扫描件。"
    return _agreement_work("还缺盖章扫描件的协议", rows[:SHOWN], "扫描件待补", {"scan": "missing"}, words, duty=False)


def _agreement_work(
    title: str, rows: Sequence[agreements.AgreementRow], due: str, more: dict[str, str], empty: str, duty: bool = True
) -> Work:
    items = [
        Todo(
            row.title, "协议", "agreements.agreement", {"uid": row.uid}, f"{row.commissioner} · {row.served_unit}",
            due, "waiting" if duty else None, f"到 {row.ends_on}",
        )
        for row in rows
    ]  # fmt: skip
    return Work(title, items, None, "agreements.agreement_list", dict(more), empty, duty)


def terms_ending(session: Session, organisation_id: int, today: date) -> Work:
    """Appointments of a sending unit's people that end within sixty days."""
    found = session.scalars(
        sa.select(Appointment)
        .join(Commissioner, Commissioner.id == Appointment.commissioner_id)
        .where(
            Commissioner.sending_unit_id == organisation_id,
            commissioners.serving_on(today),
            Appointment.ends <= today + ENDING_WITHIN,
        )
        .options(joinedload(Appointment.commissioner))
        .order_by(Appointment.ends, Appointment.id)
        .limit(SHOWN)
    )
    items = [
        Todo(
            row.commissioner.name, "任期", "commissioners.commissioner", {"uid": row.commissioner.uid},
            f"{row.level.label} · {row.batch_year}年度", f"{row.ends} 到期",
        )
        for row in found
    ]  # fmt: skip
    return Work(
        "任期快满的人",
        items,
        None,
        "commissioners.commissioner_list",
        {"unit": "own", "when": "serving"},
        "近两个月没有人任期届满。",
        False,
    )


def disputed_visits(session: Session, actor: Actor) -> Work:
    """Visits that a served unit says were not so, the newest word first."""
    wanted = (
        sa.select(Visit.id)
        .join(Confirmation, Confirmation.visit_id == Visit.id)
        .where(visits.within(actor.reach), Confirmation.answer == ConfirmationAnswer.DISPUTED)
        .order_by(Confirmation.id.desc())
        .limit(SHOWN)
    )
    ids = list(session.scalars(wanted))
    rows = visits.rows(session, (Visit.id.in_(ids),), visits.ORDERS["newest"], SHOWN) if ids else []
    items = [_visit_line(row, "说法不一", urgency="overdue") for row in rows]
    return Work("受援单位有异议的服务", items, None, "visits.visit_list", {}, "没有受援单位提出异议。")


def unconfirmed_passed(session: Session, actor: Actor) -> Work:
    """Passed visits without the served side's word, the newest first: worth a call before they are assessed."""
    wanted = visits.VisitFilter(states=(VisitState.PASSED.value,), confirmed=False)
    rows = visits.visits_page(session, actor, wanted, size=SHOWN)
    items = [_visit_line(row, since="审核通过，受援单位没有确认") for row in rows[:SHOWN]]
    shown = {"state": VisitState.PASSED.value, "confirmed": "0"}
    return Work("可以抽查的服务", items, None, "visits.visit_list", shown, "通过的服务都有受援单位确认。", duty=False)


def latest_events(session: Session, title: str, tags: sa.ColumnElement[bool], shown: str, empty: str) -> Work:
    """The newest events of some kinds among the last twenty thousand."""
    newest = session.scalar(sa.select(sa.func.max(Event.id))) or 0
    found = session.scalars(
        sa.select(Event).where(Event.id > newest - MOST_EVENTS, tags).order_by(Event.id.desc()).limit(SHOWN)
    ).all()
    words = shown_words(session, found)
    items = [
        Todo(
            event_words(event.tag), "", "home.trail", {"day": own_day(event.at), "tag": event.tag},
            words[event.id], "", None, f"{own_day(event.at)} · {event.actor_name}",
        )
        for event in found
    ]  # fmt: skip
    return Work(title, items, None, "home.trail", {"tag": shown} if shown else {}, empty, duty=False)


def broken_chain(session: Session) -> Work:
    """What the last check of the trail's seals found wrong; that there was none yet."""
    found = seals.latest_check(session)
    if found is None:
        first = Todo("核对全部封签", "留痕", "home.trail", {}, "平台启用以来还没有核对过", "请核对", "waiting")
        return Work("留痕封签", [first], 1, "home.trail")
    faults = found[1].faults
    items = [Todo(words, "留痕", "home.trail", {}, urgency="overdue") for words in faults[:SHOWN]]
    return Work("留痕与封签不符", items, len(faults), "home.trail", {}, "上次核对，留痕与封签全部相符。")


def shown_personal(session: Session) -> Work:
    """Who looked at personal data."""
    return latest_events(session, "最近查看个人信息", Event.tag.endswith(".reveal"), "", "最近没有人查看个人信息。")


def changed_grants(session: Session) -> Work:
    """What changed about accounts and what they may do."""
    tags = ("accounts.open", "accounts.give_grant", "accounts.end_grant", "accounts.make_link", "accounts.close")
    return latest_events(
        session, "最近的账号和角色变动", Event.tag.in_(tags), "accounts.", "最近没有账号和角色的变动。"
    )


def week_of_events(session: Session, now: datetime) -> Sight:
    """What was recorded in the last seven days, by kind (among the last twenty thousand events)."""
    newest = session.scalar(sa.select(sa.func.max(Event.id))) or 0
    since = now - timedelta(days=7)
    rows = session.execute(
        sa.select(Event.tag, sa.func.count())
        .where(Event.id > newest - MOST_EVENTS, Event.at >= since)
        .group_by(Event.tag)
        .order_by(sa.func.count().desc(), Event.tag)
        .limit(12)
    )
    figures = [
        Figure(count, "条", event_words(tag), "", "home.trail", {"tag": tag})
        for tag, count in rows
    ]  # fmt: skip
    return Sight("bars", "最近七天的留痕", figures, "条", "事件")


def accounts_to_finish(session: Session, today: date) -> list[Work]:
    """Accounts without a password, without a role, and roles that end soon."""
    unset = _accounts(session, Account.password_hash.is_(None))
    live = sa.select(Grant.account_id).where(Grant.begins <= today, sa.or_(Grant.ends.is_(None), Grant.ends >= today))
    bare = _accounts(session, Account.id.not_in(live))
    ending = session.scalars(
        sa.select(Grant)
        .where(Grant.ends.between(today, today + ENDING_WITHIN))
        .options(joinedload(Grant.account))
        .order_by(Grant.ends, Grant.id)
        .limit(SHOWN)
    )
    soon = [
        Todo(row.account.name, "到期", "accounts.account", {"uid": row.account.uid}, row.role.label, f"{row.ends} 到期")
        for row in ending
    ]
    page = "accounts.account_list"
    return [
        Work("还没有设置密码的账号", _lines(unset, "发一次性链接"), None, page, {}, "每个账号都设好了密码。"),
        Work("还没有角色的账号", _lines(bare, "授予角色"), None, page, {}, "每个账号都有角色。"),
        Work("角色快到期的账号", soon, None, page, {}, "近两个月没有角色到期。", duty=False),
    ]


def _accounts(session: Session, which: sa.ColumnElement[bool]) -> list[Account]:
    wanted = sa.select(Account).where(which, *OPEN_ACCOUNT).order_by(Account.id).limit(SHOWN)
    return list(session.scalars(wanted))


def _lines(found: list[Account], due: str) -> list[Todo]:
    return [
        Todo(row.name, "账号", "accounts.account", {"uid": row.uid}, f"用户名 {row.login}", due, "waiting")
        for row in found
    ]


def keeping_figures(session: Session, now: datetime) -> Sight:
    """What an administrator watches over: open accounts, who used the platform this week, work that failed for good."""
    of, now_day = "accounts.account_list", own_day(now)
    opened = session.scalar(sa.select(sa.func.count()).select_from(Account).where(*OPEN_ACCOUNT)) or 0
    used = session.scalar(
        sa.select(sa.func.count(SignedInSession.account_id.distinct())).where(
            SignedInSession.seen_at > now - timedelta(days=7)
        )
    )
    dead = session.scalar(sa.select(sa.func.count()).select_from(Job).where(Job.state == JobState.DEAD))
    figures = [
        Figure(opened, "个", "在用的账号", "", of),
        Figure(used or 0, "个", "近七天用过的账号"),
        Figure(
            accountless.how_many_wait(session, now_day), "名", "还没有账号的科特派", "", "commissioners.without_account"
        ),
        Figure(dead or 0, "件", "后台没有办成的事", "例如派驻方案的计算；方案页可以重新计算" if dead else ""),
    ]
    return Sight("tiles", "平台", figures)


def accounts_by_role(session: Session, today: date) -> Sight:
    """How many open accounts hold each role today."""
    rows = session.execute(
        sa.select(Grant.role, sa.func.count(Grant.account_id.distinct()))
        .join(Account, Account.id == Grant.account_id)
        .where(*OPEN_ACCOUNT, Grant.begins <= today, sa.or_(Grant.ends.is_(None), Grant.ends >= today))
        .group_by(Grant.role)
    )
    counts: dict[Role, int] = {role: count for role, count in rows}  # noqa: C416
    figures = [Figure(counts[role], "个", role.label) for role in Role if role in counts]
    return Sight("bars", "各角色的账号", figures, "个", "角色")
