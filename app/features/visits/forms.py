"""Forms of the visits desk: logging on a phone, reviewing, and the served side's word."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from app.domain.refusals import RuleBroken
from app.domain.visits import LONGEST_STAY_DAYS, ConfirmationAnswer, amount_in_smallest, shown_amount
from app.domain.vocabulary import ConfirmationChannel, OrganisationKind, ServiceMode
from app.web.forms import (
    BooleanField,
    DayField,
    FileField,
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    TextField,
    at_most,
    between,
    optional,
    required,
    with_blank,
)

MOST_PHOTOS = 6
LONGEST_WORK = 2000
BY_TOKEN = (ConfirmationChannel.LINK, ConfirmationChannel.QR_ON_SITE)
NEW_UNIT_KINDS = [(kind.value, kind.label) for kind in OrganisationKind if kind.can_be_served]
SATISFACTION = [("5", "很满意"), ("4", "满意"), ("3", "一般"), ("2", "不太满意"), ("1", "不满意")]


def present(message: str) -> list[Any]:
    """Something must be typed; what it is (no date, a zero) is for the checks behind to say in their own words."""
    return required(message)[:1]


class Kind(Protocol):
    """A kind of result, as the vocabulary desk keeps it."""

    id: Any
    title: Any
    unit: Any
    per_unit: Any


class WentAlong(Protocol):
    """Somebody who may have taken part; `appointments` are (id, words) pairs."""

    @property
    def person_id(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def appointments(self) -> list[tuple[str, str]]: ...


class AmountField(TextField):
    """An amount as people say it ("12.5", "3万"); `smallest` is it in integers of the smallest unit, or None."""

    smallest: int | None = None

    def __init__(self, label: str, unit: str, per_unit: int, **options: Any) -> None:
        super().__init__(label, [*optional(), at_most(20)], **options)
        self.unit, self.per_unit = unit, per_unit

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data and self.data.strip():
            try:
                self.smallest = amount_in_smallest(self.data.strip(), self.per_unit, self.unit)
            except RuleBroken as refusal:
                raise ValueError(refusal.message) from None


class VisitForm(Form):
    """What every visit is asked; `visit_form` adds a line for each person and for each kind of result."""

    uid = HiddenField()
    demand = HiddenField()
    version = HiddenField()
    region_code = SelectField("乡镇（街道）")
    service_date = DayField("服务日期", present("请填服务日期。"))
    days = IntegerField("停留天数", [*present("请填停留了几天。"), between(1, LONGEST_STAY_DAYS, "停留天数")])
    place = TextField("具体地点", [*optional(), at_most(120)])
    mode = RadioField("服务方式", choices=ServiceMode.choices())
    industry_id = SelectField("服务的产业", required("请选择服务的产业。"))
    served = SelectField("受援单位", optional())
    served_2 = SelectField("第二个受援单位", optional())
    served_3 = SelectField("第三个受援单位", optional())
    new_unit_kind = SelectField("单位类型", optional(), choices=NEW_UNIT_KINDS, default=NEW_UNIT_KINDS[0][0])
    new_unit_name = TextField("单位全称", [*optional(), at_most(200)])
    work_done = TextAreaField(
        "做了什么", [*required("请写一两句做了什么，审核和受援单位都要看。"), at_most(LONGEST_WORK)]
    )
    advice = TextAreaField("给受援单位的建议", [*optional(), at_most(LONGEST_WORK)])
    photos = FileField("照片", most=MOST_PHOTOS)
    drop_photos = SelectMultipleField("去掉已有的照片", optional())

    people: Sequence[WentAlong] = ()
    kinds: Sequence[Kind] = ()

    def person_fields(self) -> list[dict[str, Any]]:
        """For each person: name, the fields 去了, 半天数 and (where there is a choice) 身份."""
        return [
            {
                "name": person.name,
                "went": self[f"went_{person.person_id}"],
                "half_days": self[f"half_days_{person.person_id}"],
                "acting": self._fields.get(f"acting_{person.person_id}"),
            }
            for person in self.people
        ]

    def unit_fields(self) -> list[SelectField]:
        return [self.served, self.served_2, self.served_3]

    def result_fields(self) -> list[AmountField]:
        return [self[f"result_{kind.id}"] for kind in self.kinds]

    def validate(self, extra_validators: Any = None) -> bool:
        """The shape of single fields, whom it served, and for everybody who went along how long: all told at once."""
        fine: bool = super().validate(extra_validators)
        if not (self.new_unit_name.data or any(field.data for field in self.unit_fields())):
            self.served.errors = [*self.served.errors, "请选择或填写这次服务的村、合作社或企业。"]
            fine = False
        for row in self.person_fields():
            if row["went"].data and not row["half_days"].data and not row["half_days"].errors:
                row["half_days"].errors = [f"请填{row['name']}服务了几个半天。"]
                fine = False
        return fine

    def said(self) -> dict[str, Any]:
        """What was typed, as `actions.log` and `actions.amend` take it."""
        went = [(p, self[f"half_days_{p.person_id}"].data) for p in self.people if self[f"went_{p.person_id}"].data]
        chosen = {p.person_id: self._fields.get(f"acting_{p.person_id}") for p, _ in went}
        amounts = {kind.id: self[f"result_{kind.id}"].smallest for kind in self.kinds}
        name = self.new_unit_name.data or ""
        return {
            "region_code": self.region_code.data,
            "service_date": self.service_date.data,
            "days": self.days.data,
            "industry_id": int(self.industry_id.data),
            "mode": self.mode.data,
            "place": self.place.data,
            "work_done": self.work_done.data,
            "advice": self.advice.data,
            "served": [int(field.data) for field in self.unit_fields() if field.data],
            "new_unit": (OrganisationKind(self.new_unit_kind.data or NEW_UNIT_KINDS[0][0]), name) if name else None,
            "participants": [(p.person_id, half_days) for p, half_days in went],
            "acting": {p: int(field.data) for p, field in chosen.items() if field is not None and field.data},
            "results": {kind: amount for kind, amount in amounts.items() if amount is not None},
        }


def visit_form(people: Sequence[WentAlong], kinds: Sequence[Kind]) -> type[VisitForm]:
    """The form for these people and kinds of result; everybody has a line, so that nothing is typed twice."""
    fields: dict[str, Any] = {"people": people, "kinds": kinds}
    for person in people:
        fields[f"went_{person.person_id}"] = BooleanField(person.name)
        fields[f"half_days_{person.person_id}"] = IntegerField(
            f"{person.name}的服务时间", [*optional(), between(1, 2 * LONGEST_STAY_DAYS, "服务时间")]
        )
        if len(person.appointments) > 1:
            fields[f"acting_{person.person_id}"] = SelectField(
                f"{person.name}以哪个身份", optional(), choices=with_blank(person.appointments, "级别最高的（默认）")
            )
    for kind in kinds:
        fields[f"result_{kind.id}"] = AmountField(kind.title, kind.unit, kind.per_unit)
    return type("VisitForm", (VisitForm,), fields)


def prefilled(
    values: Mapping[str, Any],
    half_days: Mapping[int, int],
    acting: Mapping[int, str],
    results: Iterable[tuple[int, int, int]] = (),
    people: Sequence[WentAlong] = (),
) -> dict[str, Any]:
    """`data` of a VisitForm: single values, who went for how long and as what, (kind, amount, per unit) of results."""
    data = dict(values)
    for person in people:
        data[f"went_{person.person_id}"] = person.person_id in half_days
        data[f"half_days_{person.person_id}"] = half_days.get(person.person_id, 2)
        data[f"acting_{person.person_id}"] = acting.get(person.person_id, "")
    for kind, amount, per_unit in results:
        data[f"result_{kind}"] = shown_amount(amount, per_unit)
    return data


class ReasonForm(Form):
    """Words that go with a step: returning, withdrawing."""

    reason = TextAreaField("原因", [at_most(500)])
    version = HiddenField()


class AskForm(Form):
    """Which unit is asked, and whether it gets a link or scans a code on the spot."""

    organisation = SelectField("请哪个单位确认")
    channel = RadioField("怎么确认", choices=[(c.value, c.label) for c in BY_TOKEN])


class SheetForm(Form):
    organisation = SelectField("盖章的单位")
    scan = FileField("盖章确认单", needed="请选择盖章确认单的照片或PDF。")


class WordFields(Form):
    """What the served side says, on its own page or on the telephone."""

    words = TextAreaField("哪里与实际不符", [*optional(), at_most(500)])
    name = TextField("怎么称呼您", [*optional(), at_most(60)])
    satisfaction = RadioField("对这次服务满意吗", optional(), choices=SATISFACTION)

    def chosen(self) -> ConfirmationAnswer | None:
        """Which answer was given: the button that was pressed, or what the reviewer noted."""
        return next((a for a in ConfirmationAnswer if a.value == self.answer.data), None)

    def rating(self) -> int | None:
        return int(self.satisfaction.data) if self.satisfaction.data else None


class AnswerForm(WordFields):
    """The served side's word on its own page: no account, no cookie, so no CSRF token; the link authorises."""

    answer = HiddenField()


class CallBackForm(WordFields):
    """What a served unit said on the telephone, as the county's reviewer writes it down."""

    organisation = SelectField("回访的单位")
    answer = RadioField("对方怎么说", choices=ConfirmationAnswer.choices(), validators=required("请选择对方的答复。"))
    words = TextAreaField("对方的原话或说明", [*optional(), at_most(500)])
    name = TextField("接电话的人", [*optional(), at_most(60)])
