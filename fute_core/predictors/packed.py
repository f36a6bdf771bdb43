"""Log-probabilities of answers from a model that reads prompts without padding."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from fute_core.models.device import PROCESSOR
from fute_core.models.memory import read_fitting
from fute_core.models.packed import Layers, PackedLlama, Rows
from fute_core.predictors.batches import TOKENS_PER_PACK, of_equal_length, packs

if TYPE_CHECKING:
    import torch

Task = TypeVar("Task")
Result = TypeVar("Result")
Pack: TypeAlias = list[NDArray[np.intp]]
"""Positions of sequences that are read at once, those of each length together."""
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

    longer = np.flatnonzero([len(tokens) > 1 for tokens in choices])
    first = torch.tensor([tokens[0] for tokens in choices], device=model.device)
    scores = np.zeros((len(rests), len(choices)), np.float32)

    def read(pack: Pack) -> tuple["torch.Tensor", NDArray[np.float32] | None]:
        with torch.inference_mode():
            groups = [Rows(torch.tensor([rests[i] for i in rows], device=model.device), shared) for rows in pack]
            states, kept = model.read(groups, keep=len(longer) > 0, last=True)
            after = _continued(model, output, pack, kept, [choices[c] for c in longer]) if len(longer) else None
            return torch.cat([state[:, 0] for state in states]), after

    ends, packed = [], []
    for pack, (end, after) in _read_all(model, rests, shared[0][0].shape[2] if shared else 0, read):
        ends.append(end)
        packed += pack
        if after is not None:
            scores[np.ix_(np.concatenate(pack), longer)] = after
    order = np.concatenate(packed)
    scores[order] += _log_p(output, torch.cat(ends), first.expand(len(order), -1)).cpu().numpy()
    return scores


def _read_all(
    model: PackedLlama, rests: list[list[int]], n_shared: int, read: Callable[[Pack], Result]
) -> Iterable[tuple[Pack, Result]]:
    """Packs and what was read of each: on a processor side by side, elsewhere as many tokens at once as fit."""
    import torch

    if model.device.type == PROCESSOR:
        made = packs(rests, n_shared, threads := torch.get_num_threads())
        return zip(made, side_by_side(read, made, threads), strict=True)

    def split(left: NDArray[np.intp], most: int) -> list[NDArray[np.intp]]:
        return [left[np.concatenate(pack)] for pack in packs([rests[i] for i in left], n_shared, most=most)]

    def pack_of(rows: NDArray[np.intp]) -> Pack:
        return of_equal_length(rows, rests)

    found = read_fitting(model.whole, len(rests), split, lambda rows: read(pack_of(rows)), TOKENS_PER_PACK)
    return ((pack_of(rows), result) for rows, result in found)


def side_by_side(work: Callable[[Task], Result], tasks: list[Task], threads: int) -> list[Result]:
    """Do several tasks at a time, each on one core.

    Two cores that each read a pack finish sooner than two that share every operation of it, wait for each other after
    each, and are both held up by whatever else runs on one of them.

    Parameters
    ----------
    work : callable
        What to do with a task; called in several threads.
    tasks : list
        What is to be done.
    threads : int
        How many at a time. A single task has them all.

    Returns
    -------
    list
        The results, in the order of the tasks.
    """
    import torch

    if min(threads, len(tasks)) < 2:
        return [work(task) for task in tasks]
    before = torch.get_num_threads()
    try:
        # How many threads an operation has is each thread's own, but also what threads made later begin with.
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return list(pool.map(work, tasks))
    finally:
        torch.set_num_threads(before)


def _continued(
    model: PackedLlama, output: Any, pack: Pack, kept: list[Layers], choices: list[list[int]]
) -> NDArray[np.float32]:
    """Log-probability (rows of the pack, choices) of each choice after its first token."""
    import torch

    groups = [
        Rows(torch.tensor(tokens[:-1], device=model.device).expand(len(rows), -1), past)
        for tokens in choices
        for rows, past in zip(pack, kept, strict=True)
    ]
    states = iter(model.read(groups)[0])
    columns = []
    for tokens in choices:
        read = torch.cat([next(states) for _ in pack])
        wanted = torch.tensor(tokens[1:], device=model.device).expand(len(read), -1).reshape(-1, 1)
        columns.append(_log_p(output, read.flatten(0, 1), wanted).view(len(read), -1).sum(1))
    return torch.stack(columns, 1).cpu().numpy()


def _log_p(output: Any, states: "torch.Tensor", wanted: "torch.Tensor") -> "torch.Tensor":
    """Log-probability (n, m) of the tokens `wanted` (n, m) after states (n, hidden)."""
    import torch

    found = []
    for start in range(0, len(states), ROWS_PER_OUTPUT):
        rows = slice(start, start + ROWS_PER_OUTPUT)
        found.append(torch.log_softmax(output(states[rows]).float(), 1).gather(1, wanted[rows]))
    return torch.cat(found)
