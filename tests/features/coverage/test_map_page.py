"""The parts of the coverage map's page: nothing from outside, no style attribute, no text taken for code."""

import html
import html.parser
import json
import re
import subprocess
import sys
from pathlib import Path

import folium
import pytest

from app.domain.vocabulary import GeometryKind
from app.features.coverage.maps import (
    SCHEMATIC_NOTE,
    Basemap,
    Legend,
    LegendClass,
    TownshipValue,
    coverage_page_parts,
    values_for_script,
)

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "static" / "js" / "coverage-map.js"
STYLE = ROOT / "static" / "css" / "coverage-map.css"

LEGEND = Legend(
    "主导产业覆盖",
    (
        LegendClass(0, "未覆盖"),
        LegendClass(1, "1个产业"),
        LegendClass(2, "2至3个产业"),
        LegendClass(4, "4个产业"),
    ),
)
VALUES = {
    "350404001": TownshipValue(0, ("没有任命",), href="/coverage/350404001?year=2026"),
    "350404002": TownshipValue(3, ("任命3名", "服务12次"), href="/coverage/350404002?year=2026"),
    "350404003": TownshipValue(0, declared_countywide=True),
    "350404004": TownshipValue(None),
}
HOSTILE = ("</script><script>alert(1)</script>", "`${alert(1)}`", "{{ 7*7 }}{% raw %}", "<img src=x onerror=alert(1)>")


def parts_of(values=None, **options):
    settings = {
        "geometry_url": "/map-files/abc/townships.geojson",
        "county_url": "/map-files/abc/counties.geojson",
        "values": VALUES if values is None else values,
        "legend": LEGEND,
        "title": "2026年主导产业覆盖图",
        "bounds": (25.48, 116.38, 27.13, 118.67),
        "static_url": lambda path: f"/static/{path}?v=1",
        "nonce": "n0nce",
        "attribution": "县界：天地图；驻地点：GeoNames（CC BY 4.0）",
        "review_no": "GS(2024)0650号",
        "lines": dict.fromkeys(VALUES if values is None else values, GeometryKind.VORONOI),
    }
    return coverage_page_parts(**{**settings, **options})


def everything(parts):
    return "\n".join((parts.header_html, parts.body_html, parts.script_js, parts.style_css))


class Elements(html.parser.HTMLParser):
    """What a browser would make of the markup: elements with attributes, and the text of each."""

    def __init__(self, markup):
        super().__init__()
        self.found = []
        self.texts = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.texts.append("")

    def handle_data(self, data):
        if self.texts:
            self.texts[-1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def data_of(parts):
    elements = Elements(parts.body_html)
    (block,) = [
        text
        for (tag, attributes), text in zip(elements.found, elements.texts, strict=True)
        if tag == "script" and attributes.get("type") == "application/json"
    ]
    return json.loads(block)


# Nothing from outside, nothing inline


def test_the_page_names_no_outside_address():
    page = everything(parts_of())
    assert "http:" not in page
    assert "https:" not in page
    assert not re.search(r"""(src|href)=["']//""", page)


def test_leaflet_and_our_own_files_are_all_that_is_loaded():
    header = Elements(parts_of().header_html)
    assert [link["href"] for link in header.all("link")] == [
        "/static/vendor/leaflet/leaflet.css?v=1",
        "/static/css/coverage-map.css?v=1",
    ]
    assert [script["src"] for script in header.all("script")] == [
        "/static/vendor/leaflet/leaflet.js?v=1",
        "/static/js/coverage-map.js?v=1",
    ]
    for unwanted in ("jquery", "bootstrap", "awesome", "glyphicons"):
        assert unwanted not in everything(parts_of()).lower()


def test_folium_keeps_its_own_lists_for_everybody_else():
    before = list(folium.Map.default_js), list(folium.Map.default_css)
    parts_of()
    assert (list(folium.Map.default_js), list(folium.Map.default_css)) == before


def test_every_script_carries_the_nonce_and_none_stands_inline():
    parts = parts_of()
    for script in Elements(parts.header_html).all("script"):
        assert script["nonce"] == "n0nce"
    inline = Elements(parts.body_html).all("script")
    assert [script["type"] for script in inline] == ["application/json"]
    assert "nonce" not in parts_of(nonce="").header_html


def test_no_style_attribute_and_no_event_attribute_is_served():
    parts = parts_of()
    for _tag, attributes in Elements(parts.header_html + parts.body_html).found:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
    assert "<style" not in parts.header_html + parts.body_html


def test_folium_does_not_lock_the_zoom_of_the_page_or_restyle_it():
    page = everything(parts_of())
    assert "user-scalable" not in page
    assert "viewport" not in page
    assert parts_of().style_css == "#map_coverage { width: 100%; height: 100%; }"


def test_the_script_is_the_same_whatever_the_values_are():
    hostile = {"350404001": TownshipValue(1, HOSTILE)}
    assert parts_of().script_js == parts_of(hostile, title=HOSTILE[0]).script_js
    script = parts_of().script_js
    assert "L.map(" in script
    assert 'window.ketepaiCoverageMap(map_coverage, "map_coverage_data")' in script
    assert '"maxZoom": 14' in script
    assert "tileLayer" not in script
    assert script.index("L.map(") < script.index("ketepaiCoverageMap")


def test_two_renderings_are_equal():
    assert parts_of() == parts_of()


def test_importing_the_page_parts_leaves_geopandas_alone():
    code = "import sys, app.features.coverage.maps; sys.exit('geopandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# Text is never code


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_arrives_as_text_and_only_as_text(text):
    values = {"350404001": TownshipValue(1, (text,))}
    legend = Legend(text, (LegendClass(0, text),), unknown_label=text, declared_label=text)
    parts = parts_of(values, title=text, legend=legend, attribution=text, map_maker=text, review_no=text)
    facts = data_of(parts)
    assert facts["values"]["350404001"]["t"] == [text]
    assert facts["title"] == facts["reviewNo"] == facts["unknownLabel"] == text
    tags = {tag for tag, _attributes in Elements(parts.body_html).found}
    assert "img" not in tags
    assert len(Elements(parts.body_html).all("script")) == 1
    assert text not in parts.script_js + parts.style_css + parts.header_html
    (block,) = re.findall(r"application/json\"[^>]*>(.*?)</script>", parts.body_html, re.DOTALL)
    assert not set("<>`$") & set(block)


def test_values_travel_alone_as_steps_lines_and_links():
    assert data_of(parts_of())["values"] == {
        "350404001": {"s": 0, "d": False, "t": ["没有任命"], "u": "/coverage/350404001?year=2026"},
        "350404002": {"s": 4, "d": False, "t": ["任命3名", "服务12次"], "u": "/coverage/350404002?year=2026"},
        "350404003": {"s": 0, "d": True, "t": [], "u": None},
        "350404004": {"s": None, "d": False, "t": [], "u": None},
    }


@pytest.mark.parametrize(
    "address",
    ["https://example.org/a", "//example.org/a", "javascript:alert(1)", "a/b", "/a b", "/\\example.org", "/a\nb", ""],
)
def test_links_and_files_that_leave_the_site_are_refused(address):
    with pytest.raises(ValueError, match="not a local address"):
        parts_of({"350404001": TownshipValue(1, href=address)})
    with pytest.raises(ValueError, match="not a local address"):
        parts_of(geometry_url=address)
    with pytest.raises(ValueError, match="not a local address"):
        parts_of(county_url=address)


def test_the_maps_name_is_an_identifier():
    with pytest.raises(ValueError, match="identifier"):
        parts_of(element_id="a-b")
    assert "map_gaps_data" in parts_of(element_id="gaps").body_html


def test_our_script_builds_nothing_out_of_markup():
    source = SCRIPT.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML\s*=|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", source)
    assert "http" not in source.replace("http://www.w3.org/2000/svg", "")


def test_the_flag_of_leaflets_attribution_is_taken_away():
    assert "attributionControl.setPrefix(false)" in SCRIPT.read_text(encoding="utf-8")


def test_shapes_are_no_stops_of_the_tab_key():
    assert 'getElement().setAttribute("tabindex", "-1")' in SCRIPT.read_text(encoding="utf-8")


# What the map says


def test_the_legend_names_each_class_with_its_number_of_townships():
    body = parts_of().body_html
    told = re.findall(r"<span>([^<]+)</span> <span class=\"coverage-count\">(\d+)</span>", body)
    assert told == [
        ("未覆盖", "1"),
        ("1个产业", "0"),
        ("2至3个产业", "1"),
        ("4个产业", "0"),
        ("只有“全县”申报，不计入乡镇覆盖", "1"),
        ("不详", "1"),
    ]


def test_the_legend_counts_what_is_drawn_and_says_how_many_are_not():
    body = parts_of(lines={"350404002": GeometryKind.VORONOI}).body_html
    assert re.findall(r"coverage-count\">(\d+)<", body) == ["0", "0", "1", "0"]
    assert "另有3个没有界线，不画在地图上" in body
    assert "没有界线" not in parts_of().body_html


def test_hatching_and_grey_are_explained_only_where_they_occur():
    body = parts_of({"350404001": TownshipValue(1)}).body_html
    assert "全县" not in body.split("application/json")[0]
    assert "不详" not in body.split("application/json")[0]


def test_a_map_of_a_part_says_what_the_grey_around_it_is():
    legend = parts_of(in_part=True).body_html.split("application/json")[0]
    assert "不在所看的范围" in legend
    assert "不在所看的范围" not in parts_of().body_html.split("application/json")[0]
    assert 'if (!value) return "coverage-outside"' in SCRIPT.read_text(encoding="utf-8")


def test_zero_is_the_palest_step_and_not_known_is_no_step():
    assert LEGEND.step_of(0) == 0
    told = values_for_script({"a": TownshipValue(0), "b": TownshipValue(None)}, LEGEND)
    assert [told["a"]["s"], told["b"]["s"]] == [0, None]


@pytest.mark.parametrize(("value", "step"), [(0, 0), (1, 2), (2, 4), (3, 4), (4, 6), (400, 6)])
def test_a_value_belongs_to_the_last_class_it_reaches(value, step):
    assert LEGEND.step_of(value) == step


@pytest.mark.parametrize("count", range(1, 8))
def test_more_classes_are_darker_and_all_differ(count):
    legend = Legend("次数", tuple(LegendClass(number, str(number)) for number in range(count)))
    steps = [legend.step_of(number) for number in range(count)]
    assert steps == sorted(set(steps))
    assert max(steps) <= 6


def test_a_legend_that_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="rising"):
        Legend("次数", ())
    with pytest.raises(ValueError, match="rising"):
        Legend("次数", (LegendClass(2, "b"), LegendClass(1, "a")))
    with pytest.raises(ValueError, match="rising"):
        Legend("次数", tuple(LegendClass(number, "x") for number in range(8)))
    with pytest.raises(ValueError, match="below"):
        Legend("次数", (LegendClass(1, "a"),)).step_of(0)


def test_every_step_hatching_and_ground_has_its_look_from_the_tokens():
    style = STYLE.read_text(encoding="utf-8")
    tokens = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    for step in range(7):
        assert f"fill: var(--scale-{step})" in style
        assert f"--scale-{step}:" in tokens
        assert f'url("#coverage-hatch-{step}")' in style
        assert f'id="coverage-hatch-{step}"' in parts_of().body_html
    assert 'url("#coverage-dots")' in style
    assert "--scale-unknown:" in tokens
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?!\")", style.replace('url("#coverage', ""))


def test_schematic_cells_say_that_they_are_no_boundaries():
    assert SCHEMATIC_NOTE == "示意服务单元（按驻地点生成），不作为行政区域界线"
    assert "coverage-border-voronoi" in parts_of().body_html
    assert SCHEMATIC_NOTE in parts_of().body_html.split("application/json")[0]
    official = parts_of(lines=dict(zip(VALUES, [GeometryKind.OFFICIAL, GeometryKind.IMPORTED] * 2, strict=True)))
    assert SCHEMATIC_NOTE not in official.body_html.split("application/json")[0]
    mixed = parts_of(lines=dict(zip(VALUES, [GeometryKind.IMPORTED, GeometryKind.VORONOI] * 2, strict=True)))
    assert SCHEMATIC_NOTE in mixed.body_html.split("application/json")[0]


def test_sources_maker_and_review_number_are_printed():
    parts = parts_of(map_maker="三明市科技局")
    assert "县界：天地图；驻地点：GeoNames（CC BY 4.0）" in parts.body_html
    assert "制图：三明市科技局" in parts.body_html
    assert data_of(parts)["reviewNo"] == "GS(2024)0650号"


def test_the_map_has_a_name_and_says_where_else_its_content_is():
    elements = Elements(parts_of().body_html)
    (region,) = [attributes for attributes in elements.all("div") if attributes.get("role") == "region"]
    assert region["aria-label"] == "2026年主导产业覆盖图，地图"
    assert "页面上的表格内容与地图相同" in parts_of().body_html
    assert [a["id"] for a in elements.all("div") if "id" in a] == ["map_coverage"]


# A basemap, only by setting


def test_a_basemap_is_drawn_below_and_named():
    basemap = Basemap(
        ("https://t{s}.example.cn/vec_w/wmts?TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=KEY", "/tiles/{z}/{x}/{y}.png"),
        "天地图",
    )
    parts = parts_of(basemap=basemap)
    assert parts.script_js.count("L.tileLayer(") == 2
    assert "TILEMATRIX={z}\\u0026TILEROW={y}" in parts.script_js
    assert '"subdomains": "01234567"' in parts.script_js
    assert '"maxZoom": 18' in parts.script_js
    assert "with-basemap" in parts.body_html
    assert data_of(parts)["basemap"] is True
    assert "with-basemap" not in parts_of().body_html


@pytest.mark.parametrize("text", HOSTILE)
def test_a_basemaps_attribution_is_text_too(text):
    script = parts_of(basemap=Basemap(("/tiles/{z}/{x}/{y}.png",), text)).script_js
    attribution = json.loads(re.search(r'"attribution": (".*?"),\n', script).group(1))
    assert "<" not in attribution
    assert html.unescape(attribution) == text
    assert "49" not in script


@pytest.mark.parametrize(
    "address",
    [
        "https://t{s}.example.cn/{x}/{y}",
        "https://example.cn/{z}/{x}/{y}?a={{7*7}}",
        "https://example.cn/{z}/{x}/{y}?a={key}",
        "https://example.cn/{z}/{x}/{y}'",
        "https://example.cn/{z}/{x}/{y} b",
        "javascript:{z}",
        "//example.cn/{z}/{x}/{y}",
    ],
)
def test_a_tile_address_that_is_more_than_an_address_is_refused(address):
    with pytest.raises(ValueError, match="tile address"):
        Basemap((address,), "底图")
