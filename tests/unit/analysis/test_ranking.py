"""Choosing among prompts: the interval belongs to the shown similarity, and doubt is told."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core.analysis.ranking import Rankable, select
from fute_core.errors import BadInput
from fute_core.gram import gram_factor, triangle_length
from fute_core.methods.functional import centre, probe_basis
from fute_core.space.calibration import Calibrator
from fute_core.space.resampling import Resampler
from fute_core.vectors import Block, Provenance, TaskEmbedding

RANK = 12


def features(m: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(m, 16))


def answered(name: str, kind: str, answers: np.ndarray, basis: np.ndarray, fisher: int = 0) -> Rankable:
    """An item with these answers, and with `fisher` numbers of another part."""
    answers = centre(answers)
    factor, _ = gram_factor(answers, basis)
    end = triangle_length(len(factor))
    blocks, other = (Block("gram", 0, end, part="functional"),), np.zeros(fisher)
    if fisher:
        blocks += (Block("layer", end, end + fisher, part="fisher", weight=0.5),)
        other = np.random.default_rng(len(name)).normal(size=fisher) if kind == "dataset" else np.zeros(fisher)
    provenance = Provenance("tiny", "0", "fused", {}, name, len(answers), False, 0, probes="tiny")
    values = other.astype(np.float32)
    return Rankable(TaskEmbedding(name, kind, values, blocks, name, provenance, factor=factor), answers)


def world(m: int = 400, fisher: int = 0, whiten: bool = False):
    """A target, prompts of falling quality (q is the share of the target's own direction), and a calibration."""
    draw = np.random.default_rng(1)
    x = features(m)
    basis = probe_basis(x, RANK)
    directions = np.linalg.qr(draw.normal(size=(16, 10)))[0].T

    def answers(direction, noise, k=2):
        score = x @ direction + noise * draw.normal(size=m)
        return np.column_stack([score, -score] + [0 * score] * (k - 2))

    datasets = [answered(f"data-{i}", "dataset", answers(d, 0.05), basis, fisher) for i, d in enumerate(directions)]
    others = [answered(f"other-{i}", "prompt", answers(d, 1.0, 3), basis, fisher) for i, d in enumerate(directions[1:])]
    prompts = [answered(n, "prompt", answers(directions[0], q), basis, fisher)
               for n, q in (("sharp", 0.3), ("fair", 2.5), ("blunt", 8.0))]  # fmt: skip
    whitening = {"gram": np.diag(np.linspace(0.5, 1.5, RANK))} if whiten else None
    calibrator = Calibrator(whitening=whitening).fit([a.embedding for a in (*datasets, *others)])
    return datasets[0], prompts, others, basis, calibrator


@pytest.mark.parametrize("fisher", [0, 6])
@pytest.mark.parametrize("whiten", [False, True])
def test_with_every_text_once_the_draw_is_the_shown_similarity(fisher, whiten):
    target, prompts, _, basis, calibrator = world(fisher=fisher, whiten=whiten)
    once = np.ones(len(basis), int)
    twice = np.random.default_rng(0).multinomial(len(basis), np.full(len(basis), 1 / len(basis)))
    for prompt in prompts:
        resampler = Resampler(calibrator, basis, np.stack([once, twice]))
        placed = calibrator.place([target.embedding, prompt.embedding])
        value = float(placed.cosines(placed)[0, 1])
        drawn = [resampler.resample(i.embedding, i.answers, placed.take([n])) for n, i in enumerate((target, prompt))]
        draws = resampler.similarities(*drawn, value)
        # Half the difference of both lies on either side of the value, so that the draws are as far apart as embeddings
        # made anew, where each of the two has the root of a text's count and their product has the count.
        again = []
        for i in (target, prompt):
            weighted = np.sqrt(twice)[:, None] * (i.answers - twice @ i.answers / twice.sum())
            again.append(replace(i.embedding, factor=gram_factor(weighted, basis)[0]))
        placed = calibrator.place(again)
        assert draws[1] - draws[0] == pytest.approx(float(placed.cosines(placed)[0, 1]) - value, abs=1e-5)


def test_a_prompt_that_does_the_job_wins_and_noisier_ones_follow():
    target, prompts, others, basis, calibrator = world()
    found = select(target, [*others, *prompts[::-1]], basis, calibrator)
    assert [r.name for r in found.ranking[:2]] == ["sharp", "fair"]
    assert found.winner == "sharp"
    assert all(r.low <= r.similarity <= r.high for r in found.ranking)


def test_twins_share_a_rank_group_and_none_of_them_is_the_winner():
    target, prompts, others, basis, calibrator = world()
    noise = np.random.default_rng(5).normal(size=prompts[0].answers.shape) * 0.02
    twin = answered("twin", "prompt", prompts[0].answers + noise, basis)
    found = select(target, [prompts[0], twin, *others], basis, calibrator)
    assert [r.group for r in found.ranking[:3]] == [1, 1, 2]
    assert found.winner is None
    assert "any of the first 2 may be the best" in found.reason


@pytest.mark.parametrize("n", [2, 5, 20])
def test_of_equals_a_winner_is_named_on_at_most_one_in_twenty_sets_of_fresh_probe_texts(n):
    named, trials = 0, 40
    for trial in range(trials):
        draw = np.random.default_rng(trial)
        x = draw.normal(size=(128, 16))
        basis, score = probe_basis(x, RANK), x[:, :1] + x[:, 1:2]
        shared = draw.normal(size=(128, 1))
        target = answered("target", "dataset", np.hstack([score, -score]), basis)
        noisy = [score + shared + 2 * draw.normal(size=(128, 1)) for _ in range(n)]
        equals = [answered(f"equal-{i}", "prompt", np.hstack([a, -a]), basis) for i, a in enumerate(noisy)]
        calibrator = Calibrator("none").fit([target.embedding, *(e.embedding for e in equals)])
        named += select(target, equals, basis, calibrator, level=-1.0, draws=120, seed=trial).winner is not None
    assert named <= trials / 20


def test_no_winner_is_named_where_none_does_the_job():
    target, _, others, basis, calibrator = world()
    found = select(target, others[:3], basis, calibrator, level=0.2)
    assert found.winner is None
    assert "hardly more like" in found.reason


def test_no_winner_is_named_on_few_texts():
    target, prompts, _, basis, calibrator = world(m=60)
    found = select(target, prompts, basis, calibrator)
    assert found.winner is None
    assert "60 probe texts are too few" in found.reason


def test_constant_answers_come_last_and_win_nothing():
    target, _, others, basis, calibrator = world()
    constant = answered("constant", "prompt", np.zeros((len(basis), 2)), basis)
    assert select(target, [constant, *others], basis, calibrator).ranking[-1].name == "constant"
    assert "alike" in select(target, [constant], basis, calibrator).reason


def test_intervals_narrow_with_more_texts():
    widths = []
    for m in (150, 1200):
        target, prompts, _, basis, calibrator = world(m)
        (ranked,) = [r for r in select(target, prompts, basis, calibrator).ranking if r.name == "fair"]
        widths.append(ranked.high - ranked.low)
    assert widths[1] < 0.6 * widths[0]


def test_what_surely_does_another_job_comes_after_what_may_do_this_one_and_agrees_less():
    target, _, others, basis, calibrator = world()
    own = np.linalg.qr(np.random.default_rng(1).normal(size=(16, 10)))[0].T[0]
    score = features(len(basis)) @ own + 20 * np.random.default_rng(9).normal(size=len(basis))
    noisy = answered("noisy", "prompt", np.column_stack([score, -score]), basis)
    ranking = select(target, [*others, noisy], basis, calibrator, level=0.22).ranking
    at = [r.name for r in ranking].index("noisy")
    may, more = ranking[at], next(r for r in ranking[at + 1 :] if r.agreement > ranking[at].agreement)
    assert more.high <= 0.22 < may.high
    assert more.group > may.group


def test_wrong_answers_and_methods_are_refused():
    target, prompts, _, basis, calibrator = world()
    with pytest.raises(BadInput, match="nothing to choose"):
        select(target, [], basis, calibrator)
    with pytest.raises(BadInput, match="'sharp' are not on the 400"):
        select(target, [Rankable(prompts[0].embedding, prompts[0].answers[:9])], basis, calibrator)


def test_without_label_names_candidates_are_ranked_by_the_cosine_of_their_whitened_gram_matrices():
    target, prompts, others, basis, calibrator = world(whiten=True)
    found = select(target, [*others, *prompts], basis, calibrator)
    whitening = calibrator.whitening["gram"] @ basis.T

    def gram(item):
        factor = whitening @ item.answers
        return factor @ factor.T / np.linalg.norm(factor @ factor.T)

    cosines = {i.embedding.name: float((gram(i) * gram(target)).sum()) for i in (*others, *prompts)}
    np.testing.assert_allclose([r.agreement for r in found.ranking], [cosines[r.name] for r in found.ranking])


def test_a_prompt_that_says_the_opposite_falls_behind_where_labels_have_names():
    target, (sharp, fair, _), _, basis, calibrator = world()
    opposite = answered("opposite", "prompt", sharp.answers[:, ::-1], basis)
    known = [replace(i, labels=("no", "yes")) for i in (fair, opposite)]
    assert [r.name for r in select(target, known, basis, calibrator).ranking] == ["opposite", "fair"]
    named = select(replace(target, labels=("No", "yes")), known, basis, calibrator)
    assert [r.name for r in named.ranking] == ["fair", "opposite"]
    assert named.ranking[1].agreement < 0


def test_candidates_that_may_do_the_job_are_heard_on_one_another_and_the_others_are_not():
    target, (sharp, fair, _), others, basis, calibrator = world()
    named = [replace(i, labels=("no", "yes")) for i in (sharp, fair)]
    strangers = [replace(i, labels=("no", "yes", "?")) for i in others]
    target = replace(target, labels=("no", "yes"))
    alone = select(target, named, basis, calibrator, level=0.2)
    for found in (alone, select(target, [*named, *strangers], basis, calibrator, level=0.2)):
        one, two = found.ranking[:2]
        assert [one.name, two.name] == ["sharp", "fair"]
        assert one.with_others == pytest.approx(two.with_others, abs=1e-9)
        assert one.with_others == pytest.approx(alone.ranking[0].with_others, abs=1e-9)
        assert one.agreement == pytest.approx(0.8 * one.with_target + 0.2 * one.with_others)


def test_without_labels_in_common_there_are_no_others_to_agree_with():
    target, (sharp, fair, _), _, basis, calibrator = world()
    one, two = replace(sharp, labels=("no", "yes")), replace(fair, labels=("left", "right"))
    for ranked in select(replace(target, labels=("no", "yes")), [one, two], basis, calibrator).ranking:
        assert ranked.with_others is None
        assert ranked.agreement == ranked.with_target
