"""Where each role can go: pages found by following every link that it sees, a few samples of each route.

A route with arguments, or a list with a filter in its address, stands for many pages of one making. From each page that
links to it `TRIED` of them are opened, and those are kept whose forms and headings differ: a demand that waits for
triage is another page than one that is closed. Forms of a kept page that answer to its own address are sent empty, and
once more as somebody who has looked at an old version.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.journeys.makings import makings

TRIED = 2
LINK = re.compile(r'<a\b[^>]*?\shref="([^"#]+)', re.S)
FORM = re.compile(r'<form\b[^>]*method="post"[^>]*>.*?</form>', re.S | re.I)
FILTERS = re.compile(r'<form\b[^>]*method="get"[^>]*>.*?</form>', re.S | re.I)
ACTION = re.compile(r'\saction="([^"]+)"')
CONTROL = re.compile(r'<(?:input|textarea|select)\b[^>]*?\sname="([^"]+)"[^>]*>', re.S)
NAMED = re.compile(r'\sname="([^"]+)"')
HIDDEN = re.compile(r'<input\b[^>]*type="hidden"[^>]*>')
VALUE = re.compile(r'\svalue="([^"]*)"')
CHOICE = re.compile(r'<select\b[^>]*?\sname="([^"]+)"[^>]*>(.*?)</select>', re.S)
OPTION = re.compile(r'<option\b[^>]*?\svalue="([^"]+)"')
HEADING = re.compile(r"<h2\b[^>]*>(.*?)</h2>", re.S)


@dataclass
class Walk:
    """What one role has seen."""

    pages: dict[str, list[str]] = field(default_factory=dict)  # endpoint → paths
    answers: dict[str, str] = field(default_factory=dict)  # a path, and what its form answered → the page
    made: dict[str, list[str]] = field(default_factory=dict)  # each of the pages and answers → what it is made of
    chosen: list[str] = field(default_factory=list)  # of them: what axe reads, so that every making has been read
    forms: dict[str, str] = field(default_factory=dict)  # endpoint that a form leads to → the path of one
    files: list[str] = field(default_factory=list)  # endpoints of downloads and pictures
    broken: dict[str, int] = field(default_factory=dict)  # links that led nowhere, with the status


class Walker:
    """Walks as one person."""

    def __init__(self, app: Flask, cookie: str | None) -> None:
        self.app, self.walk = app, Walk()
        self.http = app.test_client()
        if cookie:
            self.http.set_cookie("ketepai", cookie)
        self.adapter = app.url_map.bind("localhost")
        self.waiting: deque[tuple[str, str]] = deque()
        self.seen: set[str] = set()
        self.tried: dict[tuple[str, str], int] = {}
        self.shapes: set[object] = set()

    def from_pages(self, *paths: str) -> Walk:
        self.waiting.extend((path, path) for path in paths)
        while self.waiting:
            path, came_from = self.waiting.popleft()
            if path not in self.seen:
                self._open(path, came_from)
        return self.walk

    def endpoint(self, path: str, method: str = "GET") -> str | None:
        try:
            return str(self.adapter.match(urlsplit(path).path, method=method)[0])
        except HTTPException:
            return None

    def _route(self, path: str) -> tuple[str, list[str]]:
        """A path's endpoint, and what of its arguments tells one kind of page from another: no key, code or token."""
        try:
            endpoint, given = self.adapter.match(urlsplit(path).path)
        except HTTPException:
            return "nowhere", []
        return str(endpoint), [str(v) for k, v in given.items() if "uid" not in k and k not in ("code", "token")]

    def _open(self, path: str, came_from: str) -> None:
        endpoint, named = self._route(path)
        kind = " ".join([endpoint, *named, *["filtered"] * bool(urlsplit(path).query)])
        if endpoint in ("static", *self.walk.files) or self.tried.get((came_from, kind), 0) >= TRIED:
            return
        self.seen.add(path)
        self.tried[came_from, kind] = self.tried.get((came_from, kind), 0) + 1
        answer = self.http.get(path)
        if answer.status_code in (302, 303):
            self.waiting.append((answer.headers["Location"], came_from))
        elif answer.status_code != 200:
            self.walk.broken[path] = answer.status_code
        elif answer.mimetype != "text/html":
            self.walk.files.append(endpoint)
        else:
            self._read(path, kind, answer)
        answer.close()

    def _read(self, path: str, kind: str, answer: TestResponse) -> None:
        html = answer.get_data(as_text=True)
        forms = [(form, self._action(path, form)) for form in FORM.findall(html)]
        leading = {self.endpoint(action, "POST") or action: urlsplit(action).path for _, action in forms}
        self.walk.forms = leading | self.walk.forms
        posts = set(leading)
        links = [urljoin(path, unescape(link)) for link in LINK.findall(html)]
        self.waiting.extend((link, kind) for link in links if link.startswith("/"))
        shape = (kind, frozenset(posts), tuple(HEADING.findall(html)))
        if shape in self.shapes:
            return
        self.shapes.add(shape)
        endpoint = kind.split(" ")[0]
        self.walk.pages.setdefault(endpoint, []).append(path)
        self.walk.made[path] = sorted(makings(html))
        self._ask(path, kind, html)
        for form, action in forms:
            if urlsplit(action).path == urlsplit(path).path:
                self._send(path, form)

    def _action(self, path: str, form: str) -> str:
        found = ACTION.search(form[: form.index(">")])
        return unescape(found[1]) if found else path

    def _ask(self, path: str, kind: str, html: str) -> None:
        """Forms that ask for a page: a list that finds nothing has words of its own; one that leads to another page
        is sent with each of its choices."""
        for form in FILTERS.findall(html):
            target, kept = urlsplit(self._action(path, form)).path or urlsplit(path).path, _hidden(form)
            if "q" in CONTROL.findall(form):
                self.waiting.append((f"{target}?{urlencode({**kept, 'q': '没有这样的词'})}", f"{kind}, nothing"))
            elif target != urlsplit(path).path and (asked := CHOICE.search(form)):
                for value in OPTION.findall(asked[2]):
                    address = f"{target}?{urlencode({**kept, asked[1]: unescape(value)})}"
                    self.waiting.append((address, f"{kind}, {value}"))

    def _send(self, path: str, form: str) -> None:
        """Send a form empty, and a form that knows its version once with an old one."""
        hidden = _hidden(form)
        fields = {name: hidden.get(name, "") for name in CONTROL.findall(form)}
        self._answer(f"{urlsplit(path).path} sent empty", lambda: self.http.post(path, data=fields))
        if "version" in hidden:
            old = {**fields, "version": "0"}
            self._answer(f"{urlsplit(path).path} sent late", lambda: self.http.post(path, data=old))

    def _answer(self, name: str, send: Callable[[], TestResponse]) -> None:
        answer = send()
        if answer.status_code in (409, 422) and name not in self.walk.answers:
            html = answer.get_data(as_text=True)
            self.walk.answers[name] = html
            self.walk.made[name] = sorted(makings(html))
        answer.close()


def _hidden(form: str) -> dict[str, str]:
    """What a form sends without being asked."""
    return {
        name[1]: unescape(value[1])
        for tag in HIDDEN.findall(form)
        if (name := NAMED.search(tag)) and (value := VALUE.search(tag))
    }
