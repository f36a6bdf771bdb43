"""A dataset that was added and is nearest is judged by pairs of newcomers, and by how many were added."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core.atlas.atlas import open_atlas
from fute_core.space.meaning import Meaning
from fute_core.space.scale import Scale
from fute_core.space.verdict import Verdict, beside_added
from fute_core.vectors import Provenance, TaskEmbedding

STRANGERS = np.linspace(0.0, 0.3, 599)
SCALE = Scale(
    {"dataset dataset": STRANGERS - 0.2}, {"dataset dataset": STRANGERS - 0.1}, {"dataset dataset": STRANGERS},
    {"dataset dataset": np.linspace(0.0, 0.1, 40)}, {"dataset dataset": np.linspace(0.1, 0.6, 50)},
)  # fmt: skip
MEANING = Meaning(SCALE, frozenset())
NONE = Verdict("none", None, "sst2", 0.1, 0.05, 0.3, "The nearest dataset is sst2, similarity 0.10.")


def dataset(name: str, family: str | None = None) -> TaskEmbedding:
    made = Provenance("tiny", "0", "functional", {}, "", 100, False, 0)
    return TaskEmbedding(name, "dataset", np.zeros(0, np.float32), (), name, made, family)


def judged(similarity: float, among: int = 1, told: Verdict = NONE, meaning: Meaning = MEANING) -> Verdict:
    return beside_added(told, meaning, dataset("mine"), dataset("theirs", "tickets"), similarity, among)


def test_a_claim_is_made_where_few_pairs_of_strangers_among_newcomers_are_as_alike():
    kin, same = judged(0.295), judged(0.6)
    assert [(v.job, v.of, v.nearest) for v in (kin, same)] == [
        ("kin", "tickets", "theirs"),
        ("same", "tickets", "theirs"),
    ]
    assert "of such pairs for different jobs 1 in 55 are as alike" in kin.why


def test_what_would_be_a_claim_beside_what_ships_is_none_beside_what_was_added():
    assert SCALE.claim_level("dataset", "dataset") < 0.2
    told = judged(0.2)
    assert (told.job, told.nearest) == ("none", "sst2")
    assert told.why == (
        "The nearest dataset is sst2, similarity 0.10. Added to these and nearer is theirs, similarity 0.20; of such "
        "pairs for different jobs 1 in 3 are as alike."
    )


def test_the_nearest_of_many_that_were_added_has_to_be_nearer():
    assert judged(0.295, among=2).job == "kin"
    told = judged(0.295, among=3)
    assert told.job == "none"
    assert told.why.endswith("and it is the nearest of 3.")


def test_a_copy_is_claimed_however_many_were_added():
    told = judged(0.98, among=10_000)
    assert (told.job, told.of) == ("same", "tickets")
    assert "of such pairs for different jobs none of 599 is as alike." in told.why


def test_beyond_the_most_alike_that_are_known_chance_falls_on():
    chances = [SCALE.chance("dataset", "dataset", s, 2) for s in (0.2, 0.3, 0.31, 0.4)]
    assert chances[:2] == [SCALE.share("dataset", "dataset", s, 2) for s in (0.2, 0.3)]
    assert chances[1] == pytest.approx(1 / 300)
    assert chances[1] > chances[2] > chances[3] > 0
    assert np.isnan(SCALE.chance("model", "model", 0.9, 2))


def test_the_tail_of_shipped_pairs_is_no_thinner_than_what_other_pairs_reach():
    pairs = open_atlas(store=False).scale.both_new["dataset dataset"]
    draw = np.random.default_rng(0)
    above = []
    for _ in range(200):
        mixed = draw.permutation(pairs)
        half, others = np.sort(mixed[::2]), mixed[1::2]
        scale = Scale({}, {"dataset dataset": half}, {"dataset dataset": half})
        chances = np.array([scale.chance("dataset", "dataset", s, 2) for s in others[others > half[-1]]])
        above.append((chances <= 0.001).sum() / len(others))
    assert np.mean(above) <= 0.001


def test_where_nothing_can_be_told_nothing_is():
    unread = replace(NONE, job="unreadable")
    assert judged(0.9, told=unread) == unread
    assert judged(0.9, meaning=Meaning(Scale({}, {"prompt dataset": STRANGERS}), frozenset())).job == "none"


@pytest.mark.parametrize("ships", [True, False])
def test_in_the_atlas_the_nearest_that_ships_decides_first(ships):
    atlas = open_atlas(store=False)
    sst2 = atlas.items[atlas.positions["dataset:sst2"]].embedding
    mine = replace(sst2, name="mine", key="mine", family=None)
    twin = replace(sst2, name="a twin", key="twin", family="of mine")
    told = replace(atlas, space=atlas.space.with_new(mine, *(() if ships else (twin,)))).verdict("mine")
    assert told.job == "same"
    assert told.of == ("sentiment" if ships else "of mine")
