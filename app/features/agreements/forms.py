"""Forms of the agreements desk: the terms, and the sealed scan."""

from app.domain.vocabulary import CooperationMode
from app.web.forms import DayField, FileField, Form, HiddenField, SelectField, TextAreaField, at_most, required


class TermsForm(Form):
    cooperation = SelectField("合作方式", choices=CooperationMode.choices(), default=CooperationMode.PUBLIC.value)
    begins_on = DayField("开始日期", required("请填开始日期。"))
    ends_on = DayField("结束日期", required("请填结束日期。"))
    # The page's own main part is called content: the field keeps an id of its own.
    content = TextAreaField("服务内容", [*required("请写明服务内容。"), at_most(4000)], id="terms-content")
    version = HiddenField()


class ScanForm(Form):
    scan = FileField("盖章的协议（照片或PDF）", most=1)
