"""How much each item counts in the mean that calibration takes away."""

import numpy as np
import pytest

from fute_core.atlas.gallery import load_gallery
from fute_core.space.groups import family_shares


def test_a_family_counts_as_the_square_root_of_its_items():
    shares = family_shares(["a"] * 4 + ["b"])
    assert shares.sum() == pytest.approx(1.0)
    assert shares[:4].sum() == pytest.approx(2 * shares[4])
    np.testing.assert_allclose(shares[:4], shares[0])


def test_items_of_no_known_family_are_families_of_their_own():
    np.testing.assert_allclose(family_shares([None, None, "a", None]), 0.25)


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
