"""What a similarity means: shares of strangers, what the closer kin reach, and who is judged by which scale."""

from dataclasses import replace

import numpy as np
import pytest
from random_items import item

from fute_core.analysis.representatives import cover_json
from fute_core.atlas.atlas import open_atlas
from fute_core.space.meaning import Meaning
from fute_core.space.scale import CLOSE_KIN, FEWEST_REFERENCE_PAIRS, SAME_JOB, Scale, scale_of_pairs
from fute_core.space.verdict import judge, one_in
from fute_core.vectors import TaskEmbedding


def test_a_scale_of_a_few_pairs_says_nothing_and_calls_nothing_redundant():
    few, enough = np.array([-0.58, -0.54]), np.linspace(-0.2, 0.2, FEWEST_REFERENCE_PAIRS)
    scale = Scale({"dataset dataset": few, "dataset prompt": enough})
    assert np.isnan(scale.share("dataset", "dataset", -0.48))
    assert scale.share("prompt", "dataset", 0.3) == pytest.approx(1 / (1 + FEWEST_REFERENCE_PAIRS)), "it counts itself"
    pairs = cover_json(open_atlas(True, store=False), 1, "dataset")
    assert (pairs["threshold"], pairs["redundant"]) == (None, [])


def known(name: str, family: str | None) -> TaskEmbedding:
    return replace(item(name, np.ones(8)), family=family)


def alike(strangers: float, kin: list[float]) -> tuple[list[TaskEmbedding], np.ndarray]:
    """Families of two datasets each, a pair of kin with each of these similarities and all others at `strangers`."""
    n = 2 * len(kin)
    cosines = np.full((n, n), strangers)
    for at, similarity in enumerate(kin):
        cosines[2 * at, 2 * at + 1] = cosines[2 * at + 1, 2 * at] = similarity
    return [known(f"d{i}", f"family{i // 2}") for i in range(n)], cosines


@pytest.mark.parametrize(
    ("kin", "strangers", "level"),
    [
        (np.linspace(0.1, 0.5, 13), 0.05, 0.4),  # above all strangers, and as the closer kin are
        (np.linspace(0.1, 0.5, 13), 0.7, 0.7),  # kin are no more alike than strangers: above those
        (np.linspace(-0.1, 0.0, 13), 0.02, SAME_JOB),  # a level as low as that proves nothing
        (np.linspace(0.1, 0.5, 13), 0.42, SAME_JOB),  # few kin are closer than all strangers
        ([*np.linspace(0.0, 0.1, 20), 0.3, 0.4, 0.5, 0.6, 0.7], 0.2, 0.5),  # as the closer half of those that are
        (np.linspace(0.1, 0.5, FEWEST_REFERENCE_PAIRS - 1), 0.05, None),
    ],
)
def test_nothing_is_said_to_do_the_same_job_below_what_the_closer_known_kin_reach(kin, strangers, level):
    items, cosines = alike(strangers, list(kin))
    found = scale_of_pairs(items, cosines).same_level("dataset", "dataset")
    assert found == (None if level is None else pytest.approx(level, abs=1e-6))
    if level is not None:
        assert found > strangers
        assert found >= np.quantile(kin, CLOSE_KIN) - 1e-6


def test_with_too_few_known_strangers_nothing_is_said_to_do_the_same_job():
    items, cosines = alike(0.1, [0.9] * 12)
    scale = replace(scale_of_pairs(items, cosines), null={"dataset dataset": np.zeros(2)})
    assert scale.same_level("dataset", "dataset") is None


def test_strangers_a_little_closer_than_any_that_are_known_are_not_redundant():
    """Between the most alike strangers that ship and the closer kin lies room in which a new pair is no proof."""
    atlas = open_atlas(store=False)
    strangers = float(atlas.scale.reference("dataset", "dataset")[-1])
    found = cover_json(atlas, 1, "dataset")
    assert found["threshold"] > strangers + 0.05
    family = {i.embedding.name: i.embedding.family for i in atlas.items}
    assert found["redundant"]
    assert all(family[r["name"]] == family[r["repeats"]] for r in found["redundant"])
    assert min(r["similarity"] for r in found["redundant"]) >= found["threshold"]


LADDER = np.linspace(0.0, 0.38, 39)
"""39 similarities: each more than 1 in 40."""


def measured() -> Scale:
    return Scale(
        {"dataset dataset": LADDER - 0.2},
        newcomer={"dataset prompt": LADDER, "prompt dataset": LADDER + 0.1, "dataset dataset": LADDER},
        both_new={"dataset dataset": LADDER + 0.3},
        best={"dataset dataset": LADDER + 0.2, "prompt dataset": LADDER},
        kin={"dataset dataset": LADDER + 0.5},
    )


def test_who_is_new_decides_which_strangers_count():
    old, new, other = (replace(known(name, None), key=name) for name in ("old", "new", "other"))
    prompt = replace(known("prompt", None), kind="prompt", key="prompt")
    meaning = Meaning.of(measured(), [old, prompt])
    assert meaning.strangers(old, old)[0] == -0.2
    assert meaning.strangers(old, new)[0] == meaning.strangers(new, old)[0] == 0.0
    assert meaning.strangers(new, other)[0] == 0.3
    assert meaning.share(new, prompt, 0.38) == meaning.share(prompt, new, 0.38) == pytest.approx(2 / 40)
    assert not meaning.is_new(old)
    assert meaning.is_new(replace(old, key="made of other rows"))


def test_where_all_items_shape_the_space_nobody_is_new():
    scale = Scale({"dataset dataset": LADDER})
    assert scale.reference("dataset", "dataset", 2)[0] == 0.0


def test_a_claim_is_made_of_as_few_newcomers_without_kin_as_it_says():
    scale = measured()
    level = scale.claim_level("prompt", "dataset", error=0.05)
    assert (level <= LADDER).sum() == 1, "with the newcomer itself, 2 of 40"
    assert scale.best_share("prompt", "dataset", level) <= 0.05
    assert scale.claim_level("prompt", "dataset", error=0.02) == float("inf"), "39 newcomers tell no 1 in 50"
    assert scale.claim_level("model", "dataset") == float("inf")


def test_a_verdict_is_what_the_nearest_dataset_reaches_among_the_nearest_of_strangers():
    scale, near = measured(), replace(known("films", "sentiment"), name="films")
    told = {similarity: judge(scale, "dataset", near, similarity) for similarity in (0.4, 0.6, 0.95)}
    assert [told[s].job for s in told] == ["none", "kin", "same"]
    assert [told[s].of for s in told] == [None, "sentiment", "sentiment"]
    assert told[0.4].why.endswith("of newcomers without any kin here 5 in 10 come as near to some dataset.")
    assert told[0.6].as_json()["level"] == 0.05
    assert judge(scale, "model", near, 0.99).job == "unknown"
    assert judge(scale, "dataset", replace(near, family=None), 0.6).of == "films"


def test_shares_are_said_as_frequencies():
    assert [one_in(s) for s in (0.05, 0.33, 0.5, 0.94)] == ["1 in 20", "1 in 3", "5 in 10", "9 in 10"]
    assert {one_in(s) for s in (0.95, 1.0)} == {"nearly all"}
