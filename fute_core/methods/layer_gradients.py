"""What the gradients of a model's Linear layers say, taken while the backward pass is at each layer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.models.device import PROCESSOR

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

Measure = Callable[..., "torch.Tensor"]
"""What `LayerTotals` asks of each layer: inputs, output gradients, weights and Gram matrices to a tensor to add."""


class LayerTotals:
    """Adds up what each layer's gradient says while the backward pass runs, so that no gradient outlives its layer.

    Parameters
    ----------
    measure : callable
        Given inputs (b, t, d_in), output gradients (b, t, d_out), weights (b,) and Gram matrices (b, t, t) of a layer,
        a tensor to add: `squares` or `mean_gradients`.

    Attributes
    ----------
    weight : Tensor, shape (b,)
        Of the examples of the loss at hand.
    calls : dict of str to int
        How often the forward pass of this batch called each layer.
    """

    def __init__(self, measure: Measure) -> None:
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
        """Bring the totals of the batch to the processor.

        Returns
        -------
        dict of str to ndarray of float64
            By layer, in the order of the forward pass.
        """
        import torch

        # One transfer, since each waits for the device.
        together = torch.cat([total.flatten() for total in self._totals.values()]).cpu().double().numpy()
        parts = np.split(together, np.cumsum([total.numel() for total in self._totals.values()])[:-1])
        shaped = zip(self._totals.items(), parts, strict=True)
        return {name: part.reshape(total.shape) for (name, total), part in reversed(list(shaped))}

    def add(self, name: str, inputs: "torch.Tensor", gradient: "torch.Tensor") -> None:
        """Add what a layer's gradient says; one that is called several times waits for its other calls.

        Parameters
        ----------
        name : str
            Of the layer.
        inputs, gradient : Tensor, shape (b, t, d_in), (b, t, d_out)
            Of one call.
        """
        if self.calls[name] > 1:
            self._again.setdefault(name, []).append((inputs, gradient))
            return
        if self._inputs is not inputs:  # query, key and value read the same inputs, one after another
            self._inputs, self._gram = inputs, _gram(inputs)
        self._add(name, inputs, gradient, self._gram)

    def add_layers_called_again(self) -> None:
        """Add layers that are called several times (ALBERT): each has one gradient, the sum over its calls."""
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


def squares(
    _inputs: "torch.Tensor", gradient: "torch.Tensor", weight: "torch.Tensor", gram: "torch.Tensor"
) -> "torch.Tensor":
    """Sum over a batch what is on the diagonal of G^T A A^T G, each example times its weight.

    Parameters
    ----------
    _inputs : Tensor
        In the Gram matrix already.
    gradient : Tensor, shape (b, t, d_out)
        G of each example.
    weight : Tensor, shape (b,)
        Of each example.
    gram : Tensor, shape (b, t, t)
        A A^T of each example.

    Returns
    -------
    Tensor, shape (d_out,)
        In float64 on a processor.
    """
    import torch

    squares = torch.bmm(gram, gradient).mul_(gradient).sum(1)
    if squares.device.type == PROCESSOR:  # not all have float64
        return (weight[:, None] * squares).double().sum(0)
    return torch.mv(squares.T, weight)


def mean_gradients(inputs: "torch.Tensor", gradient: "torch.Tensor", _weight: object, _gram: object) -> "torch.Tensor":
    """Sum the weight gradients of a batch.

    Parameters
    ----------
    inputs, gradient : Tensor, shape (b, t, d_in), (b, t, d_out)
        A and G of each example.
    _weight, _gram : object
        Not needed.

    Returns
    -------
    Tensor, shape (d_out, d_in)
        The sum of G^T A.
    """
    return gradient.flatten(0, 1).T @ inputs.detach().flatten(0, 1)


def watch(model: "PreTrainedModel", totals: LayerTotals) -> None:
    """Tell `totals` of every Linear layer's inputs and output gradients; gradients start at the word embeddings.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        An encoder, which gets hooks.
    totals : LayerTotals
        What is told.
    """
    import torch

    def watching(name: str) -> "Callable[[torch.nn.Module, Any, torch.Tensor], None]":
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
            module.register_forward_hook(watching(name))
        elif isinstance(module, torch.nn.Embedding) and module.weight is words:
            module.register_forward_hook(start_here)
