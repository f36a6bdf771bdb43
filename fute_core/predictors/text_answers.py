"""The label that an answer in words means: by stated rules, so that what names no label is counted and not guessed."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning|reflection)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_OPENED = re.compile(r"<(?:think|thinking|thought|reasoning|reflection)>", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:think|thinking|thought|reasoning|reflection)>", re.IGNORECASE)
_OPENING = re.compile(r"(the )?(final |correct )?(answer|label|category|class)( is)?\s*[:=-]?\s+", re.IGNORECASE)
_AROUND = "".join(c for c in map(chr, range(0x2100)) if unicodedata.category(c)[0] in "PZC") + "`$^|~=<>+ \n"


def without_thoughts(text: str) -> str:
    """Leave out what a model says to itself.

    Parameters
    ----------
    text : str
        Its whole answer.

    Returns
    -------
    str
        What follows its reasoning; empty where that never ends, as where it was cut off.
    """
    said = _THOUGHT.sub(" ", text)
    closed = list(_CLOSED.finditer(said))
    if closed:  # opened by the chat template, before the answer
        said = said[closed[-1].end() :]
    opened = _OPENED.search(said)
    return (said[: opened.start()] if opened else said).strip()


def label_of(text: str, verbalizers: Sequence[str], owner: NDArray[np.intp]) -> int | None:
    """Find the label that an answer names.

    In turn: the answer is a choice; it is one but for case, punctuation around it and an opening such as "Answer:";
    it holds the choices of one label and of no other, as whole words, where longer choices are read before shorter
    ones ("not spam" is no "spam"). A single letter counts in a longer answer only as "A)" or "A:" at its start.

    Parameters
    ----------
    text : str
        The answer, without reasoning.
    verbalizers : sequence of str, length s
        Answer words.
    owner : ndarray of int, shape (s,)
        The label of each.

    Returns
    -------
    int or None
        A label; None where none or several are named.
    """
    words = [v.strip() for v in verbalizers]
    exact = {int(label) for word, label in zip(words, owner, strict=True) if word == text.strip()}
    if len(exact) == 1:
        return exact.pop()
    plain = _plain(text)
    alike = {int(label) for word, label in zip(words, owner, strict=True) if plain and _plain(word) == plain}
    if len(alike) == 1:
        return alike.pop()
    named = _named(text, words, owner)
    return named.pop() if len(named) == 1 else None


def _plain(text: str) -> str:
    """Case, width and what stands around the words left out."""
    told = unicodedata.normalize("NFKC", text).strip(_AROUND)
    opening = _OPENING.match(told)
    rest = told[opening.end() :].strip(_AROUND) if opening else ""
    return " ".join((rest or told).casefold().split())


def _named(text: str, words: Sequence[str], owner: NDArray[np.intp]) -> set[int]:
    """Labels whose choices stand in a text as whole words."""
    left = unicodedata.normalize("NFKC", text).casefold()
    alike: dict[str, set[int]] = {}
    found: set[int] = set()
    for word, label in zip(words, owner, strict=True):
        if len(word) == 1 and word.isalpha() and word.isascii():
            if re.match(rf"\W*{word}\s*[):.,]", text.strip()):
                found.add(int(label))
        else:
            alike.setdefault(unicodedata.normalize("NFKC", word).casefold(), set()).add(int(label))
    for word in sorted(alike, key=len, reverse=True):
        # Where words are not set apart by blanks, as in Chinese, what stands beside a choice says nothing.
        pattern = rf"(?<!\w){re.escape(word)}(?!\w)" if _spaced(word) else re.escape(word)
        if re.search(pattern, left):
            found |= alike[word]
            left = re.sub(pattern, "\0", left)
    return found


def _spaced(word: str) -> bool:
    """Whether a word's script sets words apart by blanks."""
    return not any(unicodedata.name(c, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO")) for c in word)
