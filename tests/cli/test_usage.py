"""A command called wrongly says so in Chinese, names the option and what it takes, and ends with status 2."""

import click
import pytest
from click.testing import CliRunner

from app.cli import LateCommand


@click.group()
def site() -> None:
    """Stands where Flask's own group stands."""


for name in ("match-rank", "match-plan", "vocabulary", "match-weights"):
    site.add_command(LateCommand(name))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("match-rank --offers o --out r", "缺少 --demands。"),
        ("match-rank --demands d --offers o --out r --top 0", "--top 的值不对，应为 1 到 1000 的整数。"),
        ("match-plan --mode best", "--mode 的值不对，应为 fit、stable、cover 之一。"),
        ("match-rank --demand d", "没有 --demand 这个选项。是不是 --demands？"),
        ("match-rank --out", "选项 --out 用得不对，它后面应有一个值。"),
        ("vocabulary import f.csv --valid-from x", "--valid-from 的值不对，应为 日期，如 2026-03-01。"),
        ("match-weights propose --folds 1", "--folds 的值不对，应为 2 到 20 的整数。"),
        ("vocabulary frobnicate", "用法不对："),
        ("match-rank --demands d --offers o --out r more", "用法不对："),
    ],
)
def test_a_wrong_call_is_told_in_chinese(arguments, words):
    result = CliRunner().invoke(site, arguments.split())
    assert result.exit_code == 2
    assert f"错误：{words}" in result.stderr and "Usage" not in result.output
