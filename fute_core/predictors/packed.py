"""Log-probabilities of answers from a model that reads prompts without padding."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from fute_core.models.device import PROCESSOR
from fute_core.models.memory import read_fitting
from fute_core.models.packed import PackedLlama
from fute_core.models.sequences import Kept, Sequences
from fute_core.predictors.batches import TOKENS_PER_PACK, packs

if TYPE_CHECKING:
    import torch

Task = TypeVar("Task")
Result = TypeVar("Result")
Choices: TypeAlias = list[list[int]]
"""Token ids of each answer choice of a prompt."""
CONTINUED_AT_ONCE = 16_384
"""Tokens of longer choices that are read at once."""


@dataclass(frozen=True)
class PackedTurn:
    """What is left to read of prompts, and the choices whose probability is asked for after each.

    Parameters
    ----------
    rests : list of list of int
        Token ids of n prompts without what each continues.
    choices : list of list of list of int
        Of one prompt template or more.
    template : ndarray of int, shape (n,), optional
        Which of them each prompt is of; by default all the first.
    past : Kept, optional
        What was read before.
    continued : ndarray of int, shape (n,), optional
        Which sequence of `past` each prompt continues; by default all the first.
    """

    rests: list[list[int]]
    choices: list[Choices]
    template: NDArray[np.intp] | None = None
    past: Kept | None = None
    continued: NDArray[np.intp] | None = None

    @cached_property
    def lengths(self) -> NDArray[np.intp]:
        """Tokens that are left of each prompt.

        Returns
        -------
        ndarray of int, shape (n,)
            One or more.
        """
        return np.array([len(ids) for ids in self.rests], np.intp)

    @cached_property
    def before(self) -> NDArray[np.intp]:
        """Tokens that each prompt continues.

        Returns
        -------
        ndarray of int, shape (n,)
            0 for none.
        """
        return self.sequences(np.arange(len(self.rests))).before

    def choices_of(self, row: int) -> Choices:
        """Tell the choices after a prompt.

        Parameters
        ----------
        row : int
            Which prompt.

        Returns
        -------
        list of list of int
            Token ids of each.
        """
        return self.choices[0 if self.template is None else self.template[row]]

    def sequences(self, rows: NDArray[np.intp]) -> Sequences:
        """Put some of the prompts into a column.

        Parameters
        ----------
        rows : ndarray of int
            Which.

        Returns
        -------
        Sequences
            In that order.
        """
        continued = None if self.continued is None else self.continued[rows]
        return Sequences([self.rests[i] for i in rows], self.past, continued)


def packed_scores(model: PackedLlama, asked: PackedTurn) -> NDArray[np.float32]:
    """Compute the total log-probability of every choice after every prompt.

    Parameters
    ----------
    model : PackedLlama
        The model.
    asked : PackedTurn
        n prompts and their choices.

    Returns
    -------
    ndarray of float32, shape (n, s)
        One column for each choice of the template with most; NaN after what a template has.
    """
    import torch

    width = max(map(len, asked.choices))
    scores = np.zeros((len(asked.rests), width), np.float32)

    def read(rows: NDArray[np.intp]) -> tuple["torch.Tensor", _After | None]:
        with torch.inference_mode():
            longer = [(at, c) for at, i in enumerate(rows) for c, t in enumerate(asked.choices_of(i)) if len(t) > 1]
            states, kept = model.read(asked.sequences(rows), keep=bool(longer), last=True)
            if kept is None:
                return states, None
            at, column = np.array(longer).T
            tokens = [asked.choices_of(rows[a])[c] for a, c in longer]
            order, lengths, log_p = _continued(model, kept, len(kept) - len(rows) + at, tokens)
            return states, _After(rows[at][order], column[order], lengths, log_p)

    # Nothing waits for the device before all is asked of it.
    done = list(_read_all(model, asked, read))
    rows = np.concatenate([rows for rows, _ in done])
    first = np.zeros((len(rows), width), np.int64)
    for at, i in enumerate(rows):
        choices = asked.choices_of(i)
        first[at, : len(choices)] = [tokens[0] for tokens in choices]
        scores[i, len(choices) :] = np.nan
    scores[rows] += model.log_p(torch.cat([states for _, (states, _) in done]), model.sent(first)).cpu().numpy()
    for _, (_, after) in done:
        if after is not None:
            scores[after.rows, after.columns] += after.summed()
    return scores


@dataclass(frozen=True)
class _After:
    """What longer choices add after their first token.

    rows, columns : which prompt and choice each of m belongs to.
    lengths : tokens of each, without the first.
    log_p : of those tokens, one choice after the other.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    lengths: NDArray[np.intp]
    log_p: "list[torch.Tensor]"

    def summed(self) -> NDArray[np.float32]:
        one_by_one = np.concatenate([part.cpu().numpy() for part in self.log_p])
        sums: NDArray[np.float32] = np.add.reduceat(one_by_one, np.cumsum(self.lengths) - self.lengths)
        return sums


def _read_all(
    model: PackedLlama, asked: PackedTurn, read: Callable[[NDArray[np.intp]], Result]
) -> Iterable[tuple[NDArray[np.intp], Result]]:
    """Packs and what was read of each: on a processor side by side, elsewhere as many tokens at once as fit."""
    import torch

    lengths, before = asked.lengths, asked.before
    if model.device.type == PROCESSOR:
        made = packs(lengths, before, threads := torch.get_num_threads())
        return zip(made, side_by_side(read, made, threads), strict=True)

    def split(left: NDArray[np.intp], most: int) -> list[NDArray[np.intp]]:
        return [left[pack] for pack in packs(lengths[left], before[left], most=most)]

    return read_fitting(model.whole, len(lengths), split, read, TOKENS_PER_PACK)


def side_by_side(work: Callable[[Task], Result], tasks: list[Task], threads: int) -> list[Result]:
    """Do several tasks at a time, each on one core.

    Two cores that each read a pack finish sooner than two that share every operation of it, wait for each other after
    each, and are both held up by whatever else runs on one of them.

    Parameters
    ----------
    work : callable
        What to do with a task; called in several threads, each with the context of this one.
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
            return list(pool.map(lambda context, task: context.run(work, task), [copy_context() for _ in tasks], tasks))
    finally:
        torch.set_num_threads(before)


def _continued(
    model: PackedLlama, kept: Kept, rows: NDArray[np.intp], choices: list[list[int]]
) -> tuple[NDArray[np.intp], NDArray[np.intp], "list[torch.Tensor]"]:
    """Choices in another order, tokens of each after its first, and their log-probabilities after its sequence."""
    lengths = np.array([len(tokens) - 1 for tokens in choices], np.intp)
    parts, found = packs(lengths, kept.lengths[rows], most=CONTINUED_AT_ONCE), []
    for part in parts:
        states, _ = model.read(Sequences([choices[i][:-1] for i in part], kept, rows[part]))
        wanted = model.sent(np.array([[token] for i in part for token in choices[i][1:]]))
        found.append(model.log_p(states, wanted)[:, 0])
    order = np.concatenate(parts)
    return order, lengths[order], found
