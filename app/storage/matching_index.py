"""The matching index of one process: a mapped base, what changed since in memory, and the way to the next
base.

A worker opens it at its first suggestion (2 ms, the postings are shared between processes) and brings it up
to date before each query (`refresh`: one row read when nothing changed). Changes since the base are small
segments in memory; a ranking over base and changes is the same as after folding them into a new base,
because document frequencies are exact over both and sums are whole numbers. Folding and rebuilding may run
in any process at any time and may be killed at any moment; the others go on with what they have and take
over the new base at their next refresh. Not safe for several threads at once: one index each, or a lock
around it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from app.domain.matching.collection import Collection, Live
from app.domain.matching.facts import OfferFacts
from app.domain.matching.postings import Entry, Segment, build, keys_of
from app.storage import matching_log
from app.storage.matching_files import Base, Writer, current_mark, only_writer, open_current
from app.storage.matching_merge import merge

# Changes after which a background fold is due: below this they cost a query less than a fifth.
FOLD_FROM = 1000
# Offers prepared at a time in a rebuild: some 100 MB of Python objects.
REBUILD_CHUNK = 20_000
# Changes read from the log at a time.
READ_CHUNK = 2000

# Which of these offers exist and are open to matching now, as they are in this session's snapshot.
Gather = Callable[[Session, Sequence[int]], Iterable[OfferFacts]]
Prepare = Callable[[OfferFacts], Entry]


@dataclass(frozen=True)
class Change:
    """What became of one offer: its entry as it is now, or None when it is gone or no longer published."""

    position: int
    offer_id: str
    entry: Entry | None


class MatchingIndex:
    """Offers ready for ranking, kept right by the change log. Make it with `open`."""

    def __init__(self, directory: Path, fingerprint: str, prepare: Prepare) -> None:
        self._directory = directory
        self._fingerprint = fingerprint
        self._prepare = prepare
        self._mark: tuple[int, int] | None = None
        self._base: Base | None = None
        self._changes: dict[str, Change] = {}
        self._lives: list[Live] = []
        self.position = 0

    @classmethod
    def open(cls, directory: Path, fingerprint: str, prepare: Prepare) -> "MatchingIndex":
        """The index in a directory (made if missing), as far as its last base goes.

        `fingerprint` and `prepare` are the engine's (`Engine.fingerprint`, `Engine.entry`): a base made
        with another vocabulary counts as missing.
        """
        index = cls(directory / fingerprint, fingerprint, prepare)
        index._take_over()
        return index

    @property
    def is_built(self) -> bool:
        """Whether there is a base; without one `rebuild` is due."""
        return self._base is not None

    @property
    def unfolded(self) -> int:
        """Changes since the base."""
        return len(self._changes)

    @property
    def fold_is_due(self) -> bool:
        return self.unfolded >= FOLD_FROM

    @property
    def collection(self) -> Collection:
        """What `Engine.rank` searches; to be fetched anew after each refresh."""
        return Collection(self._lives or [Live(build([]))])

    def search(self, tokens: dict[str, float], top: int = 20) -> list[tuple[str, float]]:
        """The best offers by words alone; `tokens` are words with what each is worth (0 to 1)."""
        import numpy as np  # a worker loads it with its first search

        values = np.array(list(tokens.values()), dtype=np.float64)
        return self.collection.search(keys_of(f"w:{word}" for word in tokens), values, top)

    def refresh(self, session: Session, gather: Gather) -> int:
        """Takes in everything committed up to this session's snapshot; returns how many changes that were.

        Refused (LogPruned) when the log no longer reaches back to the base: `rebuild` is due.
        """
        self._take_over()
        head = matching_log.read_head(session)
        taken = 0
        while self.position < head.position:
            rows = matching_log.changes_after(session, self.position, head, READ_CHUNK)
            if not rows:
                break
            latest = {offer_id: position for position, offer_id in rows}
            facts = {offer.id: offer for offer in gather(session, list(latest))}
            self.apply(
                Change(position, str(offer_id), self._entry(facts.get(str(offer_id))))
                for offer_id, position in latest.items()
            )
            self.position = max(self.position, rows[-1][0])
            taken += len(rows)
        return taken

    def _entry(self, offer: OfferFacts | None) -> Entry | None:
        return None if offer is None else self._prepare(offer)

    def apply(self, changes: Iterable[Change]) -> None:
        """Takes in changes (the last of an offer counts). Idempotent: a change may be applied again."""
        latest = {change.offer_id: change for change in changes}
        if not latest:
            return
        for offer_id in latest:
            self._withdraw(offer_id)
        self._changes.update(latest)
        self.position = max(self.position, *(change.position for change in latest.values()))
        entries = [change.entry for change in latest.values() if change.entry is not None]
        if entries:
            self._lives.append(Live(build(entries)))
            self._even_out()

    def _withdraw(self, offer_id: str) -> None:
        for live in self._lives:
            document = live.segment.document_of(offer_id)
            if document >= 0:
                live.withdraw(document)

    def _even_out(self) -> None:
        """Joins small segments of like size, so that there are few: each offer is built in again some ten
        times.
        """
        first = 1 if self._base is not None else 0
        while len(self._lives) - first >= 2 and self._lives[-2].segment.size <= 2 * self._lives[-1].segment.size:
            joined = [*self._living(self._lives[-2]), *self._living(self._lives[-1])]
            self._lives[-2:] = [Live(build(joined))]

    def _living(self, live: Live) -> list[Entry]:
        ids = (offer_id.decode() for offer_id in live.segment.ids[~live.dead].tolist())
        entries = (self._changes[offer_id].entry for offer_id in ids)
        return [entry for entry in entries if entry is not None]

    def _take_over(self) -> None:
        """Switches to the newest base, keeping only what changed after it."""
        mark = current_mark(self._directory)
        if mark is None or mark == self._mark:
            return
        base = open_current(self._directory)
        if base is None or base.fingerprint != self._fingerprint:
            return
        self._mark, self._base = mark, base
        later = [change for change in self._changes.values() if change.position > base.position]
        self._changes = {}
        self._lives = [Live(base.segment)]
        self.position = max(base.position, max((change.position for change in later), default=0))
        self.apply(later)

    def fold(self) -> bool:
        """Writes base and changes as a new base; False when another process is writing one.

        Run it in the background when `fold_is_due`; nobody waits for it.
        """
        with only_writer(self._directory, wait=False) as mine:
            if not mine:
                return False
            self._take_over()
            writer = Writer(self._directory)
            try:
                merge(self._lives or [Live(build([]))], writer)
                writer.switch_in(self.position, self._fingerprint)
            except BaseException:
                writer.drop()
                raise
        self._take_over()
        return True

    def rebuild(self, session: Session, offers: Callable[[Session], Iterable[OfferFacts]]) -> bool:
        """Reads all offers anew and writes a base; False when another process did so meanwhile.

        The log is read before the offers, so a change that falls between counts twice, never not at all.
        Waits for whoever is writing a base now.
        """
        before = current_mark(self._directory)
        with only_writer(self._directory, wait=True):
            if current_mark(self._directory) != before:
                self._take_over()
                return False
            position = matching_log.read_head(session).position
            self._write(offers(session), position)
        self._changes = {}
        self._take_over()
        return True

    def build_from(self, offers: Iterable[OfferFacts], position: int = 0) -> None:
        """Writes a base of these offers, right up to a position of the log (for tests and measuring)."""
        with only_writer(self._directory, wait=True):
            self._write(offers, position)
        self._take_over()

    def _write(self, offers: Iterable[OfferFacts], position: int) -> None:
        chunks: list[Writer] = []
        source = iter(offers)
        try:
            segments: list[Segment] = []
            while part := [self._prepare(offer) for offer in islice(source, REBUILD_CHUNK)]:
                chunks.append(Writer(self._directory))
                merge([Live(build(part))], chunks[-1])
                segments.append(chunks[-1].segment())
            writer = Writer(self._directory)
            chunks.append(writer)
            merge([Live(segment) for segment in segments] or [Live(build([]))], writer)
            writer.switch_in(position, self._fingerprint)
        finally:
            for chunk in chunks:
                chunk.drop()
