"""The verdict on something, by the datasets of a space: those that shaped it, and those that were added."""

import numpy as np

from fute_core.atlas.nearest import nearest_places
from fute_core.space.meaning import Meaning
from fute_core.space.placed import Placed
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
    places = nearest_places(space, placed, 1, kind="dataset", leave_out=own)
    if not places:
        return None
    at, similarity = places[0]
    datasets = [i for i, e in enumerate(space.embeddings) if e.kind == "dataset" and i != own]
    known = [i for i in datasets if not meaning.is_new(space.embeddings[i])]
    cosines = space.placed.take(known).cosines(placed)[:, 0].astype(np.float64) if known else np.empty(0)
    added = space.embeddings[at]
    if meaning.is_new(added) and known:
        at, similarity = known[int(cosines.argmax())], float(cosines.max())
    told = judge_embedding(meaning.scale, embedding, space.embeddings[at], similarity)
    if may_be_widened(told, embedding):
        told = widened(told, meaning.scale, cosines, [space.embeddings[i] for i in known])
    if added is space.embeddings[at]:
        return told
    return beside_added(told, meaning, embedding, added, places[0][1], len(datasets) - len(known))
