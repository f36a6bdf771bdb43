"""What each probe text adds to a similarity: the sum is the number that is shown, each share the plain formula's."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core.analysis.evidence import split_similarity, telling_texts, text_shares
from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.gallery import Item
from fute_core.atlas.same_texts import calibrator_on, provisional, similar_on_same_texts
from fute_core.errors import BadInput
from fute_core.methods.functional import log_odds
from fute_core.predictors.answers import ProbeAnswers


@pytest.fixture(scope="module", params=[False, True], ids=["single", "pairs"])
def atlas(request):
    return open_atlas(request.param, store=False)


def of(atlas, kind, seed):
    own = [i for i in atlas.items if i.embedding.kind == kind]
    return own[np.random.default_rng(seed).integers(len(own))]


def split(atlas, one, other):
    return split_similarity(atlas.space.calibrator, atlas.gallery.basis, one, other)


KINDS = [("dataset", "dataset"), ("dataset", "model"), ("dataset", "prompt"), ("model", "model"), ("model", "prompt"),
         ("prompt", "prompt")]  # fmt: skip


@pytest.mark.parametrize("kinds", KINDS, ids=" ".join)
def test_shares_sum_to_the_similarity_of_the_space(atlas, kinds):
    for seed in range(3):
        one, other = (of(atlas, kind, seed + 10 * n) for n, kind in enumerate(kinds))
        shown = atlas.space.similarity([f"{one.embedding.kind}:{one.embedding.name}"],
                                       [f"{other.embedding.kind}:{other.embedding.name}"]).item()  # fmt: skip
        parts = split(atlas, one, other)
        assert parts.texts.sum() + parts.common + parts.others == pytest.approx(shown, abs=1e-6)
        assert parts.similarity == pytest.approx(shown, abs=1e-6)
        if one is not other:
            assert (abs(parts.others) > 1e-6) == (kinds == ("dataset", "dataset"))


def written_out(calibrator, basis, index, one, other):
    """Shares and what the means take away, by the plain formula over (texts, texts) matrices."""
    basis = basis[index]
    x = calibrator.whitening["gram"] @ basis.T if calibrator.whitening else basis.T
    z, centred, mean = [], [], []
    for item in (one, other):
        answers = log_odds(item.answers[index])
        z.append(answers / np.sqrt(np.linalg.norm(x @ answers @ answers.T @ x.T)))
        mean.append(calibrator.centre(item.embedding).gram)
        centred.append(x @ z[-1] @ z[-1].T @ x.T - mean[-1])
    shares = sum(np.diag(z[a] @ z[a].T @ x.T @ centred[b] @ x) for a, b in ((0, 1), (1, 0))) / 2
    common = -sum((mean[a] * centred[b]).sum() for a, b in ((0, 1), (1, 0))) / 2
    placed = calibrator.place([one.embedding, other.embedding])
    scale = placed.weights(placed)[0, 1] / np.prod([np.linalg.norm(c) for c in centred])
    return scale * shares, scale * common


def test_shares_are_those_of_the_whitened_and_centred_matrices_written_out_over_texts(atlas):
    one, other = of(atlas, "dataset", 1), of(atlas, "model", 2)
    shares, common = written_out(atlas.space.calibrator, atlas.gallery.basis, slice(None), one, other)
    found = split(atlas, one, other)
    np.testing.assert_allclose(found.texts, shares, atol=1e-6)
    assert found.common == pytest.approx(common, abs=1e-6)


def test_the_order_of_items_and_of_labels_makes_no_difference(atlas):
    one, other = of(atlas, "dataset", 3), of(atlas, "prompt", 4)
    found = split(atlas, one, other)
    turned = replace(other, answers=other.answers[:, ::-1])
    np.testing.assert_allclose(split(atlas, other, one).texts, found.texts, atol=1e-9)
    np.testing.assert_allclose(split(atlas, one, turned).texts, found.texts, atol=1e-9)


def test_of_some_texts_alone_the_shares_are_those_of_the_similarity_on_these_texts(atlas):
    dataset, prompt, basis = of(atlas, "dataset", 5), of(atlas, "prompt", 6), atlas.gallery.basis
    index = np.sort(np.random.default_rng(0).permutation(len(basis))[:100])
    answers = ProbeAnswers(tuple(map(str, prompt.facts["labels"])), index, prompt.answers[index])
    embedding = provisional(atlas, answers, basis, calibrate=False)
    own = Item(embedding, {}, answers.full(len(basis), calibrate=False))
    here = [replace(i, answers=i.answers[index]) for i in (own, dataset)]
    calibrator = calibrator_on(atlas, index, basis)
    shares = text_shares(calibrator, basis[index], *here)
    shown = similar_on_same_texts(atlas, answers, basis, np.ones((1, 100)), calibrate=False)[0]
    _, common = written_out(calibrator, basis, index, own, dataset)
    at = atlas.positions[f"dataset:{dataset.embedding.name}"]
    assert shares.sum() + common == pytest.approx(float(shown[at]), abs=2e-6)


def test_a_text_that_only_one_has_answered_has_no_share(atlas):
    one, other = of(atlas, "dataset", 5), of(atlas, "prompt", 6)
    lacking = other.answers.copy()
    lacking[[3, 8]] = np.nan
    shares = split(atlas, one, replace(other, answers=lacking)).texts
    assert np.flatnonzero(shares == 0).tolist() == [3, 8]
    assert np.isfinite(shares).all()


def test_texts_that_tell_are_those_with_the_largest_shares_of_either_sign(atlas):
    one, other = of(atlas, "dataset", 7), of(atlas, "model", 8)
    shares = split(atlas, one, other).texts
    apart, alike = telling_texts(shares, 4)
    assert list(apart) == sorted(range(len(shares)), key=lambda p: shares[p])[:4]
    assert list(alike) == sorted(range(len(shares)), key=lambda p: -shares[p])[:4]
    assert max(shares[list(apart)]) < 0 < min(shares[list(alike)])


def test_constant_answers_share_nothing(atlas):
    one, other = of(atlas, "dataset", 1), of(atlas, "model", 2)
    silent = replace(
        other.embedding, factor=other.embedding.factor[:, :0], values=np.zeros_like(other.embedding.values)
    )
    found = split(atlas, one, Item(silent, {}, np.full_like(other.answers, 0.5)))
    assert not found.texts.any()
    assert found.common == found.others == found.similarity == 0


def test_answers_to_other_texts_are_refused(atlas):
    one, other = of(atlas, "dataset", 1), of(atlas, "model", 2)
    for wrong in (None, other.answers[:9]):
        with pytest.raises(BadInput, match="are not known"):
            split(atlas, one, replace(other, answers=wrong))
