"""Exact diagonal Fisher of the surrogate, summed per output unit (TaskEmb, Vu et al. 2020; FUTE section 3).

For a Linear layer and one example with inputs A (t, d_in) and output gradients G (t, d_out) the weight gradient is
W' = G^T A, and its squares summed over the inputs are

    sum_i W'_oi^2 = [G^T (A A^T) G]_oo

so a (t, t) Gram matrix replaces the (d_out, d_in) gradient: no per-example gradient is ever held, and only
activations are differentiated.
"""

import copy
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from fute_core.methods import Fitted, Observations
from fute_core.methods.heads import Head, fit_head, standardised
from fute_core.models.device import PROCESSOR
from fute_core.vectors import Block

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

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
    totals = _Totals(_mean_gradients if variant == "squared-mean" else _squares)
    watched = copy.copy(surrogate)  # other threads share the surrogate, and would meet our hooks
    watched.model = shared_copy(surrogate.model)
    _watch(watched.model, totals)

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


Measure = Callable[..., "torch.Tensor"]
"""What `_Totals` asks of each layer: inputs, output gradients, weights and Gram matrices to a tensor to add."""


class _Totals:
    """Adds up what each layer's gradient says while the backward pass runs, so that no gradient outlives its layer.

    measure : (inputs (b, t, d_in), output gradients (b, t, d_out), weight (b,), Gram) to a tensor to add.
    weight : (b,) of the examples of the loss at hand.
    calls : how often the forward pass of this batch called each layer.
    """

    def __init__(self, measure: "Measure") -> None:
        self.measure = measure
        self.weight: torch.Tensor | None = None
        self.begin()

    def begin(self) -> None:
        """Forget the batch before, of which a part may have failed."""
        self.calls: dict[str, int] = {}
        self._totals: dict[str, torch.Tensor] = {}
        self._again: dict[str, list[tuple[torch.Tensor, torch.Tensor]]] = {}
        self._inputs: torch.Tensor | None = None
        self._gram: torch.Tensor | None = None

    def by_layer(self) -> dict[str, NDArray[np.float64]]:
        """Totals of the batch in the order of the forward pass, by one transfer, since each waits for the device."""
        import torch

        together = torch.cat([total.flatten() for total in self._totals.values()]).cpu().double().numpy()
        parts = np.split(together, np.cumsum([total.numel() for total in self._totals.values()])[:-1])
        shaped = zip(self._totals.items(), parts, strict=True)
        return {name: part.reshape(total.shape) for (name, total), part in reversed(list(shaped))}

    def add(self, name: str, inputs: "torch.Tensor", gradient: "torch.Tensor") -> None:
        if self.calls[name] > 1:
            self._again.setdefault(name, []).append((inputs, gradient))
            return
        if self._inputs is not inputs:  # query, key and value read the same inputs, one after another
            self._inputs, self._gram = inputs, _gram(inputs)
        self._add(name, inputs, gradient, self._gram)

    def add_layers_called_again(self) -> None:
        """A layer that is called several times (ALBERT) has one gradient: the sum over its calls."""
        import torch

        for name, pairs in self._again.items():
            inputs, gradient = (torch.cat(tensors, 1) for tensors in zip(*pairs, strict=True))
            self._add(name, inputs, gradient, _gram(inputs))
        self._again.clear()
        self._inputs = self._gram = None

    def _add(self, name: str, inputs: "torch.Tensor", gradient: "torch.Tensor", gram: "torch.Tensor | None") -> None:
        value = self.measure(inputs, gradient, self.weight, gram)
        self._totals[name] = self._totals[name] + value if name in self._totals else value


def _gram(inputs: "torch.Tensor") -> "torch.Tensor":
    """A A^T of every example, (b, t, t)."""
    import torch

    inputs = inputs.detach()
    return torch.bmm(inputs, inputs.transpose(1, 2))


def _squares(
    _inputs: "torch.Tensor", gradient: "torch.Tensor", weight: "torch.Tensor", gram: "torch.Tensor"
) -> "torch.Tensor":
    """Sum over a batch of diag(G^T A A^T G), (d_out,), each example times `weight` (b,)."""
    import torch

    squares = torch.bmm(gram, gradient).mul_(gradient).sum(1)
    if squares.device.type == PROCESSOR:  # not all have float64
        return (weight[:, None] * squares).double().sum(0)
    return torch.mv(squares.T, weight)


def _mean_gradients(inputs: "torch.Tensor", gradient: "torch.Tensor", _weight: object, _gram: object) -> "torch.Tensor":
    """Summed weight gradient of a batch, (d_out, d_in)."""
    return gradient.flatten(0, 1).T @ inputs.detach().flatten(0, 1)


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


def _watch(model: "PreTrainedModel", totals: _Totals) -> None:
    """Tells `totals` of every Linear layer's inputs and output gradients; gradients start at the word embeddings."""
    import torch

    def watch(name: str) -> "Callable[[torch.nn.Module, Any, torch.Tensor], None]":
        def hook(_module: torch.nn.Module, args: Any, output: torch.Tensor) -> None:
            if output.requires_grad:
                totals.calls[name] = totals.calls.get(name, 0) + 1
                told: Any = output  # torch's hint for register_hook has no types
                told.register_hook(lambda gradient: totals.add(name, args[0], gradient))

        return hook

    def start_here(_module: torch.nn.Module, _args: Any, output: torch.Tensor) -> torch.Tensor:
        return output.requires_grad_()

    words = model.get_input_embeddings().weight  # T5 has several modules around the one table, and calls the inner one
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_hook(watch(name))
        elif isinstance(module, torch.nn.Embedding) and module.weight is words:
            module.register_forward_hook(start_here)
