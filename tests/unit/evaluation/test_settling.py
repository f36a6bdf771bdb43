"""What stopping early costs is counted on cases whose end is known."""

from dataclasses import replace

import numpy as np
import pytest
from simulated_tasks import TEXTS, basis, families

from fute_core.atlas.gallery import Gallery
from fute_core.evaluation.settling.cases import SettlingCase, gather
from fute_core.evaluation.settling.held_out import Way, halves, held_out
from fute_core.evaluation.settling.order import FIRST, STEP, greedy_order, reordered
from fute_core.evaluation.settling.rule import costs, measured, stopped
from fute_core.space.settling import LOOKS, Drift, Settling

COUNTS = (*LOOKS, 512)


def case(
    family: str, greatest: list[float], kin: bool = True, skill: float = 1.0, second: float = -0.5
) -> SettlingCase:
    """One that is compared with its own family and with "other", after so many texts as there are values."""
    similarity = np.array([[value, second] for value in greatest])
    level = np.full(len(greatest), 0.1)
    return SettlingCase("prompt", family, skill, kin, COUNTS[-len(greatest) :], (family, "other"), similarity, level)


def drawn(seed: int, count: int, drift: float, spread: float) -> list[SettlingCase]:
    """Similarities that move by known amounts between each number of texts and all."""
    rng = np.random.default_rng(seed)
    units = np.array([np.sqrt(1 / n - 1 / 512) for n in LOOKS])
    cases = []
    for i in range(count):
        last = rng.normal(scale=0.3)
        moved = units * rng.normal(drift, spread, len(units))
        cases.append(case(f"family {i % 10}", [*(last - moved), last]))
    return cases


def test_drift_and_spread_are_found_again():
    rule = measured(drawn(0, 2000, 0.3, 0.4), LOOKS)
    assert rule.none.mean == pytest.approx(0.3, abs=0.08), "those near the level are in it from one side only"
    assert rule.none.spread == pytest.approx(0.4, abs=0.05)


def test_cases_are_halved_by_family():
    cases = drawn(1, 30, 0.0, 0.1)
    for here, there in halves(cases, 5):
        assert not {c.family for c in here} & {c.family for c in there}
        assert len(here) + len(there) == 30


def test_constants_from_other_families_keep_what_is_asked_for():
    cases = drawn(2, 400, 0.2, 0.4)
    found = costs(held_out(cases, Way("", "", LOOKS, 0.95), 3), 0.3)
    assert found.n == 3 * 400
    assert found.same >= 0.95
    assert found.kept >= 0.93
    assert found.mean < 256


def test_a_claim_that_was_lost_and_one_that_was_made_for_nothing_are_counted_apart():
    rule = Settling(Drift(0.0, 0.0), Drift(0.0, 0.0), Drift(0.0, 0.0))
    outcomes = [
        stopped(some, COUNTS, lambda now: rule.settled(now, 0.95))
        for some in (
            case("a", [0.0] * 6 + [0.2]),  # lost
            case("b", [0.2] * 7),  # kept
            case("c", [0.2] * 6 + [0.0]),  # made for nothing
            case("d", [0.0] * 7, skill=0.1),
        )
    ]
    found = costs(outcomes, 0.3)
    assert (found.mean, found.same) == (64, 0.5)
    assert (found.kept, found.claims) == (0.5, 2)
    assert (found.holds, found.claimed) == (0.5, 2)
    assert (found.family, found.whole_family) == (1.0, 1.0)


def test_a_family_overtaken_by_another_is_another_verdict():
    overtaken = case("a", [0.3, 0.3])
    similarity = overtaken.similarity.copy()
    similarity[-1, 1] = 0.4
    overtaken = SettlingCase("prompt", "a", 1.0, True, (384, 512), ("a", "other"), similarity, overtaken.level)
    assert (overtaken.verdict(0), overtaken.verdict(-1)) == ("a", "other")
    assert not stopped(overtaken, (384,), lambda now: True).same


def test_cases_have_no_kin_where_their_family_is_left_out_and_kin_where_it_stays():
    items = tuple(families([f"known{i}" for i in range(12)]))
    gallery = Gallery(items, None, basis(), None, {})
    cases = gather(gallery, (64, TEXTS))
    assert len(cases) == 2 * 48, "black boxes, each twice"
    for some in cases:
        assert some.kind == "model"
        assert some.similarity.shape == (2, len(some.families))
        assert (some.family in some.families) == some.kin
    claimed = {kin: np.mean([c.verdict(-1) is not None for c in cases if c.kin == kin]) for kin in (True, False)}
    assert claimed[False] <= 0.15
    assert claimed[True] > 0.5
    assert all(c.verdict(-1) in (None, c.family) for c in cases if c.kin)


def test_texts_that_tell_families_apart_come_first_after_the_first_ones():
    """Answers to the last texts go by family, to all others by chance: the order has to find them."""
    rng = np.random.default_rng(0)
    items = []
    telling = np.arange(TEXTS - STEP, TEXTS)
    for item in families(["one", "two", "three"]):
        answers = rng.dirichlet(np.full(3, 9.0), TEXTS).astype(np.float32)
        jobs = np.random.default_rng(len(item.embedding.family)).integers(0, 3, len(telling))
        answers[telling] = np.eye(3, dtype=np.float32)[jobs] * 0.98 + 0.005
        items.append(replace(item, answers=answers))
    gallery = Gallery(tuple(items), None, basis(), None, {})
    order = greedy_order(gallery, {"one", "three"})
    assert sorted(order) == list(range(TEXTS))
    assert list(order[:FIRST]) == list(range(FIRST))
    assert len(set(order[FIRST : FIRST + STEP]) & set(telling)) >= STEP // 2
    other = reordered(gallery, order)
    np.testing.assert_array_equal(other.items[0].answers, gallery.items[0].answers[order])
    np.testing.assert_array_equal(other.basis, gallery.basis[order])
