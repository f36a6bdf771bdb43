"""Truth tests: the fast Fisher against brute force on small real architectures."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from tiny_models import tiny_surrogate

from fute_core.methods import Observations
from fute_core.methods.fisher import Fisher, _losses, fisher_sums
from fute_core.methods.heads import fit_head

TEXTS = (
    "a gripping film",
    "the plot is thin and the jokes are thinner than the paper they were written on",
    "yes",
    "who wrote this and why would anyone read it twice",
    "an honest , moving portrait",
)


def soft_targets(n: int, k: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(k), n).astype(np.float32)


def brute_force(surrogate, texts, targets, head, variant="empirical", regression=False) -> np.ndarray:
    """Per-example weight gradients, one text at a time, squared and summed over inputs."""
    linears = {n: m for n, m in surrogate.model.named_modules() if isinstance(m, torch.nn.Linear)}
    tensors = [torch.from_numpy(a) for a in (head.mean, head.scale, head.weight, head.bias)]
    for module in linears.values():
        module.weight.requires_grad_(True)
    total = dict.fromkeys(linears, 0.0)
    try:
        for text, target in zip(texts, targets, strict=True):
            (batch,) = surrogate.batches([text])
            with torch.enable_grad():
                pooled = surrogate.pool(surrogate.hidden(batch), batch.mask)
                logits = (pooled - tensors[0]) / tensors[1] @ tensors[2].T + tensors[3]
                losses = _losses(logits, torch.from_numpy(target[None]), variant, regression)
            for number, (weight, loss) in enumerate(losses):
                grads = torch.autograd.grad(
                    loss.sum(), [m.weight for m in linears.values()],
                    retain_graph=number + 1 < len(losses), allow_unused=True,
                )  # fmt: skip
                for name, g in zip(linears, grads, strict=True):
                    if g is not None:
                        total[name] = total[name] + weight.double() * g.double().square().sum(1)
    finally:
        for module in linears.values():
            module.weight.requires_grad_(False)
    return np.concatenate([t.numpy() / len(texts) for t in total.values() if not isinstance(t, float)])


def prepared(surrogate, k=3):
    targets = soft_targets(len(TEXTS), k)
    return targets, fit_head(surrogate.features(TEXTS), targets, C=0.1)


@pytest.mark.parametrize("variant", ["empirical", "true"])
def test_fisher_equals_brute_force_per_example_gradients(surrogate, variant):
    targets, head = prepared(surrogate)
    fast = np.concatenate(list(fisher_sums(surrogate, Observations(TEXTS, targets), head, variant).values()))
    slow = brute_force(surrogate, TEXTS, targets, head, variant)
    assert fast.shape == slow.shape
    assert np.abs(fast - slow).max() <= 1e-4 * slow.max()


def test_batch_size_and_padding_do_not_change_the_fisher(surrogate, monkeypatch):
    targets, head = prepared(surrogate)
    together = np.concatenate(list(fisher_sums(surrogate, Observations(TEXTS, targets), head).values()))
    batches = surrogate.batches
    monkeypatch.setattr(surrogate, "batches", lambda texts: batches(texts, tokens_per_batch=1))
    alone = np.concatenate(list(fisher_sums(surrogate, Observations(TEXTS, targets), head).values()))
    assert np.abs(together - alone).max() <= 1e-4 * alone.max()


def test_mean_of_squares_is_never_below_the_square_of_the_mean(surrogate):
    targets, head = prepared(surrogate)
    observations = Observations(TEXTS, targets)
    mean_of_squares = np.concatenate(list(fisher_sums(surrogate, observations, head).values()))
    square_of_mean = np.concatenate(list(fisher_sums(surrogate, observations, head, "squared-mean").values()))
    assert (mean_of_squares >= square_of_mean * (1 - 1e-4) - 1e-12).all()
    assert mean_of_squares.sum() > 1.1 * square_of_mean.sum()


def test_sampled_labels_approach_the_true_fisher(surrogate):
    targets, head = prepared(surrogate)
    exact = np.concatenate(list(fisher_sums(surrogate, Observations(TEXTS, targets), head, "true").values()))
    logits = head.logits(surrogate.features(TEXTS))
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    rng = np.random.default_rng(0)
    draws = 1000
    counts = np.stack([rng.multinomial(draws, row / row.sum()) for row in p.astype(np.float64)])
    sampled = 0.0
    for label in range(3):  # a draw of a label has that label's squared gradient: weigh it by how often it was drawn
        for i, text in enumerate(TEXTS):
            hard = np.eye(3, dtype=np.float32)[[label]]
            one = fisher_sums(surrogate, Observations((text,), hard), head)
            sampled = sampled + counts[i, label] / draws * np.concatenate(list(one.values())) / len(TEXTS)
    assert np.abs(sampled - exact).sum() < 0.05 * exact.sum()


def test_vector_is_positive_and_its_length_does_not_depend_on_the_labels(surrogate):
    vectors = {}
    for k in (2, 3, 7):
        fitted = Fisher().fit(surrogate, Observations(TEXTS, soft_targets(len(TEXTS), k)))
        assert (fitted.vector >= 0).all()
        assert fitted.vector.max() > 0
        assert fitted.blocks[-1].stop == len(fitted.vector)
        vectors[k] = fitted
    assert len({len(f.vector) for f in vectors.values()}) == 1
    assert len({f.blocks for f in vectors.values()}) == 1


def test_same_input_gives_the_same_bytes(surrogate):
    observations = Observations(TEXTS, soft_targets(len(TEXTS), 3))
    one, two = (Fisher().fit(surrogate, observations).vector for _ in range(2))
    assert one.tobytes() == two.tobytes()


def test_renaming_and_reordering_labels_leaves_the_vector(surrogate):
    targets = soft_targets(len(TEXTS), 3)
    one = Fisher().fit(surrogate, Observations(TEXTS, targets)).vector
    other = Fisher().fit(surrogate, Observations(TEXTS, np.ascontiguousarray(targets[:, [2, 0, 1]]))).vector
    assert np.abs(one - other).max() <= 1e-3 * one.max()


def test_regression_equals_brute_force(surrogate):
    scores = np.array([[0.1], [2.5], [5.0], [3.3], [1.0]], np.float32)
    head = fit_head(surrogate.features(TEXTS), scores, C=0.1, regression=True)
    fast = fisher_sums(surrogate, Observations(TEXTS, scores, regression=True), head)
    slow = brute_force(surrogate, TEXTS, scores, head, regression=True)
    assert np.abs(np.concatenate(list(fast.values())) - slow).max() <= 1e-4 * slow.max()


def test_no_hook_and_no_gradient_is_left_behind(surrogate):
    Fisher().fit(surrogate, Observations(TEXTS, soft_targets(len(TEXTS), 2)))
    modules = list(surrogate.model.modules())
    assert not any(m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in modules)
    assert not any(p.requires_grad or p.grad is not None for p in surrogate.model.parameters())


def test_threads_that_share_a_surrogate_do_not_mix_their_gradients(tmp_path):
    surrogate = tiny_surrogate("bert", tmp_path)
    tasks = [Observations(TEXTS * 4, soft_targets(4 * len(TEXTS), 3, seed)) for seed in range(4)]
    alone = [Fisher().fit(surrogate, task).vector for task in tasks]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda task: Fisher().fit(surrogate, task).vector, tasks))
    for one, other in zip(alone, together, strict=True):  # the order of sums may differ on busy cores
        np.testing.assert_allclose(one, other, rtol=1e-4)
