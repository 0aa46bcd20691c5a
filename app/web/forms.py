"""Forms: the shape of input only. Chinese messages, nothing typed is lost, rules answer on their fields.

Desks take fields and validators from here, so that one field means and says the same everywhere.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    PasswordField,
    StringField,
    TextAreaField,
    validators,
)
from wtforms import (
    Form as PlainForm,
)
from wtforms import RadioField as PlainRadioField
from wtforms import SelectField as PlainSelectField
from wtforms import SelectMultipleField as PlainSelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import FileInput

from app.domain.refusals import RuleBroken, StaleEdit
from app.web.session import db

__all__ = [
    "BooleanField",
    "DayField",
    "FieldList",
    "FileField",
    "Form",
    "FormField",
    "HiddenField",
    "IntegerField",
    "MultipleFileField",
    "PasswordField",
    "PlainForm",
    "RadioField",
    "SelectField",
    "SelectMultipleField",
    "TextAreaField",
    "TextField",
    "ValidationError",
    "at_most",
    "between",
    "optional",
    "required",
    "with_blank",
]


class _Choices:
    """Choices as the desks write them: (value, label) pairs, or headings with their pairs."""

    def __init__(self, *args: Any, **options: Any) -> None:
        if "choices" in options:
            options["choices"] = _as_choices(options["choices"])
        super().__init__(*args, **options)

    @property
    def choices(self) -> Any:
        return self._choices

    @choices.setter
    def choices(self, given: Any) -> None:
        self._choices = _as_choices(given)


def _as_choices(given: Any) -> Any:
    """What the field's library wants: a flat list in which each choice names its heading."""
    if isinstance(given, dict):
        return [_choice(pair, heading or None) for heading, pairs in given.items() for pair in pairs]
    return [_choice(pair, None) for pair in given] if isinstance(given, list | tuple) else given


def _choice(given: Any, heading: str | None) -> Any:
    if isinstance(given, SelectChoice):
        return given
    value, label = given if isinstance(given, tuple) else (given, given)
    return SelectChoice(value, label, optgroup=heading)


class SelectField(_Choices, PlainSelectField):
    pass


class SelectMultipleField(_Choices, PlainSelectMultipleField):
    pass


class RadioField(_Choices, PlainRadioField):
    pass


def required(message: str) -> list[Any]:
    """A field that must be filled; `message` says what to fill in."""
    return [validators.InputRequired(message), validators.DataRequired(message)]


def optional() -> list[Any]:
    return [validators.Optional()]


def at_most(length: int) -> Any:
    return validators.Length(max=length, message=f"最多{length}个字，请写短一些。")


def between(low: int, high: int, what: str) -> Any:
    return validators.NumberRange(low, high, message=f"{what}应在{low}到{high}之间。")


def with_blank(choices: Sequence[tuple[str, str]], label: str = "请选择") -> list[tuple[str, str]]:
    """Choices with an empty first one."""
    return [("", label), *choices]


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class TextField(StringField):
    """One line of text, without blanks at its ends and without control characters."""

    def __init__(self, label: str, checks: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, checks, filters=[_stripped, _printable], **options)


def _printable(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return "".join(c for c in value if c.isprintable() or c in "\n\t")


class DayField(DateField):
    """A date as 2026-05-01; also accepts 2026/5/1, 2026.5.1 and 20260501."""

    def __init__(self, label: str, checks: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, checks, format=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([v.strip() for v in valuelist if v.strip()])
        except ValueError:
            raise ValueError("请按 2026-05-01 这样填写日期。") from None
        if isinstance(self.data, date) and not 1949 <= self.data.year <= 2100:
            raise ValueError("年份不合理，请检查是否写错。")


class FileField(MultipleFileField):
    """One or several files; `most` of them, each at most `most_bytes` (told in the browser before sending too).

    `needed`: what is said where none was chosen; without it none need be.
    """

    def __init__(
        self, label: str, most: int = 1, most_bytes: int = 20 * 1024 * 1024, needed: str = "", **options: Any
    ) -> None:
        super().__init__(label, [self._bounded], **options)
        self.most, self.most_bytes, self.needed = most, most_bytes, needed
        self.widget = FileInput(multiple=most > 1)

    def _bounded(self, form: Any, field: Any) -> None:
        if self.needed and not self.uploads:
            raise ValidationError(self.needed)
        if len(self.uploads) > self.most:
            raise ValidationError(f"一次最多选{self.most}个文件，请减少后重新选择。")

    @property
    def uploads(self) -> list[FileStorage]:
        """The files that were really chosen."""
        return [f for f in (self.data or []) if isinstance(f, FileStorage) and f.filename]


class Form(FlaskForm):
    """Base of every form of a page; refills itself with what was typed before a session ended."""

    form_kind = HiddenField()
    stale = False

    class Meta:
        locales = ("zh",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from app.web.held import held_for  # held needs forms' session, forms need held's fields

        held = None
        if request.method == "GET" and "formdata" not in kwargs and not args:
            held = held_for(type(self).__name__)
        if held is not None:
            kwargs["formdata"] = MultiDict(held)
        super().__init__(*args, **kwargs)
        self.form_kind.data = type(self).__name__

    def accepts(self, act: Callable[[], Any]) -> bool:
        """True when the input has the right shape and `act` was done; otherwise the form carries the reasons.

        `act` is called at most once; a rule it breaks is shown at the field it names, and nothing is kept. After a
        stale edit `stale` is set: the view answers with `conflict_page`, which shows both texts.
        """
        if not self.validate_on_submit():
            return False
        try:
            act()
            db().flush()
        except StaleEdit:
            db().rollback()
            self.stale = True
            return False
        except RuleBroken as refusal:
            db().rollback()
            self.refuse(refusal)
            return False
        return True

    def refuse(self, refusal: RuleBroken) -> None:
        """Show a refusal at its field, or above the form."""
        field = self._fields.get(refusal.field or "")
        if field is None or field.type == "HiddenField":
            self.form_errors.append(refusal.message)
        else:
            field.errors = [*field.errors, refusal.message]
