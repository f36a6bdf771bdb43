"""Shipped prompts and classifiers as newcomers: what is known of each after some of the texts, and after all.

Each is judged twice, as in `fute eval claims`: with its family left out of everything, so that it has no kin; and with
kin, where a classifier's own dataset is left out while its family stays, and prompts are judged as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Gallery
from fute_core.atlas.landing import STAGES
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.evaluation.parts.newcomers import newcomers_reach
from fute_core.evaluation.parts.reference import task_of
from fute_core.space.kinds import kind_on_scale
from fute_core.space.scale import Scale
from fute_core.space.scales import scale_at
from fute_core.space.settling import Standing


@dataclass(frozen=True)
class SettlingCase:
    """A newcomer after each of some numbers of texts.

    Parameters
    ----------
    kind : str
        "model" or "prompt".
    family : str
        The job that it does.
    skill : float
        How well, 0 to 1.
    kin : bool
        The space has a dataset of its family.
    texts : tuple of int, length c
        Numbers of texts, rising; the last is all of them.
    families : tuple of str, length f
        Those of the datasets it may be compared with.
    similarity : ndarray of float64, shape (c, f)
        The greatest to a dataset of each family.
    level : ndarray of float64, shape (c,)
        From where kin may be claimed; infinity where nothing can be told.
    """

    kind: str
    family: str
    skill: float
    kin: bool
    texts: tuple[int, ...]
    families: tuple[str, ...]
    similarity: NDArray[np.float64]
    level: NDArray[np.float64]

    def standing(self, at: int) -> Standing:
        """Tell what the rule is given.

        Parameters
        ----------
        at : int
            Position in `texts`.

        Returns
        -------
        Standing
            After so many texts.
        """
        next_best, greatest = np.sort(self.similarity[at])[-2:]
        gap = float(greatest - next_best)
        return Standing(float(greatest), float(self.level[at]), gap, self.texts[at], self.texts[-1])

    def nearest(self, at: int) -> str:
        """Name the family of the nearest dataset.

        Parameters
        ----------
        at : int
            Position in `texts`.

        Returns
        -------
        str
            One of `families`.
        """
        return self.families[int(self.similarity[at].argmax())]

    def verdict(self, at: int) -> str | None:
        """Name the family that is claimed.

        Parameters
        ----------
        at : int
            Position in `texts`.

        Returns
        -------
        str or None
            None for "nothing here does its job".
        """
        return self.nearest(at) if self.similarity[at].max() >= self.level[at] else None


def gather(gallery: Gallery, counts: Sequence[int], families: int | None = None) -> list[SettlingCase]:
    """Follow the shipped prompts and classifiers of one arity.

    Parameters
    ----------
    gallery : Gallery
        With answers.
    counts : sequence of int
        Numbers of texts, rising; the last is all of them.
    families : int, optional
        Only so many families and tasks are left out; by default all.

    Returns
    -------
    list of SettlingCase
        Those without kin first.
    """
    measured = [*(n for n in STAGES if n < counts[-1]), counts[-1]]
    read = LeftOut.of(gallery.items, gallery.basis, sorted({*counts, *measured}))
    found: list[SettlingCase] = []
    for family in read.families[:families]:
        rest = read.without(family)
        own = [i for i, item in enumerate(read.items) if item.embedding.family == family]
        found += _followed(read, own, rest, counts, _scales(read, rest, measured), kin=False)
    scales = _scales(read, range(len(read.items)), measured)
    for own, rest in _tasks(read, families):
        found += _followed(read, own, rest, counts, scales, kin=True)
    return found


def _scales(read: LeftOut, among: Sequence[int], measured: Sequence[int]) -> dict[int, Scale]:
    _, best = newcomers_reach(read, among, measured)
    return {n: Scale({}, best=best[n]) for n in measured}


def _tasks(read: LeftOut, first: int | None) -> Iterator[tuple[list[int], list[int]]]:
    """The items of one dataset with all others, and all prompts with everything."""
    task = [task_of(item) for item in read.items]
    everything = list(range(len(task)))
    for name in sorted({name for name in task if name is not None})[:first]:
        yield [i for i in everything if task[i] == name], [i for i in everything if task[i] != name]
    yield [i for i in everything if task[i] is None], everything


def _followed(
    read: LeftOut, own: Sequence[int], rest: Sequence[int], counts: Sequence[int], scales: Mapping[int, Scale],
    kin: bool,
) -> list[SettlingCase]:  # fmt: skip
    """The prompts and classifiers among `own` that have kin, or have none, as is asked."""
    datasets = [j for j in rest if read.items[j].embedding.kind == "dataset"]
    of = np.array([read.items[j].embedding.family or read.items[j].embedding.name for j in datasets])
    families = tuple(sorted(set(of.tolist())))
    cosines = read.similarities(rest, counts)
    found = []
    for i in own:
        embedding, facts = read.items[i].embedding, read.items[i].facts
        if embedding.kind == "dataset" or (embedding.family in families) != kin:
            continue
        to = np.array([cosines[n][i, datasets] for n in counts])
        similarity = np.stack([to[:, of == family].max(1) for family in families], 1)
        kind = kind_on_scale(embedding)
        level = np.array([scale_at(scales, n).claim_level(kind, "dataset") for n in counts])
        family = embedding.family or embedding.name
        skill = float(facts.get("skill", 1.0))
        found.append(SettlingCase(embedding.kind, family, skill, kin, tuple(counts), families, similarity, level))
    return found
