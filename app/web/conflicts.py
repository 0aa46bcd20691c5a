"""When two people edit one record: the second is told, and reads both texts side by side (409)."""

from typing import Any

from app.web.forms import Form
from app.web.pages import page


def conflict_page(form: Form, newest: Form, *, edit_url: str, record_url: str) -> tuple[str, int]:
    """The page for a form whose `stale` is set. `newest` is the same form, made from the record as it is now."""
    compared = []
    for field in form:
        other = newest._fields.get(field.name)
        if other is None or field.type in ("HiddenField", "CSRFTokenField", "FileField", "MultipleFileField"):
            continue
        yours, theirs = shown(field), shown(other)
        compared.append({"label": field.label.text, "yours": yours, "theirs": theirs, "same": yours == theirs})
    return page(
        "errors/409.html", 409, conflict=compared, conflict_back_url=edit_url, record_url=record_url, back=record_url
    )


def shown(field: Any) -> str:
    """What a field holds, in the words its page shows."""
    value = field.data
    if field.type == "BooleanField":
        return "是" if value else "否"
    if value in (None, "", []):
        return "（空）"
    if hasattr(field, "iter_choices"):
        return "、".join(str(choice[1]) for choice in field.iter_choices() if choice[2]) or "（空）"
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    return str(value)
