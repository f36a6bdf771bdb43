"""What strangers reach in the space of a newcomer: by leaving a family out of everything that shapes the space.

Something new has shaped neither the means nor the whitening, so it lies closer to everything than the shipped items lie
to one another. What a similarity of it means can only be told by items that were new in the same way. Each family in
turn is left out, its items are placed like a user's, and their similarities to the items of all other families are
those of pairs known to do different jobs. Two families left out give the same for two newcomers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Item
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.space.kinds import scale_kind
from fute_core.space.scale import Scale, scale_of_pairs
from fute_core.space.wider import GROUP, group_of_family, nearest_group

FEWEST_FAMILIES = 10
"""With fewer families nothing is claimed of the nearest: each family left out is one observation, whatever its size."""

FEWEST_GROUPS = 5
"""With fewer groups of families nothing is claimed of a group."""

Pairs = dict[str, list[NDArray[np.float64]]]
Sorted = dict[str, NDArray[np.float64]]


def measured_scales(items: Sequence[Item], basis: NDArray[np.float64], counts: Sequence[int]) -> dict[int, Scale]:
    """Measure what strangers reach, as the user will see them: on all probe texts, and on the first of them.

    Parameters
    ----------
    items : sequence of n Items
        The reference: datasets, black boxes and prompts of one arity with their families and answers.
    basis : ndarray of float64, shape (m, r)
        Of the probe texts.
    counts : sequence of int
        Numbers of probe texts at which newcomers are judged; those above m are left out, and m is always among them.

    Returns
    -------
    dict of int to Scale
        By number of texts, rising. Only that of all texts tells of two newcomers.
    """
    m = len(basis)
    wanted = sorted({*(n for n in counts if n < m), m})
    read = LeftOut.of(items, basis, wanted)
    single, best = newcomers_reach(read, range(len(items)), wanted)
    both = _newcomers_beside_newcomers(read, m)
    embeddings = [item.embedding for item in items]
    scales = {}
    for n, cosines in read.similarities(range(len(items)), wanted).items():
        known = scale_of_pairs(embeddings, cosines)
        scales[n] = replace(known, newcomer=single[n], best=best[n])
    scales[m] = replace(scales[m], both_new=both, best={**scales[m].best, **groups_reach(read, range(len(items)))})
    return scales


def newcomers_reach(
    read: LeftOut, among: Sequence[int], counts: Sequence[int]
) -> tuple[dict[int, Sorted], dict[int, Sorted]]:
    """Leave each family out in turn, and compare its items with those of all others.

    Parameters
    ----------
    read : LeftOut
        The items.
    among : sequence of int
        Positions of those that are known at all.
    counts : sequence of int
        Numbers of probe texts.

    Returns
    -------
    single : dict of int to dict
        By number of texts and kinds ("prompt dataset", the newcomer's first) all similarities, sorted; prompts on each
        language model of enough families beside datasets once more ("prompt@smollm2 dataset").
    best : dict of int to dict
        The same of the greatest of each newcomer; empty below `FEWEST_FAMILIES`.
    """
    families = sorted({read.items[i].embedding.family or "" for i in among} - {""})
    single: dict[int, Pairs] = {n: {} for n in counts}
    best: dict[int, Pairs] = {n: {} for n in counts}
    for family in families:
        outside = set(read.without(family))
        rest = [i for i in among if i in outside]
        own = [i for i in among if i not in outside]
        others = [i for i in rest if read.items[i].embedding.family]
        blocks = [*_blocks(read.items, own, others), *_prompts_by_model(read.items, own, others)]
        for n, cosines in read.similarities(rest, counts).items():
            for kinds, rows, columns in blocks:
                part = cosines[np.ix_(rows, columns)]
                single[n].setdefault(kinds, []).append(part.ravel())
                best[n].setdefault(kinds, []).append(part.max(1))
    enough = len(families) >= FEWEST_FAMILIES
    return (
        {n: _sorted(_of_enough_families(found)) for n, found in single.items()},
        {n: _sorted(_of_enough_families(found)) if enough else {} for n, found in best.items()},
    )


def groups_reach(read: LeftOut, among: Sequence[int]) -> Sorted:
    """Leave each group of families out in turn, and find how near its datasets come to any other group.

    Parameters
    ----------
    read : LeftOut
        The items.
    among : sequence of int
        Positions of those that are known at all.

    Returns
    -------
    dict of str to ndarray of float64
        Under "dataset group" what `wider.nearest_group` gives for each, sorted; empty below `FEWEST_GROUPS`.
    """
    m = max(read.factors)
    groups = {i: group_of_family(read.items[i].embedding.family) for i in among}
    found, left_out = [], sorted(set(groups.values()) - {""})
    for group in left_out:
        rest = [i for i in among if groups[i] != group]
        datasets = [i for i in rest if read.items[i].embedding.kind == "dataset"]
        cosines = read.similarities(rest, [m])[m]
        own = [i for i in among if groups[i] == group and read.items[i].embedding.kind == "dataset"]
        reached = (nearest_group(cosines[i, datasets], [groups[j] for j in datasets]) for i in own)
        found += [one[1] for one in reached if one is not None]
    return {f"dataset {GROUP}": np.sort(np.array(found))} if len(left_out) >= FEWEST_GROUPS else {}


def _of_enough_families(found: Pairs) -> Pairs:
    """Without the language models whose prompts are of too few families: prompts on any model tell more there."""
    return {kinds: parts for kinds, parts in found.items() if "@" not in kinds or len(parts) >= FEWEST_FAMILIES}


def _newcomers_beside_newcomers(read: LeftOut, m: int) -> Sorted:
    """Two families left out: the similarities between them, by kinds."""
    both: Pairs = {}
    for one, other in combinations(read.families, 2):
        rest = read.without(one, other)
        if not rest:
            continue
        cosines = read.similarities(rest, [m])[m]
        left, right = (
            [i for i, item in enumerate(read.items) if item.embedding.family == family] for family in (one, other)
        )
        for kinds, rows, columns in _blocks(read.items, left, right):
            both.setdefault(" ".join(sorted(kinds.split())), []).append(cosines[np.ix_(rows, columns)].ravel())
    return _sorted(both)


def _sorted(found: Pairs) -> Sorted:
    return {kinds: np.sort(np.concatenate(parts)) for kinds, parts in sorted(found.items())}


def _blocks(
    items: Sequence[Item], own: Sequence[int], others: Sequence[int]
) -> Iterator[tuple[str, list[int], list[int]]]:
    """Positions of each kind in both: "prompt dataset" for prompts of the first beside datasets of the second."""
    kinds = sorted({items[i].embedding.kind for i in (*own, *others)})
    for a in kinds:
        for b in kinds:
            rows = [i for i in own if items[i].embedding.kind == a]
            columns = [j for j in others if items[j].embedding.kind == b]
            if rows and columns:
                yield f"{a} {b}", rows, columns


def _prompts_by_model(
    items: Sequence[Item], own: Sequence[int], others: Sequence[int]
) -> Iterator[tuple[str, list[int], list[int]]]:
    """The same of prompts beside datasets, each language model apart."""
    datasets = [j for j in others if items[j].embedding.kind == "dataset"]
    for model in sorted({items[i].embedding.language_model for i in own} - {""}):
        rows = [i for i in own if items[i].embedding.language_model == model]
        if datasets:
            yield f"{scale_kind('prompt', model)} dataset", rows, datasets
