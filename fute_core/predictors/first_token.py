"""Answer choices found among the likeliest first tokens of an answer, which is all that some servers tell."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput


def match_tokens(top: dict[str, float], verbalizers: Sequence[str], owner: NDArray[np.intp]) -> list[float]:
    """Read the log-probability of each verbalizer off the likeliest first tokens of an answer, whatever their case.

    A token counts for the verbalizers that it is, or begins, unless it begins those of another label too. What is not
    found is no likelier than the least of `top`, nor than all that `top` leaves.

    Parameters
    ----------
    top : dict of str to float
        Log-probability of the likeliest first tokens.
    verbalizers : sequence of str, length s
        Answer words.
    owner : ndarray of int, shape (s,)
        The label of each.

    Returns
    -------
    list of float, length s
        Log-probabilities.

    Raises
    ------
    BadInput
        Where the likeliest token that begins an answer begins those of two labels.
    """
    words = [v.strip().casefold() for v in verbalizers]
    labels_of = {
        token: {label for word, label in zip(words, owner, strict=True) if word.startswith(token.casefold())}
        for token in top
    }
    unclear = [t for t, labels in labels_of.items() if len(labels) > 1 and t.casefold() not in words]
    left = 1.0 - sum(math.exp(p) for p in top.values())
    floor = min(min(top.values()), math.log(left) if left > 1e-9 else -20.0)
    scores = []
    for word, label in zip(words, owner, strict=True):
        mine = [
            log_p
            for token, log_p in top.items()
            if token.casefold() == word or (labels_of[token] == {label} and word.startswith(token.casefold()))
        ]
        scores.append(math.log(sum(map(math.exp, mine))) if mine else floor)
    if unclear and max(top[t] for t in unclear) > max(scores):
        raise BadInput(
            f"Answers of several labels begin with {unclear[0]!r}, and only the first token is read; choose answers "
            "that differ at once, or a server that scores whole answers."
        )
    return scores


def merged(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Take the marks of a leading blank off tokens; those that are then equal count together.

    Parameters
    ----------
    pairs : iterable of (str, float)
        Tokens with their log-probabilities.

    Returns
    -------
    dict of str to float
        Log-probability of each word; tokens that are blank or impossible are left out.
    """
    merged: dict[str, float] = {}
    for token, log_p in pairs:
        word = token.replace("Ġ", " ").replace("▁", " ").strip()
        if word and math.isfinite(log_p):
            merged[word] = float(np.logaddexp(merged.get(word, -np.inf), log_p))
    return merged
