"""Files of the commands: tables read with their lines named, results written whole or not at all."""

import csv
import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

FILE = click.Path(path_type=Path)
# Columns that a table of things must have.
NEEDED = ("id", "title")
LONGEST_CELL = 16 * 1024 * 1024


class BadInput(click.ClickException):
    """Wrong input: said in Chinese, exit status 1, nothing written."""

    def format_message(self) -> str:
        return self.message

    def show(self, file: object = None) -> None:
        click.echo(f"错误：{self.message}", err=True)


def read_rows(path: Path, columns: Iterable[str], needed: Iterable[str] | None = None) -> list[dict[str, str]]:
    """The same as `numbered_rows`, without the numbers."""
    return [row for _, row in numbered_rows(path, columns, needed)]


def numbered_rows(
    path: Path, columns: Iterable[str], needed: Iterable[str] | None = None
) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file (UTF-8, with or without a byte-order mark), unknown columns ignored, each with the line
    of the file on which it begins.

    Columns outside `needed` (default: all) may be missing and then count as empty. Headings are read without regard
    to blanks around them and to capitals. Blank rows are passed over. Refused: a missing file, another encoding, a
    broken table, a needed column that is missing, a column that stands twice.
    """
    wanted = tuple(columns)
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            heading = [name.strip().lower() for name in next(lines, [])]
            rows, begins = [], lines.line_num + 1
            for line in lines:
                rows.append((begins, dict(zip(heading, line, strict=False))))
                begins = lines.line_num + 1
    except FileNotFoundError:
        raise BadInput(f"找不到文件 {path}，请检查路径。") from None
    except IsADirectoryError:
        raise BadInput(f"{path} 是文件夹，请给出 CSV 文件。") from None
    except OSError as error:
        raise BadInput(f"无法读取 {path}：{reason(error)}。") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} 不是 UTF-8 编码，请另存为“CSV UTF-8”后再试。") from None
    except csv.Error as error:
        raise BadInput(f"{path} 第 {lines.line_num} 行附近的引号不成对，不是有效的 CSV 文件（{error}）。") from None
    _check_heading(path, heading, wanted, wanted if needed is None else tuple(needed))
    cells = ((line, {name: (row.get(name) or "").strip() for name in wanted}) for line, row in rows)
    return [(line, row) for line, row in cells if any(row.values())]


def _check_heading(path: Path, heading: Sequence[str], wanted: Sequence[str], needed: Sequence[str]) -> None:
    twice = [name for name in wanted if heading.count(name) > 1]
    if twice:
        raise BadInput(f"{path} 的列 {'、'.join(twice)} 出现了两次，请只留一列。")
    missing = [name for name in needed if name not in heading]
    if not missing:
        return
    if not heading:
        raise BadInput(f"{path} 是空文件；第一行应是列名：{'、'.join(needed)}。")
    if len(heading) == 1 and any(mark in heading[0] for mark in "\t;；，"):
        raise BadInput(f"{path} 的各列不是用英文逗号分隔的，请另存为“CSV UTF-8（逗号分隔）”后再试。")
    raise BadInput(f"{path} 缺少列：{'、'.join(missing)}；需要的列：{'、'.join(needed)}。")


def read_table(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """Rows of things with an id. Refused besides: a row without an id or any text, an id that stands twice."""
    seen: dict[str, int] = {}
    rows = numbered_rows(path, columns, NEEDED)
    for line, row in rows:
        if not row["id"]:
            raise BadInput(f"{path} 第 {line} 行没有 id，请补上后再试。")
        if row["id"] in seen:
            raise BadInput(f"{path} 第 {line} 行的 id“{row['id']}”与第 {seen[row['id']]} 行重复。")
        if not row["title"] and not row["description"]:
            raise BadInput(f"{path} 第 {line} 行（{row['id']}）标题和说明都是空的，请至少填写一项。")
        seen[row["id"]] = line
    return [row for _, row in rows]


def write_table(path: Path, heading: list[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a CSV file (UTF-8); refused where it cannot be written."""
    with written(path) as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        writer.writerows(rows)


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """A text file (UTF-8) to write; it takes its name only when it is whole, so that a full disk or a break leaves
    what was there before. Refused where it cannot be written.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # a pipe or /dev/stdout has nothing to keep
            with path.open("w", encoding="utf-8", newline="") as file:
                yield file
            return
        named = path.resolve()
        if named.is_dir():
            raise IsADirectoryError(errno.EISDIR, "", str(path))
        part = named.with_name(f".{named.name}.{os.getpid()}.part")
        try:
            with part.open("w", encoding="utf-8", newline="") as file:
                yield file
            part.replace(named)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"无法写入 {path}：{reason(error)}。") from None


REASONS = {
    errno.ENOENT: "文件夹不存在",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "这是文件夹，请给出文件名",
    errno.EEXIST: "已有同名文件",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "所在磁盘是只读的",
    errno.ENOSPC: "磁盘已满",
    errno.ENAMETOOLONG: "文件名太长",
}


def reason(error: OSError) -> str:
    """Why the system would not, in words; what is not foreseen in its own."""
    return REASONS.get(error.errno or 0) or error.strerror or str(error)
