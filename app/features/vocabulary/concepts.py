"""The matching vocabulary of a day: what ships, with the bureau's edits that are in force; and making such edits.

Edits are appended, dated and never changed: of one concept the latest that is in force counts, so that every day's
vocabulary can be told again. How many are in force, and the latest, is the stamp by which workers see that theirs is
old.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.matching.vocabulary import Concept
from app.domain.refusals import RuleBroken
from app.domain.roles import Actor
from app.domain.wording import LONGEST_WHY, spoken
from app.features.vocabulary.data import shipped_rows
from app.features.vocabulary.models import ConceptEdit
from app.storage import trail

Row = Mapping[str, str]
Stamp = tuple[int, str]
MOST_WRONG = 20
MOST_SHOWN = 50


def stamp(session: Session, today: date) -> Stamp:
    """How many edits are in force, and the uid of the latest; equal stamps mean the same vocabulary."""
    in_force = ConceptEdit.valid_from <= today
    count = session.scalar(sa.select(sa.func.count()).select_from(ConceptEdit).where(in_force)) or 0
    if not count:
        return 0, ""
    latest = session.scalar(sa.select(ConceptEdit.uid).where(in_force).order_by(ConceptEdit.id.desc()).limit(1))
    return count, str(latest)


def edits_in_force(session: Session, today: date) -> dict[str, Row | None]:
    """Concept → the bureau's row of it; None: left out."""
    rows = session.scalars(sa.select(ConceptEdit).where(ConceptEdit.valid_from <= today).order_by(ConceptEdit.id))
    return {edit.concept_id: json.loads(edit.row) if edit.row is not None else None for edit in rows}


def current_rows(session: Session, today: date) -> list[Row]:
    """Every concept of a day as a row of the exchange file: shipped ones in their order, then the bureau's own."""
    own = edits_in_force(session, today)
    told: list[Row] = []
    for row in shipped_rows():
        edited = own.pop(row["id"], row)
        if edited is not None:
            told.append(edited)
    return told + [row for row in own.values() if row is not None]


def history(session: Session, concept_id: str) -> list[ConceptEdit]:
    """Every edit of a concept, the latest first."""
    wanted = sa.select(ConceptEdit).where(ConceptEdit.concept_id == concept_id)
    return list(session.scalars(wanted.order_by(ConceptEdit.id.desc()).limit(MOST_SHOWN)))


def find(session: Session, today: date, words: str) -> list[Concept]:
    """Concepts with a label or id that holds the words, the closest labels first; at most fifty."""
    text = words.strip().lower()
    concepts = (Concept.from_row(row) for row in current_rows(session, today))
    hits = [c for c in concepts if text and (text in c.id or any(text in label.lower() for label in c.labels))]
    return sorted(hits, key=lambda c: (min(len(label) for label in c.labels), c.id))[:MOST_SHOWN]


def preferred_labels(session: Session, today: date) -> dict[str, str]:
    """Concept → what people call it, so that a page never shows a bare id where a name belongs."""
    return {row["id"]: row["preferred"] for row in current_rows(session, today)}


def edit(
    session: Session, actor: Actor, today: date, rows: Iterable[Row], *, valid_from: date, words: str
) -> list[ConceptEdit]:
    """Change or add concepts from a day on; all or none.

    Refused: no reason, a day in the past, a concept without id or name, and what `health.findings` finds wrong in
    any of them (unknown references, circles, labels that are sentences). Rows equal to what holds already are left out.
    """
    from app.domain.matching.health import findings  # only where the vocabulary is edited

    said = _checked(today, valid_from, words)
    concepts = [Concept.from_row(row) for row in rows]
    for line, concept in enumerate(concepts, start=1):
        if not concept.id or not concept.preferred:
            raise RuleBroken(f"第{line}个概念没有编号或首选词，请补上。", field="preferred")
    mine = {concept.id for concept in concepts}
    now = {row["id"]: Concept.from_row(row) for row in current_rows(session, today)}
    rest = [concept for id_, concept in now.items() if id_ not in mine]
    wrong = [found for found in findings([*concepts, *rest]) if found.concept_id in mine]
    if wrong:
        told = "；".join(f"{found.concept_id}：{found.message}" for found in wrong[:MOST_WRONG])
        raise RuleBroken(f"{told}。", field="preferred")
    changed = [concept for concept in concepts if now.get(concept.id) != concept]
    return [
        _keep(session, actor, concept.id, json.dumps(concept.as_row(), ensure_ascii=False), valid_from, said)
        for concept in changed
    ]


def leave_out(session: Session, actor: Actor, today: date, concept_id: str, *, valid_from: date, words: str) -> None:
    """Take a concept out from a day on. Refused when others name it as broader, related or discipline."""
    said = _checked(today, valid_from, words)
    users = [
        concept.preferred
        for concept in (Concept.from_row(row) for row in current_rows(session, today))
        if concept_id in (*concept.broader, *concept.related, *concept.disciplines) and concept.id != concept_id
    ]
    if users:
        raise RuleBroken(f"还有{len(users)}个概念用到它（{'、'.join(users[:5])}），请先改它们。", field="words")
    _keep(session, actor, concept_id, None, valid_from, said)


def _checked(today: date, valid_from: date, words: str) -> str:
    why = spoken(" ".join(words.split()), "words", LONGEST_WHY)
    if not why:
        raise RuleBroken("请写明为什么改，方便以后查。", field="words")
    if valid_from < today:
        raise RuleBroken("启用日期不能早于今天。", field="valid_from")
    return why


def _keep(
    session: Session, actor: Actor, concept_id: str, row: str | None, valid_from: date, words: str
) -> ConceptEdit:
    by = actor.role.label if actor.role else actor.display_name
    made = ConceptEdit(concept_id=concept_id, row=row, valid_from=valid_from, words=words, by=by[:60])
    session.add(made)
    session.flush()
    what = f"{'修改' if row else '去掉'}概念 {concept_id}：{words}"
    trail.record(session, actor, "vocabulary.edit", made, words=what)
    return made


def exchange_rows(session: Session, today: date) -> list[list[str]]:
    """The vocabulary of a day for the exchange file, in `COLUMNS`."""
    return [list(Concept.from_row(row).as_row().values()) for row in current_rows(session, today)]
