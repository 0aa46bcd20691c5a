"""Form of the tallies desk: how the city wants things counted."""

from app.domain.tallies import LevelRule
from app.web.forms import Form, RadioField, TextField, at_most, required


class LevelRuleForm(Form):
    rule = RadioField("层级怎么计", required("请选择层级怎么计。"), choices=LevelRule.choices())
    because = TextField("依据", [*required("请写明依据，例如文号。"), at_most(300)])
