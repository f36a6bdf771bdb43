"""Whether texts are program code, which no probe text is: how many of their characters are signs that code is full of.

What prose may hold of these is left out: addresses, mentions, tags, references in brackets, faces and formulas. Round
brackets, which chemists like, do not count, nor do the lines of tables, nor does a text with fewer than three signs
or signs of one kind alone, such as a blank to fill in or the name of a user. Of 145 datasets of prose in many
languages, 200 texts each, the median text of every one has none. Snippets in many programming languages have 0.05,
passages of 300 characters from Python, JavaScript, CSS, C, Cython and CMake 0.03 to 0.07. Code that has few signs,
such as plain SQL, is not told.
"""

import re
from collections.abc import Sequence

import numpy as np

from fute_core.tasks import Text

MOST_SIGNS = 0.02
"""Above this share in the median text, texts are taken for code."""
FEWEST = 3
"""Signs in a text, of two kinds or more; fewer are none."""
SIGNS = frozenset("{}[];=<>_\\")
NO_CODE = re.compile(
    r"https?://\S+|www\.\S+|[@#]\w+|</?\w+[^>\n]{0,60}>|&\w+;|\[[\w ,.]{1,20}\]"
    r"|[:;=8xX]['^o-]?[)(DPpO/\\|*\]\[3]+|[)(][-'^]?[:;=]|<3+"
    r"|\$[^$\n]{1,200}\$|\\\w+|\s+"
)
"""No code: addresses, mentions, tags, references; faces; formulas; blanks."""


def code_signs(texts: Sequence[Text]) -> float:
    """Compute the share of characters, blanks and what is no code apart, that are signs of code in the median text.

    Parameters
    ----------
    texts : sequence of str or of (str, str)
        The texts.

    Returns
    -------
    float
        From 0 to 1; 0 where there is nothing but blanks.
    """
    bare = [NO_CODE.sub("", text if isinstance(text, str) else " ".join(text)) for text in texts]
    return float(np.median([_share(text) for text in bare if text] or [0.0]))


def _share(text: str) -> float:
    signs = [sign for sign in text if sign in SIGNS]
    return len(signs) / len(text) if len(signs) >= FEWEST and len(set(signs)) > 1 else 0.0
