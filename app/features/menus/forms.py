"""Form of the menus desk: one dish."""

from app.domain.vocabulary import NeedType, ServiceMode
from app.web.forms import (
    Form,
    HiddenField,
    SelectField,
    TextAreaField,
    TextField,
    at_most,
    optional,
    required,
    with_blank,
)


class OfferForm(Form):
    commissioner = SelectField("以谁的名义", required("请选择以谁的名义提供。"))
    title = TextField("能帮什么忙", [*required("请用一句话写明能帮什么忙。"), at_most(80)])
    description = TextAreaField("怎么做、做过什么", [*optional(), at_most(2000)])
    need_type = SelectField("哪方面的帮助", required("请选择是哪方面的帮助。"), choices=with_blank(NeedType.choices()))
    industry = SelectField("产业", optional())
    mode = SelectField("服务方式", optional(), choices=with_blank(ServiceMode.choices(), "现场、线上都可以"))
    version = HiddenField()
