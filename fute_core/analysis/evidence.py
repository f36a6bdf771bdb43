"""Which probe texts make two items alike, and on which they part: what stands behind one similarity.

The similarity that is shown is that of calibrated vectors, so this is what is split. With X = A Q^T (A the whitening, Q
the basis of the probe texts), Z_i the centred answers of item i, scaled so that F_i = X Z_i has ||F_i F_i^T|| = 1, M_i
the mean that calibration takes from it and C_i = F_i F_i^T - M_i, the part that is made from answers is
w <C_1, C_2> / (||C_1|| ||C_2||), w its weight (`Placed.weights`). Since F_1 is a sum over texts,

    <C_1, C_2> = <F_1 F_1^T, C_2> - <M_1, C_2> = sum_p z_1p . (X^T C_2 F_1)_p - <M_1, C_2>

and the same holds with the two items changed. The mean of both is taken: each text has its share, positive or negative,
and what the means take away belongs to no text. With the parts that are not made from answers (Fisher, between two
datasets) all of it sums to the similarity.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.methods.functional import log_odds
from fute_core.space.resampling import check_answers

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item
    from fute_core.space.calibration import Calibrator


@dataclass(frozen=True)
class Split:
    """A similarity as a sum.

    Parameters
    ----------
    texts : ndarray of float64, shape (m,)
        What each probe text adds; 0 for one that the two have not both answered.
    common : float
        What taking away the means adds, that is what all items of these kinds have in common, and with it the texts
        that only one of the two has answered.
    others : float
        What the parts of the vectors add that are not made from answers (Fisher).
    """

    texts: NDArray[np.float64]
    common: float
    others: float

    @property
    def similarity(self) -> float:
        """The sum of all: the calibrated cosine, -1 to 1."""
        return float(self.texts.sum()) + self.common + self.others


def split_similarity(calibrator: "Calibrator", basis: NDArray[np.float64], one: "Item", other: "Item") -> Split:
    """Split the similarity of two items over probe texts.

    Parameters
    ----------
    calibrator : Calibrator
        Of the space.
    basis : ndarray of float64, shape (m, r)
        Of the probe texts, see `methods.functional.probe_basis`.
    one, other : Item
        With their answers to these texts.

    Returns
    -------
    Split
        Sums to the similarity of the two in the space.

    Raises
    ------
    BadInput
        As `text_shares`.
    """
    texts = text_shares(calibrator, basis, one, other)
    both = calibrator.place([one.embedding, other.embedding])
    made = float(both.cosines(both, beside=False)[0, 1])
    return Split(texts, made - float(texts.sum()), float(both.cosines(both)[0, 1]) - made)


def text_shares(
    calibrator: "Calibrator", basis: NDArray[np.float64], one: "Item", other: "Item"
) -> NDArray[np.float64]:
    """Compute what each probe text adds to the similarity of two items.

    Parameters
    ----------
    calibrator : Calibrator
        Of the space.
    basis : ndarray of float64, shape (m, r)
        Of the probe texts, or its rows for the m of them that count.
    one, other : Item
        With their answers to the m texts.

    Returns
    -------
    ndarray of float64, shape (m,)
        0 for a text that the two have not both answered, and for all where one answers all alike.

    Raises
    ------
    BadInput
        For answers that are not known or not on these texts, and for vectors that are not made from answers.

    References
    ----------
    Kornblith et al. (2019), *Similarity of Neural Network Representations Revisited*, equation 2, as a sum over texts.
    """
    both = (one, other)
    given = [i.answers for i in both if i.answers is not None and len(i.answers) == len(basis)]
    if len(given) < len(both):
        raise BadInput(f"The answers of both to these {len(basis)} probe texts are not known; embed them again.")
    check_answers(one.embedding)
    placed = calibrator.place([i.embedding for i in both])
    weight = float(placed.weights(placed)[0, 1])
    texts = np.zeros(len(basis))
    if not weight:
        return texts
    matrix = (calibrator.whitening or {}).get("gram")
    turned = basis if matrix is None else basis @ matrix.T  # X transposed
    parts = [_parts(calibrator.centre(i.embedding).gram, turned, a) for i, a in zip(both, given, strict=True)]
    for (answers, factor, _), (_, _, centred) in (parts, parts[::-1]):
        texts += (answers * (turned @ (centred @ factor))).sum(1) / 2
    texts *= weight / float(np.prod([np.linalg.norm(centred) for *_, centred in parts]))
    texts[np.isnan(np.hstack(given)).any(1)] = 0.0
    return texts


def _parts(
    mean: NDArray[np.float64], turned: NDArray[np.float64], given: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Z (m, k), F (r, k) and C (r, r) of an item with these answers, from which calibration takes the mean."""
    answers = log_odds(given)
    factor = turned.T @ answers
    size = np.sqrt(np.linalg.norm(factor.T @ factor))
    answers, factor = answers / size, factor / size
    return answers, factor, factor @ factor.T - mean


def telling_texts(shares: NDArray[np.float64], k: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Find the probe texts that tell most about a similarity.

    Parameters
    ----------
    shares : ndarray of float64, shape (m,)
        What each text adds, see `Split`.
    k : int
        How many texts of each sort, at most.

    Returns
    -------
    apart : tuple of int
        Positions of the texts that pull the two apart, the one with the lowest share first; all shares are negative.
    alike : tuple of int
        Positions of the texts that make the two alike, the one with the highest share first; all shares are positive.
    """
    apart = (int(p) for p in np.argsort(shares, kind="stable")[:k] if shares[p] < 0)
    alike = (int(p) for p in np.argsort(-shares, kind="stable")[:k] if shares[p] > 0)
    return tuple(apart), tuple(alike)
