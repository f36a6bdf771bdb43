"""What a similarity means on any number of texts, between the numbers that it was measured at.

On few texts all items look more alike, and the more so the fewer: what strangers reach falls about like the root of one
over the number of texts. Between two numbers the sorted values are therefore read off a straight line in that root.
"""

from collections.abc import Mapping

import numpy as np

from fute_core.space.scale import Scale


def scale_at(scales: Mapping[int, Scale], n: int) -> Scale:
    """Give the scale of n texts.

    Parameters
    ----------
    scales : mapping of int to Scale
        By the number of texts they were measured at.
    n : int
        How many texts there are.

    Returns
    -------
    Scale
        A measured one; between two that of the same newcomers read off between them; above the last one that; below the
        first an empty one, so that nothing is claimed. Pairs of kinds that only one of the two has are left out.
    """
    if n in scales:
        return scales[n]
    fewer, more = [k for k in scales if k < n], [k for k in scales if k > n]
    if not fewer or not more:
        return scales[max(fewer)] if fewer else Scale({})
    low, high = max(fewer), min(more)
    share = (low**-0.5 - n**-0.5) / (low**-0.5 - high**-0.5)
    parts = ("null", "newcomer", "both_new", "best", "kin")
    return Scale(**{part: _between(getattr(scales[low], part), getattr(scales[high], part), share) for part in parts})


def _between(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray], share: float) -> dict[str, np.ndarray]:
    common = [kinds for kinds in one if kinds in other and len(one[kinds]) == len(other[kinds])]
    return {kinds: (1 - share) * one[kinds] + share * other[kinds] for kinds in common}
