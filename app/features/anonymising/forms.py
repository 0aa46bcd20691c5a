"""Form of the anonymising desk: why, and that one is sure."""

from app.domain.anonymising import Because
from app.web.forms import BooleanField, Form, RadioField, required


class AnonymiseForm(Form):
    because = RadioField("原因", choices=Because.choices(), validators=required("请选择原因。"))
    sure = BooleanField("我已核对是这个人，并且知道不能恢复", validators=required("请先核对，再勾选这一项。"))
