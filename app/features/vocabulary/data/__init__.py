"""The vocabulary that ships with the platform, read from the files beside this module.

`concepts/*.csv` hold one concept a row (columns: app/domain/matching/vocabulary.py), one file a field of
work.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

CONCEPTS = Path(__file__).parent / "concepts"


def shipped_rows() -> Iterator[dict[str, str]]:
    """Every row of every concept file, files in alphabetical order."""
    for path in sorted(CONCEPTS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def bureau_file(data_dir: Path) -> Path:
    """Where the concepts that the bureau has imported are kept in the data directory."""
    return data_dir / "vocabulary" / "concepts.csv"


def current_rows(data_dir: Path) -> Iterator[dict[str, str]]:
    """The shipped rows with the bureau's own: same ids replaced, others added."""
    own: dict[str, dict[str, str]] = {}
    path = bureau_file(data_dir)
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            own = {row["id"]: row for row in csv.DictReader(file)}
    for row in shipped_rows():
        yield own.pop(row["id"], row)
    yield from own.values()
