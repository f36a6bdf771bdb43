"""The unified space: calibrated similarity and neighbours of things that may be compared."""

import copy
import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fute_core.errors import BadInput, Incomparable
from fute_core.space.calibration import Calibrator, Mode
from fute_core.tasks import Block, Kind, TaskEmbedding

RRF_CONSTANT = 60


@dataclass(frozen=True)
class Neighbour:
    """rank counts from 1; similarity is the calibrated cosine in [-1, 1]."""

    name: str
    kind: Kind
    family: str | None
    similarity: float
    rank: int


class TaskSpace:
    """Embeddings of one surrogate, method and probe set, calibrated together.

    calibrator : fitted elsewhere (a reference set); None fits one on `embeddings`.

    Attributes: vectors (float32 (n, d), calibrated), notes (what to know about the calibration, in sentences).
    Raises Incomparable where embeddings differ in what makes them comparable, naming it; BadInput for two of one name
    and kind, or none at all.

    Examples
    --------
    >>> import fute_core as fute
    >>> space = fute.open_atlas(store=False).space
    >>> space.neighbours("sst2", k=1, of_kind="dataset", kind="dataset")[0].family
    'sentiment'
    """

    def __init__(
        self,
        embeddings: Sequence[TaskEmbedding],
        calibration: Mode = "kind-arity",
        calibrator: Calibrator | None = None,
    ):
        self.embeddings = tuple(embeddings)
        if not self.embeddings:
            raise BadInput("There are no embeddings to compare; embed something first.")
        check_comparable(self.embeddings)
        _check_names(self.embeddings)
        self.calibrator = calibrator or Calibrator(calibration).fit(self.embeddings)
        self.vectors = self.calibrator.transform(self.embeddings)
        self.notes = self.calibrator.notes(self.embeddings)

    def __len__(self) -> int:
        return len(self.embeddings)

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for each embedding that `index` understands: "kind:name" where two kinds share the name."""
        count = Counter(e.name for e in self.embeddings)
        return tuple(e.name if count[e.name] == 1 else f"{e.kind}:{e.name}" for e in self.embeddings)

    def index(self, name: str, kind: Kind | None = None) -> int:
        """Position of the embedding called `name`, or "kind:name".

        Raises BadInput, with a guess, where there is none, and where the name belongs to several kinds.
        """
        found = [i for i, e in enumerate(self.embeddings) if e.name == name and kind in (None, e.kind)]
        found = found or [i for i, e in enumerate(self.embeddings) if f"{e.kind}:{e.name}" == name]
        if len(found) == 1:
            return found[0]
        if found:
            several = " or ".join(repr(self.labels[i]) for i in found)
            raise BadInput(f"{name!r} is the name of several embeddings; write {several}.")
        near = difflib.get_close_matches(name, self.labels, 1)
        guess = f"did you mean {near[0]!r}?" if near else f"the {len(self)} here have other names."
        raise BadInput(f"The space has no {kind or 'embedding'} called {name!r}; {guess}")

    def similarity(self, rows: Sequence[str] | None = None, columns: Sequence[str] | None = None) -> np.ndarray:
        """Calibrated cosines, float32: [i, j] compares rows[i] with columns[j], exactly 1 where they are the same."""
        left = np.arange(len(self)) if rows is None else np.array([self.index(n) for n in rows], int)
        right = np.arange(len(self)) if columns is None else np.array([self.index(n) for n in columns], int)
        cosines = np.clip(self.vectors[left] @ self.vectors[right].T, -1.0, 1.0)
        cosines[left[:, None] == right[None, :]] = 1.0
        return cosines

    def place(self, embedding: TaskEmbedding) -> np.ndarray:
        """Calibrated vector, float32 (d,), of something new, by the means learnt before: nothing else moves."""
        check_comparable((self.embeddings[0], embedding))
        return self.calibrator.transform([embedding])[0]

    def with_new(self, *embeddings: TaskEmbedding) -> "TaskSpace":
        """A space with more embeddings, under the same calibration: all others keep their vectors."""
        if not embeddings:
            return self
        vectors = [self.place(embedding) for embedding in embeddings]
        larger = copy.copy(self)
        larger.embeddings = (*self.embeddings, *embeddings)
        _check_names(larger.embeddings)
        larger.vectors = np.vstack([self.vectors, *vectors])
        larger.notes = self.calibrator.notes(larger.embeddings)
        return larger

    def neighbours(
        self,
        item: str | TaskEmbedding,
        k: int = 5,
        kind: Kind | None = None,
        *,
        of_kind: Kind | None = None,
        exclude_self: bool = True,
        fusion: Literal["cosine", "rrf"] = "cosine",
    ) -> tuple[Neighbour, ...]:
        """The k nearest; equal ones in order of name, then kind.

        item : a name (of kind `of_kind`, where several share it), or an embedding, which need not be in the space.
        kind : only neighbours of this kind.
        fusion : "rrf" ranks by reciprocal rank fusion over blocks (Cormack et al. 2009) in place of the cosine.
        """
        own = self.index(item, of_kind) if isinstance(item, str) else self._position(item)
        vector = self.vectors[own] if own is not None else self.place(item)
        candidates = [
            i for i, e in enumerate(self.embeddings) if kind in (None, e.kind) and not (exclude_self and i == own)
        ]
        if not candidates:
            return ()
        rows = self.vectors[candidates]
        cosines = np.clip(rows @ vector, -1.0, 1.0)
        cosines[np.array([i == own for i in candidates], bool)] = 1.0
        if fusion == "rrf":
            ranks = block_ranks(rows, vector, self.embeddings[0].blocks)
            orders = zip(-reciprocal_rank_fusion(ranks).round(12), ranks.mean(0).round(9), strict=True)
        else:
            # Rounding keeps the last bit of a sum from deciding between equals.
            orders = -cosines.astype(np.float64).round(6)
        named = [(self.embeddings[i].name, self.embeddings[i].kind) for i in candidates]
        best = sorted(zip(orders, named, candidates, cosines, strict=True))[:k]
        return tuple(
            Neighbour(*name, self.embeddings[i].family, float(cosine), rank)
            for rank, (_, name, i, cosine) in enumerate(best, 1)
        )

    def _position(self, item: TaskEmbedding) -> int | None:
        """Where this very embedding stands in the space, or None."""
        same = (item.name, item.kind, item.key)
        return next((i for i, e in enumerate(self.embeddings) if (e.name, e.kind, e.key) == same), None)


def block_ranks(rows: np.ndarray, vector: np.ndarray, blocks: Sequence[Block]) -> np.ndarray:
    """Rank of each row (n, d) by its cosine with `vector` within each block, float64 (blocks, n); ties share a mean.

    A block in which either has no direction counts as cosine 0.
    """
    from scipy.stats import rankdata

    scores = []
    for block in blocks:
        part, target = rows[:, block.start : block.stop], vector[block.start : block.stop]
        norms = np.linalg.norm(part, axis=1) * np.linalg.norm(target)
        scores.append((part @ target / np.where(norms > 0, norms, 1.0)).round(6))
    return rankdata(-np.array(scores), method="average", axis=1)


def reciprocal_rank_fusion(ranks: np.ndarray, constant: int = RRF_CONSTANT) -> np.ndarray:
    """sum_r 1 / (constant + rank_r) for ranks (r, n) that count from 1; higher is better. float64 (n,)."""
    return (1.0 / (constant + np.asarray(ranks, float))).sum(0)


def split_spaces(embeddings: Iterable[TaskEmbedding]) -> list[list[TaskEmbedding]]:
    """Groups that may be compared, each fit for a TaskSpace; the largest first, else in order of appearance."""
    groups: dict[tuple, list[TaskEmbedding]] = {}
    for item in embeddings:
        groups.setdefault((*item.space().values(), len(item.vector)), []).append(item)
    return sorted(groups.values(), key=len, reverse=True)


def check_comparable(embeddings: Sequence[TaskEmbedding]) -> None:
    """Raises Incomparable, naming the odd ones out and what differs, unless all lie in one space."""
    groups = split_spaces(embeddings)
    if len(groups) < 2:
        return
    most, odd = groups[0], [item for group in groups[1:] for item in group]
    names = ", ".join(repr(item.name) for item in odd[:3]) + (f" and {len(odd) - 3} more" if len(odd) > 3 else "")
    told = _differences(odd[0], most[0])
    raise Incomparable(f"{names} cannot be compared with {most[0].name!r}: {told}; embed all of them the same way.")


def _differences(one: TaskEmbedding, other: TaskEmbedding) -> str:
    pairs = {field: (value, other.space()[field]) for field, value in one.space().items()}
    pairs["vector length"] = (len(one.vector), len(other.vector))
    del pairs["method parameters"]  # A digest: the options themselves say more, if the method is the same.
    if one.provenance.method == other.provenance.method:
        a, b = one.provenance.params, other.provenance.params
        pairs |= {f"option {option}": (a.get(option), b.get(option)) for option in sorted({*a, *b})}
    told = [f"{field} ({_shown(a)} against {_shown(b)})" for field, (a, b) in pairs.items() if a != b]
    return ", ".join(told)


def _shown(value: object) -> str:
    return "none" if value in (None, "") else str(value)


def _check_names(embeddings: Sequence[TaskEmbedding]) -> None:
    count = Counter((e.name, e.kind) for e in embeddings)
    if twice := [label for label, n in count.items() if n > 1]:
        name, kind = twice[0]
        raise BadInput(f"Two embeddings of kind {kind} are called {name!r}; rename one or leave one out.")
