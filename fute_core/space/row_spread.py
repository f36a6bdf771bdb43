"""How sure a similarity is over a dataset's own rows: had others of the same source been taken, what would it be?

The heads were fitted again without each group of rows in turn (`methods.left_out_rows`), and each time the dataset is
placed anew; what it is compared with stays as it is. With g groups and t_j the similarity without group j, the variance
over rows is (g - 1) / g sum_j (t_j - mean)^2 (delete-a-group jackknife: Kott 2001). The Fisher part is not made again,
since each time would cost a backward pass over all rows: between two datasets its variance is added as measured.

Rows and probe texts are drawn independently, so an interval over both has the root of both squares on either side
(Zou and Donner 2008). `fute eval coverage` measures how often all of them hold.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fute_core.space.calibration import Calibrator
from fute_core.space.placed import Placed
from fute_core.vectors import TaskEmbedding

Over = Literal["texts", "rows", "both"]
"""What a 95 % interval is over: the probe texts, the rows of the dataset that is asked about, or both."""
OVERS: tuple[Over, ...] = ("texts", "rows", "both")
OVER_WORDS: dict[Over, str] = {
    "texts": "the probe texts",
    "rows": "the dataset's own rows",
    "both": "the probe texts and the dataset's own rows",
}

FISHER_ROWS = 0.065
"""What the Fisher part adds to the standard deviation of a similarity of two datasets, times the root of the rows of
the one asked about. Chosen on half of the shipped datasets, the intervals hold in 0.95 on the other half."""


class WithoutRows:
    """A dataset without each group of its rows, placed.

    Parameters
    ----------
    calibrator : Calibrator
        Of the space.
    embedding : TaskEmbedding
        The dataset with all its rows.
    factors : ndarray or list of ndarray of float32, shape (g, r, k)
        Its Gram matrices without each of g groups, see `left_out_rows.factors_without`.
    """

    def __init__(self, calibrator: Calibrator, embedding: TaskEmbedding, factors: Iterable[NDArray[np.floating]]):
        self._placed = calibrator.place([replace(embedding, factor=factor) for factor in factors])
        self._rows = embedding.provenance.n_texts

    def half_widths(self, others: Placed) -> NDArray[np.float64]:
        """Give half the width of the 95 % interval over rows of each similarity.

        Parameters
        ----------
        others : Placed
            n items under the same calibration.

        Returns
        -------
        ndarray of float64, shape (n,)
            With Student's t for the groups that there are.
        """
        beside = (self._placed.row[0] >= 0) & (others.row >= 0)
        return half_widths_of(self._placed.cosines(others).astype(np.float64), beside, self._rows)


def half_widths_of(found: NDArray[np.float64], beside: NDArray[np.bool_], rows: int) -> NDArray[np.float64]:
    """Give half the width of the 95 % interval over rows of some similarities.

    Parameters
    ----------
    found : ndarray of float64, shape (g, n)
        The similarities without each of g groups of rows.
    beside : ndarray of bool, shape (n,)
        Whether it is one of two datasets, with a Fisher part each.
    rows : int
        Rows of the dataset.

    Returns
    -------
    ndarray of float64, shape (n,)
        With Student's t for the groups that there are.
    """
    from scipy.special import stdtrit

    g = len(found)
    variance = (g - 1) / g * ((found - found.mean(0)) ** 2).sum(0)
    variance += np.where(beside, FISHER_ROWS**2 / rows, 0.0)
    return np.asarray(stdtrit(g - 1, 0.975) * np.sqrt(variance))


def around(value: float, half: float) -> tuple[float, float]:
    """Give an interval of so much on either side.

    Parameters
    ----------
    value : float
        A similarity.
    half : float
        Half the width.

    Returns
    -------
    tuple of (float, float)
        Within -1 and 1.
    """
    return max(value - half, -1.0), min(value + half, 1.0)


def over_both(value: float, texts: tuple[float, float], half: float) -> tuple[float, float]:
    """Join an interval over probe texts with one over rows: the squares of what is on each side add up.

    Parameters
    ----------
    value : float
        A similarity.
    texts : tuple of (float, float)
        Its interval over probe texts.
    half : float
        Half the width over rows.

    Returns
    -------
    tuple of (float, float)
        Within -1 and 1.
    """
    low, high = (float(np.hypot(value - end, half)) for end in texts)
    return max(value - low, -1.0), min(value + high, 1.0)
