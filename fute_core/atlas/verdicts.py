"""The verdict on something, by the datasets of a space: those that shaped it, and those that were added."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fute_core.space.foremost import foremost
from fute_core.space.meaning import Meaning
from fute_core.space.placed import Placed
from fute_core.space.readable import says_something
from fute_core.space.space import TaskSpace
from fute_core.space.verdict import Verdict, beside_added, judge_embedding
from fute_core.space.wider import may_be_widened, widened
from fute_core.vectors import TaskEmbedding


def verdict_on(
    space: TaskSpace, meaning: Meaning, embedding: TaskEmbedding, placed: Placed, own: int | None
) -> Verdict | None:
    """Judge something by the nearest dataset, and where that proves nothing by the nearest group of families.

    What was added lies nearer to other newcomers than what shaped the space does, so it has levels of its own.

    Parameters
    ----------
    space : TaskSpace
        The space.
    meaning : Meaning
        What similarities on all probe texts mean.
    embedding : TaskEmbedding
        What is judged.
    placed : Placed
        It alone, calibrated.
    own : int or None
        Its position in the space, if it has one.

    Returns
    -------
    Verdict or None
        None where there is no dataset to judge by.
    """
    datasets, shaped = _datasets(space, meaning)
    others = datasets != own
    if not others.any():
        return None
    cosines = space.placed.take(datasets[others]).cosines(placed)[:, 0].astype(np.float64)
    return _judged(space, meaning, embedding, datasets[others], shaped[others], cosines)


def verdicts_on_all(space: TaskSpace, meaning: Meaning) -> Iterator[Verdict | None]:
    """Judge every item of a space as `verdict_on` does, in a fraction of the time.

    Parameters
    ----------
    space : TaskSpace
        n items.
    meaning : Meaning
        What similarities on all probe texts mean.

    Yields
    ------
    Verdict or None
        Of each item in turn; None where there is no other dataset to judge by.
    """
    datasets, shaped = _datasets(space, meaning)
    cosines = space.placed.take(datasets).cosines(space.placed).astype(np.float64) if len(datasets) else None
    for own, embedding in enumerate(space.embeddings):
        others = datasets != own
        if cosines is None or not others.any():
            yield None
        else:
            yield _judged(space, meaning, embedding, datasets[others], shaped[others], cosines[others, own])


def _datasets(space: TaskSpace, meaning: Meaning) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Positions of all datasets that say something, and which of them shaped the space."""
    found = np.array(
        [i for i, e in enumerate(space.embeddings) if e.kind == "dataset" and says_something(e)], np.intp
    )  # fmt: skip
    return found, np.array([not meaning.is_new(space.embeddings[i]) for i in found], bool)


def _judged(
    space: TaskSpace,
    meaning: Meaning,
    embedding: TaskEmbedding,
    datasets: NDArray[np.intp],
    shaped: NDArray[np.bool_],
    cosines: NDArray[np.float64],
) -> Verdict:
    """By datasets at these positions, one at least, and the similarities to them."""
    others = [space.embeddings[i] for i in datasets]
    nearest = first = _nearest(others, cosines, np.arange(len(others)))
    if shaped.any() and not shaped[nearest]:
        first = _nearest(others, cosines, np.flatnonzero(shaped))
    told = judge_embedding(meaning.scale, embedding, others[first], float(cosines[first]))
    if may_be_widened(told, embedding):
        known = [other for other, shapes in zip(others, shaped, strict=True) if shapes]
        told = widened(told, meaning.scale, cosines[shaped], known)
    if first == nearest:
        return told
    return beside_added(told, meaning, embedding, others[nearest], float(cosines[nearest]), int((~shaped).sum()))


def _nearest(others: list[TaskEmbedding], cosines: NDArray[np.float64], among: NDArray[np.intp]) -> int:
    """Position of the most similar; of equal ones that whose name comes first."""
    return int(min(foremost(cosines, among, 1), key=lambda n: others[n].name))
