"""Whether an encoder reads the language of a text: how many of its words are whole words of the encoder's vocabulary.

Words that a vocabulary lacks are cut into pieces that mean little. Measured for BERT's vocabulary without case, that of
both `READERS`, on 100 texts of each dataset: English ones have 0.64 (chemistry abstracts) to 0.99, German, Italian,
Indonesian and Swahili 0.18 to 0.41, Spanish and Hausa 0.47 to 0.50, other scripts 0.00 to 0.11. Program code (0.66) is
told by its signs, see `code_signs.py`.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from fute_core.tasks import Text

LEAST_READ = 0.57
"""Below this share of whole words an encoder in `READERS` does not read the language."""
READERS = frozenset({"bge-small", "minilm"})
"""Encoders that the share was measured for; a vocabulary of many languages would need another."""
FEWEST_WORDS = 20
"""Fewer words tell nothing."""
WORD = re.compile(r"[^\W\d_]+")


def whole_words(texts: Sequence[Text], vocabulary: Mapping[str, int]) -> float | None:
    """Compute the mean share of a text's words that are whole words of a vocabulary.

    Parameters
    ----------
    texts : sequence of str or of (str, str)
        The texts.
    vocabulary : mapping of str to int
        Of the encoder's tokenizer, in lower case.

    Returns
    -------
    float or None
        From 0 to 1; None with fewer than `FEWEST_WORDS` words in all.
    """
    words = [WORD.findall((text if isinstance(text, str) else " ".join(text)).lower()) for text in texts]
    if sum(map(len, words)) < FEWEST_WORDS:
        return None
    return float(np.mean([np.mean([word in vocabulary for word in some]) for some in words if some]))
