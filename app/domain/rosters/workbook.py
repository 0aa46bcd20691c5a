"""What a workbook is to the policy: sheets of numbered rows of plain values, however it was read."""

from dataclasses import dataclass
from datetime import date, datetime

# What a cell may hold once read; formulas have become their last result.
Value = str | int | float | bool | date | datetime | None

EXCEL_EPOCH = date(1899, 12, 30)  # day 0 of serial numbers; workbooks of old Macs count from 1904 instead


@dataclass(frozen=True)
class SheetRow:
    """One row that is not blank; `number` is the one that the spreadsheet shows (counts from 1)."""

    number: int
    values: tuple[Value, ...]

    def value(self, column: int) -> Value:
        return self.values[column] if column < len(self.values) else None


@dataclass(frozen=True)
class Sheet:
    """One sheet; cells merged downwards carry their value in each of their rows."""

    name: str
    rows: tuple[SheetRow, ...]
    hidden: bool = False
    epoch: date = EXCEL_EPOCH
