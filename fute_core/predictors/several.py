"""Several prompts of one language model, asked together: what their prompts begin with in common is read once.

Where the text comes first, that is the text; where it comes last, the instruction, as for one prompt alone.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.models.memory import read_fitting, tokens_at_once
from fute_core.models.packed import PackedLlama
from fute_core.models.sequences import Kept, Sequences
from fute_core.predictors.batches import CACHED_PER_BATCH, TOKENS_PER_PACK, packs
from fute_core.predictors.packed import PackedTurn, packed_scores
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.starts import Start, common_starts
from fute_core.tasks import Text


def score_several(prompted: Sequence[PromptedLM], texts: Sequence[Text]) -> list[NDArray[np.float32]]:
    """Ask several prompts about the same texts.

    Parameters
    ----------
    prompted : sequence of PromptedLM
        They ask the same model.
    texts : sequence of str or of (str, str)
        n single texts, or pairs where the templates read pairs.

    Returns
    -------
    list of ndarray of float32, shape (n, s)
        What `PromptedLM.score` of each gives, within the rounding of the model's arithmetic, since it is read in other
        parts: 1e-5 in float32; in bfloat16 up to about 0.01 in a probability, as on another device.

    Raises
    ------
    BadInput
        For a model that cannot be read, and for a prompt whose instruction alone is too long.
    Unavailable
        Where a single text does not fit into the memory of the device.
    """
    import torch

    if not prompted:
        return []
    lm = prompted[0].lm
    if lm.packed is None or not len(texts) or any(p.lm is not lm or p.cloze or p.template.reasoning for p in prompted):
        return [p.score(texts) for p in prompted]
    read = [p.tokens.read(texts)[0] for p in prompted]
    choices = [p.tokens.choices for p in prompted]
    scores = [np.zeros((len(texts), len(own)), np.float32) for own in choices]
    with torch.inference_mode():
        for part in _parts(read, max(CACHED_PER_BATCH, 2 * tokens_at_once(lm.model, TOKENS_PER_PACK))):
            prompts = [ids for of_one in read for ids in of_one[part]]
            template = np.repeat(np.arange(len(read)), len(prompts) // len(read))
            starts, parents, covered = common_starts(prompts)
            kept, rows = _read_starts(lm.packed, starts)
            rests = [ids[n:] for ids, n in zip(prompts, covered, strict=True)]
            asked = PackedTurn(rests, choices, template, kept, rows[parents] if kept is not None else None)
            found = packed_scores(lm.packed, asked)
            for i, own in enumerate(choices):
                scores[i][part] = found[template == i, : len(own)]
    return scores


def _parts(read: list[list[list[int]]], most: int) -> list[slice]:
    """Parts of the texts, whose prompts have together at most so many tokens that may have to be kept."""
    n = len(read[0])
    longest = np.array([max(len(of_one[i]) for of_one in read) for i in range(n)])
    shared = np.array([_together([of_one[i] for of_one in read]) for i in range(n)]) if len(read) > 1 else longest * 0
    part = np.cumsum(np.maximum(shared, 1)) // max(most, int(longest.max()))
    stops = [*(np.flatnonzero(np.diff(part)) + 1).tolist(), n]
    return [slice(start, stop) for start, stop in zip([0, *stops], stops, strict=False)]


def _together(prompts: list[list[int]]) -> int:
    """How many tokens all begin with."""
    first, last = min(prompts), max(prompts)
    return next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))


def _read_starts(model: PackedLlama, starts: list[Start]) -> tuple[Kept | None, NDArray[np.intp]]:
    """Keys and values of all starts; and where in them each start is, with the empty one, which is -1, at the end."""
    if not starts:
        return None, np.zeros(1, np.intp)
    depth = np.zeros(len(starts), np.intp)
    for i, start in enumerate(starts):
        depth[i] = 0 if start.parent < 0 else depth[start.parent] + 1
    rows = np.zeros(len(starts) + 1, np.intp)
    kept = model.nothing()
    for level in range(int(depth.max()) + 1):
        here = np.flatnonzero(depth == level)
        parents = rows[[starts[i].parent for i in here]]
        kept, rows[here] = _read_on(model, [starts[i].ids for i in here], kept, parents)
    return kept, rows


def _read_on(
    model: PackedLlama, ids: list[list[int]], kept: Kept, continued: NDArray[np.intp]
) -> tuple[Kept, NDArray[np.intp]]:
    """Read more after what is kept, and keep it as well; and where in all of it each is."""
    lengths, before = np.array([len(own) for own in ids], np.intp), kept.lengths[continued]
    rows = np.zeros(len(ids), np.intp)

    def read(index: NDArray[np.intp]) -> Kept:
        found = model.read(Sequences([ids[i] for i in index], kept, continued[index]), keep=True)[1]
        assert found is not None
        return found

    def split(left: NDArray[np.intp], most: int) -> list[NDArray[np.intp]]:
        return [left[pack] for pack in packs(lengths[left], before[left], most=most)]

    for index, found in read_fitting(model.whole, len(ids), split, read, TOKENS_PER_PACK):
        rows[index] = len(kept) + np.arange(len(index))
        kept = found
    return kept, rows
