"""The unified space: calibrated similarity and neighbours of things that may be compared."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fute_core.calibration import Calibrator, Mode
from fute_core.errors import BadInput, Incomparable
from fute_core.tasks import Kind, TaskEmbedding

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

    Raises Incomparable where embeddings differ in what makes them comparable, naming it.
    """

    def __init__(
        self,
        embeddings: Sequence[TaskEmbedding],
        calibration: Mode = "kind-arity",
        calibrator: Calibrator | None = None,
    ):
        self.embeddings = tuple(embeddings)
        check_comparable(self.embeddings)
        seen = set()
        for item in self.embeddings:
            if (item.name, item.kind) in seen:
                raise BadInput(f"Two embeddings of kind {item.kind} are called {item.name!r}; rename one.")
            seen.add((item.name, item.kind))
        self.calibrator = calibrator or Calibrator(calibration).fit(self.embeddings)
        self.vectors = self.calibrator.transform(self.embeddings)
        self.notes = self.calibrator.notes(self.embeddings)

    def __len__(self) -> int:
        return len(self.embeddings)

    def index(self, name: str, kind: Kind | None = None) -> int:
        """Position of the embedding called `name`. Raises BadInput, with a guess, where there is none."""
        for i, item in enumerate(self.embeddings):
            if item.name == name and kind in (None, item.kind):
                return i
        near = difflib.get_close_matches(name, [e.name for e in self.embeddings], 1)
        guess = f"; did you mean {near[0]!r}?" if near else f"; it has {len(self)} others."
        raise BadInput(f"The space has no {kind or 'embedding'} called {name!r}{guess}")

    def similarity(
        self, rows: Sequence[str] | None = None, columns: Sequence[str] | None = None
    ) -> np.ndarray:
        """Calibrated cosines, float32 (rows, columns); result[i][j] compares rows[i] with columns[j], exactly 1 with itself."""
        left = np.arange(len(self)) if rows is None else np.array([self.index(n) for n in rows])
        right = np.arange(len(self)) if columns is None else np.array([self.index(n) for n in columns])
        cosines = np.clip(self.vectors[left] @ self.vectors[right].T, -1.0, 1.0)
        cosines[left[:, None] == right[None, :]] = 1.0
        return cosines.astype(np.float32)

    def place(self, embedding: TaskEmbedding) -> np.ndarray:
        """Calibrated vector, float32 (d,), of something new, by the means learnt before: nothing else moves."""
        check_comparable((self.embeddings[0], embedding))
        return self.calibrator.transform([embedding])[0]

    def neighbours(
        self,
        item: str | TaskEmbedding,
        k: int = 5,
        kind: Kind | None = None,
        *,
        of_kind: Kind | None = None,
        fusion: Literal["cosine", "rrf"] = "cosine",
    ) -> tuple[Neighbour, ...]:
        """The k nearest, without the item itself; equal similarities in order of name.

        item : a name (of kind `of_kind`, where several share it), or an embedding from outside.
        fusion : "rrf" ranks by reciprocal rank fusion over blocks (Cormack et al. 2009) in place of the cosine.
        """
        own = self.index(item, of_kind) if isinstance(item, str) else None
        vector = self.vectors[own] if own is not None else self.place(item)
        cosines = np.clip(self.vectors @ vector, -1.0, 1.0)
        scores = cosines if fusion == "cosine" else self._fused_ranks(vector, own)
        order = sorted(
            (i for i, e in enumerate(self.embeddings) if i != own and kind in (None, e.kind)),
            key=lambda i: (-round(float(scores[i]), 7), self.embeddings[i].name),
        )
        return tuple(
            Neighbour(e.name, e.kind, e.family, float(cosines[i]), rank)
            for rank, i in enumerate(order[:k], 1)
            for e in [self.embeddings[i]]
        )

    def _fused_ranks(self, vector: np.ndarray, own: int | None) -> np.ndarray:
        """sum over blocks of 1 / (60 + rank within the block), float64 (n,)."""
        rankings = []
        for block in self.embeddings[0].blocks:
            part = slice(block.start, block.stop)
            norms = np.linalg.norm(self.vectors[:, part], axis=1) * np.linalg.norm(vector[part])
            cosines = self.vectors[:, part] @ vector[part] / np.where(norms > 0, norms, 1.0)
            if own is not None:
                cosines[own] = -np.inf
            rankings.append(cosines)
        return reciprocal_rank_fusion(np.array(rankings))


def reciprocal_rank_fusion(scores: np.ndarray, constant: int = RRF_CONSTANT) -> np.ndarray:
    """sum_r 1 / (constant + rank_r) for scores (r, n), higher better; equal scores share their mean rank. float64 (n,)."""
    from scipy.stats import rankdata

    return (1.0 / (constant + rankdata(-scores, method="average", axis=1))).sum(0)


def check_comparable(embeddings: Sequence[TaskEmbedding]) -> None:
    """Raises Incomparable, naming two items and what differs, unless all lie in one space."""
    for item in embeddings[1:]:
        first, other = embeddings[0].space(), item.space()
        if differ := [field for field in first if first[field] != other[field]]:
            told = ", ".join(f"{field} ({first[field]} and {other[field]})" for field in differ)
            raise Incomparable(
                f"{embeddings[0].name!r} and {item.name!r} are in different spaces: {told}; embed both the same way."
            )
