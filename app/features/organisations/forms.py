"""Forms of the organisations desk."""

from typing import Any

from app.domain.vocabulary import OrganisationKind
from app.web.forms import Form, HiddenField, SelectField, TextField, at_most, optional, required


class OrganisationForm(Form):
    """An organisation; choices of places are handed in. `version` is empty for a new one."""

    version = HiddenField()
    kind = SelectField("类型", required("请选择类型。"), choices=OrganisationKind.choices(), default="village")
    name = TextField("名称", [*required("请填写单位名称。"), at_most(200)])
    region_code = SelectField("所在乡镇", [*optional()], default="")
    credit_code = TextField("统一社会信用代码", [*optional(), at_most(30)], render_kw={"autocomplete": "off"})
    contact_name = TextField("联系人", [*optional(), at_most(60)])
    contact_phone = TextField("联系电话", [*optional(), at_most(30)], render_kw={"inputmode": "tel"})

    @property
    def opened_version(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isdigit() else 0

    @property
    def values(self) -> dict[str, Any]:
        """What goes to the actions; empty fields are None."""
        fields = (self.region_code, self.credit_code, self.contact_name, self.contact_phone)
        return {
            "kind": OrganisationKind(self.kind.data),
            "name": self.name.data or "",
            **{field.name: field.data or None for field in fields},
        }
