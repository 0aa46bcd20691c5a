"""The matching index: always right, in every process, whatever is killed and in whatever order writers
commit.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.matching import collection as collections
from app.domain.matching.facts import DemandFacts, OfferFacts, Tier
from app.domain.matching.ranking import Engine
from app.domain.matching.vocabulary import Concept, Vocabulary
from app.storage import matching_index, matching_log, matching_merge
from app.storage.keyring import load_keyring
from app.storage.matching_files import CURRENT
from app.storage.matching_index import Change, MatchingIndex
from app.storage.session import make_engine, open_session

VOCABULARY = Vocabulary(
    [
        Concept("fruit", "果树", facet="product", disciplines=("d.fruit",)),
        Concept("citrus", "柑橘", ("柑桔",), broader=("fruit",), facet="product", disciplines=("d.fruit",)),
        Concept("peach", "桃", ("桃树",), broader=("fruit",), facet="product", disciplines=("d.fruit",)),
        Concept("tea", "茶树", ("茶叶",), facet="product"),
        Concept("leafroll", "卷叶", facet="symptom", disciplines=("d.protect",)),
        Concept("d.fruit", "果树学", facet="discipline"),
        Concept("d.protect", "植物保护", ("病虫害防治",), facet="discipline"),
    ]
)
WORDS = ["柑橘", "桃树", "茶叶", "病虫害防治", "嫁接", "剪枝", "施肥", "灌溉", "贮藏", "包装", "温室", "育苗"]
OFFERS = sa.Table(
    "sample_offers",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("title", sa.String(100)),
)
DEMANDS = [
    DemandFacts("d1", "柑桔卷叶", "不知道怎么剪枝"),
    DemandFacts("d2", "桃树育苗和嫁接"),
    DemandFacts("d3", "茶叶包装贮藏"),
]


def offer(number: int, title: str | None = None) -> OfferFacts:
    """A varied offer; the title is made of words that depend on the number."""
    words = [WORDS[(number * step + step) % len(WORDS)] for step in (1, 5, 7)]
    return OfferFacts(str(number), "个人", title or "".join(words), f"第{number}号服务，{words[0]}")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(VOCABULARY)


@pytest.fixture
def opened(engine: Engine, tmp_path: Path) -> Callable[[], MatchingIndex]:
    """Opens the index of this test as another worker would."""
    return lambda: MatchingIndex.open(tmp_path / "matching", engine.fingerprint, engine.entry)


def answers(engine: Engine, index: MatchingIndex) -> list[list[tuple[str, float]]]:
    collection = index.collection
    return [
        [(found.offer_id, found.score) for found in engine.rank(demand, collection, 20).proposals] for demand in DEMANDS
    ]


def change(engine: Engine, position: int, number: int, title: str | None = None) -> Change:
    return Change(position, str(number), engine.entry(offer(number, title)))


# -- a fold changes nothing but the files


def test_a_ranking_is_the_same_before_and_after_a_fold(engine, opened):
    index = opened()
    index.build_from(offer(number) for number in range(300))
    for position in range(1, 41):
        index.apply([change(engine, position, 290 + position, "柑橘病虫害防治" if position % 3 else "桃树嫁接")])
    index.apply([Change(41, "5", None), Change(42, "7", None), change(engine, 43, 9, "茶叶包装")])
    before = answers(engine, index)
    assert index.fold()
    assert index.unfolded == 0
    assert answers(engine, index) == before
    assert answers(engine, opened()) == before


@pytest.mark.parametrize("way", ["folded", "built in parts"])
def test_postings_stand_in_the_order_of_their_documents_however_an_index_came_to_be(engine, opened, monkeypatch, way):
    """The compiled first pass walks the lists side by side and relies on it; "10" stands before "9"."""
    monkeypatch.setattr(matching_index, "REBUILD_CHUNK", 70 if way == "built in parts" else 1_000)
    index = opened()
    index.build_from(offer(number) for number in range(300))
    if way == "folded":
        index.apply([change(engine, position, 2 * position) for position in range(1, 100)])
        assert index.fold()
    (live,) = index.collection.lives
    starts, documents = live.segment.starts, live.segment.documents
    within = np.ones(len(documents), dtype=bool)
    within[starts[:-1]] = False  # the first of a list follows nobody
    assert (np.diff(documents)[within[1:]] > 0).all()


def test_the_compiled_first_pass_finds_the_same_in_a_folded_index(engine, opened, monkeypatch):
    monkeypatch.setattr(matching_index, "REBUILD_CHUNK", 130)
    index = opened()
    index.build_from(offer(number) for number in range(900))
    index.apply([change(engine, position, 7 * position, "柑橘病虫害防治") for position in range(1, 60)])
    assert index.fold()
    plain = answers(engine, index)
    monkeypatch.setattr(collections, "COMPILED_FROM", 1)
    assert answers(engine, index) == plain


def test_changes_give_the_ranking_of_an_index_made_anew(engine, opened, tmp_path):
    index = opened()
    index.build_from(offer(number) for number in range(200))
    index.apply([change(engine, 1, 10, "柑橘剪枝"), Change(2, "11", None), change(engine, 3, 500, "桃树育苗")])
    index.apply([change(engine, 4, 10, "茶叶贮藏"), change(engine, 5, 11, "桃树嫁接")])
    anew = MatchingIndex.open(tmp_path / "anew", engine.fingerprint, engine.entry)
    changed = {10: "茶叶贮藏", 11: "桃树嫁接", 500: "桃树育苗"}
    anew.build_from(offer(number, changed.get(number)) for number in [*range(200), 500])
    assert answers(engine, index) == answers(engine, anew)


def test_small_changes_do_not_pile_up_as_segments(engine, opened):
    index = opened()
    index.build_from(offer(number) for number in range(50))
    for position in range(1, 101):
        index.apply([change(engine, position, 1000 + position)])
    assert len(index.collection.lives) <= 9
    assert index.collection.size == 150


def test_a_fold_copies_in_pieces_without_losing_any(engine, opened, monkeypatch):
    monkeypatch.setattr(matching_merge, "CHUNK", 37)
    index = opened()
    index.build_from(offer(number) for number in range(120))
    index.apply([Change(1, str(number), None) for number in range(0, 120, 3)])
    before = answers(engine, index)
    index.fold()
    assert answers(engine, index) == before
    assert index.collection.size == 80


def test_folding_everything_away_leaves_an_empty_index(engine, opened):
    index = opened()
    index.build_from([offer(1)])
    index.apply([Change(1, "1", None)])
    index.fold()
    assert answers(engine, index) == [[], [], []]
    assert opened().is_built


def test_the_compiled_pass_finds_what_the_plain_one_finds(engine, opened, monkeypatch):
    index = opened()
    index.build_from(offer(number) for number in range(3000))
    index.apply([Change(1, str(number), None) for number in range(0, 3000, 7)])
    monkeypatch.setattr(collections, "COMPILED_FROM", 10**9)
    plain = answers(engine, index)
    monkeypatch.setattr(collections, "COMPILED_FROM", 1)
    assert answers(engine, index) == plain


def test_a_rebuild_in_pieces_gives_the_same_base(engine, opened, tmp_path, monkeypatch):
    whole = opened()
    whole.build_from(offer(number) for number in range(100))
    monkeypatch.setattr(matching_index, "REBUILD_CHUNK", 7)
    pieces = MatchingIndex.open(tmp_path / "pieces", engine.fingerprint, engine.entry)
    pieces.build_from(offer(number) for number in range(100))
    ours, theirs = whole.collection.lives[0].segment, pieces.collection.lives[0].segment
    for name in ours.array_names():
        if name not in ("documents", "impacts"):
            assert getattr(ours, name).tobytes() == getattr(theirs, name).tobytes(), name
    assert answers(engine, whole) == answers(engine, pieces)


def test_a_base_of_another_vocabulary_counts_as_missing(engine, opened, tmp_path):
    opened().build_from([offer(1)])
    other = Engine(Vocabulary([*VOCABULARY, Concept("plum", "李", broader=("fruit",), facet="product")]))
    assert not MatchingIndex.open(tmp_path / "matching", other.fingerprint, other.entry).is_built
    assert opened().is_built


def test_another_worker_takes_over_a_new_base_and_keeps_its_later_changes(engine, opened):
    ours, theirs = opened(), opened()
    ours.build_from(offer(number) for number in range(30))
    theirs._take_over()
    for index in (ours, theirs):
        index.apply([change(engine, 1, 100, "柑橘剪枝")])
    theirs.apply([change(engine, 2, 101, "柑橘卷叶")])
    ours.fold()
    theirs._take_over()
    assert (theirs.position, theirs.unfolded) == (2, 1)
    assert theirs.collection.size == 32
    assert "101" in [found for found, _ in answers(engine, theirs)[0]]


# -- the log, on both databases


@pytest.fixture
def connect(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Session]]:
    """Opens sessions on a database of its own that has the log and a few offers."""
    database = make_engine(database_url)
    tables = [matching_log.OfferChange.__table__, matching_log.OfferChangeHead.__table__]
    matching_log.Base.metadata.create_all(database, tables=tables, checkfirst=True)
    OFFERS.create(database)
    keyring = load_keyring(tmp_path, {})
    yield lambda writes=True: open_session(database, keyring, writes=writes)
    database.dispose()


def gather(session: Session, numbers: Sequence[int]) -> list[OfferFacts]:
    rows = session.execute(sa.select(OFFERS).where(OFFERS.c.id.in_(numbers)))
    return [offer(row.id, row.title) for row in rows]


def all_offers(session: Session) -> list[OfferFacts]:
    return [offer(row.id, row.title) for row in session.execute(sa.select(OFFERS))]


def save(session: Session, number: int, title: str) -> None:
    session.execute(sa.delete(OFFERS).where(OFFERS.c.id == number))
    session.execute(sa.insert(OFFERS).values(id=number, title=title))
    matching_log.announce(session, [number])


def refreshed(index: MatchingIndex, connect: Callable[..., Session]) -> MatchingIndex:
    with connect(writes=False) as session:
        index.refresh(session, gather)
    return index


def titles(engine: Engine, index: MatchingIndex) -> set[str]:
    return {offer_id for found in answers(engine, index) for offer_id, _ in found}


def test_what_is_committed_is_found_by_every_worker_at_its_next_query(engine, opened, connect):
    ours, theirs = opened(), opened()
    with connect() as session:
        ours.rebuild(session, all_offers)
        session.commit()
    with connect() as session:
        save(session, 1, "柑橘剪枝")
        assert titles(engine, refreshed(theirs, connect)) == set()
        session.commit()
    assert titles(engine, refreshed(theirs, connect)) == {"1"}
    assert titles(engine, refreshed(ours, connect)) == {"1"}


def test_an_edit_and_a_deletion_are_right_at_the_next_query(engine, opened, connect):
    index = opened()
    for number, title in ((1, "柑橘剪枝"), (2, "桃树嫁接")):
        with connect() as session:
            save(session, number, title)
            session.commit()
    refreshed(index, connect)
    with connect() as session:
        save(session, 1, "茶叶包装")
        session.execute(sa.delete(OFFERS).where(OFFERS.c.id == 2))
        matching_log.announce(session, [2])
        session.commit()
    collection = refreshed(index, connect).collection
    found = [engine.rank(demand, collection, 20).proposals for demand in DEMANDS]
    suiting = [[one.offer_id for one in proposals if one.tier is Tier.SUITABLE] for proposals in found]
    assert suiting == [[], [], ["1"]]
    assert "2" not in {one.offer_id for proposals in found for one in proposals}


def test_what_is_rolled_back_leaves_no_trace(opened, connect):
    with connect() as session:
        save(session, 1, "柑橘剪枝")
        session.rollback()
        session.commit()
        assert matching_log.read_head(session).position == 0


def test_a_savepoint_given_up_does_not_spoil_what_is_kept(engine, opened, connect):
    with connect() as session:
        save(session, 1, "柑橘剪枝")
        inner = session.begin_nested()
        save(session, 2, "柑橘卷叶")
        inner.rollback()
        session.commit()
    assert titles(engine, refreshed(opened(), connect)) == {"1"}


def test_a_transaction_that_commits_late_is_not_missed(engine, opened, connect):
    index = opened()
    with connect(writes=False) as slow:
        if slow.get_bind().dialect.name == "sqlite":
            pytest.skip("SQLite has one writer at a time: nobody can commit late")
        save(slow, 1, "柑橘剪枝")
        slow.flush()
        with connect() as quick:
            save(quick, 2, "柑橘卷叶")
            quick.commit()
        assert titles(engine, refreshed(index, connect)) == {"2"}
        slow.commit()
    assert titles(engine, refreshed(index, connect)) == {"1", "2"}


def test_positions_become_visible_in_order_while_many_write(engine, opened, connect):
    def write(first: int) -> None:
        for number in range(first, first + 15):
            with connect() as session:
                save(session, number, "柑橘剪枝")
                if number % 5 == 0:
                    session.rollback()
                session.commit()

    writers = [threading.Thread(target=write, args=(100 * (worker + 1),)) for worker in range(4)]
    index = opened()
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        refreshed(index, connect)
    refreshed(index, connect)
    kept = {str(100 * (worker + 1) + step) for worker in range(4) for step in range(15) if step % 5}
    assert index.collection.size == len(kept)
    assert set(index._changes) == kept
    with connect(writes=False) as session:
        rows = matching_log.changes_after(session, 0, matching_log.read_head(session), 1000)
    assert [position for position, _ in rows] == list(range(1, len(kept) + 1))


def test_an_index_behind_a_pruned_log_asks_to_be_rebuilt(engine, opened, connect):
    index = opened()
    with connect() as session:
        save(session, 1, "柑橘剪枝")
        session.commit()
    with connect() as session:
        assert matching_log.prune(session, datetime.now(UTC) + timedelta(seconds=1)) == 1
        session.commit()
    with pytest.raises(matching_log.LogPruned):
        refreshed(index, connect)
    with connect(writes=False) as session:
        assert index.rebuild(session, all_offers)
    assert titles(engine, refreshed(index, connect)) == {"1"}


# -- killed at any moment


def _fold_forever(directory: str, begun: "multiprocessing.synchronize.Event") -> None:
    engine = Engine(VOCABULARY)
    index = MatchingIndex.open(Path(directory), engine.fingerprint, engine.entry)
    begun.set()
    while True:
        index.fold()


def _rebuild_forever(directory: str, begun: "multiprocessing.synchronize.Event") -> None:
    engine = Engine(VOCABULARY)
    index = MatchingIndex.open(Path(directory), engine.fingerprint, engine.entry)
    begun.set()
    while True:
        index.build_from(offer(number) for number in range(400))


@pytest.mark.parametrize("work", [_fold_forever, _rebuild_forever])
def test_killing_a_writer_at_any_moment_loses_nothing(engine, opened, tmp_path, work):
    index = opened()
    index.build_from(offer(number) for number in range(400))
    expected = answers(engine, index)
    spawn = multiprocessing.get_context("spawn")
    for wait in (0.0, 0.011, 0.023, 0.037):
        begun = spawn.Event()
        victim = spawn.Process(target=work, args=(str(tmp_path / "matching"), begun), daemon=True)
        victim.start()
        assert begun.wait(60)
        time.sleep(wait)
        os.kill(victim.pid, signal.SIGKILL)
        victim.join()
        assert answers(engine, opened()) == expected
    assert index.fold(), "the lock of a killed process must not stay"
    left = sorted(path.name for path in (tmp_path / "matching" / engine.fingerprint).iterdir())
    assert [name for name in left if not name.startswith("base-")] == [CURRENT, "LOCK"]
    assert len(left) == 3
