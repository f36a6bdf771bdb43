"""What an item loses of each family of references."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fute_core.atlas.gallery import load_gallery
from fute_core.space.strata import Strata


def of_one_group(*families):
    return Strata.of(families, [["all"]] * len(families), ["all"])


def test_every_family_counts_alike():
    np.testing.assert_allclose(of_one_group(*["a"] * 4, "b").plain[:, 0], [0.125] * 4 + [0.5])


def test_items_of_no_known_family_are_families_of_their_own():
    np.testing.assert_allclose(of_one_group(None, None, "a", None).plain, 0.25)


def test_the_likest_family_is_left_out():
    strata = of_one_group("a", "a", "b", "c", "c", "c")
    np.testing.assert_allclose(strata.lost(np.ones((2, 1)), np.array([[0.1, 0.3, 0.2], [0.5, 0.3, -0.2]])),
                               [[0.5, 0, 0.5], [0, 0.5, 0.5]])  # fmt: skip


def test_where_there_is_one_family_it_is_lost():
    np.testing.assert_allclose(of_one_group("a", "a").lost(np.ones((1, 1)), np.ones((1, 1))), 1.0)


def test_a_group_loses_strata_of_its_own_alone():
    strata = Strata.of(["a", "b", "c", "a"], [["one"], ["one", "two"], ["two"], []], ["none", "one", "two"])
    assert strata.shares.shape == (4, 4)
    assert not strata.shares[3].any(), "what belongs to no group shapes none"
    lost = strata.lost(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.5], [1.0, 0.0, 0.0]]), np.eye(4)[[1, 2, 0]])
    np.testing.assert_allclose(lost, [[1, 0, 0, 0], [0, 0, 0, 0.5], [0, 0, 0, 0]])


@given(st.lists(st.sampled_from([*"abcdefgh", None]), min_size=1, max_size=40), st.integers(0, 99))
def test_as_much_is_lost_as_of_the_whole_mean(families, seed):
    strata = of_one_group(*families)
    lost = strata.lost(np.full((3, 1), 0.7), np.random.default_rng(seed).normal(size=(3, strata.shares.shape[1])))
    np.testing.assert_allclose(lost.sum(1), 0.7)


def test_a_shipped_dataset_keeps_what_it_shares_with_its_own_family():
    gallery = load_gallery(False)
    strata, placed = gallery.calibrator.centres_.strata, gallery.space.placed
    names = [(strata.groups[group], families) for group, families in zip(strata.group, _families(gallery), strict=True)]
    own = [
        placed.taken[i, names.index(("dataset/single", e.family))] == 0.0
        for i, e in enumerate(gallery.space.embeddings)
        if e.kind == "dataset"
    ]
    assert np.mean(own) > 0.9


def _families(gallery):
    items = sorted(gallery.items, key=lambda i: (i.embedding.name, i.embedding.key))
    shares = gallery.calibrator.centres_.strata.shares
    return [items[int(column.argmax())].embedding.family for column in shares.T]


def test_datasets_of_the_largest_family_are_more_alike_than_strangers():
    """Half of the pairs of sentiment did not reach the level of one stranger in twenty under the plain mean."""
    space = load_gallery(False).space
    datasets = [i for i, e in enumerate(space.embeddings) if e.kind == "dataset"]
    family = np.array([space.embeddings[i].family for i in datasets])
    cosines = space.cosines(datasets, datasets)
    largest = max(set(family), key=list(family).count)
    kin = cosines[np.ix_(family == largest, family == largest)][np.triu_indices((family == largest).sum(), 1)]
    strangers = cosines[family[:, None] != family]
    assert (kin > np.quantile(strangers, 0.95)).mean() > 0.8
    assert kin.min() > np.median(strangers)
