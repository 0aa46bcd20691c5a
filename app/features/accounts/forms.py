"""Forms of the accounts desk."""

from app.web.forms import (
    Form,
    HiddenField,
    PasswordField,
    RadioField,
    TextField,
    ValidationError,
    at_most,
    required,
)


class SignInForm(Form):
    login = TextField(
        "用户名", required("请填写用户名。"), render_kw={"autocomplete": "username", "autocapitalize": "off"}
    )
    password = PasswordField("密码", required("请填写密码。"), render_kw={"autocomplete": "current-password"})
    next = HiddenField()
    typed = HiddenField()


class KnownPassword(Form):
    current = PasswordField(
        "现在的密码", required("请填写现在的密码。"), render_kw={"autocomplete": "current-password"}
    )


class NewPasswordForm(Form):
    new_password = PasswordField("新密码", required("请填写新密码。"), render_kw={"autocomplete": "new-password"})
    repeat = PasswordField("再填一次", required("请再填一次新密码。"), render_kw={"autocomplete": "new-password"})

    def validate_repeat(self, field: PasswordField) -> None:
        if field.data != self.new_password.data:
            raise ValidationError("两次填写的密码不一样，请重新填写。")


class ChangePasswordForm(KnownPassword, NewPasswordForm):
    """The password known so far, then the new one; what is wrong is told in this order."""


class GrantChoiceForm(Form):
    grant = RadioField("以哪个身份办理", coerce=int)


class AccountForm(Form):
    login = TextField("用户名", [*required("请填写用户名。"), at_most(60)], render_kw={"autocapitalize": "off"})
    name = TextField("姓名", [*required("请填写姓名。"), at_most(60)])
