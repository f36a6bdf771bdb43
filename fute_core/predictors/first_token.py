"""Answer choices found among the likeliest first tokens of an answer, which is all that some servers tell.

A choice that is not among them is censored: all that is known is that it is no likelier than the last of them, and that
all that is missing shares what they leave. The raw answer keeps that apart from what was read, see `row`.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.predictors.replies import Tops

EXTRA = 2
"""Columns of a raw answer after those of the verbalizers: the bound of what is not seen, and what is left for it."""
LEAST_LEFT = 1e-9
SHORTEST, SHARE = 2, 1 / 3
"""Letters that a token needs to stand for the beginning of a choice, and the share of its first word that they have to
exceed: "sc" begins many words, and where "science" is not among the tokens itself, it says nothing of it.
"""


def row(top: Tops, verbalizers: Sequence[str], owner: NDArray[np.intp], lead: str) -> list[float]:
    """Read the log-probability of each verbalizer off the likeliest first tokens of an answer.

    A verbalizer is read at the longest token that it is or begins with, upper and lower case as written, since that is
    how a tokenizer writes it; a token that begins verbalizers of two labels counts for neither, unless it is one.
    Blanks before it count where the prompt has some: only where it is not there with them it is looked for without.

    Parameters
    ----------
    top : list of (bytes, float)
        The likeliest first tokens with their log-probabilities, one or more.
    verbalizers : sequence of str, length s
        Answer words.
    owner : ndarray of int, shape (s,)
        The label of each.
    lead : str
        What stands between the prompt and the answer.

    Returns
    -------
    list of float, length s + 2
        Log-probabilities, minus infinity for what is not among the tokens; the least log-probability of a token; and
        the logarithm of what the tokens leave of the probability.

    Raises
    ------
    BadInput
        Where the likeliest token that begins an answer begins those of two labels.
    """
    words = [v.strip().encode() for v in verbalizers]
    blank = b" " if lead[-1:] == " " else b""
    scores, unclear = [], None
    for word, label in zip(words, owner, strict=True):
        others = [w for w, other in zip(words, owner, strict=True) if other != label]
        found = _read(top, blank + word, [blank + w for w in others]) or _read(top, word, others, strip=True)
        shared = [(token, p) for token, p in top if _begins(token.strip(), word, others) and token.strip() != word]
        if shared and (unclear is None or shared[0][1] > unclear[1]):
            unclear = shared[0]
        scores.append(-math.inf if found is None else found)
    if unclear is not None and unclear[1] > max(scores):
        raise BadInput(
            f"Answers of several labels begin with {unclear[0].strip().decode('utf-8', 'replace')!r}, and only the "
            "first token is read; choose answers that differ at once, read its answers as text with --text, or ask a "
            "server that scores whole answers, such as vLLM, with --api completions."
        )
    left = 1.0 - sum(math.exp(p) for _, p in top)
    return [*scores, min(p for _, p in top), math.log(max(left, LEAST_LEFT))]


def _read(top: Tops, word: bytes, others: Sequence[bytes], strip: bool = False) -> float | None:
    """Log-probability of the longest token that is the word or begins it; the likelier where one is written twice."""
    known: dict[bytes, float] = {}
    for token, log_p in top:
        piece = token.strip() if strip else token
        fits = piece == word or (_may_begin(piece, word) and not any(o.startswith(piece) for o in others))
        if fits and log_p > known.get(piece, -math.inf):
            known[piece] = log_p
    return known[max(known, key=len)] if known else None


def _may_begin(piece: bytes, word: bytes) -> bool:
    letters = piece.strip()
    if not letters or not word.startswith(piece):
        return False
    share = len(letters) / len(word.split(maxsplit=1)[0])
    return (len(letters) >= SHORTEST and share > SHARE) or not letters.isalpha()


def _begins(piece: bytes, word: bytes, others: Sequence[bytes]) -> bool:
    return _may_begin(piece, word) and any(o != piece and o.startswith(piece) for o in others)


def read_rows(raw: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell which raw answers have any choice among their tokens.

    Parameters
    ----------
    raw : ndarray of float32, shape (n, s + 2)
        As `row` makes them.

    Returns
    -------
    ndarray of bool, shape (n,)
        False where none was seen, so that nothing is known of the answer.
    """
    return np.asarray(np.isfinite(raw[:, :-EXTRA]).any(1))


def completed(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give what was not seen the most even share that is possible: an equal part of what is left, up to the bound.

    Parameters
    ----------
    raw : ndarray of float32, shape (n, s + 2)
        As `row` makes them.

    Returns
    -------
    ndarray of float32, shape (n, s)
        Finite log-probabilities.
    """
    scores, bound, left = raw[:, :-EXTRA], raw[:, -2:-1], raw[:, -1:]
    unseen = ~np.isfinite(scores)
    share = np.minimum(bound, left - np.log(np.maximum(unseen.sum(1, keepdims=True), 1)))
    return np.asarray(np.where(unseen, share, scores), np.float32)
