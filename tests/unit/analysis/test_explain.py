"""The worked example and the scale of the About page, against plain formulas."""

import numpy as np
import pytest

from fute_core.analysis.explain import clearest, example, gram_pictures
from fute_core.analysis.strips import scale_strips
from fute_core.atlas.atlas import open_atlas


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(True, store=False)


def test_a_picture_is_the_gram_matrix_in_the_order_of_the_first_items_leading_direction():
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.normal(size=(12, 4)))
    z, w = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))
    one, other = gram_pictures(np.array([z @ z.T, w @ w.T]), basis, tiles=12)
    u = basis @ np.linalg.eigh(z @ z.T)[1][:, -1]
    order = np.argsort(u)
    for picture, part in ((one, z), (other, w)):
        whole = (basis @ part @ part.T @ basis.T)[np.ix_(order, order)]
        inside = np.abs(picture) < 1
        assert inside.mean() > 0.9
        ratio = whole[inside] / picture[inside]
        assert ratio == pytest.approx(np.full(len(ratio), ratio[0]))


def test_texts_are_averaged_to_few_tiles():
    basis = np.linalg.qr(np.random.default_rng(1).normal(size=(50, 3)))[0]
    (picture,) = gram_pictures(np.diag([3.0, 1, 1])[None], basis, tiles=8)
    assert picture.shape == (8, 8)
    assert picture == pytest.approx(picture.T)
    assert np.abs(picture).max() <= 1


def test_the_example_is_a_dataset_its_nearest_models_and_the_least_alike_dataset_of_another_family(atlas):
    worked = example(atlas, clearest(atlas))
    kinds = [i.embedding.kind for i in worked.items]
    assert kinds == ["dataset", "model", "prompt", "dataset"]
    first, last = worked.items[0].embedding, worked.items[-1].embedding
    assert first.family != last.family
    assert worked.similarity[0] == pytest.approx(1)
    of_models = [
        float(atlas.space.cosines([n], [atlas.space.index(first.name, "dataset")])[0, 0])
        for n, i in enumerate(atlas.items)
        if i.embedding.kind == "model"
    ]
    assert worked.similarity[1] == pytest.approx(max(of_models))
    assert len(worked.pictures) == 4


def test_the_strips_hold_every_pair_of_known_families_once(atlas):
    items = [i.embedding for i in atlas.items]
    of_kind = {k: [i for i in items if i.kind == k] for k in ("dataset", "model")}
    datasets, models = next(s for s in scale_strips(atlas) if s.kinds == ("dataset", "model")), of_kind["model"]
    same = sum(d.family == m.family for d in of_kind["dataset"] for m in models)
    assert len(datasets.same) == len(datasets.pairs) == same
    assert len(datasets.same) + len(datasets.different) == len(models) * len(of_kind["dataset"])
    assert (np.diff(datasets.same) >= 0).all()
    limit = np.quantile(datasets.different, 0.95)
    assert datasets.above == pytest.approx((datasets.same > limit).mean())
