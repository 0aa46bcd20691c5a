"""A careful reader of pages in Chromium: axe, sideways scrolling, visible focus, the console, outside addresses."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request, Route

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK, NARROWEST = 360, 1440, 320
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

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

    def __post_init__(self) -> None:
        context = self.browser.new_context(
            locale="zh-CN", viewport={"width": PHONE, "height": 780}, reduced_motion="reduce"
        )
        if self.cookie:
            context.add_cookies([{"name": "ketepai", "value": self.cookie, "url": self.address}])
        self.context, self.axe = context, AXE.read_text(encoding="utf8")
        self.page = context.new_page()
        self.page.set_default_timeout(20_000)
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
        self.page.set_viewport_size({"width": NARROWEST, "height": 700})
        self.page.goto(self.address + path, wait_until="load")
        faults = [*self._sideways(NARROWEST), *self._look(PHONE), *self._look(DESK)]
        return [f"{path}: {fault}" for fault in [*faults, *self.heard]]

    def _look(self, width: int) -> list[str]:
        self.page.set_viewport_size({"width": width, "height": 780})
        faults = self._sideways(width)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(self.axe)
        faults += [f"at {width} px {found}" for found in self.page.evaluate(RUN_AXE, RULES)]
        self.page.keyboard.press("Tab")
        return faults + [f"at {width} px {found}" for found in self.page.evaluate(FOCUS)]

    def _sideways(self, width: int) -> list[str]:
        found = self.page.evaluate(TOO_WIDE)
        return [f"at {width} px {found}"] if found else []

    def close(self) -> None:
        self.context.close()


def _answer(route: Route, html: str) -> None:
    route.fulfill(status=200, content_type="text/html; charset=utf-8", body=html)
