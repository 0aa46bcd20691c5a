"""Form of the regions desk: which statistical units count as townships."""

from app.web.forms import BooleanField, DayField, Form, RadioField, SelectMultipleField, TextField, at_most, required

COUNTED = (("yes", "计入"), ("no", "不计入"))


class UnitsForm(Form):
    """`codes.choices` are handed in by the view."""

    codes = SelectMultipleField(
        "哪些统计用区划",
        required("请至少勾选一个统计用区划。"),
        choices=[],
        widget=RadioField.widget,
        option_widget=BooleanField.widget,
    )
    counted = RadioField("是否计入覆盖", required("请选择计入还是不计入。"), choices=COUNTED)
    holds_from = DayField("从哪一天起", required("请填写起算日期，例如 2026-01-01。"))
    because = TextField("依据", [*required("请写明依据，例如文号。"), at_most(300)])
