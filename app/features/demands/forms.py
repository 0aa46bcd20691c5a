"""Forms of the demands desk: posting in one sentence, and the county's triage."""

from typing import Any

from app.domain.vocabulary import NeedType, OrganisationKind, ServiceMode, Urgency
from app.web.forms import (
    BooleanField,
    DayField,
    FileField,
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    TextAreaField,
    TextField,
    at_most,
    between,
    optional,
    required,
    with_blank,
)

SERVED_KINDS = [(k.value, k.label) for k in OrganisationKind if k.can_be_served]


class DemandForm(Form):
    """What a township tells. The unit is chosen from those known there, or named anew."""

    region = HiddenField()
    version = HiddenField()
    title = TextField("遇到了什么问题", [*required("请用一句话写明遇到了什么问题。"), at_most(80)])
    organisation = SelectField("谁需要帮助", optional())
    new_unit = TextField("单位名称", [*optional(), at_most(100)])
    new_unit_kind = SelectField("单位类别", optional(), choices=SERVED_KINDS)
    description = TextAreaField("再说详细一点", [*optional(), at_most(2000)])
    scale = TextField("规模", [*optional(), at_most(80)])
    urgency = RadioField("急不急", choices=Urgency.choices(), default=Urgency.NORMAL.value)
    mode = SelectField("希望怎么服务", optional(), choices=with_blank(ServiceMode.choices(), "都可以"))
    wanted_by = DayField("希望什么时候前解决", optional())
    people_wanted = IntegerField("需要几位专家", [*optional(), between(1, 10, "人数")], default=1)
    contact_name = TextField("联系人", [*optional(), at_most(60)])
    contact_phone = TextField("联系电话", [*optional(), at_most(20)], render_kw={"inputmode": "tel"})
    confidential = BooleanField("涉及商业秘密：达成对接前，其他人只看到产业和标题")
    photos = FileField("照片", most=6)

    def validate(self, *args: Any, **options: Any) -> bool:
        """One of two fields: neither alone can be required, yet it is told with whatever else is missing."""
        right = super().validate(*args, **options)
        if self.organisation.data or (self.new_unit.data or "").strip():
            return right
        self.organisation.errors = [*self.organisation.errors, "请选择谁需要帮助，名单里没有的请写下名称。"]
        return False


class TriageForm(Form):
    industry = SelectField("产业", required("请选择产业。"))
    need_type = SelectField(
        "要哪方面的帮助", required("请选择需要哪方面的帮助。"), choices=with_blank(NeedType.choices())
    )
    urgency = RadioField("紧急程度", choices=Urgency.choices())
    words = TextAreaField("给乡镇的话", [*optional(), at_most(500)])
    version = HiddenField()
