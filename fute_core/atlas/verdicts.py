"""The verdict on something, by the datasets of a space."""

import numpy as np

from fute_core.atlas.nearest import nearest_places
from fute_core.space.placed import Placed
from fute_core.space.scale import Scale
from fute_core.space.space import TaskSpace
from fute_core.space.verdict import Verdict, judge_embedding
from fute_core.space.wider import may_be_widened, widened
from fute_core.vectors import TaskEmbedding


def verdict_on(
    space: TaskSpace, scale: Scale, embedding: TaskEmbedding, placed: Placed, own: int | None, shaping: int
) -> Verdict | None:
    """Judge something by the nearest dataset, and where that proves nothing by the nearest group of families.

    Parameters
    ----------
    space : TaskSpace
        The space.
    scale : Scale
        Of all probe texts.
    embedding : TaskEmbedding
        What is judged.
    placed : Placed
        It alone, calibrated.
    own : int or None
        Its position in the space, if it has one.
    shaping : int
        So many of the first items shaped the space; groups are judged by their datasets.

    Returns
    -------
    Verdict or None
        None where there is no dataset to judge by.
    """
    places = nearest_places(space, placed, 1, kind="dataset", leave_out=own)
    if not places:
        return None
    told = judge_embedding(scale, embedding, space.embeddings[places[0][0]], places[0][1])
    if not may_be_widened(told, embedding):
        return told
    known = [i for i, e in enumerate(space.embeddings[:shaping]) if e.kind == "dataset" and i != own]
    cosines = space.placed.take(known).cosines(placed)[:, 0].astype(np.float64)
    return widened(told, scale, cosines, [space.embeddings[i] for i in known])
