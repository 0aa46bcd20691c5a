"""What importing a roster will do, row by row: the preview shows it, the import carries out the very same plan."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.masking import masked_id_number
from app.domain.moves import Move, MoveTable, states
from app.domain.rosters.entries import Entry, Problem, Reading
from app.domain.rosters.headings import Field
from app.domain.rosters.known import Known, KnownOrganisation
from app.domain.rosters.persons import Certainty, Identified, PersonFinder
from app.domain.vocabulary import Kind, Labelled


class BatchState(Labelled):
    PREVIEWED = ("previewed", "待确认")
    APPLIED = ("applied", "已导入")
    UNDONE = ("undone", "已撤销")
    DROPPED = ("dropped", "已放弃")


MOVES = MoveTable(
    "这次导入",
    BatchState,
    (
        Move("apply", "确认导入", states(BatchState.PREVIEWED), BatchState.APPLIED, "rosters.import"),
        Move("drop", "放弃", states(BatchState.PREVIEWED), BatchState.DROPPED, "rosters.import"),
        Move("undo", "撤销", states(BatchState.APPLIED), BatchState.UNDONE, "rosters.import"),
    ),
)


class Outcome(Labelled):
    """What becomes of a row."""

    NEW = ("new", "新增人员")
    APPOINTED = ("appointed", "已有人员新增选认")
    KNOWN = ("known", "已有选认（跳过）")
    DOUBTFUL = ("doubtful", "存疑（需确认）")
    REFUSED = ("refused", "不能导入")

    @property
    def is_applied(self) -> bool:
        return self in (Outcome.NEW, Outcome.APPOINTED)


@dataclass(frozen=True)
class Verdict:
    """What becomes of one entry, who its people are, and why."""

    entry: Entry
    outcome: Outcome
    people: tuple[Identified, ...] = ()
    organisation: KnownOrganisation | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Totals:
    """Figures of a plan. Rows: `rows` = those of entries to be applied + `known` + `doubtful` + `refused`."""

    rows: int = 0
    new_people: int = 0
    new_appointments: int = 0
    known: int = 0
    doubtful: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Assumption:
    """What was made of something that a roster leaves open; of how many appointments, and where the first stands."""

    words: str
    rows: int
    sheet: str
    row: int


@dataclass(frozen=True)
class Plan:
    verdicts: tuple[Verdict, ...]
    totals: Totals
    counts: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Changes when what a person has confirmed is no longer what would happen."""
        parts = [
            f"{v.entry.key} {v.outcome.value} {[(i.handle, i.certainty.value) for i in v.people]}"
            for v in self.verdicts
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def of(self, outcome: Outcome) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.outcome is outcome]

    @property
    def assumptions(self) -> list[Assumption]:
        """What is read otherwise than it stands in rows to be imported, each once; the most frequent first."""
        found: dict[str, list[tuple[str, int]]] = {}
        for verdict in self.verdicts:
            if verdict.outcome.is_applied or verdict.outcome is Outcome.DOUBTFUL:
                for words in verdict.notes:
                    found.setdefault(words, []).append((verdict.entry.sheet, verdict.entry.row))
        told = [Assumption(words, len(places), *places[0]) for words, places in found.items()]
        return sorted(told, key=lambda one: -one.rows)


def plan(reading: Reading, known: Known, answers: Mapping[str, str] | None = None) -> Plan:
    """Compare what a roster asks for with what is known. `answers`: mention key → a candidate's answer, or NEW."""
    planner = _Planner(known, PersonFinder(known, answers or {}))
    verdicts = tuple(planner.judge(entry) for entry in reading.entries)
    counts = Counter(verdict.outcome for verdict in verdicts)
    return Plan(verdicts, _totals(verdicts), {outcome: counts[outcome] for outcome in Outcome})


def _totals(verdicts: tuple[Verdict, ...]) -> Totals:
    rows: Counter[Outcome] = Counter()
    newcomers = set()
    for verdict in verdicts:
        rows[verdict.outcome] += len(verdict.entry.rows)
        if verdict.outcome.is_applied:
            newcomers |= {person.handle for person in verdict.people if person.certainty is Certainty.NEW}
    return Totals(
        rows=sum(rows.values()),
        new_people=len(newcomers),
        new_appointments=sum(verdict.outcome.is_applied for verdict in verdicts),
        known=rows[Outcome.KNOWN],
        doubtful=rows[Outcome.DOUBTFUL],
        refused=rows[Outcome.REFUSED],
    )


@dataclass
class _Planner:
    known: Known
    finder: PersonFinder
    appointed: dict[str, int] = field(
        default_factory=dict
    )  # who was appointed earlier in the workbook, and in which row

    def judge(self, entry: Entry) -> Verdict:
        if entry.problems:
            return Verdict(entry, Outcome.REFUSED, problems=entry.problems, notes=entry.notes)
        if entry.kind is Kind.ENTITY:
            return self._entity(entry)
        return self._team(entry) if entry.kind is Kind.TEAM else self._individual(entry)

    def _individual(self, entry: Entry) -> Verdict:
        person = self.finder.find(entry.people[0], entry.county_code)
        if person.certainty in (Certainty.REFUSED, Certainty.DOUBTFUL):
            return self._unclear(entry, (person,))
        if self._is_repeated(person.handle):
            return self._skipped(entry, (person,), self._again(person.handle))
        if person.person is not None and person.person.holds_in:
            return self._skipped(entry, (person,), person.words)
        self.appointed[person.handle] = entry.row
        outcome = Outcome.NEW if person.certainty is Certainty.NEW else Outcome.APPOINTED
        return Verdict(entry, outcome, (person,), notes=_noted(entry, person.words))

    def _team(self, entry: Entry) -> Verdict:
        handle = f"team:{entry.county_code}:{entry.name}"
        team = self.known.teams.get((entry.name, entry.county_code))
        if self._is_repeated(handle):
            return self._skipped(entry, (), self._again(handle))
        if team is not None and team.holds:
            return self._skipped(entry, (), "")
        people = tuple(self.finder.find(mention) for mention in entry.people)
        if any(person.certainty in (Certainty.REFUSED, Certainty.DOUBTFUL) for person in people):
            return self._unclear(entry, people)
        self.appointed[handle] = entry.row
        words = [f"{m.name}：{p.words}" for m, p in zip(entry.people, people, strict=True) if p.words]
        return Verdict(entry, Outcome.APPOINTED if team else Outcome.NEW, people, notes=_noted(entry, *words))

    def _entity(self, entry: Entry) -> Verdict:
        assert entry.entity is not None
        found = self.known.entity(entry.entity, entry.county_code)
        handle = f"entity:{found.id if found else f'{entry.county_code}:{entry.name}'}"
        wrong = _entity_problem(entry, found)
        if wrong is not None:
            return Verdict(entry, Outcome.REFUSED, problems=(wrong,), notes=entry.notes)
        if self._is_repeated(handle):
            return self._skipped(entry, (), self._again(handle))
        if found is not None and found.holds:
            return self._skipped(entry, (), "")
        self.appointed[handle] = entry.row
        outcome = Outcome.NEW if found is None else Outcome.APPOINTED
        return Verdict(entry, outcome, organisation=found, notes=entry.notes)

    def _is_repeated(self, handle: str) -> bool:
        return handle in self.appointed

    def _again(self, handle: str) -> str:
        return f"与第{self.appointed[handle]}行重复，只导入那一行"

    @staticmethod
    def _skipped(entry: Entry, people: tuple[Identified, ...], words: str) -> Verdict:
        return Verdict(entry, Outcome.KNOWN, people, notes=(words,) if words else ())

    @staticmethod
    def _unclear(entry: Entry, people: tuple[Identified, ...]) -> Verdict:
        """Refused where one of the people is, else in doubt."""
        found = []
        for mention, person in zip(entry.people, people, strict=True):
            if person.certainty is Certainty.REFUSED:
                shown = masked_id_number(mention.id_number or "")
                found.append(Problem(entry.sheet, mention.row, Field.ID_NUMBER.label, shown, person.words))
        if found:
            return Verdict(entry, Outcome.REFUSED, people, problems=tuple(found), notes=entry.notes)
        doubts = [
            Problem(entry.sheet, mention.row, Field.NAME.label, mention.name, person.words + "，请确认是不是同一人。")
            for mention, person in zip(entry.people, people, strict=True)
            if person.certainty is Certainty.DOUBTFUL
        ]
        return Verdict(entry, Outcome.DOUBTFUL, people, problems=tuple(doubts), notes=entry.notes)


def _entity_problem(entry: Entry, found: KnownOrganisation | None) -> Problem | None:
    """A credit code that is on record under another name, or a name under another code."""
    if found is None or entry.entity is None:
        return None
    code, reason = entry.entity.credit_code, ""
    if found.name != entry.entity.name and code:
        reason = f"这个统一社会信用代码已登记在“{found.name}”名下，请核对单位名称和代码。"
    elif code and found.credit_code and found.credit_code != code:
        reason = f"“{found.name}”登记的统一社会信用代码是{found.credit_code}，与这里不同，请核对。"
    return Problem(entry.sheet, entry.row, Field.CREDIT_CODE.label, code or "", reason) if reason else None


def _noted(entry: Entry, *words: str) -> tuple[str, ...]:
    return (*entry.notes, *(word for word in words if word))
