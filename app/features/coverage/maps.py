"""The parts of a coverage map's page: folium writes the map, our own script fetches shapes and colours them.

Geometry is immutable and lies at a versioned address; the page carries values only. Nothing a person typed
enters executed script or a template: values and words stand in an inert JSON block and are put on the page
with `textContent`. The script that runs is the same for every map, so it can carry a nonce under a policy
without 'unsafe-inline'; there is no style attribute; every asset is local unless a basemap is set.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import folium
from branca.element import CssLink, Figure, JavascriptLink, MacroElement
from folium.template import Template

from app.domain.vocabulary import GeometryKind

WITHOUT_SCRIPT = "显示地图需要启用 JavaScript；页面上的表格内容与地图相同。"
UNDRAWN = "另有{}个没有界线，不画在地图上，只列在名单和表格里。"
OUTSIDE_LABEL = "不在所看的范围"
SCHEMATIC_NOTE = "示意服务单元（按驻地点生成），不作为行政区域界线"
# Steps of the product's sequential scale (--scale-0 … --scale-6 of tokens.css) for one to seven classes.
_STEPS = {
    1: (4,),
    2: (0, 4),
    3: (0, 3, 5),
    4: (0, 2, 4, 6),
    5: (0, 2, 3, 5, 6),
    6: (0, 1, 2, 3, 5, 6),
    7: (0, 1, 2, 3, 4, 5, 6),
}
# Beyond this the shapes, rounded to about 10 m and mostly schematic, show nothing more.
MAX_ZOOM_WITHOUT_BASEMAP = 14


@dataclass(frozen=True)
class LegendClass:
    """Values from `at_least` up to the next class, and the words for them, such as "3项及以上"."""

    at_least: int
    label: str


@dataclass(frozen=True)
class Legend:
    """What the colours mean: one to seven classes, ascending; a class beginning at 0 is drawn palest.

    `counted` says what the numbers beside the classes count. `declared_label` explains the hatching,
    `unknown_label` the grey; each is shown only where it occurs.
    """

    title: str
    classes: tuple[LegendClass, ...]
    unknown_label: str = "不详"
    declared_label: str = "只有“全县”申报，不计入乡镇覆盖"
    counted: str = "乡镇数"

    def __post_init__(self) -> None:
        starts = [entry.at_least for entry in self.classes]
        if len(starts) not in _STEPS or starts != sorted(set(starts)):
            raise ValueError("a legend needs one to seven classes with rising bounds")

    def step_of(self, value: int) -> int:
        """The step (0-6) of the scale for a value; refuses one below the first class."""
        number = sum(entry.at_least <= value for entry in self.classes) - 1
        if number < 0:
            raise ValueError(f"{value} lies below the legend's first class")
        return self.steps[number]

    @property
    def steps(self) -> tuple[int, ...]:
        return _STEPS[len(self.classes)]


@dataclass(frozen=True)
class TownshipValue:
    """What the map says of one division. `value` None means not known, which is not 0.

    `lines` are sentences shown when it is pointed at; `href` is the local page behind it;
    `declared_countywide` hatches it: named only by a "全县" declaration, which does not count as cover.
    """

    value: int | None
    lines: tuple[str, ...] = ()
    declared_countywide: bool = False
    href: str | None = None


@dataclass(frozen=True)
class Basemap:
    """Tiles below the map, bottom first: 天地图 base and labels, or an intranet XYZ address.

    Addresses hold {z}, {x}, {y} and may hold {s}, which stands for one of `subdomains`. The page's security
    policy must name their hosts.
    """

    tile_urls: tuple[str, ...]
    attribution: str
    subdomains: str = "01234567"
    max_zoom: int = 18

    def __post_init__(self) -> None:
        for url in self.tile_urls:
            plain = re.sub(r"\{[sxyz]\}", "", url)
            if not re.fullmatch(r"(https?://|/(?!/))[^\s\"'<>\\`{}]*", plain) or "{z}" not in url:
                raise ValueError("a tile address needs {z}/{x}/{y} and no other braces, quotes or blanks")


@dataclass(frozen=True)
class MapParts:
    """What a template puts together.

    `header_html` (links to stylesheets and scripts, with the nonce) goes into the head, `body_html` where the
    map stands; `style_css` and `script_js` go into <style> and <script> elements with the page's nonce, the
    script after the body's part.
    """

    header_html: str
    body_html: str
    script_js: str
    style_css: str


class _CoverageLayer(MacroElement):
    """Hands the map and the id of its data block to static/js/coverage-map.js."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "window.ketepaiCoverageMap({{ this._parent.get_name() }}, {{ this.data_id|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, data_id: str) -> None:
        super().__init__()
        self._name = "CoverageLayer"
        self.data_id = data_id


def coverage_page_parts(
    *,
    geometry_url: str,
    county_url: str,
    values: Mapping[str, TownshipValue],
    legend: Legend,
    title: str,
    bounds: tuple[float, float, float, float],
    static_url: Callable[[str], str],
    nonce: str = "",
    basemap: Basemap | None = None,
    attribution: str = "",
    review_no: str = "",
    map_maker: str = "",
    lines: Mapping[str, GeometryKind],
    in_part: bool = False,
    element_id: str = "coverage",
    patterns: bool = True,
) -> MapParts:
    """The parts of a page with one coverage map. Refuses links that leave the site.
    `geometry_url`, `county_url`: the local, versioned addresses of the regions desk's two files; `values`: by code, for
    each division that counts; `in_part`: shapes without one lie outside what is asked, as the legend says; `bounds`:
    (south, west, north, east); `lines`: of what kind each line is; `patterns`: it brings the hatching (once a page).
    """
    chart = _folium_map(element_id, bounds, basemap, static_url)
    figure, caption = _rendered(chart), _caption(legend, values, lines, in_part) + _sources(attribution, map_maker)
    facts = _facts(legend, values) | {
        "geometry": _local(geometry_url),
        "counties": _local(county_url),
        "title": title,
        "bounds": [bounds[:2], bounds[2:]],
        "basemap": basemap is not None,
        "reviewNo": review_no,
    }
    return MapParts(
        header_html=_header(figure, nonce, static_url),
        body_html=_body(figure, facts, element_id, caption, patterns),
        script_js=figure.script.render(),
        style_css=f"#{chart.get_name()} {{ width: 100%; height: 100%; }}",
    )


def _facts(legend: Legend, values: Mapping[str, TownshipValue]) -> dict[str, object]:
    return {
        "schematicNote": SCHEMATIC_NOTE,
        "outsideLabel": OUTSIDE_LABEL,
        "unknownLabel": legend.unknown_label,
        "declaredLabel": legend.declared_label,
        "classes": {str(step): entry.label for step, entry in zip(legend.steps, legend.classes, strict=True)},
        "values": values_for_script(values, legend),
    }


def values_for_script(values: Mapping[str, TownshipValue], legend: Legend) -> dict[str, dict[str, object]]:
    """The values as the script reads them: code to s (step or null), d (hatched), t (lines), u (link)."""
    return {
        code: {
            "s": None if entry.value is None else legend.step_of(entry.value),
            "d": entry.declared_countywide,
            "t": list(entry.lines),
            "u": None if entry.href is None else _local(entry.href),
        }
        for code, entry in values.items()
    }


def _local(url: str) -> str:
    """The address, if it stays on this site: one slash first, no backslash, blank or control character."""
    if not re.fullmatch(r"/(?!/)[^\\\s\x00-\x1f]*", url):
        raise ValueError(f"not a local address: {url!r}")
    return url


def _inert_json(facts: Mapping[str, object]) -> str:
    """JSON that can stand inside an element <script type="application/json">, whatever its strings hold."""
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    # JSON has none of these outside strings. Backtick and dollar are inert here; they are kept out for the day
    # when somebody builds a template literal around the block.
    return text.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&`$\u2028\u2029"})


def _folium_map(
    element_id: str,
    bounds: tuple[float, float, float, float],
    basemap: Basemap | None,
    static_url: Callable[[str], str],
) -> folium.Map:
    """The map with leaflet as its only asset; it zooms in parts of a step to fill its frame."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", element_id):
        raise ValueError("element_id is a plain identifier")
    south, west, north, east = bounds
    chart = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=8,
        tiles=None,
        zoom_control=False,
        # Without tiles Leaflet knows no greatest zoom, and plugins that ask for it stop the whole script.
        maxZoom=basemap.max_zoom if basemap else MAX_ZOOM_WITHOUT_BASEMAP,
        zoomSnap=0.5 if basemap else 0.05,
        scrollWheelZoom=False,
    )
    chart._id = element_id
    # On this object only: folium's lists belong to the class and would change for the whole process.
    chart.default_js = [("leaflet", static_url("vendor/leaflet/leaflet.js"))]
    chart.default_css = [("leaflet_css", static_url("vendor/leaflet/leaflet.css"))]
    for number, url in enumerate(basemap.tile_urls if basemap else ()):
        tiles = folium.TileLayer(
            url,
            attr=_for_folium(basemap.attribution) if basemap else "",
            subdomains=basemap.subdomains if basemap else "",
            max_zoom=basemap.max_zoom if basemap else 18,
        )
        tiles._id = f"{element_id}_{number}"
        chart.add_child(tiles, name=f"tiles_{number}")
    layer = _CoverageLayer(f"{chart.get_name()}_data")
    layer._id = element_id
    chart.add_child(layer)
    return chart


def _rendered(chart: folium.Map) -> Figure:
    """The figure round the map, with its parts filled in."""
    figure = cast(Figure, chart.get_root())
    figure.render()
    return figure


def _for_folium(text: str) -> str:
    """Text that Leaflet will take as HTML, after folium has rendered it as a template once more."""
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;") or " "


def _header(figure: Figure, nonce: str, static_url: Callable[[str], str]) -> str:
    """Links only. Folium's own viewport, page-wide styles and switches are left out: they spoil a page."""
    children = figure.header._children.values()
    sheets = [child.url for child in children if isinstance(child, CssLink)]
    scripts = [child.url for child in children if isinstance(child, JavascriptLink)]
    sheets.append(static_url("css/coverage-map.css"))
    scripts.append(static_url("js/coverage-map.js"))
    mark = f' nonce="{html.escape(nonce)}"' if nonce else ""
    return "\n".join(
        [f'<link rel="stylesheet" href="{html.escape(url)}">' for url in sheets]
        + [f'<script src="{html.escape(url)}"{mark}></script>' for url in scripts]
    )


def _body(figure: Figure, facts: Mapping[str, object], element_id: str, caption: str, patterns: bool) -> str:
    name = html.escape(str(facts["title"]))
    frame = "coverage-map-frame with-basemap" if facts["basemap"] else "coverage-map-frame"
    return f"""<figure class="coverage-map">
{_PATTERNS if patterns else ""}
<div class="{frame}" role="region" aria-label="{name}，地图">
{figure.html.render().strip()}
<p class="coverage-map-message" role="status"></p>
<noscript><p class="coverage-map-message">{WITHOUT_SCRIPT}</p></noscript>
</div>
<div class="coverage-map-detail" aria-live="polite"></div>
<figcaption class="coverage-map-caption">
{caption}
</figcaption>
<script type="application/json" id="map_{element_id}_data">{_inert_json(facts)}</script>
</figure>"""


def _legend_html(legend: Legend, values: Mapping[str, TownshipValue], in_part: bool) -> str:
    """The classes with their colour, words and number of townships; what is not coloured so, where it occurs."""
    steps = values_for_script(values, legend).values()
    counts = Counter((entry["s"], entry["d"]) for entry in steps)
    rows: list[tuple[str, str, int | str]] = [
        (f"coverage-step-{step}", entry.label, counts[step, False])
        for step, entry in zip(legend.steps, legend.classes, strict=True)
    ]
    declared = sum(times for (_step, hatched), times in counts.items() if hatched)
    if declared:
        rows.append(("coverage-hatched-0", legend.declared_label, declared))
    if counts[None, False]:
        rows.append(("coverage-unknown", legend.unknown_label, counts[None, False]))
    if in_part:
        rows.append(("coverage-outside", OUTSIDE_LABEL, ""))
    items = "".join(
        f'<li><svg class="coverage-swatch" width="24" height="16" aria-hidden="true" focusable="false">'
        f'<rect class="coverage-shape {look}" x=".5" y=".5" width="23" height="15" rx="3"/></svg>'
        f'<span>{html.escape(label)}</span> <span class="coverage-count">{count}</span></li>'
        for look, label, count in rows
    )
    title = f'{html.escape(legend.title)}<span class="unit">（{html.escape(legend.counted)}）</span>'
    return f'<p class="coverage-legend-title">{title}</p><ul class="coverage-legend">{items}</ul>'


def _caption(
    legend: Legend, values: Mapping[str, TownshipValue], lines: Mapping[str, GeometryKind], in_part: bool
) -> str:
    """The legend of what is drawn; how many are not; that cells are schematic, where some are."""
    drawn = {code: entry for code, entry in values.items() if code in lines}
    undrawn = len(values) - len(drawn)
    said = _legend_html(legend, drawn, in_part)
    if undrawn:
        said += f'<p class="coverage-note">{UNDRAWN.format(undrawn)}</p>'
    if {GeometryKind.VORONOI, GeometryKind.POINT} & {lines[code] for code in drawn}:
        dashes = (
            '<svg width="24" height="10" aria-hidden="true" focusable="false">'
            '<line class="coverage-border coverage-border-voronoi" x1="0" y1="5" x2="24" y2="5"/></svg>'
        )
        said += f'<p class="coverage-note-schematic">{dashes}<span>{SCHEMATIC_NOTE}</span></p>'
    return said


def _sources(attribution: str, map_maker: str) -> str:
    """The sources and the maker; the review number (审图号) stands in the map itself."""
    said = [("", attribution), ("制图：", map_maker)]
    sources = "　".join(head + html.escape(text) for head, text in said if text)
    return f'<p class="coverage-note">{sources}</p>' if sources else ""


def _pattern(name: str, ground: str, size: int, marks: str) -> str:
    return (
        f'<pattern id="coverage-{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">'
        f'<rect class="{ground}" width="{size}" height="{size}"/>{marks}</pattern>'
    )


_STRIPES = '<path class="coverage-stripe" d="M-2 2L2-2M0 8L8 0M6 10L10 6"/>'
_DOTS = '<circle class="coverage-dot" cx="2" cy="2" r=".9"/><circle class="coverage-dot" cx="5" cy="5" r=".9"/>'
# One hatching for each step of the scale, and dots on grey: what is not known must not look like a value.
_PATTERNS = (
    '<svg class="coverage-patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    + "".join(_pattern(f"hatch-{step}", f"coverage-step-{step}", 8, _STRIPES) for step in range(7))
    + _pattern("dots", "coverage-grey", 6, _DOTS)
    + "</defs></svg>"
)
