"""Exact diagonal Fisher of the surrogate, summed per output unit (TaskEmb, Vu et al. 2020; FUTE section 3).

For a Linear layer and one example with inputs A (t, d_in) and output gradients G (t, d_out) the weight gradient is
W' = G^T A, and its squares summed over the inputs are

    sum_i W'_oi^2 = [G^T (A A^T) G]_oo

so a (t, t) Gram matrix replaces the (d_out, d_in) gradient: no per-example gradient is ever held, and only
activations are differentiated.
"""

import copy
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from fute_core.methods import Fitted, Observations
from fute_core.methods.heads import Head, fit_head, standardised
from fute_core.methods.layer_gradients import LayerTotals, mean_gradients, squares, watch
from fute_core.vectors import Block

if TYPE_CHECKING:
    import torch

    from fute_core.models.batch import Batch
    from fute_core.models.encoder import Surrogate


@dataclass(frozen=True)
class Fisher:
    """Mean over examples of the squared gradient of the log-likelihood, per output unit of every Linear layer.

    Parameters
    ----------
    C : float, default 0.0025
        Inverse regularisation of the head on unit-variance features.
    variant : {"empirical", "true", "squared-mean"}, default "empirical"
        "empirical" takes the targets as they are (soft targets are one gradient of the soft cross entropy); "true"
        takes the expectation over the head's own distribution, one backward pass a label; "squared-mean" squares the
        mean gradient of all examples, as the published code does.
    """

    C: float = 0.0025
    variant: Literal["empirical", "true", "squared-mean"] = "empirical"

    name = "fisher"
    needs_probes = False
    seeded = False

    def params(self) -> dict[str, Any]:
        """List the options that change the vector.

        Returns
        -------
        dict
            JSON values, part of the store key.
        """
        return asdict(self)

    def fit(self, surrogate: "Surrogate", observations: Observations) -> Fitted:
        """Make the vector; scores of a regression are standardised first, so that their unit does not matter.

        Parameters
        ----------
        surrogate : Surrogate
            The encoder that reads the texts.
        observations : Observations
            Texts with their targets, and the probe texts.

        Returns
        -------
        Fitted
            float32 (sum of the layers' output units,), one block a Linear layer, never negative.
        """
        if observations.regression:
            observations = replace(observations, targets=standardised(observations.targets))
        features = surrogate.features(observations.texts)
        head = fit_head(features, observations.targets, C=self.C, regression=observations.regression)
        sums = fisher_sums(surrogate, observations, head, self.variant)
        vector, blocks = [], []
        at = 0
        for layer, values in sums.items():
            vector.append(values)
            blocks.append(Block(layer, at, at + len(values), part=self.name, log=True))
            at += len(values)
        return Fitted(np.concatenate(vector).astype(np.float32), tuple(blocks))

    def silent(self, surrogate: "Surrogate") -> Fitted:
        """Make the Fisher part of something that has none.

        Parameters
        ----------
        surrogate : Surrogate
            The encoder.

        Returns
        -------
        Fitted
            Zeros, with the blocks that `fit` would give.
        """
        blocks = _blocks(surrogate)
        return Fitted(np.zeros(blocks[-1].stop, np.float32), blocks)


@lru_cache(maxsize=2)
def _blocks(surrogate: "Surrogate") -> tuple[Block, ...]:
    """The blocks of every Fisher vector of a surrogate, from a small fit."""
    return Fisher().fit(surrogate, Observations(("yes", "no"), np.eye(2, dtype=np.float32))).blocks


def fisher_sums(
    surrogate: "Surrogate", observations: Observations, head: Head, variant: str = "empirical"
) -> dict[str, NDArray[np.float64]]:
    """Sum squared gradients of every Linear layer that the pooled features depend on.

    Parameters
    ----------
    surrogate : Surrogate
        The encoder; it is left as it is.
    observations : Observations
        n texts with their targets.
    head : Head
        The head on the pooled features whose loss is differentiated.
    variant : {"empirical", "true", "squared-mean"}, default "empirical"
        See `Fisher`.

    Returns
    -------
    dict of str to ndarray of float64, shape (d_out,)
        By layer, in the order of the forward pass: mean squared gradients per output unit.
    """
    import torch

    from fute_core.methods.rewiring import shared_copy

    targets = torch.from_numpy(np.ascontiguousarray(observations.targets, np.float32))
    n, read = len(observations.texts), 0
    totals = LayerTotals(mean_gradients if variant == "squared-mean" else squares)
    watched = copy.copy(surrogate)  # other threads share the surrogate, and would meet our hooks
    watched.model = shared_copy(surrogate.model)
    watch(watched.model, totals)

    def work(batch: "Batch") -> dict[str, NDArray[np.float64]]:
        totals.begin()
        logits = _logits(watched, batch, head)
        expected = targets[torch.from_numpy(batch.index)].to(surrogate.device)
        losses = _losses(logits, expected, variant, observations.regression)
        for number, (weight, loss) in enumerate(losses):
            totals.weight = weight
            torch.autograd.backward(loss.sum(), retain_graph=number + 1 < len(losses))
            totals.add_layers_called_again()
        return totals.by_layer()

    sums: dict[str, NDArray[np.float64]] = {}
    with torch.enable_grad():
        for index, found in surrogate.passes(observations.texts, work, backward=True):
            sums = {name: sums[name] + value if sums else value for name, value in found.items()}
            read += len(index)
            observations.on_step(read / n)
    if variant == "squared-mean":
        return {name: np.square(total / n).sum(1) for name, total in sums.items()}
    return {name: total / n for name, total in sums.items()}


def _logits(surrogate: "Surrogate", batch: "Batch", head: Head) -> "torch.Tensor":
    import torch

    pooled = surrogate.pool(surrogate.hidden(batch), batch.mask)
    mean, scale, weight, bias = (
        torch.from_numpy(part).to(pooled.device) for part in (head.mean, head.scale, head.weight, head.bias)
    )
    return (pooled - mean) / scale @ weight.T + bias


def _losses(
    logits: "torch.Tensor", targets: "torch.Tensor", variant: str, regression: bool
) -> list[tuple["torch.Tensor", "torch.Tensor"]]:
    """(weight of each example, loss of each example) pairs whose squared gradients add up to the Fisher."""
    import torch

    ones = torch.ones(len(logits), device=logits.device)
    if regression:  # the Gaussian log-likelihood's gradient; its expected square has unit residual
        residual = torch.ones_like(targets) if variant == "true" else (logits - targets).detach()
        return [(ones, (logits * residual).sum(1))]
    log_p = torch.log_softmax(logits, 1)
    if variant == "true":
        p = log_p.detach().exp()
        return [(p[:, c], -log_p[:, c]) for c in range(p.shape[1])]
    return [(ones, -(targets * log_p).sum(1))]
