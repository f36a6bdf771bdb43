"""What readers are told of a verdict and of each neighbour: the one place for the words."""

import math
from collections.abc import Sequence
from typing import Literal

from fute_core.space.kinds import kind_on_scale
from fute_core.space.meaning import Meaning
from fute_core.space.readable import says_something
from fute_core.space.scale import Scale
from fute_core.space.verdict import Job
from fute_core.vectors import TaskEmbedding

Standing = Literal["same", "near", "chance"]
"""What a similarity allows to say: the same job; less than that; or nothing, since it is no better than chance."""

CHANCE = 0.5
"""Share of pairs known to do different jobs that are as alike, from which a similarity is no better than chance."""

HEADLINES: dict[Job, str] = {
    "same": "It does a job that is known here, {of}",
    "kin": "It is kin to {of}, and may not do the same job",
    "group": "No dataset here is known to do its job, which is of the group {of}",
    "none": "No dataset here is known to do its job",
    "unknown": "Whether a dataset here does its job cannot be told",
    "unreadable": "Its texts are not read, so its job cannot be told",
}
"""By `Verdict.job`."""
EARLY = "No job stands out yet"
"""In place of "none" while more probe texts are to come."""

CUT_OFF = "Below: not alike enough to be said to do the same job"
"""Between the neighbours that may be said to do the same job and all others."""
STANDINGS: dict[Standing | None, str] = {
    "same": "may do the same job",
    "near": "not alike enough to tell",
    "chance": "no better than chance",
    None: "cannot be told",
}
"""Each standing in a table and in what a row says of itself."""
STANDING = "its job"
"""Heading of the column of `STANDINGS`, by which a report knows where the line goes."""
BY_CHANCE = "no better than chance, since half or more of the pairs known to do different jobs are as alike."
GREY, WITHOUT_RANK = f"Grey: {BY_CHANCE}", f"Without a rank: {BY_CHANCE}"


def headline(job: Job, of: str | None, *, early: bool = False) -> str:
    """Say a verdict in a sentence.

    Parameters
    ----------
    job, of : str
        Of a `Verdict`.
    early : bool, default False
        Whether more probe texts are to come, which may tell what these do not.

    Returns
    -------
    str
        Without a full stop, so that it serves as a heading as well.
    """
    return EARLY if early and job == "none" else HEADLINES[job].format(of=of)


def standing(meaning: Meaning, own: TaskEmbedding, other: TaskEmbedding, cosine: float) -> Standing | None:
    """Tell what may be said of a neighbour.

    Parameters
    ----------
    meaning : Meaning
        What similarities mean.
    own, other : TaskEmbedding
        What was asked about, and its neighbour.
    cosine : float
        Their similarity, -1 to 1.

    Returns
    -------
    Standing or None
        None where too few pairs are known to tell, or the place of `own` says nothing. "chance" is told wherever
        strangers are known.
    """
    if not says_something(own):
        return None
    level, kind = None, kind_on_scale(own)
    if _can_claim(meaning.scale, kind):
        known = not (meaning.is_new(own) or meaning.is_new(other))
        # A verdict judges everything as a newcomer, so a dataset in the list of something known is judged likewise.
        judged = known and other.kind == "dataset"
        level = meaning.scale.same_level(kind, "dataset", 1) if judged else meaning.same_level(own, other)
    return _standing(cosine, meaning.share(own, other, cosine), level)


def standing_on(scale: Scale, kind: str, of_kind: str, cosine: float) -> Standing | None:
    """Tell what may be said of a neighbour of a newcomer.

    Parameters
    ----------
    scale : Scale
        Of as many probe texts as the similarity was made from.
    kind, of_kind : str
        Kinds of the newcomer, see `kinds.scale_kind`, and of the neighbour, which shaped the space.
    cosine : float
        Their similarity, -1 to 1.

    Returns
    -------
    Standing or None
        None where too few pairs are known to tell.
    """
    level = scale.same_level(kind, of_kind, 1) if _can_claim(scale, kind) else None
    return _standing(cosine, scale.share(kind, of_kind, cosine, 1), level)


def cut_off(standings: Sequence[Standing | None]) -> int | None:
    """Find where in a list the line goes.

    Parameters
    ----------
    standings : sequence of (Standing or None)
        In the order of the list, those of the same job first.

    Returns
    -------
    int or None
        Position of the first that stands below the line, 0 where all do; None where nothing can be told of any, and
        where all stand above.
    """
    above = next((n for n, one in enumerate(standings) if one != "same"), len(standings))
    judged = "same" in standings or "near" in standings
    return above if judged and above < len(standings) else None


def standing_of(words: object) -> Standing | None:
    """Find which standing a table's words stand for.

    Parameters
    ----------
    words : str
        Of `STANDINGS`.

    Returns
    -------
    Standing or None
        None for "cannot be told" and for any other words.
    """
    return next((one for one, told in STANDINGS.items() if told == words), None)


def _can_claim(scale: Scale, kind: str) -> bool:
    """Where a verdict on the nearest dataset cannot be told, no neighbour is said to do the same job either."""
    return scale.claim_level(kind, "dataset") < math.inf


def _standing(cosine: float, share: float, level: float | None) -> Standing | None:
    if share >= CHANCE:  # never where the share is not known
        return "chance"
    if level is None:
        return None
    return "same" if cosine >= level else "near"
