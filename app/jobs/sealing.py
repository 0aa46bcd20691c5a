"""The one sealer: chains what has been committed, notes the chain's end outside the database, checks the whole."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.storage import seals
from app.storage.seals import Anchor
from app.storage.session import reading, writing
from app.web.platform import Platform

CHECK = "trail.check"
ANCHOR_FILE = "trail-end.json"


def seal(held: Platform, *, everything: bool = False) -> bool:
    """Seal one batch of what is unsealed; False when nothing was, or another worker was just doing it."""
    with reading(held.engine, held.keyring) as session:  # most of the time there is nothing: no writer is held up
        if not everything and not seals.waiting(session):
            return False
    try:
        with writing(held.engine, held.keyring) as session:
            end = seals.seal_new(session, everything=everything)
    except IntegrityError:
        return False
    if end is not None:
        _note(held.settings.data_dir, end)
    return end is not None


def check(held: Platform, _: int = 0) -> Callable[[Session], object]:
    """Go through the whole chain; what it found is to be kept. The end noted before the check began must be in it."""
    anchor = noted_end(held.settings.data_dir)
    with reading(held.engine, held.keyring) as session:
        found = seals.verify(session, anchor)
    return lambda session: seals.keep_check(session, found)


def noted_end(folder: Path) -> Anchor | None:
    """The end of the chain as noted outside the database; None where this machine has never sealed."""
    path = folder / ANCHOR_FILE
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    return Anchor(told["sequence"], told["seal"])


def _note(folder: Path, end: Anchor) -> None:
    draft = folder / f".{ANCHOR_FILE}.{os.getpid()}"
    draft.write_text(json.dumps({"sequence": end.sequence, "seal": end.seal}), encoding="utf-8")
    draft.replace(folder / ANCHOR_FILE)
