"""What a row of a roster becomes: somebody to be appointed, with what is wrong, what was assumed, and who is meant."""

from dataclasses import dataclass, field
from datetime import date

from app.domain.vocabulary import Ground, Kind, Level, OrganisationKind, Source


@dataclass(frozen=True)
class Setting:
    """What holds for a whole workbook: chosen on the form or by the command.

    `territory` is the importer's (None: a command's, which reaches the whole city); `county_code`, `begins`, `ends`,
    `document` stand in where a row says nothing.
    """

    level: Level
    year: int
    today: date
    territory: str | None = None
    county_code: str | None = None
    begins: date | None = None
    ends: date | None = None
    document: str = ""

    @property
    def usual_term(self) -> tuple[date, date]:
        """The term of rows that state none: as chosen, else the calendar year of the batch."""
        return self.begins or date(self.year, 1, 1), self.ends or date(self.year, 12, 31)


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a row out, or makes it doubtful: where, what stood there (masked), why and what to do."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Mention:
    """A natural person as a row names him or her; `key` is unique in the workbook."""

    key: str
    row: int
    name: str
    id_number: str | None = None
    phone: str | None = None
    employer: str = ""
    title: str = ""
    education: str = ""


@dataclass(frozen=True)
class EntityFacts:
    """A legal entity as a row names it."""

    name: str
    kind: OrganisationKind
    credit_code: str | None = None
    contact_name: str = ""
    contact_phone: str | None = None


@dataclass(frozen=True)
class Entry:
    """One appointment that a roster asks for; a team's may stand in several rows.

    `people` holds the person of an individual, the leader and then the members of a team, nobody of an entity.
    """

    key: str
    sheet: str
    rows: tuple[int, ...]
    kind: Kind
    name: str
    county_code: str = ""
    people: tuple[Mention, ...] = ()
    entity: EntityFacts | None = None
    sending_unit: str = ""
    source: Source = Source.COUNTY
    specialities: str = ""
    industry_ids: tuple[int, ...] = ()
    begins: date = date.min
    ends: date = date.min
    ground: Ground = Ground.NOT_STATED
    document: str = ""
    cover: tuple[tuple[str, int], ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def row(self) -> int:
        return self.rows[0]


@dataclass(frozen=True)
class Reading:
    """Everything a workbook says: its entries, and what was passed over, in words."""

    entries: tuple[Entry, ...]
    remarks: tuple[str, ...] = field(default=())

    @property
    def row_count(self) -> int:
        return sum(len(entry.rows) for entry in self.entries)
