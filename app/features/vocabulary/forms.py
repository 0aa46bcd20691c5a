"""Forms of the vocabulary desk: one concept of the matching vocabulary, and a file of them."""

from app.domain.matching.vocabulary import FACETS
from app.web.forms import (
    DayField,
    FileField,
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

WHY = "请写明为什么改，方便以后查。"


class ConceptForm(Form):
    id = TextField("编号", [*required("请填编号，例如 own.crop.meizi。"), at_most(80)])
    known = HiddenField()
    preferred = TextField("首选词", [*required("请填首选词。"), at_most(60)])
    alternatives = TextAreaField("俗称、别名", [*optional(), at_most(1000)])
    hidden = TextAreaField("只用来查找的写法", [*optional(), at_most(1000)])
    broader = TextAreaField("上位概念", [*optional(), at_most(500)])
    related = TextAreaField("相关概念", [*optional(), at_most(500)])
    disciplines = TextAreaField("学科", [*optional(), at_most(500)])
    facet = SelectField("哪一类", choices=with_blank(list(FACETS.items()), "未分类"))
    industry = SelectField("产业")
    valid_from = DayField("从哪天启用", required("请填启用日期。"))
    words = TextField("为什么改", [*required(WHY), at_most(300)])


class ConceptFileForm(Form):
    file = FileField("词库文件（CSV，UTF-8）", needed="请选择词库文件。")
    valid_from = DayField("从哪天启用", required("请填启用日期。"))
    words = TextField("为什么改", [*required(WHY), at_most(300)])


class AdoptForm(Form):
    valid_from = DayField("从哪天启用", required("请填启用日期。"))
    reason = TextField("为什么采用", [*required("请写明理由。"), at_most(300)])
