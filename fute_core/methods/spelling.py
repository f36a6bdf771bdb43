"""A dataset's second reader: a linear head on groups of letters, beside the one on the surrogate's features.

The surrogate knows what a text means and little of how it is written. Black boxes often go by the writing, so a head
that does too answers the probe texts more as they do, whatever their architecture: see docs/unified-space.md.
"""

from collections.abc import Sequence

import numpy as np

from fute_core.datasets.pair_features import marked_letters, overlaps
from fute_core.methods.heads import ridge, softmax_regression
from fute_core.tasks import Text

C = 1.0
"""scikit-learn's default; 10 did alike."""
GROUPS = (2, 5)


def spelling_answers(
    texts: Sequence[Text], targets: np.ndarray, probes: Sequence[Text], regression: bool = False
) -> np.ndarray:
    """Logits (m, k) on m probe texts, or scores (m, 1), of a head that reads letters.

    texts : n texts or pairs; of pairs it reads what one side alone has, and how far both overlap.
    targets : float (n, k) rows that sum to 1, or (n, 1) scores. Zeros where no text has a letter.
    """
    try:
        given, asked = _pairs(texts, probes) if isinstance(texts[0], tuple) else _singles(texts, probes)
    except ValueError:  # scikit-learn's word for an empty vocabulary
        return np.zeros((len(probes), targets.shape[1]))
    fit = ridge if regression else softmax_regression
    weight, bias = fit(given, targets.astype(np.float64), C)
    return asked @ weight.T + bias


def _singles(texts: Sequence[str], probes: Sequence[str]):
    from sklearn.feature_extraction.text import TfidfVectorizer

    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=GROUPS, sublinear_tf=True)
    return letters.fit_transform(texts), letters.transform(probes)


def _pairs(texts: Sequence[tuple[str, str]], probes: Sequence[tuple[str, str]]):
    from scipy.sparse import csr_array, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import StandardScaler

    letters = TfidfVectorizer(analyzer=marked_letters, sublinear_tf=True)
    scaler = StandardScaler()
    given = letters.fit_transform(texts), scaler.fit_transform(overlaps(texts))
    asked = letters.transform(probes), scaler.transform(overlaps(probes))
    return tuple(hstack([side[0], csr_array(side[1])], format="csr") for side in (given, asked))
