"""Pages of the commissioners desk: the list, a record, registering, correcting, appointing, withdrawing, teams."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import abort, request, url_for

from app.domain.vocabulary import Ground, Kind, Level, Source
from app.features.commissioners import actions, grant_views, queries, registering
from app.features.commissioners.forms import (
    AppointmentForm,
    ChangeForm,
    EntityForm,
    IndividualForm,
    MemberForm,
    ReasonForm,
    RecordFields,
    TeamForm,
)
from app.features.commissioners.models import Appointment, Commissioner
from app.features.commissioners.pages import blueprint
from app.features.organisations import queries as organisations
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary
from app.web.conflicts import conflict_page
from app.web.guards import actor, permitted, reach
from app.web.pages import chips, done, here, page
from app.web.paging import PAGE_ROWS, cursor, paged
from app.web.platform import today
from app.web.session import commits, db

__all__ = ["blueprint", "grant_views"]

SORTS = ("pinyin", "county", "newest")


def _one_of(kind: Any, name: str) -> Any:
    """The member of a closed set that the address names; None for nothing or nonsense."""
    return next((member for member in kind if member.value == request.args.get(name)), None)


def _roll() -> queries.Roll:
    """The filters as they stand in the address."""
    when, industry, sort = (request.args.get(name, "") for name in ("when", "industry", "sort"))
    return queries.Roll(
        words=request.args.get("q", "")[:60],
        level=_one_of(Level, "level"),
        kind=_one_of(Kind, "kind"),
        county=request.args.get("county", ""),
        source=_one_of(Source, "source"),
        industries=tuple(vocabulary.with_parts(db(), int(industry))) if industry.isdecimal() else (),
        serving=when == "serving",
        year=int(when) if when.isdecimal() and len(when) == 4 else None,
        sending_unit=reach().organisation_id if request.args.get("unit") == "own" else None,
        sort=sort if sort in SORTS else SORTS[0],
    )


@blueprint.get("/")
@permitted("commissioners.read")
def commissioner_list() -> Any:
    roll = _roll()
    rows = paged(queries.roll_page(db(), roll, today(), cursor(), PAGE_ROWS), lambda row: row.after)
    filters = _filters()
    return page(
        "commissioners/commissioner_list.html",
        rows=rows,
        roll=roll,
        filters=filters,
        chips=chips([("q", "查找", None), *filters]),
        sorts={sort: here(sort=sort, after=None) for sort in SORTS},
        may_keep=actor().may("commissioners.keep"),
    )


def _filters() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(name in the address, label, choices) of each filter, in the page's order."""
    years = [(str(year), f"{year}年度") for year in queries.batch_years(db())]
    own = [("unit", "派出单位", [("own", "本单位派出的")])] if reach().organisation_id else []
    return [
        *own,
        ("county", "所属县", regions.county_choices(db(), with_city=True)),
        ("level", "级别", Level.choices()),
        ("when", "选认时间", [("serving", "今天在任"), *years]),
        ("kind", "类别", Kind.choices()),
        ("source", "来源", Source.choices()),
        ("industry", "产业", vocabulary.industry_choices(db(), today())),
    ]


def _kept(uid: UUID) -> Commissioner:
    """The commissioner, if the territory in which one acts keeps the record; otherwise there is no such page."""
    return queries.commissioner_to_change(db(), actor(), uid) or abort(404)


def _record_page(found: Commissioner, form: MemberForm, revealed: dict[int, str | None] | None = None) -> Any:
    codes = {row.county_code for row in found.appointments} | {found.county_code}
    codes |= {pair.region_code for row in found.appointments for pair in row.cover}
    mine = queries.may_change(actor(), found.county_code)
    return page(
        "commissioners/commissioner.html",
        found=found,
        places=regions.place_names(db(), codes),
        industries=vocabulary.industries_by_id(db()),
        phones=queries.masked_phones(db(), found),
        contact=queries.masked_contact(db(), found),
        revealed=revealed or {},
        serving=any(row.state == "in_force" and row.begins <= today() <= row.ends for row in found.appointments),
        may_keep=mine and actor().may("commissioners.keep"),
        may_reveal=mine and actor().may("people.reveal"),
        withdrawable={row.id for row in found.appointments if queries.may_change(actor(), row.county_code)},
        form=form,
    )


@blueprint.get("/<uuid:uid>")
@permitted("commissioners.read")
def commissioner(uid: UUID) -> Any:
    return _record_page(queries.commissioner(db(), uid) or abort(404), MemberForm())


@blueprint.post("/<uuid:uid>/people/<uuid:person_uid>/reveal")
@permitted("people.reveal")
@commits
def reveal(uid: UUID, person_uid: UUID) -> Any:
    found = _kept(uid)
    people = [found.person, *(row.person for row in found.members)]
    person = next((one for one in people if one is not None and one.uid == person_uid), None) or abort(404)
    phone = actions.reveal_phone(db(), actor(), found, person)
    return _record_page(found, MemberForm(formdata=None), {person.id: phone})


FORMS: dict[Kind, type[RecordFields]] = {
    Kind.INDIVIDUAL: IndividualForm,
    Kind.TEAM: TeamForm,
    Kind.ENTITY: EntityForm,
}


def _record_choices(form: RecordFields, held: Mapping[int, str] | None = None) -> None:
    """`held`: parts of industries that a record carries, which it keeps after they have ended."""
    territory = reach().territory
    form.county_code.choices = counties = regions.keeping_choices(db(), territory)
    if form.county_code.data is None and counties:
        form.county_code.data = counties[0][0]
    form.industries.choices = [(int(id_), title) for id_, title in vocabulary.industry_choices(db(), today())]
    groups = vocabulary.sub_industry_choices(db(), today()).values()
    parts = {int(id_): title for group in groups for id_, title in group}
    ended = {id_: f"{title}（已停用）" for id_, title in (held or {}).items() if id_ not in parts}
    form.parts.choices = list((parts | ended).items())
    if "region_code" in form:
        places = regions.township_choices(db(), territory or "")
        form["region_code"].choices = [
            ("", "请选择"),
            *((c, f"{n}{t}") for n, group in places.items() for c, t in group),
        ]


def _new_page(kind: Kind, form: RecordFields) -> Any:
    return page(
        "commissioners/new_commissioner.html",
        form=form,
        kind=kind,
        kinds=[
            {"label": k.label, "url": url_for("commissioners.new_commissioner", kind=k.value), "current": k is kind}
            for k in Kind
        ],
        senders=organisations.sending_unit_choices(db()),
    )


def _new_form() -> tuple[Kind, RecordFields]:
    kind = _one_of(Kind, "kind") or Kind.INDIVIDUAL
    form = FORMS[kind]()
    _record_choices(form)
    return kind, form


@blueprint.get("/new")
@permitted("commissioners.keep")
def new_commissioner() -> Any:
    return _new_page(*_new_form())


@blueprint.post("/new")
@permitted("commissioners.keep")
@commits
def add_commissioner() -> Any:
    kind, form = _new_form()
    made: list[Commissioner] = []
    if form.accepts(lambda: made.append(_register(form))):
        return done("已登记。请接着填写选认信息。", "commissioners.new_appointment", uid=made[0].uid)
    return _new_page(kind, form)


def _register(form: RecordFields) -> Commissioner:
    unit = form.sending_unit.data
    match form:
        case TeamForm():
            return registering.register_team(
                db(), actor(), today(), name=form.name.data or "", leader=form.leader, members=form.member_rows,
                sending_unit=unit, **form.shared,
            )  # fmt: skip
        case EntityForm():
            return registering.register_entity(db(), actor(), organisation=form.organisation, **form.shared)
        case IndividualForm():
            return registering.register_individual(
                db(), actor(), today(), person=form.person, sending_unit=unit, **form.shared
            )
    raise AssertionError("a form of no kind")


def _change_form(found: Commissioner, *, fresh: bool = False) -> ChangeForm:
    """The form filled from the record; `fresh` ignores what was sent."""
    known = vocabulary.industries_by_id(db())
    held = [row.industry_id for row in found.industries]
    person = found.person
    form = ChangeForm(
        **({"formdata": None} if fresh else {}),
        version=str(found.version),
        name=found.name,
        professional_title=person.professional_title if person else None,
        education=person.education if person else None,
        source=found.source.value,
        county_code=found.county_code,
        sending_unit=found.sending_unit.name if found.sending_unit else "",
        industries=[id_ for id_ in held if known[id_].parent_id is None],
        parts=[id_ for id_ in held if known[id_].parent_id is not None],
        specialities=found.specialities,
        introduction=found.introduction,
        yearly_days=(found.yearly_half_days + 1) // 2,
    )
    _record_choices(form, {id_: known[id_].title for id_ in held if known[id_].parent_id is not None})
    if found.kind is not Kind.INDIVIDUAL:
        del form.phone, form.professional_title, form.education
        form.name.label.text = "团队名称"
    if found.kind is Kind.ENTITY:
        del form.name, form.sending_unit
    return form


def _edit_page(found: Commissioner, form: ChangeForm) -> Any:
    return page("commissioners/edit.html", form=form, found=found, senders=organisations.sending_unit_choices(db()))


@blueprint.get("/<uuid:uid>/edit")
@permitted("commissioners.keep")
def edit(uid: UUID) -> Any:
    found = _kept(uid)
    return _edit_page(found, _change_form(found))


@blueprint.post("/<uuid:uid>/edit")
@permitted("commissioners.keep")
@commits
def save(uid: UUID) -> Any:
    found = _kept(uid)
    form = _change_form(found)
    if form.accepts(lambda: registering.change_by_hand(db(), actor(), found, form.opened_version, **_changes(form))):
        return done("已保存。", "commissioners.commissioner", uid=uid)
    if form.stale:
        newest = _change_form(_kept(uid), fresh=True)
        record, again = (url_for(f"commissioners.{name}", uid=uid) for name in ("commissioner", "edit"))
        return conflict_page(form, newest, edit_url=again, record_url=record)
    return _edit_page(found, form)


def _changes(form: ChangeForm) -> dict[str, Any]:
    def typed(name: str) -> str | None:
        return form[name].data or None if name in form else None

    return {
        "name": typed("name") or "",
        "source": Source(form.source.data),
        "county_code": form.county_code.data,
        "sending_unit": typed("sending_unit"),
        "specialities": form.specialities.data or "",
        "introduction": form.introduction.data,
        "yearly_half_days": 2 * (form.yearly_days.data or 0),
        "industry_ids": form.industry_ids,
        "contact": {name: typed(name) for name in ("phone", "professional_title", "education")},
    }


def _appointment_form(found: Commissioner) -> AppointmentForm:
    year, territory = today().year, reach().territory or ""
    form = AppointmentForm(
        batch_year=year,
        begins=today().replace(month=1, day=1),
        ends=today().replace(month=12, day=31),
        county_code=found.county_code,
    )
    form.county_code.choices = counties = regions.keeping_choices(db(), territory)
    earlier = [row for row in found.appointments if row.state == "in_force"]
    form.renewal_of.choices = [
        ("", "不是续聘"), *((str(row.id), f"续 {row.batch_year}年度 {row.level.label}") for row in earlier)
    ]  # fmt: skip
    places: list[tuple[str, str]] = []
    groups = regions.township_choices(db(), territory)
    for code, name in counties:
        places += [(code, f"{name}（全县）")] if name in groups else []
        places += [(c, f"{name} {t}") for c, t in groups.get(name, [])]
    form.offer(places, vocabulary.industry_choices(db(), today()), more="more" in request.form)
    return form


@blueprint.get("/<uuid:uid>/appointments/new")
@permitted("commissioners.keep")
def new_appointment(uid: UUID) -> Any:
    found = _kept(uid)
    return page("commissioners/new_appointment.html", form=_appointment_form(found), found=found)


@blueprint.post("/<uuid:uid>/appointments/new")
@permitted("commissioners.keep")
@commits
def appoint(uid: UUID) -> Any:
    found = _kept(uid)
    form = _appointment_form(found)
    if "more" not in request.form and form.accepts(lambda: _appoint(found, form)):
        return done(f"已登记{form.batch_year.data}年度选认。", "commissioners.commissioner", uid=uid)
    return page("commissioners/new_appointment.html", form=form, found=_kept(uid))


def _appoint(found: Commissioner, form: AppointmentForm) -> Appointment:
    renewed = next((row for row in found.appointments if str(row.id) == form.renewal_of.data), None)
    return actions.appoint(
        db(),
        actor(),
        today(),
        commissioner=found,
        level=Level(form.level.data),
        batch_year=form.batch_year.data,
        begins=form.begins.data,
        ends=form.ends.data,
        ground=Ground(form.ground.data),
        county_code=form.county_code.data,
        document=form.document.data,
        cover=form.pairs,
        renewal_of=renewed,
    )


def _appointment(uid: UUID) -> Appointment:
    found = queries.appointment(db(), uid)
    return found if found is not None and queries.may_change(actor(), found.county_code) else abort(404)


@blueprint.get("/appointments/<uuid:uid>/withdraw")
@permitted("commissioners.keep")
def withdraw(uid: UUID) -> Any:
    return page("commissioners/withdraw.html", form=ReasonForm(), appointment=_appointment(uid))


@blueprint.post("/appointments/<uuid:uid>/withdraw")
@permitted("commissioners.keep")
@commits
def withdraw_appointment(uid: UUID) -> Any:
    found, form = _appointment(uid), ReasonForm()
    if form.accepts(lambda: actions.withdraw_appointment(db(), actor(), today(), found, form.reason.data or "")):
        words = "选认已撤销，不再计入统计；记录和原因都保留。"
        return done(words, "commissioners.commissioner", uid=found.commissioner.uid)
    return page("commissioners/withdraw.html", form=form, appointment=_appointment(uid))


@blueprint.post("/<uuid:uid>/members")
@permitted("commissioners.keep")
@commits
def add_member(uid: UUID) -> Any:
    found, form = _kept(uid), MemberForm()
    if found.kind is not Kind.TEAM:
        abort(404)
    name, phone = form.member_name.data or "", form.member_phone.data or None
    if form.accepts(lambda: registering.register_member(db(), actor(), today(), found, name, phone)):
        return done(f"{name}已加入团队。", "commissioners.commissioner", uid=uid)
    return _record_page(_kept(uid), form)


def _member(found: Commissioner, person_uid: UUID) -> Any:
    return next((row for row in found.members if row.person.uid == person_uid), None) or abort(404)


@blueprint.post("/<uuid:uid>/members/<uuid:person_uid>/end")
@permitted("commissioners.keep")
@commits
def end_member(uid: UUID, person_uid: UUID) -> Any:
    actions.end_member(db(), actor(), today(), _member(_kept(uid), person_uid))
    return done("该成员已退出团队，参加过的服务都保留。", "commissioners.commissioner", uid=uid)


@blueprint.post("/<uuid:uid>/members/<uuid:person_uid>/lead")
@permitted("commissioners.keep")
@commits
def lead(uid: UUID, person_uid: UUID) -> Any:
    found = _kept(uid)
    actions.change_leader(db(), actor(), found, _member(found, person_uid))
    return done("负责人已更换。", "commissioners.commissioner", uid=uid)
