"""What is subtracted from an item: the mean of the families of its group, but for the one that is most like it.

A plain mean takes from an item what it shares with its own family as well, the more so the larger that family is, and
an item of a family that the references lack loses nothing of the kind. Centred on the other families alone, known and
new items are compared alike. Every family counts alike: else the mean is largely that of the family with most items.
Cohorts chosen for each utterance do the like for scores in speaker recognition (Matejka et al. 2017).
`benchmarks/strangers.py` compares it with other means, and `benchmarks/outside.py` on data that had no say in it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def share_there(own: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tell how far means are in items that lose no more of them than they have.

    Parameters
    ----------
    own : ndarray of float64, any shape
        Inner products <G, M> of items with their means.
    size : ndarray of float64, of the same shape
        Squared norms <M, M> of the means.

    Returns
    -------
    ndarray of float64, of the same shape
        Their ratio, between 0 and 1; 0 for a mean of zeros.
    """
    return np.asarray(np.clip(own / np.where(size > 0, size, 1.0), 0.0, 1.0))


@dataclass(frozen=True)
class Strata:
    """The families of each group of p references; one whose family is not known is a family of its own.

    Parameters
    ----------
    groups : tuple of str, length g
        Names of the groups.
    group : ndarray of int, shape (c,)
        The group of each stratum, by its position.
    shares : ndarray of float64, shape (p, c)
        What each reference adds to the mean of a stratum: alike within it, so that columns sum to 1.
    """

    groups: tuple[str, ...]
    group: NDArray[np.intp]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, families: Sequence[str | None], groups: Sequence[Collection[str]], names: Sequence[str]) -> "Strata":
        """Sort references into strata.

        Parameters
        ----------
        families : sequence of str or None, length p
            Of each reference.
        groups : sequence of collection of str, length p
            The groups that each belongs to; none for one that shapes no mean.
        names : sequence of str, length g
            Of all groups; one without references has no strata.

        Returns
        -------
        Strata
            In the order of the names of groups, then families.
        """
        members: dict[tuple[str, bool, str], list[int]] = {}
        for i, (family, own) in enumerate(zip(families, groups, strict=True)):
            for name in own:
                members.setdefault((name, family is None, f"{i:09d}" if family is None else family), []).append(i)
        order = sorted(members)
        shares = np.zeros((len(families), len(order)))
        for at, key in enumerate(order):
            shares[members[key], at] = 1.0 / len(members[key])
        group = np.array([list(names).index(name) for name, *_ in order], np.intp)
        return cls(tuple(names), group, shares)

    @property
    def plain(self) -> NDArray[np.float64]:
        """What each reference adds to the mean of each whole group, float64 (p, g)."""
        of_group = self.group[:, None] == np.arange(len(self.groups))
        return np.asarray(self.shares @ (of_group / np.maximum(of_group.sum(0), 1)))

    def lost(self, base: NDArray[np.float64], like: NDArray[np.floating]) -> NDArray[np.float64]:
        """Tell what items lose of each stratum's mean.

        Parameters
        ----------
        base : ndarray of float64, shape (n, g)
            What they lose of each group's mean.
        like : ndarray of float, shape (n, c)
            How like each stratum's mean they are.

        Returns
        -------
        ndarray of float64, shape (n, c)
            Of each group as much as `base` has, in equal shares of its strata without the likest; a group of one
            stratum is lost with it.
        """
        lost = np.zeros(like.shape)
        for at in range(len(self.groups)):
            own, rows = np.flatnonzero(self.group == at), np.flatnonzero(base[:, at])
            if len(own) and len(rows):
                lost[np.ix_(rows, own)] = base[rows, at, None] / max(len(own) - 1, 1)
                if len(own) > 1:
                    lost[rows, own[like[np.ix_(rows, own)].argmax(1)]] = 0.0
        return lost
