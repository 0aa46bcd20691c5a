"""Two plans, person by person."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.matching.plans.comparison import Change, compare, compare_links, today
from app.domain.matching.plans.fit import best_fit
from app.domain.matching.plans.problem import PlanRules
from tests.domain.matching.plans.instances import round_of

LINKS = st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")))


def test_each_person_sees_what_stays_comes_and_goes() -> None:
    before = {("d1", "o1"), ("d2", "o1"), ("d3", "o2"), ("d4", "o3")}
    after = {("d1", "o1"), ("d2", "o2"), ("d4", "o3"), ("d5", "o1")}
    told = compare_links(before, after)
    assert told.people == (Change("o1", ("d1",), ("d2", "d5")[1:], ("d2",)), Change("o2", (), ("d2",), ("d3",)))
    assert [change.uid for change in told.demands] == ["d2", "d3", "d5"]
    assert told.demands[0] == Change("d2", (), ("o2",), ("o1",))
    assert (told.newly_served, told.no_longer_served) == (("d5",), ("d3",))
    assert (told.kept, told.added, told.dropped) == (2, 2, 2)


def test_what_ifs_over_different_inputs_can_be_compared() -> None:
    fits = {("d1", "o1"): 8000, ("d1", "o2"): 8500}
    loyal = best_fit(round_of(["d1"], ["o1", "o2"], fits, renewal=[("d1", "o1")]))
    free = best_fit(round_of(["d1"], ["o1", "o2"], fits, renewal=[("d1", "o1")], rules=PlanRules(renewal_bonus=0)))
    assert [(change.uid, change.added, change.dropped) for change in compare(loyal, free).people] == [
        ("o1", (), ("d1",)),
        ("o2", ("d1",), ()),
    ]
    assert compare_links(today(loyal.inputs), loyal.links).people == ()


@given(LINKS, LINKS)
def test_the_way_back_is_the_way_there_reversed(one: set[tuple[str, str]], other: set[tuple[str, str]]) -> None:
    there, back = compare_links(one, other), compare_links(other, one)
    assert [(c.uid, c.added, c.dropped) for c in there.people] == [(c.uid, c.dropped, c.added) for c in back.people]
    assert (there.newly_served, there.added, there.kept) == (back.no_longer_served, back.dropped, back.kept)
    assert bool(there.people) == bool(there.demands) == (one != other)
