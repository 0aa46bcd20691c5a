"""Forms of the vocabulary desk: one concept of the matching vocabulary, and a file of them."""

from app.domain.matching.vocabulary import FACETS
from app.web.forms import (
    DayField,
    FileField,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    TextAreaField,
    TextField,
    at_most,
    optional,
    required,
    with_blank,
)

BECAUSE = "请写明依据，例如文号。"
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


class NewIndustryForm(Form):
    parent = SelectField("属于哪个主导产业", validators=required("请选择主导产业。"))
    title = TextField("细分产业的名称", [*required("请填写名称。"), at_most(30)])
    valid_from = DayField("从哪天启用", required("请填启用日期。"))
    because = TextField("依据", [*required(BECAUSE), at_most(300)])


class NewResultForm(Form):
    title = TextField("成果的名称", [*required("请填写名称。"), at_most(30)])
    unit = TextField("单位", [*required("请填写单位，例如 亩、人次、元。"), at_most(10)])
    places = RadioField("记到", choices=[("0", "整数"), ("1", "一位小数"), ("2", "两位小数")], default="0")
    valid_from = DayField("从哪天的服务启用", required("请填启用日期。"))
    because = TextField("依据", [*required(BECAUSE), at_most(300)])


class EndForm(Form):
    entry = SelectField("停用哪一个", validators=required("请选择停用哪一个。"))
    last_day = DayField("最后一天", required("请填最后一天。"))
    because = TextField("依据", [*required(BECAUSE), at_most(300)])


class AdoptForm(Form):
    valid_from = DayField("从哪天启用", required("请填启用日期。"))
    reason = TextField("为什么采用", [*required("请写明理由。"), at_most(300)])
