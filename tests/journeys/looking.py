"""A careful reader of pages in Chromium: axe, sideways scrolling, visible focus, the console, outside addresses."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request, Route, ViewportSize

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK, NARROWEST = 360, 1440, 320
WIDTHS = (PHONE, DESK)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# A list of a hundred and forty townships, on the map or beside it, is one row over and over. Of rows of one making
# (elements and classes) in one list `ALIKE` are left for axe; a row that differs anywhere, in a badge or a link, stays,
# however far down it is.
ALIKE = 3
THIN_OUT = """(alike) => {
  const making = e => [e, ...e.querySelectorAll("*")].map(n => n.tagName + "." + n.getAttribute("class")).join();
  for (const list of document.querySelectorAll("tbody, ul, ol, select, optgroup, svg g, .leaflet-pane")) {
    if (list.children.length <= 2 * alike) continue;
    const kept = new Map();
    for (const row of [...list.children]) {
      const made = making(row), so_far = kept.get(made) || 0;
      if (so_far >= alike) row.remove();
      else kept.set(made, so_far + 1);
    }
  }
}"""

RUN_AXE = """async (rules) => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"], elementRef: false});
  return found.violations.map(v => `${v.id}: ` + v.nodes.slice(0, 3).map(n =>
    n.html.slice(0, 160) + " " + n.failureSummary.split("\\n").slice(1).join(" ").slice(0, 220)).join(" | "));
}"""

TOO_WIDE = """() => {
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (over <= 0) return null;
  const right = document.documentElement.clientWidth;
  const beyond = e => e.getBoundingClientRect().right > right + 1;
  const widest = [...document.body.querySelectorAll("*")].filter(beyond).pop();
  return `${over} px too wide: ${widest ? widest.outerHTML.slice(0, 140) : "?"}`;
}"""

# Every kind of control takes the focus once; whatever changes neither outline, shadow, border nor ground shows nobody
# where the keyboard is. A control that is wholly covered while it has the focus is lost as well (WCAG 2.4.11).
FOCUS = """() => {
  const line = s => [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor];
  const looks = e => [...line(getComputedStyle(e)), ...line(getComputedStyle(e, "::after"))].join();
  const shown = e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
  const kinds = new Set(), faults = [];
  document.activeElement.blur();
  const all = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  for (const control of document.querySelectorAll(all)) {
    const kind = [control.tagName, control.type || "", control.className, control.parentElement.className].join("/");
    if (kinds.has(kind) || !shown(control) || control.disabled) continue;
    kinds.add(kind);
    const ring = [control, control.nextElementSibling, control.closest("label, tr, li, .option")].filter(Boolean);
    const before = ring.map(looks).join();
    control.focus({focusVisible: true});
    if (document.activeElement !== control) continue;
    if (ring.map(looks).join() === before) faults.push("no visible focus: " + control.outerHTML.slice(0, 140));
    const box = control.getBoundingClientRect();
    const left = Math.max(box.left, 0), top = Math.max(box.top, 0);
    const wide = Math.min(box.right, innerWidth) - left, high = Math.min(box.bottom, innerHeight) - top;
    const spots = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].map(([x, y]) =>
      document.elementFromPoint(left + wide * x, top + high * y));
    const touches = spot => spot && (spot === control || control.contains(spot) || spot.contains(control));
    if (box.height > 2 && !spots.some(touches)) faults.push("focus is covered: " + control.outerHTML.slice(0, 140));
    control.blur();
  }
  return faults;
}"""


@dataclass
class Reader:
    """One person's browser; `read` lists what is wrong with a page at a phone's and a desk's width."""

    browser: Browser
    address: str
    cookie: str | None = None
    heard: list[str] = field(default_factory=list)
    looked: set[tuple[str, int]] = field(default_factory=set)  # pages and widths that axe has answered for

    def __post_init__(self) -> None:
        context = self.browser.new_context(locale="zh-CN", viewport=_window(DESK), reduced_motion="reduce")
        context.add_init_script(path=AXE)
        if self.cookie:
            context.add_cookies([{"name": "ketepai", "value": self.cookie, "url": self.address}])
        self.context = context
        self.page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.width, self.protocol = DESK, context.new_cdp_session(self.page)
        self.page.on("console", lambda said: said.type == "error" and self.heard.append(f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self.heard.append(f"script: {error}"))
        self.page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        if host and host != urlsplit(self.address).netloc:
            self.heard.append(f"asks an outside address: {request.url[:200]}")

    def read(self, path: str, html: str | None = None) -> list[str]:
        """Faults of the page at `path`, or of `html` shown as if that address had answered with it."""
        self.heard.clear()
        if html is not None:
            self.page.route(f"{self.address}{path}", lambda route: _answer(route, html), times=1)
        self.page.goto(self.address + path, wait_until="load")
        faults = [fault for width in (DESK, NARROWEST, PHONE) for fault in self._sideways(width)]
        self.page.evaluate(THIN_OUT, ALIKE)
        faults += [fault for width in WIDTHS for fault in self._look(path, width)]
        return [f"{path}: {fault}" for fault in [*faults, *self.heard]]

    def _look(self, path: str, width: int) -> list[str]:
        self._resize(width)
        found = self.page.evaluate(RUN_AXE, RULES)
        self.looked.add((path, width))
        self.page.keyboard.press("Tab")  # from now on the page is worked by keyboard
        found += self.page.evaluate(FOCUS)
        return [f"at {width} px {fault}" for fault in found]

    def _sideways(self, width: int) -> list[str]:
        self._resize(width)
        found = self.page.evaluate(TOO_WIDE)
        return [f"at {width} px {found}"] if found else []

    def _resize(self, width: int) -> None:
        """The page's own width; Playwright would resize the browser's window too, which takes longer than the page."""
        if self.width != width:
            self.protocol.send(
                "Emulation.setDeviceMetricsOverride", {**_window(width), "deviceScaleFactor": 1, "mobile": False}
            )
            self.width = width

    def close(self) -> None:
        self.context.close()


def _window(width: int) -> ViewportSize:
    return {"width": width, "height": 780}


def _answer(route: Route, html: str) -> None:
    route.fulfill(status=200, content_type="text/html; charset=utf-8", body=html)
