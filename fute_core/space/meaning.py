"""What the similarity of two given embeddings means, by what shaped the space and what is new to it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.space.kinds import kind_on_scale
from fute_core.space.scale import Newcomers, Scale
from fute_core.vectors import TaskEmbedding


@dataclass(frozen=True)
class Meaning:
    """A scale together with what it is the scale of.

    Parameters
    ----------
    scale : Scale
        What similarities reach.
    shaped : frozenset of (str, str, str)
        Name, kind and key of all embeddings that shaped the means and the whitening; everything else is a newcomer.
    """

    scale: Scale
    shaped: frozenset[tuple[str, str, str]]

    @classmethod
    def of(cls, scale: Scale, reference: Iterable[TaskEmbedding]) -> "Meaning":
        """Remember what shaped a space.

        Parameters
        ----------
        scale : Scale
            Of the space.
        reference : iterable of TaskEmbedding
            All that shaped it.

        Returns
        -------
        Meaning
            Of both.
        """
        return cls(scale, frozenset((e.name, e.kind, e.key) for e in reference))

    def is_new(self, embedding: TaskEmbedding) -> bool:
        """Tell whether an embedding did not shape the space.

        Parameters
        ----------
        embedding : TaskEmbedding
            Of the space, whether it is placed in it or not.

        Returns
        -------
        bool
            False for what ships.
        """
        return (embedding.name, embedding.kind, embedding.key) not in self.shaped

    def strangers(self, one: TaskEmbedding, other: TaskEmbedding) -> NDArray[np.float64]:
        """Give what pairs such as these two reach where their jobs are known to differ.

        Parameters
        ----------
        one, other : TaskEmbedding
            Of the space.

        Returns
        -------
        ndarray of float64
            Similarities, rising; empty where too few are known. See `Scale.reference`.
        """
        return self.scale.reference(*self._pair(one, other))

    def share(self, one: TaskEmbedding, other: TaskEmbedding, cosine: float) -> float:
        """Tell how many pairs known to do different jobs are at least as similar.

        Parameters
        ----------
        one, other : TaskEmbedding
            Of the space.
        cosine : float
            Their similarity.

        Returns
        -------
        float
            From 0 to 1; NaN where too few such pairs are known. See `Scale.share`.
        """
        first, second, newcomers = self._pair(one, other)
        return self.scale.share(first, second, cosine, newcomers)

    def chance(self, one: TaskEmbedding, other: TaskEmbedding, cosine: float) -> float:
        """Estimate how likely two items for different jobs are as similar, beyond the pairs that are known as well.

        Parameters
        ----------
        one, other : TaskEmbedding
            Of the space.
        cosine : float
            Their similarity.

        Returns
        -------
        float
            See `Scale.chance`.
        """
        first, second, newcomers = self._pair(one, other)
        return self.scale.chance(first, second, cosine, newcomers)

    def same_level(self, one: TaskEmbedding, other: TaskEmbedding) -> float | None:
        """Give the similarity from which these two may be said to do the same job.

        Parameters
        ----------
        one, other : TaskEmbedding
            Of the space.

        Returns
        -------
        float or None
            See `Scale.same_level`.
        """
        return self.scale.same_level(*self._pair(one, other))

    def _pair(self, one: TaskEmbedding, other: TaskEmbedding) -> tuple[str, str, Newcomers]:
        """Both kinds, the newcomer's first, and how many of the two are new."""
        new = self.is_new(one), self.is_new(other)
        first, second = (other, one) if new == (False, True) else (one, other)
        return kind_on_scale(first), second.kind, 2 if all(new) else 1 if any(new) else 0
