"""Whether something does a job that the atlas knows, judged by the dataset nearest to it.

The nearest of many is near by choice, so it is not compared with pairs at random but with the nearest that newcomers
have whose job the atlas lacks (`Scale.best`): at most one in twenty of those is told to be kin of something. How many
of the claims about the shipped items are right, `fute eval claims` counts.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from fute_core.space.kinds import kind_on_scale
from fute_core.space.meaning import Meaning
from fute_core.space.readable import why_silent, why_unread
from fute_core.space.scale import CLAIM_ERROR, Scale
from fute_core.vectors import TaskEmbedding

Job = Literal["same", "kin", "group", "none", "unknown", "unreadable"]


COPY = 0.7
"""From which similarity on two datasets have rows in common, or are parts of one.

Of two shipped ones none have more than 0.53 (SST-2 and MR, which share sentences). All rows of a shipped dataset, or
any half of them, have 0.75 to 0.93 with what ships of it, which is made of half of its rows.
"""
PARTS_OF_ONE = "Only datasets that are made of the same rows, or are parts of one, are so alike."


@dataclass(frozen=True)
class Verdict:
    """What can be said about the job of something.

    Parameters
    ----------
    job : {"same", "kin", "group", "none", "unknown", "unreadable"}
        It does the job of the nearest dataset, or one of its family; nothing here does its job, as far as can be told,
        but datasets of one group of families lie near it (see `wider`), or not even that; too few newcomers are known
        to tell, or its vector says nothing; or the encoder does not read its texts.
    of : str or None
        The family of the nearest dataset, or its name where it has no family, or the group; None where no claim is
        made.
    nearest : str
        Name of the nearest dataset.
    similarity : float
        To that dataset, -1 to 1.
    level : float
        The error rate that a claim is stated at: the share of newcomers without kin that get one.
    reached : float
        Share of newcomers without kin that have a dataset at least as near; NaN where too few are known.
    why : str
        The reason in a sentence.
    """

    job: Job
    of: str | None
    nearest: str
    similarity: float
    level: float
    reached: float
    why: str

    def as_json(self) -> dict[str, Any]:
        """Write it for programs.

        Returns
        -------
        dict
            `job`, `of`, `level` and `why`.
        """
        return {"job": self.job, "of": self.of, "level": self.level, "why": self.why}


def judge_embedding(scale: Scale, own: TaskEmbedding, nearest: TaskEmbedding, similarity: float) -> Verdict:
    """Judge an embedding by the dataset nearest to it, where its place says anything at all.

    Parameters
    ----------
    scale : Scale
        Of as many probe texts as the similarity was made from.
    own : TaskEmbedding
        What is judged.
    nearest : TaskEmbedding
        The dataset that lies nearest.
    similarity : float
        To it, -1 to 1.

    Returns
    -------
    Verdict
        As of `judge`.
    """
    told = judge(scale, kind_on_scale(own), nearest, similarity)
    if why := why_unread(own):
        return replace(told, job="unreadable", of=None, why=why)
    if why := why_silent(own):
        return replace(told, job="unknown", of=None, why=why[0].upper() + why[1:])
    return _or_copy(told, own)


def beside_added(
    told: Verdict, meaning: Meaning, own: TaskEmbedding, added: TaskEmbedding, similarity: float, among: int
) -> Verdict:
    """Judge by a dataset that was added to the space, where it lies nearer than all that shaped it.

    Parameters
    ----------
    told : Verdict
        By the nearest of those that shaped the space.
    meaning : Meaning
        What similarities mean.
    own : TaskEmbedding
        What is judged.
    added : TaskEmbedding
        The nearest dataset.
    similarity : float
        To it, -1 to 1.
    among : int
        How many datasets were added, of which it is the nearest.

    Returns
    -------
    Verdict
        The claim, where so few pairs known to do different jobs are as alike that chance explains it no more when the
        nearest of so many is picked (Bonferroni's bound); else what was told, with a word on the one that is nearer.
    """
    if told.job in ("unknown", "unreadable"):
        return told
    strangers, chance = meaning.strangers(own, added), meaning.chance(own, added, similarity)
    near, alike = f"{added.name}, similarity {similarity:z.2f}", "too few are known to tell"
    if len(strangers):
        alike = f"none of {len(strangers):,} is" if similarity > strangers[-1] else f"{one_in(chance)} are"
        alike += " as alike"
    if not chance * among <= CLAIM_ERROR:  # nor where it is not known
        many = f", and it is the nearest of {among}" if among > 1 else ""
        why = f"{told.why} Added to these and nearer is {near}; of such pairs for different jobs {alike}{many}."
        return replace(told, why=why)
    same = meaning.same_level(own, added)
    job: Job = "same" if same is not None and similarity >= same else "kin"
    of = f"{among} datasets that were added" if among > 1 else "those that were added"
    why = f"The nearest dataset is {near}, of {of}; of such pairs for different jobs {alike}."
    claim = Verdict(job, added.family or added.name, added.name, similarity, CLAIM_ERROR, chance * among, why)
    return _or_copy(claim, own)


def _or_copy(told: Verdict, own: TaskEmbedding) -> Verdict:
    """The same, with a word where two datasets are one."""
    if told.job == "same" and own.kind == "dataset" and told.similarity >= COPY:
        return replace(told, why=f"{told.why} {PARTS_OF_ONE}")
    return told


def judge(scale: Scale, kind: str, nearest: TaskEmbedding, similarity: float) -> Verdict:
    """Judge something by the dataset nearest to it.

    Parameters
    ----------
    scale : Scale
        Of as many probe texts as the similarity was made from.
    kind : str
        What is judged, see `kinds.scale_kind`.
    nearest : TaskEmbedding
        The dataset that lies nearest.
    similarity : float
        To it, -1 to 1.

    Returns
    -------
    Verdict
        The claim, or that none can be made.
    """
    level = scale.claim_level(kind, "dataset")
    reached = scale.best_share(kind, "dataset", similarity)
    near = f"The nearest dataset is {nearest.name}, similarity {similarity:z.2f}"
    if level == float("inf"):
        why = f"{near}. Too few jobs are known in this space to tell kin from strangers."
        return Verdict("unknown", None, nearest.name, similarity, CLAIM_ERROR, reached, why)
    if similarity < level:
        why = f"{near}; of newcomers without any kin here {one_in(reached)} come as near to some dataset."
        return Verdict("none", None, nearest.name, similarity, CLAIM_ERROR, reached, why)
    same = scale.same_level(kind, "dataset", 1)
    job: Job = "same" if same is not None and similarity >= same else "kin"
    why = f"{near}; of newcomers without any kin here {one_in(CLAIM_ERROR)} reach {level:.2f} with some dataset."
    return Verdict(job, nearest.family or nearest.name, nearest.name, similarity, CLAIM_ERROR, reached, why)


def one_in(share: float) -> str:
    """Say a share as a frequency.

    Parameters
    ----------
    share : float
        Above 0, at most 1.

    Returns
    -------
    str
        Such as "1 in 20"; from a half on "9 in 10", and "nearly all" where that would be all.
    """
    if share >= 0.95:
        return "nearly all"
    return f"{round(10 * share)} in 10" if share > 0.4 else f"1 in {round(1 / share)}"
