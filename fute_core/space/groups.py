"""The groups of items whose means calibration takes away."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fute_core.display import kind_name
from fute_core.vectors import TaskEmbedding

Mode = Literal["none", "kind", "kind-arity"]
MODES = ("none", "kind", "kind-arity")
MIN_REFERENCE = 3
MIN_PROMPTS = 20
"""Prompts that a language model needs for a mean of its own: of fewer, a mean tells more of them than of the model."""


def group_of(embedding: TaskEmbedding, mode: Mode) -> str:
    """Name the group of an item's kind.

    Parameters
    ----------
    embedding : TaskEmbedding
        Of any kind.
    mode : {"none", "kind", "kind-arity"}
        What makes a group.

    Returns
    -------
    str
        Such as "dataset" or "dataset/pair"; "all" for mode "none".
    """
    if mode == "none":
        return "all"
    return embedding.kind if mode == "kind" else f"{embedding.kind}/{'pair' if embedding.provenance.pair else 'single'}"


def groups_of(embedding: TaskEmbedding, mode: Mode) -> tuple[str, ...]:
    """Name the groups whose mean can be subtracted: that of its kind, and within it that of its language model.

    All prompts on one language model share what that model is inclined to answer, whatever it is asked.

    Parameters
    ----------
    embedding : TaskEmbedding
        Of any kind.
    mode : {"none", "kind", "kind-arity"}
        What makes a group.

    Returns
    -------
    tuple of str, length 1 or 2
        The widest first, such as "prompt/single" and "prompt/single@smollm2".
    """
    widest = group_of(embedding, mode)
    model = embedding.language_model
    return (widest,) if mode == "none" or not model else (widest, f"{widest}@{model}")


def grouped(embeddings: Iterable[TaskEmbedding], mode: Mode) -> dict[str, list[TaskEmbedding]]:
    """Collect the items of each group that may have a mean.

    Parameters
    ----------
    embeddings : iterable of TaskEmbedding
        The references.
    mode : {"none", "kind", "kind-arity"}
        What makes a group.

    Returns
    -------
    dict of str to list of TaskEmbedding
        By group, in the given order; no language model with fewer than `MIN_PROMPTS` prompts is among them.
    """
    groups: dict[str, list[TaskEmbedding]] = {}
    for item in embeddings:
        for group in groups_of(item, mode):
            groups.setdefault(group, []).append(item)
    return {group: items for group, items in groups.items() if "@" not in group or len(items) >= MIN_PROMPTS}


def mean_of(groups: Collection[str], counts: Mapping[str, int], need: int) -> str | None:
    """Choose the group whose mean an item loses.

    Parameters
    ----------
    groups : collection of str
        From `groups_of`, the widest first.
    counts : mapping of str to int
        References of every group.
    need : int
        How many a kind's mean needs; a language model's needs `MIN_PROMPTS`.

    Returns
    -------
    str or None
        The narrowest group with enough references; None where there is none.
    """
    enough = [group for group in groups if counts.get(group, 0) >= (MIN_PROMPTS if "@" in group else need)]
    return enough[-1] if enough else None


def lost_means(chosen: Sequence[str | None], names: Sequence[str]) -> NDArray[np.float64]:
    """Tell which groups' means items lose.

    Parameters
    ----------
    chosen : sequence of (str or None), length n
        The group of each item, from `mean_of`.
    names : sequence of str, length g
        The groups that have a mean.

    Returns
    -------
    ndarray of float64, shape (n, g)
        How much of each; all kinds' means alike where an item's groups have too few references.
    """
    kinds = np.array(["@" not in name for name in names])
    lost = np.zeros((len(chosen), len(names)))
    for row, group in zip(lost, chosen, strict=True):
        if group is None:
            row[kinds] = 1.0 / kinds.sum()
        else:
            row[names.index(group)] = 1.0
    return lost


def references(counts: Mapping[str, int]) -> int:
    """Count the references, each once.

    Parameters
    ----------
    counts : mapping of str to int
        References of every group.

    Returns
    -------
    int
        In all kinds together.
    """
    return sum(count for group, count in counts.items() if "@" not in group)


def told_of_few(groups: Collection[str], counts: Mapping[str, int], need: int) -> tuple[str, ...]:
    """Tell which groups have too few references for a mean of their own.

    Parameters
    ----------
    groups : collection of str
        The groups looked at.
    counts : mapping of str to int
        References of every group.
    need : int
        How many a mean of its own needs.

    Returns
    -------
    tuple of str
        A sentence for each such group, or one that nothing was calibrated.
    """
    if (total := references(counts)) < need:
        return (f"With {total} of the {need} embeddings that calibration needs, similarities are raw, so all high.",)
    return tuple(
        f"{counts.get(group, 0)} of the {need} {_plural(group)} that a mean of their own needs are there, so they are "
        "centred on the mean of all kinds."
        for group in sorted(groups)
        if counts.get(group, 0) < need
    )


def told_of_models(models: Collection[str], counts: Mapping[str, int]) -> tuple[str, ...]:
    """Tell which language models have no mean of their own where others have one.

    Parameters
    ----------
    models : collection of str
        The language models looked at; empty names are left out.
    counts : mapping of str to int
        References of every group.

    Returns
    -------
    tuple of str
        A sentence for each such model.
    """
    known = sorted({group.partition("@")[2] for group in counts if "@" in group})
    others = " and ".join(known)
    return tuple(
        f"No prompts on {model} are among the references, so its prompts are judged by those on {others}."
        for model in sorted(set(models) - {"", *known})
        if known
    )


def _plural(group: str) -> str:
    kind, _, arity = group.partition("/")
    return f"{kind_name(kind)}s" + {"": "", "single": " over single texts", "pair": " over text pairs"}[arity]
