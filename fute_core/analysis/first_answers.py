"""What two items answer to the same probe texts, label by label: how often the same, and where they differ most."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.agreement import same_names

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item


def same_answers(one: "Item", other: "Item") -> tuple[int, int] | None:
    """Count the probe texts to which two items give the same first answer; no label is needed.

    Parameters
    ----------
    one, other : Item
        With their answers.

    Returns
    -------
    tuple of (int, int) or None
        Texts with the same answer by the label's name, and texts that both answered; None as in `differing_texts`.
    """
    sides = _side_by_side(one, other)
    if sides is None:
        return None
    texts, a, b = sides
    return int((a.argmax(1) == b.argmax(1)).sum()), len(texts)


def differing_texts(one: "Item", other: "Item", k: int) -> tuple[list[int], list[int]] | None:
    """Find the probe texts on which the answers of two items differ most, and those where they are surest together.

    Parameters
    ----------
    one, other : Item
        With their answers.
    k : int
        How many of each.

    Returns
    -------
    tuple of (list of int, list of int) or None
        Positions of the texts whose answers p and q are furthest apart, by the total variation
        ``sum_l |p_l - q_l| / 2``, as far as they differ; and of those with the same first answer, by the smaller of its
        two shares. None where answers are not known, where they are numbers or share fewer than two labels' names, and
        where no text was answered by both.
    """
    sides = _side_by_side(one, other)
    if sides is None:
        return None
    texts, a, b = sides
    apart = np.abs(a - b).sum(1) / 2
    same = a.argmax(1) == b.argmax(1)
    sure = np.where(same, np.minimum(a.max(1), b.max(1)), -1.0)
    order = (np.argsort(-measure, kind="stable")[:k] for measure in (apart, sure))
    most, together = ([int(i) for i in found] for found in order)
    return [int(texts[i]) for i in most if apart[i] > 0], [int(texts[i]) for i in together if same[i]]


def _side_by_side(
    one: "Item", other: "Item"
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]] | None:
    """Texts that both answered, and the answers of both to them by the labels that have one name: (n, labels)."""
    if one.answers is None or other.answers is None or len(one.answers) != len(other.answers):
        return None
    labels = [tuple(map(str, i.facts.get("labels") or ())) for i in (one, other)]
    if any(
        len(names) != i.answers.shape[1] for names, i in zip(labels, (one, other), strict=True) if i.answers is not None
    ):
        return None
    matched = same_names(*labels)
    shared = np.flatnonzero(matched >= 0)
    texts = np.flatnonzero(~(np.isnan(one.answers).any(1) | np.isnan(other.answers).any(1)))
    if len(shared) < 2 or not len(texts):
        return None
    a, b = one.answers[texts][:, shared], other.answers[texts][:, matched[shared]]
    return texts, a.astype(np.float64), b.astype(np.float64)
