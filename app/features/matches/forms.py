"""Forms of the matches desk. Steps that only carry words are asked for in place, by the page's action bar."""

from app.domain.demands import Outcome
from app.web.forms import Form, RadioField, SelectField, TextAreaField, at_most, optional, required


class CloseForm(Form):
    outcome = RadioField("问题解决得怎么样", required("请选择问题解决得怎么样。"), choices=Outcome.choices())
    reason = TextAreaField("补充说明", [*optional(), at_most(500)])


class InvitationForm(Form):
    """Inviting from a menu: which of one's open demands, and what one wants to say."""

    demand = SelectField("为哪条需求邀请", required("请选择为哪条需求邀请。"))
    reason = TextAreaField("想对科特派说的话", [*optional(), at_most(500)])
