"""What is said of a command called wrongly, in Chinese; exit status 2 as everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager

import click


class WrongUsage(click.UsageError):
    """A mistake in options or arguments, with the usage line of the command."""

    def show(self, file: object = None) -> None:
        if self.ctx is not None:
            click.echo(
                f"用法：{self.ctx.command_path} {' '.join(self.ctx.command.collect_usage_pieces(self.ctx))}", err=True
            )
            click.echo(f"说明：{self.ctx.command_path} --help", err=True)
        click.echo(f"错误：{self.format_message()}", err=True)


@contextmanager
def chinese() -> Iterator[None]:
    """Mistakes in a call are told in the language of the commands."""
    try:
        yield
    except WrongUsage:
        raise
    except click.UsageError as error:
        raise in_chinese(error) from None


class Subject(click.Group):
    """Commands about one thing; mistakes in calling them are told in Chinese too."""

    def invoke(self, ctx: click.Context) -> object:
        with chinese():
            return super().invoke(ctx)


def in_chinese(error: click.UsageError) -> WrongUsage:
    """The same mistake in Chinese; click's own words stay where there are none of ours."""
    if isinstance(error, click.MissingParameter):
        words = f"缺少 {_named(error)}。"
    elif isinstance(error, click.NoSuchOption):
        near = f"是不是 {'、'.join(error.possibilities)}？" if error.possibilities else ""
        words = f"没有 {error.option_name} 这个选项。{near}"
    elif isinstance(error, click.BadOptionUsage):
        words = f"选项 {error.option_name} 用得不对，它后面应有一个值。"
    elif isinstance(error, click.BadParameter):
        kind = error.param.type if error.param is not None else None
        words = f"{_named(error)} 的值不对，应为 {_wanted(kind)}。" if _wanted(kind) else error.format_message()
    else:
        words = f"用法不对：{error.format_message()}"
    return WrongUsage(words, error.ctx)


def _named(error: click.BadParameter) -> str:
    if error.param is None or error.ctx is None:
        return str(error.param_hint or "一个参数")
    return error.param.get_error_hint(error.ctx).replace("'", "")


def _wanted(kind: click.ParamType | None) -> str:
    """What a parameter takes, in words; empty where click says it better."""
    if isinstance(kind, click.Choice):
        return f"{'、'.join(str(one) for one in kind.choices)} 之一"
    if isinstance(kind, click.IntRange):
        low, high = kind.min, kind.max
        if low is not None and high is not None:
            return f"{low} 到 {high} 的整数"
        return f"不小于 {low} 的整数" if low is not None else "整数"
    if isinstance(kind, click.types.IntParamType):
        return "整数"
    if isinstance(kind, click.DateTime):
        return "日期，如 2026-03-01"
    if isinstance(kind, click.Path):
        return "可用的文件夹" if not kind.file_okay else "可用的文件"
    return ""
