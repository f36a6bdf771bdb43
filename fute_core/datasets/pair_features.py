"""What a text pair says about the relation of its sides: words by where they stand, and numbers of overlap.

A bag of words of both sides joined can tell neither entailment nor paraphrase; these features can, on few rows.
"""

import re
from collections.abc import Callable, Sequence, Set
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

NEGATIONS = frozenset(
    {"no", "not", "never", "nobody", "none", "nothing", "nowhere", "neither", "nor", "without", "cannot", "n't",
     "isn't", "aren't", "wasn't", "weren't", "doesn't", "don't", "didn't", "won't", "can't", "couldn't"}
)  # fmt: skip
OVERLAPS = (
    "shared words of all", "shared words of a", "shared words of b", "shared word pairs", "shared letter triples",
    "letter triples of b in a", "common subsequence of a", "common subsequence of b", "length ratio", "length distance",
    "negation in a", "negation in b", "negation in one", "other numbers", "same numbers", "words only in b",
    "words only in a", "length of b",
)  # fmt: skip
LIMITS = np.array([(0.0, 1.0)] * 8 + [(-1.5, 1.5), (0.0, 1.5)] + [(0.0, 1.0)] * 5 + [(0.0, 10.0)] * 2 + [(1.0, 4.0)]).T
"""Lowest and highest usual value of each overlap."""
Pair = tuple[str, str]
Function = TypeVar("Function", bound=Callable[..., Any])


def known_by(name: str) -> Callable[[Function], Function]:
    """Give a function the name that stands for it in store keys.

    A model that is trained with these functions is known by what it holds. The name stands there in place of the
    function's code, so it has to be changed whenever the function's results change.

    Parameters
    ----------
    name : str
        The name.

    Returns
    -------
    callable
        A decorator that sets `fute_content`, which `predictors.content` reads.
    """

    def mark(function: Function) -> Function:
        function.fute_content = lambda: name  # type: ignore[attr-defined]  # a function can carry attributes
        return function

    return mark


def words(text: str) -> list[str]:
    """Split a text into words.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        Words in lower case, in their order; an apostrophe inside a word stays.
    """
    return re.findall(r"\w+(?:'\w+)?", text.lower())


@known_by("task-atlas marked words 1")
def marked_words(pair: Pair) -> list[str]:
    """Mark the words of a pair (a, b) by the side they stand on, for a bag of words.

    Parameters
    ----------
    pair : tuple of (str, str)
        The two texts.

    Returns
    -------
    list of str
        Every word of b with ``b_``, then each word once with ``both_``, ``only_b_`` or ``only_a_``.
    """
    a, b = (words(side) for side in pair)
    in_a, in_b = set(a), set(b)
    places = {"both_": in_a & in_b, "only_b_": in_b - in_a, "only_a_": in_a - in_b}
    return [f"b_{w}" for w in b] + [mark + w for mark, found in places.items() for w in sorted(found)]


@known_by("task-atlas marked letters 1")
def marked_letters(pair: Pair) -> list[str]:
    """Letter groups of the words that only one side of a pair (a, b) has.

    Parameters
    ----------
    pair : tuple of (str, str)
        The two texts.

    Returns
    -------
    list of str
        Groups of 2 to 4 letters with ``b_`` or ``a_``; a space stands for the edge of a word.
    """
    in_a, in_b = (set(words(side)) for side in pair)
    return [
        mark + gram
        for mark, found in (("b_", in_b - in_a), ("a_", in_a - in_b))
        for word in sorted(found)
        for n in (2, 3, 4)
        for gram in _grams(word, n)
    ]


@known_by("task-atlas overlaps 1")
def overlaps(pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """Measure how much the two sides of each pair share, in which order, and what sets them apart.

    Parameters
    ----------
    pairs : sequence of (str, str), length n
        The pairs.

    Returns
    -------
    ndarray of float64, shape (n, len(OVERLAPS))
        Shares from 0 to 1, truth values as 0 or 1, counts and logarithms of lengths, in the order of `OVERLAPS`.
    """
    return np.array([_overlap(*pair) for pair in pairs], np.float64).reshape(-1, len(OVERLAPS))


@known_by("task-atlas steps 1")
def steps(numbers: NDArray[np.float64], n_steps: int = 5) -> NDArray[np.float64]:
    """Turn numbers into indicators of the step they lie on, for models that count, such as naive Bayes.

    Parameters
    ----------
    numbers : ndarray of float64, shape (n, len(OVERLAPS))
        As `overlaps` gives them.
    n_steps : int, default 5
        Steps of equal height between the two `LIMITS` of each overlap.

    Returns
    -------
    ndarray of float64, shape (n, len(OVERLAPS) * n_steps)
        1 at the step of each number, 0 elsewhere.
    """
    low, high = LIMITS
    place = np.clip(((numbers - low) / (high - low) * n_steps).astype(int), 0, n_steps - 1)
    indicators: NDArray[np.float64] = np.eye(n_steps)[place].reshape(len(numbers), -1)
    return indicators


def _overlap(first: str, second: str) -> list[float]:
    a, b = words(first), words(second)
    in_a, in_b = set(a), set(b)
    runs_a, runs_b = set(pairwise(a)), set(pairwise(b))
    grams_a, grams_b = set(_grams(first.lower(), 3)), set(_grams(second.lower(), 3))
    numbers_a, numbers_b = ({w for w in side if any(map(str.isdigit, w))} for side in (in_a, in_b))
    negated_a, negated_b = bool(in_a & NEGATIONS), bool(in_b & NEGATIONS)
    order = _common_subsequence(a, b)
    ratio = np.log((len(a) + 1) / (len(b) + 1))
    return [
        _share(in_a & in_b, in_a | in_b), _share(in_a & in_b, in_a), _share(in_a & in_b, in_b),
        _share(runs_a & runs_b, runs_a | runs_b), _share(grams_a & grams_b, grams_a | grams_b),
        _share(grams_a & grams_b, grams_b), order / max(len(a), 1), order / max(len(b), 1), ratio, abs(ratio),
        negated_a, negated_b, negated_a != negated_b, bool(numbers_a ^ numbers_b), bool(numbers_a & numbers_b),
        min(len(in_b - in_a), 10), min(len(in_a - in_b), 10), np.log(len(b) + 1),
    ]  # fmt: skip


def _share(part: Set[object], whole: Set[object]) -> float:
    return len(part) / max(len(whole), 1)


def _grams(text: str, n: int) -> list[str]:
    padded = f" {text} "
    return [padded[i : i + n] for i in range(len(padded) - n + 1)]


def _common_subsequence(a: list[str], b: list[str]) -> int:
    """Length of the longest common subsequence of words, from the first 200 of each side."""
    row = [0] * (len(b[:200]) + 1)
    for x in a[:200]:
        diagonal = 0
        for j, y in enumerate(b[:200], 1):
            diagonal, row[j] = row[j], diagonal + 1 if x == y else max(row[j], row[j - 1])
    return row[-1]
