"""Log-probabilities of answers from a model that reads prompts without padding."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.models.packed import Layers, PackedLlama, Rows
from fute_core.predictors.batches import packs

if TYPE_CHECKING:
    import torch

ROWS_PER_OUTPUT = 64
"""Positions whose whole vocabulary is kept at once: it bounds memory."""


def packed_scores(
    model: PackedLlama, output: Any, rests: list[list[int]], shared: Layers, choices: list[list[int]]
) -> NDArray[np.float32]:
    """Compute the total log-probability of every choice after every prompt.

    Parameters
    ----------
    model : PackedLlama
        The layers.
    output : callable
        Gives the logits (n, vocabulary) of states (n, hidden).
    rests : list of list of int
        Token ids of each prompt after the shared prefix.
    shared : Layers
        Keys and values of that prefix, of one row; empty for none.
    choices : list of list of int
        Token ids of each choice.

    Returns
    -------
    ndarray of float32, shape (n, s)
        One column for each choice.
    """
    import torch

    scores = np.zeros((len(rests), len(choices)), np.float32)
    n_shared = shared[0][0].shape[2] if shared else 0
    longer = np.flatnonzero([len(tokens) > 1 for tokens in choices])
    last: list[torch.Tensor] = []
    order: list[NDArray[np.intp]] = []
    for pack in packs(rests, n_shared):
        groups = [Rows(torch.tensor([rests[i] for i in rows]), shared) for rows in pack]
        states, kept = model.read(groups, keep=len(longer) > 0, last=True)
        order.extend(pack)
        last.extend(state[:, 0] for state in states)
        if len(longer):
            rows = np.concatenate(pack)
            scores[np.ix_(rows, longer)] = _continued(model, output, pack, kept, [choices[c] for c in longer])
    first = torch.tensor([tokens[0] for tokens in choices])
    at = torch.cat(last)
    log_p = _log_p(output, at, first.expand(len(at), -1))
    scores[np.concatenate(order)] += log_p.numpy()
    return scores


def _continued(
    model: PackedLlama, output: Any, pack: list[NDArray[np.intp]], kept: list[Layers], choices: list[list[int]]
) -> NDArray[np.float32]:
    """Log-probability (rows of the pack, choices) of each choice after its first token."""
    import torch

    groups = [
        Rows(torch.tensor(tokens[:-1]).expand(len(rows), -1), past)
        for tokens in choices
        for rows, past in zip(pack, kept, strict=True)
    ]
    states = iter(model.read(groups)[0])
    columns = []
    for tokens in choices:
        read = torch.cat([next(states) for _ in pack])
        wanted = torch.tensor(tokens[1:]).expand(len(read), -1).reshape(-1, 1)
        columns.append(_log_p(output, read.flatten(0, 1), wanted).view(len(read), -1).sum(1))
    return torch.stack(columns, 1).numpy()


def _log_p(output: Any, states: "torch.Tensor", wanted: "torch.Tensor") -> "torch.Tensor":
    """Log-probability (n, m) of the tokens `wanted` (n, m) after states (n, hidden)."""
    import torch

    found = []
    for start in range(0, len(states), ROWS_PER_OUTPUT):
        rows = slice(start, start + ROWS_PER_OUTPUT)
        found.append(torch.log_softmax(output(states[rows]).float(), 1).gather(1, wanted[rows]))
    return torch.cat(found)
