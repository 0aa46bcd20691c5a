"""What every page must be, whoever opens it: one h1, a title, unique ids, labelled controls, CSRF in every form,
no outside address, no style attribute, no inline handler, a nonce on every inline script and style."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import TestResponse

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
OUTSIDE = re.compile(r"^(https?:)?//", re.I)


@dataclass
class Form:
    """A form of a page: where it goes, how, and what its fields hold."""

    action: str
    method: str
    id: str = ""
    values: dict[str, str | list[str]] = field(default_factory=dict)


@dataclass
class Page:
    status: int
    path: str
    text: str
    html: str
    title: str
    h1: list[str]
    forms: list[Form]
    links: dict[str, str]
    response: TestResponse

    def form(self, action_part: str = "") -> Form:
        """The POST form whose action contains `action_part` (the page's own address when it states none)."""
        found = [f for f in self.forms if f.method == "post" and action_part in f.action]
        assert found, f"no form to {action_part!r} on {self.path}; there are {[f.action for f in self.forms]}"
        return found[0]


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.controls: list[tuple[str, dict[str, str]]] = []
        self.h1: list[str] = []
        self.title = ""
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.text: list[str] = []
        self.open: list[str] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._area: str | None = None
        self._href: str | None = None

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in pairs}
        if tag not in VOID:
            self.open.append(tag)
        self._rules(tag, given)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "h1":
            self.h1.append("")
        elif tag == "label" and "for" in given:
            self.labels.add(given["for"])
        elif tag == "a" and "href" in given:
            self._href = given["href"]
            self.links.setdefault(given["href"], "")
        elif tag == "form":
            self._form = Form(given.get("action") or self.path, given.get("method", "get").lower(), given.get("id", ""))
            self.forms.append(self._form)
        elif tag in ("input", "select", "textarea"):
            self._control(tag, given)
        elif tag == "option" and self._form and self._select and "selected" in given:
            self._keep(self._select, given.get("value", ""))

    def _rules(self, tag: str, given: dict[str, str]) -> None:
        if "style" in given:
            self.faults.append(f"<{tag}> has a style attribute")
        self.faults += [f"<{tag}> has an inline handler {name}" for name in given if name.startswith("on")]
        inert = given.get("type") == "application/json"  # never run, so no policy speaks of it
        if tag in ("script", "style") and "nonce" not in given and not given.get("src") and not inert:
            self.faults.append(f"inline <{tag}> without a nonce")
        if tag == "script" and given.get("src") and "nonce" not in given:
            self.faults.append("<script src> without a nonce")
        for name in ("src", "href", "action", "poster", "data"):
            if OUTSIDE.match(given.get(name, "")):
                self.faults.append(f"<{tag} {name}> points outside: {given[name]}")
        if tag == "img" and "alt" not in given:
            self.faults.append("<img> without alt")

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if not (tag == "input" and kind in ("hidden", "submit", "button")):
            self.controls.append((tag, given))
        if self._form is None or not name:
            return
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self._form.values.setdefault(name, "")
        elif (kind in ("checkbox", "radio") and "checked" in given) or kind not in (
            "checkbox",
            "radio",
            "file",
            "submit",
        ):
            self._keep(name, given.get("value", "on" if kind == "checkbox" else ""))

    def _keep(self, name: str, value: str) -> None:
        assert self._form is not None
        before = self._form.values.get(name)
        if before is None:
            self._form.values[name] = value
        else:
            self._form.values[name] = [*(before if isinstance(before, list) else [before]), value]

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes <{self.open[-1] if self.open else 'nothing'}>")
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None
        elif tag == "a":
            self._href = None

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            return
        if "h1" in self.open and self.h1:
            self.h1[-1] += data
        if "title" in self.open and "svg" not in self.open:
            self.title += data
        if self._area and self._form:
            self._form.values[self._area] = str(self._form.values[self._area]) + data.removeprefix("\n")
        if self._href is not None:
            self.links[self._href] += data
        self.text.append(data)

    def judge(self) -> None:
        doubled = {i for i in self.ids if self.ids.count(i) > 1}
        if doubled:
            self.faults.append(f"ids stand twice: {sorted(doubled)}")
        if len(self.h1) != 1:
            self.faults.append(f"{len(self.h1)} h1 elements")
        if not self.title.strip():
            self.faults.append("no title")
        for tag, given in self.controls:
            named = given.get("id") in self.labels or given.get("aria-label") or given.get("aria-labelledby")
            if not named:
                self.faults.append(f"<{tag} name={given.get('name')}> has no label")
        for form in self.forms:
            if form.method == "post" and "csrf_token" not in form.values and "/c/" not in form.action:
                self.faults.append(f"the form to {form.action} has no CSRF field")


def inspect(response: TestResponse) -> Page:
    """The page of an answer; an AssertionError lists what is wrong with it. Other media types pass unread."""
    html = response.get_data(as_text=True) if response.mimetype.startswith(("text", "application/json")) else ""
    reader = _Reader(response.request.path)
    if response.mimetype == "text/html":
        assert "script-src 'nonce-" in response.headers["Content-Security-Policy"]
        reader.feed(html)
        reader.judge()
        assert not reader.faults, f"{response.request.path}: " + "; ".join(reader.faults)
    text = re.sub(r"\s+", " ", "".join(reader.text))
    title = reader.title.strip()
    return Page(
        response.status_code, response.request.path, text, html, title, reader.h1, reader.forms, reader.links, response
    )
