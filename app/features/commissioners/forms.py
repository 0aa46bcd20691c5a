"""Forms of the commissioners desk: registering a person, a team or a firm, correcting, appointing, team members."""

import re
from typing import Any

from app.domain.refusals import RuleBroken
from app.domain.vocabulary import Ground, Level, Source
from app.web.forms import (
    BooleanField,
    DayField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    PlainForm,
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

PAIRS_AT_ONCE = 3
MOST_PAIRS = 60


def tick_list(label: str, **options: Any) -> SelectMultipleField:
    """Several of a few choices, as boxes to tick."""
    return SelectMultipleField(label, widget=RadioField.widget, option_widget=BooleanField.widget, **options)


class RecordFields(Form):
    """What every record says, whatever its kind; choices of county and industries are handed in by the view."""

    source = SelectField("来源", choices=Source.choices(), default=Source.COUNTY.value)
    county_code = SelectField("所属县（市、区）", required("请选择所属县（市、区）。"))
    sending_unit = TextField("派出单位", [*optional(), at_most(200)])
    industries = tick_list("服务产业", coerce=int)
    parts = tick_list("细分产业", coerce=int)
    specialities = TextField("专长", [*optional(), at_most(300)])
    introduction = TextAreaField("简介", [*optional(), at_most(2000)])
    yearly_days = IntegerField(
        "每年可服务天数", [*required("请填写每年可服务天数。"), between(1, 366, "天数")], default=30
    )

    @property
    def industry_ids(self) -> list[int]:
        return [*(self.industries.data or []), *(self.parts.data or [])]

    @property
    def shared(self) -> dict[str, Any]:
        """What goes to `registering` for every kind."""
        return {
            "source": Source(self.source.data),
            "county_code": self.county_code.data,
            "specialities": self.specialities.data or "",
            "industry_ids": self.industry_ids,
            "more": {"introduction": self.introduction.data, "yearly_half_days": 2 * (self.yearly_days.data or 0)},
        }


class IndividualForm(RecordFields):
    name = TextField("姓名", [*required("请填写姓名。"), at_most(60)], render_kw={"autocomplete": "off"})
    id_number = TextField("身份证号", [*optional(), at_most(30)], render_kw={"autocomplete": "off"})
    phone = TextField("手机号", [*optional(), at_most(30)], render_kw={"autocomplete": "off", "inputmode": "tel"})
    professional_title = TextField("职称", [*optional(), at_most(60)])
    education = TextField("学历", [*optional(), at_most(40)])

    @property
    def person(self) -> dict[str, str | None]:
        return {
            "name": self.name.data or "",
            "id_number": self.id_number.data or None,
            "phone": self.phone.data or None,
            "professional_title": self.professional_title.data or None,
            "education": self.education.data or None,
        }


class TeamForm(RecordFields):
    name = TextField("团队名称", [*required("请填写团队名称。"), at_most(200)])
    leader_name = TextField("负责人姓名", [*required("团队必须有一名负责人，请填写负责人。"), at_most(60)])
    leader_phone = TextField("负责人手机号", [*optional(), at_most(30)], render_kw={"inputmode": "tel"})
    leader_id_number = TextField("负责人身份证号", [*optional(), at_most(30)], render_kw={"autocomplete": "off"})
    members = TextAreaField("其他成员", [*optional(), at_most(4000)])

    @property
    def leader(self) -> dict[str, str | None]:
        return {
            "name": self.leader_name.data,
            "phone": self.leader_phone.data or None,
            "id_number": self.leader_id_number.data or None,
        }

    @property
    def member_rows(self) -> list[tuple[str, str | None]]:
        """(name, phone) of each line; a phone is what begins with a digit or a plus."""
        rows = []
        for line in (self.members.data or "").splitlines():
            name, phone = re.fullmatch(r"\s*(.*?)[\s,，、;；]*(\+?\d[\d\s\-]*)?\s*", line).groups()  # type: ignore[union-attr]
            if name or phone:
                rows.append((name, phone))
        return rows


class EntityForm(RecordFields):
    name = TextField("单位名称", [*required("请填写单位名称。"), at_most(200)])
    region_code = SelectField("单位所在乡镇", required("请选择单位所在的乡镇。"), default="")
    credit_code = TextField("统一社会信用代码", [*optional(), at_most(30)], render_kw={"autocomplete": "off"})
    contact_name = TextField("联系人", [*optional(), at_most(60)])
    contact_phone = TextField("联系电话", [*optional(), at_most(30)], render_kw={"inputmode": "tel"})

    @property
    def organisation(self) -> dict[str, str | None]:
        fields = (self.name, self.region_code, self.credit_code, self.contact_name, self.contact_phone)
        return {field.name: field.data or None for field in fields}


class ChangeForm(RecordFields):
    """A correction. An individual's form has the person's fields, a firm's has no name (its own page keeps that)."""

    version = HiddenField()
    name = TextField("姓名", [*required("请填写姓名。"), at_most(60)])
    phone = TextField("新手机号", [*optional(), at_most(30)], render_kw={"autocomplete": "off", "inputmode": "tel"})
    professional_title = TextField("职称", [*optional(), at_most(60)])
    education = TextField("学历", [*optional(), at_most(40)])

    @property
    def opened_version(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isdigit() else 0


class PairForm(PlainForm):
    """One declared township (or whole county) with one industry; both empty means nothing."""

    region_code = SelectField("乡镇", default="")
    industry_id = SelectField("产业", default="")


class AppointmentForm(Form):
    level = RadioField("级别", required("请选择级别。"), choices=Level.choices())
    batch_year = IntegerField("选认年度", required("请填写选认年度，如 2026。"))
    begins = DayField("任期开始", required("请填写任期开始日期。"))
    ends = DayField("任期结束", required("请填写任期结束日期。"))
    ground = RadioField("选认依据", required("请选择选认依据。"), choices=Ground.choices())
    county_code = SelectField("推荐县（市、区）", required("请选择推荐的县（市、区）。"))
    document = TextField("文号", [*optional(), at_most(120)])
    renewal_of = SelectField("续聘", [*optional()], default="")
    cover = FieldList(FormField(PairForm), "服务的乡镇和产业", min_entries=PAIRS_AT_ONCE, max_entries=MOST_PAIRS)

    def offer(self, regions: list[tuple[str, str]], industries: list[tuple[str, str]], *, more: bool) -> None:
        """Hand the choices to every pair; `more` adds a few empty ones."""
        for _ in range(min(PAIRS_AT_ONCE, MOST_PAIRS - len(self.cover.entries)) if more else 0):
            self.cover.append_entry()
        for entry in self.cover.entries:
            entry.form.region_code.choices = with_blank(regions)
            entry.form.industry_id.choices = with_blank(industries)

    @property
    def pairs(self) -> list[tuple[str, int]]:
        """(region code, industry id) of each filled pair; refuses a half-filled one."""
        rows = [(entry.form.region_code.data, entry.form.industry_id.data) for entry in self.cover.entries]
        for place, (region, industry) in enumerate(rows, start=1):
            if bool(region) != bool(industry):
                raise RuleBroken(f"第{place}处的乡镇和产业要一起选，或者都不选。", field="cover")
        return [(region, int(industry)) for region, industry in rows if region]


class MemberForm(Form):
    member_name = TextField("姓名", [*required("请填写新成员的姓名。"), at_most(60)])
    member_phone = TextField("手机号", [*optional(), at_most(30)], render_kw={"inputmode": "tel"})


class TerritoryGrantForm(Form):
    region = SelectField("辖区")


class SubjectGrantForm(Form):
    subject = RadioField("替谁办事", validators=required("请选定一个。"))


class ReasonForm(Form):
    """The reason typed into a step that asks for words."""

    reason = TextAreaField("原因", [*required("请写明原因，让本人和派出单位知道为什么。"), at_most(300)])
