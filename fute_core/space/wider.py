"""Whether something is of a wider group of jobs, where no dataset here is known to do its job.

Families stand in groups (`data/families.json`). What counts is how alike something is to the three nearest datasets of
a group, on average. The group that is nearest by that is near by choice, so it is judged by what datasets reach whose
whole group was left out of the space. Only datasets are judged so: of classifiers and prompts too few would be told
their group, and too many a wrong one (`fute eval claims`, docs/unified-space.md).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.families import shipped_families
from fute_core.space.scale import CLAIM_ERROR, Scale, is_small
from fute_core.space.verdict import Verdict, one_in
from fute_core.vectors import TaskEmbedding

GROUP = "group"
"""Stands for the other side in `Scale.best`: "dataset group"."""
NEAREST = 3
"""Datasets of a group that count."""
FEWEST = 2
"""Datasets that a group needs to be one."""


def group_of_family(family: str | None) -> str:
    """Tell in which group a family stands.

    Parameters
    ----------
    family : str or None
        Of a shipped dataset, or any other.

    Returns
    -------
    str
        Empty for a family that is in none.
    """
    known = shipped_families().get(family or "")
    return known.group if known else ""


def nearest_group(cosines: NDArray[np.floating], groups: Sequence[str]) -> tuple[str, float] | None:
    """Find the group whose nearest datasets are most alike.

    Parameters
    ----------
    cosines : ndarray of float, shape (n,)
        Similarities to n datasets.
    groups : sequence of str
        The group of each; empty for none.

    Returns
    -------
    (str, float) or None
        The group, and the mean similarity to the `NEAREST` of it, or to as many as it has; None where no group has
        `FEWEST` datasets.
    """
    of = np.array(groups)
    reached = {
        group: float(np.sort(cosines[of == group])[-NEAREST:].mean())
        for group in sorted(set(groups) - {""})
        if (of == group).sum() >= FEWEST
    }
    return max(reached.items(), key=lambda one: one[1]) if reached else None


def may_be_widened(told: Verdict, own: TaskEmbedding) -> bool:
    """Whether something is a dataset without a known job, with rows enough to be told a group.

    Parameters
    ----------
    told : Verdict
        On it, by the nearest dataset.
    own : TaskEmbedding
        What is judged.

    Returns
    -------
    bool
        False where `widened` is of no use.
    """
    return told.job == "none" and own.kind == "dataset" and not is_small(own)


def widened(told: Verdict, scale: Scale, cosines: NDArray[np.floating], datasets: Sequence[TaskEmbedding]) -> Verdict:
    """Say of a dataset without a known job of which group it is, where that can be told.

    Parameters
    ----------
    told : Verdict
        By the nearest dataset, where `may_be_widened` says so.
    scale : Scale
        Of all probe texts.
    cosines : ndarray of float, shape (n,)
        Its similarities to n datasets that shaped the space.
    datasets : sequence of n TaskEmbedding
        These.

    Returns
    -------
    Verdict
        With the job "group", or the same.
    """
    members = [group_of_family(one.family) for one in datasets]
    found = nearest_group(cosines, members)
    level = scale.claim_level("dataset", GROUP)
    if found is None or found[1] < level:
        return told
    group, reached = found
    near = min(NEAREST, members.count(group))
    why = (
        f"{told.why} Its {near} nearest of the group {group} have similarity {reached:z.2f} on average; of new "
        f"datasets without any of their group here {one_in(CLAIM_ERROR)} reach {level:.2f} with some group."
    )
    return replace(told, job="group", of=group, why=why)
