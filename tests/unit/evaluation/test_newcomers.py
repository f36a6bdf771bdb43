"""What strangers reach, measured with a family left out, on tasks whose truth is known and on shipped ones."""

import numpy as np
import pytest
from simulated_tasks import TEXTS, basis, families

from fute_core.atlas.gallery import load_gallery
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.evaluation.parts.newcomers import measured_scales
from fute_core.evaluation.parts.reference import fit_reference
from fute_core.space.space import TaskSpace

KNOWN = [f"known{i}" for i in range(16)]


@pytest.fixture(scope="module")
def reference():
    return families(KNOWN)


@pytest.fixture(scope="module")
def scale(reference):
    return measured_scales(reference, basis(), ())[TEXTS]


def placed(reference, newcomers):
    """Similarities of newcomers to the reference, as users see them, and to one another."""
    space = TaskSpace([i.embedding for i in reference], calibrator=fit_reference(reference, basis()))
    placed = space.calibrator.place([i.embedding for i in newcomers])
    return placed.cosines(space.placed), placed.cosines(placed)


def new_datasets(reference):
    """Datasets of 24 families that are not in the reference; their common part is the same, their jobs are not."""
    more = families([f"task{k}" for k in range(40)])[len(reference) :]
    return [i for i in more if i.embedding.kind == "dataset"]


def strange(reference):
    """Similarities of datasets of new families to the datasets here, (newcomers, reference)."""
    columns = [j for j, i in enumerate(reference) if i.embedding.kind == "dataset"]
    return placed(reference, new_datasets(reference))[0][:, columns]


def test_one_in_twenty_pairs_of_a_newcomer_and_a_stranger_is_closer_than_nineteen_in_twenty(reference, scale):
    cosines = strange(reference)
    shares = np.array([scale.share("dataset", "dataset", c, 1) for c in cosines.ravel()])
    assert 0.025 <= (shares <= 0.05).mean() <= 0.08
    known = np.array([scale.share("dataset", "dataset", c, 0) for c in cosines.ravel()])
    assert (known <= 0.05).mean() > 0.09, "what the reference items reach among themselves is no scale for a newcomer"


def test_at_most_one_in_twenty_newcomers_without_kin_is_told_to_have_some(reference, scale):
    cosines = strange(reference)
    claimed = (cosines.max(1) >= scale.claim_level("dataset", "dataset")).mean()
    assert claimed <= 0.1, "48 datasets, so three may be by chance"
    one_by_one = np.array([scale.share("dataset", "dataset", c, 1) for c in cosines.max(1)])
    assert (one_by_one <= 0.05).mean() > 0.3, "the nearest of many is near by choice"


def test_a_newcomer_with_kin_here_is_mostly_told_so():
    both = families(KNOWN)
    kin = [i for i in both if i.embedding.name.endswith("-1") and i.embedding.kind == "dataset"]
    rest = [i for i in both if not (i.embedding.name.endswith("-1") or "-1 ·" in i.embedding.name)]
    cosines, _ = placed(rest, kin)
    columns = [j for j, i in enumerate(rest) if i.embedding.kind == "dataset"]
    level = measured_scales(rest, basis(), ())[TEXTS].claim_level("dataset", "dataset", error=0.1)
    assert (cosines[:, columns].max(1) >= level).mean() > 0.8


def test_two_newcomers_have_a_scale_of_their_own(reference, scale):
    own = new_datasets(reference)
    _, cosines = placed(reference, own)
    strangers = np.array([
        cosines[i, j] for i, a in enumerate(own) for j, b in enumerate(own)
        if j < i and a.embedding.family != b.embedding.family
    ])  # fmt: skip
    shares = np.array([scale.share("dataset", "dataset", c, 2) for c in strangers])
    assert 0.02 <= (shares <= 0.05).mean() <= 0.09
    assert np.mean([scale.share("dataset", "dataset", c, 0) <= 0.05 for c in strangers]) > 0.15


@pytest.mark.parametrize(
    ("pair", "families"), [(True, None), (False, ["sentiment"])], ids=["pairs", "with the smallest dataset"]
)
def test_leaving_a_family_out_gives_what_a_calibrator_without_it_gives(pair, families):
    gallery = load_gallery(pair)
    read = LeftOut.of(gallery.items, gallery.basis, [len(gallery.basis)])
    embeddings = [i.embedding for i in gallery.items]
    for family in families or sorted({e.family for e in embeddings}):
        rest = [i for i in gallery.items if i.embedding.family != family]
        placed = fit_reference(rest, gallery.basis).place(embeddings)
        found = read.similarities(read.without(family), [len(gallery.basis)])[len(gallery.basis)]
        np.testing.assert_allclose(found, placed.cosines(placed), atol=1e-5)


def test_where_few_families_are_known_no_claim_is_made():
    few = measured_scales(families(KNOWN[:4]), basis(), ())[TEXTS]
    assert few.claim_level("dataset", "dataset") == float("inf")


def test_on_fewer_texts_strangers_reach_more(reference):
    scales = measured_scales(reference, basis(), (32, 48))
    levels = [scales[n].claim_level("model", "dataset") for n in (32, 48, TEXTS)]
    assert levels[0] > levels[1] > levels[2]
