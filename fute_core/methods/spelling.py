"""A dataset's second reader: a linear head on groups of letters, beside the one on the surrogate's features.

The surrogate knows what a text means and little of how it is written. Black boxes often go by the writing, so a head
that does too answers the probe texts more as they do, whatever their architecture: see docs/unified-space.md.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.pair_features import Pair, marked_letters, overlaps
from fute_core.methods.heads import ridge, softmax_regression
from fute_core.tasks import Text

if TYPE_CHECKING:
    from scipy.sparse import csr_array

C = 1.0
"""scikit-learn's default; 10 did alike."""
GROUPS = (2, 5)


def spelling_answers(
    texts: Sequence[Text], targets: NDArray[np.floating], probes: Sequence[Text], regression: bool = False
) -> NDArray[np.float64]:
    """Answer probe texts by a head that reads letters.

    Parameters
    ----------
    texts : sequence of str or of (str, str)
        n texts or pairs; of pairs it reads what one side alone has, and how far both overlap.
    targets : ndarray of float, shape (n, k)
        Rows that sum to 1, or (n, 1) scores.
    probes : sequence of str or of (str, str)
        m probe texts of the same kind.
    regression : bool, default False
        Targets are scores.

    Returns
    -------
    ndarray of float64, shape (m, k)
        Logits, or scores (m, 1); zeros where no text has a letter.
    """
    read = letters(texts, probes)
    if read is None:
        return np.zeros((len(probes), targets.shape[1]))
    return answers_by_letters(*read, targets, regression)


def letters(texts: Sequence[Text], probes: Sequence[Text]) -> "tuple[csr_array, csr_array] | None":
    """Read the groups of letters of texts, and the same ones of probe texts.

    Parameters
    ----------
    texts : sequence of str or of (str, str)
        n texts or pairs, whose groups of letters are the columns.
    probes : sequence of str or of (str, str)
        m probe texts of the same kind.

    Returns
    -------
    tuple of (csr_array, csr_array), or None
        (n, d) and (m, d), weighted; None where no text has a letter.
    """
    try:
        if isinstance(texts[0], tuple):
            return _pairs(cast("Sequence[Pair]", texts), cast("Sequence[Pair]", probes))
        return _singles(cast("Sequence[str]", texts), cast("Sequence[str]", probes))
    except ValueError:  # scikit-learn's word for an empty vocabulary
        return None


def answers_by_letters(
    given: "csr_array", asked: "csr_array", targets: NDArray[np.floating], regression: bool = False
) -> NDArray[np.float64]:
    """Fit the head on what `letters` read, and answer probe texts by it.

    Parameters
    ----------
    given : csr_array, shape (n, d)
        Of the texts.
    asked : csr_array, shape (m, d)
        Of the probe texts.
    targets : ndarray of float, shape (n, k)
        Rows that sum to 1, or (n, 1) scores.
    regression : bool, default False
        Targets are scores.

    Returns
    -------
    ndarray of float64, shape (m, k)
        Logits, or scores (m, 1).
    """
    weight, bias = (ridge if regression else softmax_regression)(given, targets.astype(np.float64), C)
    return np.asarray(asked @ weight.T + bias)


def _singles(texts: Sequence[str], probes: Sequence[str]) -> "tuple[csr_array, csr_array]":
    from sklearn.feature_extraction.text import TfidfVectorizer

    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=GROUPS, sublinear_tf=True)
    return letters.fit_transform(texts), letters.transform(probes)


def _pairs(texts: Sequence[Pair], probes: Sequence[Pair]) -> "tuple[csr_array, csr_array]":
    from scipy.sparse import csr_array, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import StandardScaler

    letters = TfidfVectorizer(analyzer=marked_letters, sublinear_tf=True)
    scaler = StandardScaler()
    given = letters.fit_transform(texts), scaler.fit_transform(overlaps(texts))
    asked = letters.transform(probes), scaler.transform(overlaps(probes))
    read, wanted = (hstack([side[0], csr_array(side[1])], format="csr") for side in (given, asked))
    return read, wanted
