"""Spaces that some items have not shaped: the similarities of all, with any of them left out of means and whitening.

All follows from the items' factors (`space.factors`), so that leaving something out costs one whitening and a few
products. A calibrator that is fitted on the rest gives the same.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Item
from fute_core.evaluation.parts.reference import task_of
from fute_core.methods.functional import log_odds
from fute_core.space.blocks import scale_blocks
from fute_core.space.factors import Factors, centred_cosines
from fute_core.space.groups import MIN_PROMPTS, MIN_REFERENCE, groups_of, lost_means, mean_of
from fute_core.space.strata import Strata, share_there
from fute_core.space.whitening import SHRINKAGE, within_task_whitening


@dataclass(frozen=True)
class LeftOut:
    """Items that may shape a space, read once.

    Parameters
    ----------
    items : sequence of n Items
        Datasets, black boxes and prompts of one arity, with answers.
    factors : dict of int to list of ndarray of float64, shape (r, k)
        By number of probe texts each item's answers in the basis, centred over the first so many texts; of two or more
        labels the differences between them, one fewer.
    fisher : ndarray of float64, shape (n, n)
        Inner products of the scaled blocks beside the Gram matrices; zeros for items without.
    beside : ndarray of bool, shape (n, n)
        Whether both items have such blocks.
    share : float
        The weight of answers in the similarity of two that have, 0 to 1.
    """

    items: Sequence[Item]
    factors: dict[int, list[NDArray[np.float64]]]
    fisher: NDArray[np.float64]
    beside: NDArray[np.bool_]
    share: float

    @classmethod
    def of(cls, items: Sequence[Item], basis: NDArray[np.float64], counts: Sequence[int]) -> "LeftOut":
        """Read items.

        Parameters
        ----------
        items : sequence of Item
            With answers.
        basis : ndarray of float64, shape (m, r)
            Of the probe texts.
        counts : sequence of int
            Numbers of probe texts that similarities are wanted at, m among them.

        Returns
        -------
        LeftOut
            Of all.
        """
        answers = [_differences(log_odds(item.answers)) for item in items if item.answers is not None]
        assert len(answers) == len(items), "reference items come with their answers"
        factors = {n: [basis[:n].T @ (a[:n] - a[:n].mean(0)) for a in answers] for n in counts}
        blocks = items[0].embedding.blocks
        scaled = np.stack([scale_blocks(i.embedding.values, i.embedding.value_blocks) for i in items])
        total = sum({b.part: b.weight for b in blocks}.values())
        gram = blocks[0]
        both = np.logical_and.outer(scaled.any(1), scaled.any(1))
        return cls(items, factors, scaled @ scaled.T, both, gram.weight / total)

    @property
    def families(self) -> list[str]:
        """The known families, sorted."""
        return sorted({item.embedding.family for item in self.items if item.embedding.family})

    def without(self, *families: str) -> list[int]:
        """List the items of all other families.

        Parameters
        ----------
        *families : str
            Those left out.

        Returns
        -------
        list of int
            Positions; items without a family are among them.
        """
        return [i for i, item in enumerate(self.items) if item.embedding.family not in families]

    def similarities(self, rest: Sequence[int], counts: Sequence[int]) -> dict[int, NDArray[np.float64]]:
        """Compare all items in the space that some of them have shaped.

        Parameters
        ----------
        rest : sequence of int
            Positions of those that shape the means and the whitening.
        counts : sequence of int
            Numbers of probe texts, of those that were read.

        Returns
        -------
        dict of int to ndarray of float64, shape (n, n)
            Calibrated similarities by number of texts; on fewer than all without the Fisher part, as in a landing.
        """
        whitening = self._whitening(rest)
        found = {}
        for n in counts:  # items that are judged on fewer texts lose the means of the same texts
            some = Factors.of(self.factors[n], whitening)
            kernel = some.inner(some)
            cosines = centred_cosines(kernel, self._weights(rest, kernel), kernel, kernel)
            if n == max(self.factors):
                fisher = centred_cosines(self.fisher, self._weights(rest), self.fisher, self.fisher)
                cosines = np.where(self.beside, self.share * cosines + (1 - self.share) * fisher, cosines)
            found[n] = cosines
        return found

    def _whitening(self, rest: Sequence[int], shrinkage: float = SHRINKAGE) -> NDArray[np.float64]:
        tasks: dict[str, list[NDArray[np.float64]]] = {}
        for i in rest:
            factor, task = self.factors[max(self.factors)][i], task_of(self.items[i])
            if task is not None and (norm := np.linalg.norm(factor)) > 0:
                tasks.setdefault(task, []).append(factor / norm)
        groups = [group for group in tasks.values() if len(group) > 1]
        return within_task_whitening(groups, shrinkage) if groups else np.eye(len(self.factors[max(self.factors)][0]))

    def _weights(self, rest: Sequence[int], kernel: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """What `Calibrator.centre` subtracts, as weights over all items, (n, n): of values beside without a kernel."""
        inside = np.isin(np.arange(len(self.items)), rest)
        groups = [groups_of(item.embedding, "kind") for item in self.items]
        counts = Counter(group for i in rest for group in groups[i])
        names = sorted(group for group, count in counts.items() if "@" not in group or count >= MIN_PROMPTS)
        own = [[g for g in of if known and g in names] for of, known in zip(groups, inside, strict=True)]
        strata = Strata.of([item.embedding.family for item in self.items], own, names)
        base = lost_means([mean_of(of, counts, MIN_REFERENCE) for of in groups], names)
        if kernel is None:  # values beside are logarithms, which lose the whole mean whatever the item has of it
            return np.asarray(base @ strata.plain.T)
        weights = strata.lost(base, kernel @ strata.shares) @ strata.shares.T
        of_datasets = np.array([item.embedding.kind == "dataset" for item in self.items])
        texts = np.array([item.embedding.provenance.n_texts for item in self.items])
        if counts["dataset"] >= MIN_REFERENCE:
            few = of_datasets & (texts < texts[inside & of_datasets].min())
            means = weights[few]
            own, size = (kernel[few] * means).sum(1), ((means @ kernel) * means).sum(1)
            weights[few] *= share_there(own, size)[:, None]
        return np.asarray(weights)


def _differences(answers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centred answers of k labels in k - 1 columns, with the same inner products between texts."""
    from scipy.linalg import helmert

    labels = answers.shape[1]
    return answers if labels == 1 else answers @ helmert(labels).T
