"""Intervals over probe texts, against what fresh probe texts of a known distribution give."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fute_core.gram import gram_factor, triangle_length
from fute_core.methods.functional import centre, probe_basis
from fute_core.space.calibration import Calibrator
from fute_core.space.drawn import Resampled, cosines_among, gram_cosines
from fute_core.space.resampling import Resampler, about_zero, half_samples, interval
from fute_core.vectors import Block, Provenance, TaskEmbedding

M, RANK, SETS = 192, 144, 100


def embedded(name: str, answers: np.ndarray, basis: np.ndarray) -> TaskEmbedding:
    factor, _ = gram_factor(centre(answers), basis)
    blocks = (Block("gram", 0, triangle_length(len(factor)), part="functional"),)
    provenance = Provenance("tiny", "0", "functional", {}, name, len(answers), False, 0, probes="tiny")
    return TaskEmbedding(name, "dataset", np.zeros(0, np.float32), blocks, name, provenance, factor=factor)


@cache
def fresh_sets() -> list[tuple[float, np.ndarray]]:
    """On each of `SETS` sets of texts drawn anew, the similarity of two tasks and the draws behind its interval."""
    found = []
    for seed in range(SETS):
        draw = np.random.default_rng(seed)
        features, shared = draw.normal(size=(M, RANK)), draw.normal(size=(M, 1))
        scores = [features[:, :1] + shared + draw.normal(size=(M, 1)) for _ in range(2)]
        answers = [centre(np.hstack([score, -score])) for score in scores]
        basis = probe_basis(features, RANK)
        calibrator = Calibrator("none").fit([embedded("a", answers[0], basis)])
        items = [embedded(name, given, basis) for name, given in zip("ab", answers, strict=True)]
        placed = calibrator.place(items)
        resampler = Resampler(calibrator, basis, half_samples(M, seed=seed))
        drawn = [
            resampler.resample(i, z, placed.take([n])) for n, (i, z) in enumerate(zip(items, answers, strict=True))
        ]
        value = float(placed.cosines(placed)[0, 1])
        found.append((value, resampler.similarities(*drawn, value)))
    return found


def test_the_spread_of_draws_is_that_of_fresh_probe_texts():
    said = np.sqrt(np.mean([draws.var() for _, draws in fresh_sets()]))
    seen = np.std([value for value, _ in fresh_sets()])
    assert said == pytest.approx(seen, rel=0.2)


def test_intervals_hold_the_mean_over_fresh_probe_texts_as_often_as_they_say():
    truth = np.mean([value for value, _ in fresh_sets()])
    ends = [interval(draws) for _, draws in fresh_sets()]
    assert 0.9 <= np.mean([low <= truth <= high for low, high in ends]) <= 0.99


def unrelated(seed: int) -> tuple[float, float, float]:
    """The similarity of two tasks that have nothing in common, and its variance by halves and by draws of the texts."""
    draw = np.random.default_rng(seed)
    basis = probe_basis(draw.normal(size=(M, RANK)), RANK)
    answers = [centre(np.hstack([score, -score])) for score in draw.normal(size=(2, M, 1))]
    calibrator = Calibrator("none").fit([embedded("a", answers[0], basis)])
    items = [embedded(name, given, basis) for name, given in zip("ab", answers, strict=True)]
    placed, found = calibrator.place(items), []
    for counts in (half_samples(M, seed=seed), draw.multinomial(M, np.full(M, 1 / M), 200)):
        again = Resampler(calibrator, basis, counts)
        pair = [again.resample(i, z, placed.take([n])) for n, (i, z) in enumerate(zip(items, answers, strict=True))]
        found.append(gram_cosines(*pair))
    return float(placed.cosines(placed)[0, 1]), float(about_zero(found[0]).var()), float(found[1].var())


def test_what_pairs_of_texts_add_is_counted_twice_and_not_three_times():
    """Two unrelated tasks have nothing but pairs: halves say root 2 times what fresh texts show, draws say root 3."""
    values, halves, draws = np.array([unrelated(seed) for seed in range(SETS)]).T
    seen = values.std()
    assert 1.1 * seen < np.sqrt(halves.mean()) < 1.45 * seen
    assert np.sqrt(halves.mean()) < 0.9 * np.sqrt(draws.mean())


@pytest.mark.parametrize("m", [6, 7])
def test_halves_come_with_their_complements(m):
    counts = half_samples(m, draws=10)
    assert counts.shape == (10, m)
    assert (counts.sum(1) == m).all()
    np.testing.assert_array_equal(counts[:5] + counts[5:], 2)


def test_draws_lie_about_the_value_evenly():
    found = np.random.default_rng(0).random((10, 3))
    about = about_zero(found)
    np.testing.assert_allclose(about[:5], (found[:5] - found[5:]) / 2)
    np.testing.assert_allclose(about.mean(0), 0.0, atol=1e-12)


def test_a_text_drawn_twice_counts_as_two_texts():
    draw = np.random.default_rng(0)
    basis = probe_basis(draw.normal(size=(M, M)), M)  # of full rank, so that it loses nothing of the answers
    answers = [draw.normal(size=(M, k)) for k in (2, 3)]
    counts = draw.multinomial(M, np.full(M, 1 / M), 3)
    calibrator = Calibrator("none").fit([embedded("a", answers[0], basis)])
    resampler = Resampler(calibrator, basis, counts)
    drawn = [resampler.resample(i, z, calibrator.place([i])) for z in answers for i in [embedded("a", z, basis)]]
    for row, cosine in zip(counts, gram_cosines(*drawn), strict=True):
        one, other = (g @ g.T for g in (np.repeat(z, row, 0) - np.repeat(z, row, 0).mean(0) for z in answers))
        assert cosine == pytest.approx((one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other), abs=0.02)


def test_draws_lose_the_mean_that_an_item_with_such_answers_loses():
    draw = np.random.default_rng(0)
    basis = probe_basis(draw.normal(size=(M, RANK)), RANK)
    given = [draw.normal(size=(M, 2)) for _ in range(12)]
    items = [embedded(str(n), answers, basis) for n, answers in enumerate(given)]
    calibrator = Calibrator().fit(items)
    placed = calibrator.place(items[3:4])
    drawn = Resampler(calibrator, basis, half_samples(M, draws=6)).resample(items[3], given[3], placed)
    for factor, against, taken, norm in zip(drawn.factors, drawn.against, drawn.taken, drawn.norms, strict=True):
        mean = calibrator.centre(replace(items[3], factor=factor.astype(np.float32))).gram
        assert np.linalg.norm(mean) > 0.05
        assert against @ taken == pytest.approx((factor @ factor.T * mean).sum(), abs=1e-6)
        assert norm == pytest.approx(np.linalg.norm(factor @ factor.T - mean), abs=1e-6)


def test_all_cosines_at_once_are_those_of_every_two():
    draw = np.random.default_rng(0)
    products = np.cov(draw.normal(size=(3, 9)))
    items = [Resampled(draw.normal(size=(4, 5, k)), *draw.random((2, 4, 3)), products, None) for k in (2, 3, 4)]
    items.append(Resampled(np.zeros((4, 5, 2)), *np.zeros((2, 4, 3)), products, None))
    together = cosines_among(items)
    for i, one in enumerate(items):
        for j, other in enumerate(items):
            np.testing.assert_allclose(together[:, i, j], gram_cosines(one, other), atol=1e-12)
