"""Form of a what-if. Limits of each county are read apart (views), because how many there are depends on the reach."""

from app.domain.plans import MOST_EACH, Mode, Travel
from app.web.forms import (
    BooleanField,
    Form,
    IntegerField,
    RadioField,
    SelectField,
    TextField,
    at_most,
    between,
    required,
)


class PlanForm(Form):
    title = TextField("方案名称", [*required("请给方案起个名字，方便比较。"), at_most(60)])
    territory = SelectField("给哪里排", required("请选择给哪里排。"))
    year = SelectField("年度", required("请选择年度。"))
    mode = RadioField("以什么为先", choices=Mode.choices(), default=Mode.FIT.value)
    needs = BooleanField("没有发布需求的乡镇，也按四大主导产业各算一个需要")
    renewal = BooleanField("老搭档优先：今年已经在为这个乡镇服务的，同等条件下优先", default=True)
    each = IntegerField(
        "每人最多承担几条", [*required("请填每人最多承担几条。"), between(1, MOST_EACH, "数量")], default=3
    )
    travel = RadioField("路程", choices=Travel.choices(), default=Travel.LESS.value)
