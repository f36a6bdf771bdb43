"""95 % intervals of an item's similarities: over probe texts, over a dataset's own rows, or over both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fute_core.errors import BadInput
from fute_core.space.drawn import Resampled
from fute_core.space.resampling import Resampler, interval
from fute_core.space.row_spread import OVERS, Over, WithoutRows, around, over_both
from fute_core.space.space import TaskSpace
from fute_core.store.keys import rows_key
from fute_core.store.session import session_store
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store

Interval = tuple[float, float, Over]
"""Lower and upper end, and what they are over."""


def check_over(over: str) -> None:
    """Check what an interval is wanted over.

    Parameters
    ----------
    over : str
        As a user wrote it.

    Raises
    ------
    BadInput
        For anything but "texts", "rows" and "both".
    """
    if over not in OVERS:
        raise BadInput(f"interval is {over!r}; give one of {', '.join(map(repr, OVERS))}.")


@dataclass(frozen=True)
class Intervals:
    """The intervals of one item's similarities.

    Parameters
    ----------
    space : TaskSpace
        What it is compared with.
    resampler : Resampler or None
        The draws of probe texts; None where intervals are not known.
    resampled : function of int
        The item at a position under these draws; None where its answers are not known.
    own : Resampled or None
        The item under these draws.
    without : WithoutRows or None
        The item without each group of its rows, where an interval over rows is wanted and they are at hand.
    texts : bool, default True
        The interval is over probe texts, alone or too.
    """

    space: TaskSpace
    resampler: Resampler | None
    resampled: Callable[[int], Resampled | None]
    own: Resampled | None
    without: WithoutRows | None = None
    texts: bool = True

    def between(self, i: int, value: float) -> Interval | None:
        """Give the interval of one similarity.

        Parameters
        ----------
        i : int
            Position of the other item.
        value : float
            The similarity to it.

        Returns
        -------
        (float, float, str) or None
            None where answers are not known. Over the texts alone where there are no rows.
        """
        half = None if self.without is None else float(self.without.half_widths(self.space.placed.take([i]))[0])
        if half is not None and not self.texts:
            return *around(value, half), "rows"
        other = self.resampled(i)
        if self.own is None or other is None or self.resampler is None:
            return None
        texts = interval(self.resampler.similarities(self.own, other, value))
        return (*texts, "texts") if half is None else (*over_both(value, texts, half), "both")


def without_rows(space: TaskSpace, embedding: TaskEmbedding, store: "Store | None") -> WithoutRows | None:
    """Find what a dataset is without each group of its rows.

    Parameters
    ----------
    space : TaskSpace
        The space.
    embedding : TaskEmbedding
        Anything.
    store : Store or None
        Where it is looked for, besides in what this process keeps.

    Returns
    -------
    WithoutRows or None
        None for what is no dataset, and where it was not made, see `embed(row_draws=True)`.
    """
    if embedding.kind != "dataset" or embedding.factor is None:
        return None
    for known in (store, session_store()):
        if known is not None and (found := known.get(rows_key(embedding.key))) is not None:
            factors = found[0].get("factors")
            if factors is not None and factors.ndim == 3 and factors.shape[1] == len(embedding.factor):
                return WithoutRows(space.calibrator, embedding, np.asarray(factors))
    return None
