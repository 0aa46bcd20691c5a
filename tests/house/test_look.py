"""The look holds: colours are tokens and can be read; pages carry no inline style, handler or outside address.

Rules: WCAG 2.2 AA contrast (1.4.3, 1.4.11); decisions.md 23 (content security policy); house.md "The look".
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
TOKENS = ROOT / "static" / "css" / "tokens.css"

TEXT = 4.5
LARGE_OR_EDGE = 3.0

# (text or edge, ground, least contrast): the pairs that the style sheets put together.
PAIRS = [
    ("ink", "ground", TEXT),
    ("ink", "surface", TEXT),
    ("ink", "scale-0", TEXT),
    ("ink", "scale-3", TEXT),
    ("ink", "scale-4", TEXT),
    ("ink", "scale-unknown", TEXT),
    ("ink", "line-soft", TEXT),
    ("ink-soft", "ground", TEXT),
    ("ink-soft", "surface", TEXT),
    ("ink-soft", "surface-soft", TEXT),
    ("ink-soft", "line-soft", TEXT),
    ("ink-soft", "forest-50", TEXT),
    ("ink-faint", "surface", TEXT),
    ("ink-faint", "ground", TEXT),
    ("forest-700", "ground", TEXT),
    ("forest-700", "surface", TEXT),
    ("forest-800", "forest-100", TEXT),
    ("forest-800", "forest-300", TEXT),
    ("on-dark", "forest-700", TEXT),
    ("on-dark", "forest-800", TEXT),
    ("on-dark", "forest-900", TEXT),
    ("on-dark", "red-700", TEXT),
    ("on-dark", "scale-5", TEXT),
    ("on-dark", "scale-6", TEXT),
    ("amber-800", "amber-100", TEXT),
    ("amber-800", "surface", TEXT),
    ("red-800", "red-100", TEXT),
    ("red-800", "surface", TEXT),
    ("red-800", "ground", TEXT),
    ("edge", "surface", LARGE_OR_EDGE),
    ("edge", "ground", LARGE_OR_EDGE),
    ("amber-600", "surface", LARGE_OR_EDGE),
    ("forest-600", "line-soft", LARGE_OR_EDGE),
    ("focus", "ground", LARGE_OR_EDGE),
]


def token_colours() -> dict[str, str]:
    """Every colour token by name, as six hexadecimal digits; a token that points to another is followed."""
    declared = dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", TOKENS.read_text(encoding="utf-8")))
    colours = {}
    for name, value in declared.items():
        while pointer := re.fullmatch(r"var\(--([a-z0-9-]+)\)", value):
            value = declared[pointer.group(1)]
        if digits := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", value):
            short = digits.group(1)
            colours[name] = short if len(short) == 6 else "".join(2 * digit for digit in short)
    return colours


def luminance(digits: str) -> float:
    """Relative luminance of a colour as WCAG 2.2 defines it, from 0 (black) to 1 (white)."""
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_text_can_be_read_on_its_ground(front: str, ground: str, least: float) -> None:
    colours = token_colours()
    assert contrast(colours[front], colours[ground]) >= least


def test_neighbouring_steps_of_the_scale_differ_in_lightness() -> None:
    """Readers who cannot tell hues apart read the scale by lightness alone; it must fall with every step."""
    steps = [luminance(token_colours()[f"scale-{step}"]) for step in range(7)]
    assert all(lighter - darker > 0.04 for lighter, darker in pairwise(steps))


@pytest.mark.parametrize(
    "sheet", [s for s in STYLES if s.name not in {"tokens.css", "print.css"}], ids=lambda s: s.name
)
def test_colours_are_named_in_the_tokens_only(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\((?!from var)", text) == []


@pytest.mark.parametrize("sheet", STYLES, ids=lambda s: s.name)
def test_every_token_that_a_sheet_uses_exists(sheet: Path) -> None:
    declared = set(re.findall(r"(--[a-z0-9-]+):", TOKENS.read_text(encoding="utf-8")))
    text = sheet.read_text(encoding="utf-8")
    own = set(re.findall(r"(--[a-z0-9-]+):", text))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", text)) - declared - own == set()


@pytest.mark.parametrize("sheet", STYLES, ids=lambda s: s.name)
def test_styles_fetch_nothing_from_outside(sheet: Path) -> None:
    assert (
        re.findall(r"(?:https?:)?//[a-z]", re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL))
        == []
    )


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: str(t.relative_to(ROOT / "templates")))
def test_templates_hold_no_inline_style_handler_or_outside_address(template: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"\sstyle\s*=", text) == []
    assert re.findall(r"\son[a-z]+\s*=\s*[\"']", text) == []
    assert re.findall(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", text) == []
    for tag in re.findall(r"<(?:script|style)\b[^>]*>", text):
        assert "nonce=" in tag, f"{tag} has no nonce"


def test_one_rule_spaces_boxes() -> None:
    """Sections that touch, or a caption glued to the card below, come from pages that space themselves."""
    layouts = ROOT / "templates" / "layouts"
    for name in ("base", "form", "home", "list", "public", "record"):
        assert re.search(r'class="[^"]*\bstack\b', (layouts / f"{name}.html").read_text(encoding="utf-8")), name
    base = (ROOT / "static" / "css" / "base.css").read_text(encoding="utf-8")
    assert ".stack.stack, .section.section) > * + * { margin-top" in base
    spaced = re.compile(
        r"^\s*(\.(?:card|facts|figure-box|table-frame|todo|tiles|filters|empty|notice)) \{([^}]*)\}", re.M
    )
    for sheet in STYLES:
        for box, rules in spaced.findall(sheet.read_text(encoding="utf-8")):
            assert not re.search(r"margin(?:-top|-block)?:(?! 0(?:;| 0 var))", rules), (
                f"{sheet.name}: {box} spaces itself"
            )
