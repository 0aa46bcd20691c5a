"""Forms of the rounds desk: sending a roster, and confirming it with a decision for everybody in doubt."""

from collections.abc import Iterable

from app.domain.rosters.persons import NEW
from app.domain.rosters.planning import Verdict
from app.domain.vocabulary import Level
from app.web.forms import (
    DayField,
    FileField,
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    TextField,
    at_most,
    between,
    optional,
    required,
)

ANSWER = "answer-"
LATER = ""


class UploadForm(Form):
    """Choices of county are handed in by the view; a county's importer has none to choose."""

    workbook = FileField("名册工作簿", needed="请选择名册工作簿（.xlsx）。")
    level = RadioField("选认级别", required("请选择这份名册是哪一级选认的。"), choices=Level.choices())
    year = IntegerField("选认年度", [*required("请填写选认年度。"), between(1999, 2100, "年度")])
    begins = DayField("任期开始", optional())
    ends = DayField("任期结束", optional())
    document = TextField("选认文号", [*optional(), at_most(120)])
    county_code = SelectField("推荐的县（市、区）", optional())


class ConfirmForm(Form):
    """Carries the fingerprint of what was shown; `confirm_form` adds a question for each person in doubt."""

    fingerprint = HiddenField()

    @property
    def answers(self) -> dict[str, str]:
        """Mention key → the decision taken; undecided ones are left out."""
        given = {f.name.removeprefix(ANSWER): f.data for f in self if f.name.startswith(ANSWER)}
        return {key: answer for key, answer in given.items() if answer}


def confirm_form(doubtful: Iterable[Verdict]) -> ConfirmForm:
    """A confirmation that asks, for every person in doubt, who is meant."""
    questions = {}
    for verdict in doubtful:
        for mention, person in zip(verdict.entry.people, verdict.people, strict=True):
            if person.candidates:
                where = f"{verdict.entry.sheet} 第{mention.row}行　{mention.name}"
                label = where + (f"（{mention.employer}）" if mention.employer else "")
                choices = [(LATER, "先不导入这一行"), (NEW, "不是同一人，新增这个人")]
                choices[1:1] = [(c.answer, f"同一人：{c.said}") for c in person.candidates]
                questions[f"{ANSWER}{mention.key}"] = RadioField(
                    label, optional(), choices=choices, default=LATER, description=person.words
                )
    made: ConfirmForm = type("ConfirmForm", (ConfirmForm,), questions)()
    return made
