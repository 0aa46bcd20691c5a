"""The page parts: what every desk's pages inherit from the macros in templates/parts/.

Rules: WCAG 2.2 AA (1.3.1 names and relations, 3.3.1 errors named, 3.3.2 labels), decisions.md 23, house.md "The look".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
Render = Callable[..., str]


@pytest.fixture(scope="module")
def render() -> Render:
    """Renders a piece of template as a page would, without an application."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    environment.globals["csrf_token"] = lambda: "token-of-this-page"
    return lambda source, **values: environment.from_string(source).render(**values)


class Yield(Form):
    crop = StringField("作物", [DataRequired("请填写作物")])
    area = IntegerField("面积", [Optional()])


class Visit(Form):
    kept = HiddenField()
    place = SelectField(
        "服务乡镇", [DataRequired("请选择乡镇")], choices=[SelectChoice("", "请选择"), SelectChoice("1", "洋中镇")]
    )
    mode = RadioField(
        "服务方式",
        [DataRequired("请选择方式")],
        choices=[SelectChoice("onsite", "现场"), SelectChoice("online", "线上")],
    )
    done = TextAreaField("做了什么", [DataRequired("请写明做了什么")], description="写给没有到场的人看")
    note = StringField("备注", [Optional(), Length(max=5, message="最多 5 个字")])
    agreed = BooleanField("对方同意", [DataRequired("请确认对方同意")])
    photo = FileField("照片")
    result = FormField(Yield, "成效")
    villages = FieldList(StringField("村", [Length(max=3, message="村名太长")]), "涉及的村")


def refused() -> Visit:
    form = Visit(MultiDict({"note": "超过五个字的备注", "villages-0": "很长的村名"}))
    assert not form.validate()
    return form


FORMS = '{% from "parts/forms.html" import field, file_field, form_body, error_summary %}'


def one(html: str, pattern: str) -> str:
    found = re.findall(pattern, html)
    assert len(found) == 1, f"{pattern}: {found}"
    return str(found[0])


def test_a_refused_field_names_its_error_and_hint_to_every_reader(render: Render) -> None:
    html = render(FORMS + "{{ field(form.done) }}", form=refused())
    control = one(html, r"<textarea[^>]*>")
    assert 'aria-describedby="done-hint done-error"' in control
    assert 'aria-invalid="true"' in control
    assert one(html, r'(?s)id="done-hint">(.*?)</p>') == "写给没有到场的人看"
    assert "请写明做了什么" in one(html, r'(?s)id="done-error">(.*?)</p>')
    assert one(html, r'<label class="label" for="(\w+)"') == "done"


def test_a_sound_field_claims_no_error(render: Render) -> None:
    html = render(FORMS + "{{ field(form.done) }}", form=Visit())
    assert "aria-invalid" not in html
    assert 'aria-describedby="done-hint"' in html


def test_only_fields_that_may_stay_empty_are_called_optional(render: Render) -> None:
    form = Visit()
    assert "选填" in render(FORMS + "{{ field(form.note) }}", form=form)
    assert "选填" not in render(FORMS + "{{ field(form.done) }}", form=form)


def test_what_was_typed_stays_and_cannot_become_markup(render: Render) -> None:
    form = Visit(MultiDict({"done": "<script>x</script>"}))
    html = render(FORMS + "{{ field(form.done) }}", form=form)
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    assert "<script>" not in html


def test_choices_stand_in_a_named_group(render: Render) -> None:
    html = render(FORMS + "{{ field(form.mode, option_hints={'online': '单独统计'}) }}", form=refused())
    assert one(html, r'(?s)<fieldset[^>]*aria-describedby="([^"]*)"') == "mode-error"
    assert "服务方式" in one(html, r"(?s)<legend[^>]*>(.*?)</legend>")
    assert re.findall(r'<label for="([^"]+)"', html) == ["mode-0", "mode-1"]
    assert 'aria-describedby="mode-1-hint"' in html


def test_the_summary_leads_to_every_wrong_field_and_no_other(render: Render) -> None:
    html = render(FORMS + "{{ error_summary(form, more=['整张表有误']) }}", form=refused())
    links = re.findall(r'<a href="#([^"]+)">', html)
    assert sorted(links) == sorted(["place", "mode-0", "done", "note", "agreed", "result-crop", "villages-0"])
    assert "整张表有误" in html
    assert 'role="alert"' in html


def test_every_link_of_the_summary_arrives(render: Render) -> None:
    html = render(
        FORMS + "{% call form_body(form) %}{% for item in form %}{{ field(item) }}{% endfor %}{% endcall %}",
        form=refused(),
    )
    ids = set(re.findall(r'\sid="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= ids


def test_a_form_without_errors_has_no_summary(render: Render) -> None:
    assert render(FORMS + "{{ error_summary(form) }}", form=Visit()).strip() == ""


def test_a_form_carries_its_token_once_and_is_sent_once(render: Render) -> None:
    html = render(FORMS + "{% call form_body(form, files=True) %}x{% endcall %}", form=Visit())
    assert html.count("token-of-this-page") == 1
    tag = one(html, r"<form[^>]*>")
    assert 'method="post"' in tag and "data-once" in tag and 'enctype="multipart/form-data"' in tag
    assert 'name="kept"' in html and 'id="kept"' not in html


def test_an_upload_says_its_limit_in_words_and_to_the_browser(render: Render) -> None:
    html = render(FORMS + "{{ file_field(form.photo, 20 * 1024 * 1024, hint='最多 6 张') }}", form=Visit())
    assert "最多 6 张；不超过 20 MB" in html
    assert 'data-max-bytes="20971520"' in html


TABLES = '{% from "parts/tables.html" import table, row, head, cell, number, simple_table %}'


def test_every_cell_knows_its_column_for_the_phone(render: Render) -> None:
    html = render(TABLES + "{{ simple_table('统计', ['级别', {'label': '人次', 'number': True}], [['县级', 1771]]) }}")
    assert re.findall(r'data-label="([^"]+)"', html) == ["级别", "人次"]
    assert "1,771" in html
    assert "<caption" in html and 'scope="row"' in html and 'scope="col"' in html


def test_what_is_not_known_is_never_shown_as_zero(render: Render) -> None:
    html = render(TABLES + "{{ number('面积', none) }}{{ number('面积', 0) }}")
    assert re.findall(r">(—|0)<", html) == ["—", "0"]
    heat = render(
        "{% from 'parts/figures.html' import heat %}{{ heat('覆盖', ['甲'], ['一', '二', '三'], [[none, 0, 9]]) }}"
    )
    body = one(heat, r"(?s)<tbody>(.*)</tbody>")
    assert [match.split()[0] for match in re.findall(r'<td class="([^"]+)"', body)] == [
        "heat-unknown",
        "heat-0",
        "heat-6",
    ]
    assert "不详" in body


def test_declared_cells_say_so_in_words(render: Render) -> None:
    html = render(
        "{% from 'parts/figures.html' import heat %}"
        "{{ heat('覆盖', ['甲'], ['一'], [[{'value': 1, 'mark': 'declared'}]]) }}"
    )
    assert "只有申报，没有服务记录" in html


def test_bars_are_as_long_as_their_values_say(render: Render) -> None:
    html = render(
        "{% from 'parts/figures.html' import bars %}{{ bars('服务', rows, unit='次') }}",
        rows=[{"label": "甲", "value": 200}, {"label": "乙", "value": 50}, {"label": "丙", "value": None}],
    )
    assert re.findall(r'class="bar-fill" width="([\d.]+)%"', html) == ["100.0", "25.0"]
    assert "不详" in html


def test_a_state_is_a_word_and_a_shape(render: Render) -> None:
    source = "{% from 'parts/states.html' import badge %}{{ badge('状态', tone) }}"
    tones = ["neutral", "waiting", "good", "wrong", "done"]
    drawn = [one(render(source, tone=tone), r"(?s)<svg[^>]*>(.*?)</svg>") for tone in tones]
    assert len(set(drawn)) == len(tones)


def test_what_cannot_be_taken_back_says_what_will_happen_and_asks_for_the_reason(render: Render) -> None:
    html = render(
        "{% from 'parts/actions.html' import destructive %}"
        "{{ destructive('退回', '/return', '退回后乡镇会收到理由。', confirm='确认退回', reason='退回理由', key='a') }}"
    )
    form = one(html, r"(?s)(<form.*</form>)")
    assert 'method="post" action="/return"' in form and "token-of-this-page" in form
    assert "退回后乡镇会收到理由。" in form and "确认退回" in form
    label = one(form, r'<label class="label" for="([^"]+)"')
    assert f'id="{label}" name="reason"' in form


def test_a_masked_value_is_shown_only_by_a_post(render: Render) -> None:
    source = (
        "{% from 'parts/masked.html' import masked %}{{ masked('电话', '138****0000', '/reveal', revealed=shown) }}"
    )
    assert 'method="post" action="/reveal"' in render(source, shown=False)
    assert "<form" not in render(source, shown=True)


def test_filters_stay_in_the_address(render: Render) -> None:
    html = render(
        "{% from 'parts/filters.html' import filter_bar, filter_select %}"
        "{% call filter_bar(active=active, keep={'sort': 'due'}) %}"
        "{{ filter_select('town', '乡镇', [('1', '洋中镇'), ('2', '西城镇')], 2) }}{% endcall %}",
        active=[{"label": "乡镇", "value": "西城镇", "remove_url": "/demands"}],
    )
    assert 'method="get"' in one(html, r"<form[^>]*>")
    assert '<input type="hidden" name="sort" value="due">' in html
    assert '<option value="2" selected>' in html
    assert 'href="/demands"' in html


@pytest.mark.parametrize("urgency", ["waiting", "overdue", None])
def test_only_what_waits_or_is_late_is_coloured(render: Render, urgency: Any) -> None:
    html = render(
        "{% from 'parts/todo.html' import todo_list %}{{ todo_list([item]) }}",
        item={"what": "审核", "href": "/v", "due": "明天到期", "urgency": urgency},
    )
    assert ("badge-waiting" in html, "badge-wrong" in html) == (urgency == "waiting", urgency == "overdue")
