"""The groups of items whose means calibration takes away."""

from collections.abc import Collection, Mapping
from typing import Literal

from fute_core.display import kind_name
from fute_core.vectors import TaskEmbedding

Mode = Literal["none", "kind", "kind-arity"]
MODES = ("none", "kind", "kind-arity")
MIN_REFERENCE = 3


def group_of(embedding: TaskEmbedding, mode: Mode) -> str:
    """Name the group whose mean is subtracted.

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
    if (total := sum(counts.values())) < need:
        return (f"With {total} of the {need} embeddings that calibration needs, similarities are raw, so all high.",)
    return tuple(
        f"{counts.get(group, 0)} of the {need} {_plural(group)} that a mean of their own needs are there, so they are "
        "centred on the mean of all kinds."
        for group in sorted(groups)
        if counts.get(group, 0) < need
    )


def _plural(group: str) -> str:
    kind, _, arity = group.partition("/")
    return f"{kind_name(kind)}s" + {"": "", "single": " over single texts", "pair": " over text pairs"}[arity]
