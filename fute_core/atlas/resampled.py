"""Items of an atlas on resampled probe texts: what its intervals are made from, of which the last few are kept."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from fute_core.atlas.gallery import Item
from fute_core.methods.functional import log_odds
from fute_core.space.drawn import Resampled
from fute_core.space.placed import Placed
from fute_core.space.resampling import Resampler, fewer_columns

KEPT = 32
"""Items: one and its nearest, several times. Each takes 0.6 MB a label but one; all that ship would take 0.5 GB."""


def drawn(resampler: Resampler | None, item: Item, placed: Placed) -> Resampled | None:
    """Resample one item.

    Parameters
    ----------
    resampler : Resampler or None
        The draws, see `Atlas.resampler`.
    item : Item
        The item.
    placed : Placed
        It alone, calibrated.

    Returns
    -------
    Resampled or None
        None where there are no draws or no answers.
    """
    if item.answers is None or resampler is None:
        return None
    return resampler.resample(item.embedding, fewer_columns(log_odds(item.answers)), placed)


def keeping(resampler: Resampler | None, items: Sequence[Item], placed: Placed) -> Callable[[int], Resampled | None]:
    """Resample items by their positions, keeping the last `KEPT`.

    Parameters
    ----------
    resampler : Resampler or None
        As for `drawn`.
    items : sequence of Item
        n items.
    placed : Placed
        All of them, calibrated.

    Returns
    -------
    function of int
        What `drawn` gives for the item at a position. It knows no atlas: one that was kept by what it keeps would stay
        until somebody looks for what nobody holds.
    """

    @lru_cache(KEPT)
    def at(i: int) -> Resampled | None:
        return drawn(resampler, items[i], placed.take([i]))

    return at
