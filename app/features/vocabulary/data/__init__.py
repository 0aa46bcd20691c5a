"""The vocabulary that ships with the platform, read from the files beside this module.

`concepts/*.csv` hold one concept a row (columns: app/domain/matching/vocabulary.py), one file a field of
work. `examples.csv` holds sentences as villages and workshops speak, written for this purpose, each with the
disciplines (ids, `|`-separated) of the help that suits; none of them stands in a set that the ranking is measured on.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

CONCEPTS = Path(__file__).parent / "concepts"
EXAMPLES = Path(__file__).parent / "examples.csv"


def shipped_rows() -> Iterator[dict[str, str]]:
    """Every row of every concept file, files in alphabetical order."""
    for path in sorted(CONCEPTS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def shipped_examples() -> Iterator[dict[str, str]]:
    """Every example sentence: `text`, `disciplines`."""
    with EXAMPLES.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
