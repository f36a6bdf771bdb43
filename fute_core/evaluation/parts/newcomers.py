"""What strangers reach in the space of a newcomer: by leaving a family out of everything that shapes the space.

Something new has shaped neither the means nor the whitening, so it lies closer to everything than the shipped items lie
to one another. What a similarity of it means can only be told by items that were new in the same way. Each family in
turn is left out, its items are placed like a user's, and their similarities to the items of all other families are
those of pairs known to do different jobs. Two families left out give the same for two newcomers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Item
from fute_core.evaluation.parts.reference import learnt_whitening
from fute_core.methods.functional import log_odds
from fute_core.space.blocks import scale_blocks
from fute_core.space.calibration import MIN_REFERENCE
from fute_core.space.factors import Factors, centred_cosines
from fute_core.space.scale import Scale, scale_of_pairs

FEWEST_FAMILIES = 10
"""With fewer families nothing is claimed of the nearest: each family left out is one observation, whatever its size."""

Pairs = dict[str, list[NDArray[np.float64]]]


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
    read = _Read.of(items, basis, wanted)
    families = sorted({item.embedding.family for item in items if item.embedding.family})
    single: dict[int, Pairs] = {n: {} for n in wanted}
    best: dict[int, Pairs] = {n: {} for n in wanted}
    both: Pairs = {}
    for family in families:
        for n, cosines in read.similarities((family,), wanted).items():
            for kinds, rows, columns in _blocks(items, family, None):
                part = cosines[np.ix_(rows, columns)]
                single[n].setdefault(kinds, []).append(part.ravel())
                best[n].setdefault(kinds, []).append(part.max(1))
    for one, other in combinations(families, 2):
        if len(families) > 2:
            cosines = read.similarities((one, other), [m])[m]
            for kinds, rows, columns in _blocks(items, one, other):
                both.setdefault(" ".join(sorted(kinds.split())), []).append(cosines[np.ix_(rows, columns)].ravel())
    embeddings = [item.embedding for item in items]
    scales = {}
    for n, cosines in read.similarities((), wanted).items():
        known = scale_of_pairs(embeddings, cosines)
        nearest = _sorted(best[n]) if len(families) >= FEWEST_FAMILIES else {}
        scales[n] = replace(known, newcomer=_sorted(single[n]), best=nearest)
    scales[m] = replace(scales[m], both_new=_sorted(both))
    return scales


@dataclass(frozen=True)
class _Read:
    """The reference as factors: of all answers, of those on the first n texts, and the Fisher parts of datasets."""

    items: Sequence[Item]
    basis: NDArray[np.float64]
    factors: dict[int, list[NDArray[np.float64]]]
    fisher: NDArray[np.float64]
    """Inner products of the scaled blocks beside the Gram matrices, (n, n); zeros for items without."""
    shares: NDArray[np.float64]
    """The weight of the Gram part in each item's norm, (n,)."""

    @classmethod
    def of(cls, items: Sequence[Item], basis: NDArray[np.float64], counts: Sequence[int]) -> "_Read":
        answers = [log_odds(item.answers) for item in items if item.answers is not None]
        assert len(answers) == len(items), "reference items come with their answers"
        factors = {n: [basis[:n].T @ centre_rows(a[:n]) for a in answers] for n in counts}
        blocks = items[0].embedding.blocks
        beside = [b for b in blocks if b.name != "gram"]
        first = min((b.start for b in beside), default=len(items[0].embedding.vector))
        scaled = np.stack([scale_blocks(item.embedding.vector, blocks)[first:] for item in items])
        total = sum({b.part: b.weight for b in blocks}.values())
        gram = next(b for b in blocks if b.name == "gram")
        shares = np.where(scaled.any(1), gram.weight / total, 1.0)
        return cls(items, basis, factors, scaled @ scaled.T, shares)

    def similarities(self, left_out: Sequence[str], counts: Sequence[int]) -> dict[int, NDArray[np.float64]]:
        """Similarities (n, n) of all items where the families have shaped nothing, by number of probe texts."""
        rest = [i for i, item in enumerate(self.items) if item.embedding.family not in left_out]
        learnt = learnt_whitening([self.items[i] for i in rest], self.basis)
        whitening = np.eye(self.basis.shape[1]) if learnt is None else learnt
        m = len(self.basis)
        whole = Factors.of([whitening @ f for f in self.factors[m]])
        reference = whole.inner(whole)
        weights = self._weights(rest, reference)
        found = {}
        for n in counts:
            some = whole if n == m else Factors.of([whitening @ f for f in self.factors[n]])
            to_reference = reference if some is whole else some.inner(whole)
            cosines = centred_cosines(some.inner(some), weights, to_reference, reference)
            out = np.sqrt(np.outer(self.shares, self.shares)) * cosines
            if n == m:
                fisher = centred_cosines(self.fisher, self._weights(rest), self.fisher, self.fisher)
                out = out + np.sqrt(np.outer(1 - self.shares, 1 - self.shares)) * fisher
            found[n] = out
        return found

    def _weights(self, rest: Sequence[int], kernel: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """What `Calibrator.centre` subtracts from each item, as weights over all items, (n, n)."""
        kinds = np.array([item.embedding.kind for item in self.items])
        inside = np.isin(np.arange(len(kinds)), rest)
        members = {kind: inside & (kinds == kind) for kind in set(kinds)}
        means = {kind: own / own.sum() for kind, own in members.items() if own.any()}
        overall = np.mean([means[kind] for kind in sorted(means)], 0)
        enough = {kind: own.sum() >= MIN_REFERENCE for kind, own in members.items()}
        weights = np.array([means[kind] if enough[kind] else overall for kind in kinds])
        if kernel is None:
            return weights
        texts = np.array([item.embedding.provenance.n_texts for item in self.items])
        fewest = texts[inside & (kinds == "dataset")].min(initial=0)
        for i in np.flatnonzero((kinds == "dataset") & (texts < fewest)):
            if enough["dataset"]:
                mean = weights[i]
                weights[i] = mean * np.clip(kernel[i] @ mean / (mean @ kernel @ mean), 0.0, 1.0)
        return weights


def centre_rows(answers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the mean over these texts from centred answers.

    Parameters
    ----------
    answers : ndarray of float64, shape (n, k)
        Answers on some of the probe texts.

    Returns
    -------
    ndarray of float64, shape (n, k)
        Centred over these texts.
    """
    return np.asarray(answers - answers.mean(0))


def _sorted(found: Pairs) -> dict[str, NDArray[np.float64]]:
    return {kinds: np.sort(np.concatenate(parts)) for kinds, parts in sorted(found.items())}


def _blocks(items: Sequence[Item], own: str, other: str | None) -> Iterator[tuple[str, list[int], list[int]]]:
    """Positions by kinds of a family's items and those of another, or of all others: "prompt dataset"."""
    families = [item.embedding.family for item in items]
    kinds = [item.embedding.kind for item in items]
    theirs = {f for f in families if f and f != own} if other is None else {other}
    for a in sorted(set(kinds)):
        for b in sorted(set(kinds)):
            rows = [i for i, (f, kind) in enumerate(zip(families, kinds, strict=True)) if f == own and kind == a]
            columns = [j for j, (f, kind) in enumerate(zip(families, kinds, strict=True)) if f in theirs and kind == b]
            if rows and columns:
                yield f"{a} {b}", rows, columns
