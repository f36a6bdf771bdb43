"""The unified space: calibrated similarity and neighbours of things that may be compared."""

import copy
import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fute_core.errors import BadInput
from fute_core.space.calibration import Calibrator, Mode
from fute_core.space.comparable import _check_names, check_comparable
from fute_core.space.rank_fusion import block_ranks, reciprocal_rank_fusion
from fute_core.tasks import Kind, TaskEmbedding


@dataclass(frozen=True)
class Neighbour:
    """One of the nearest.

    Parameters
    ----------
    name : str
        Its name.
    kind : str
        Its kind.
    family : str or None
        The job that it does, as far as known.
    similarity : float
        Calibrated cosine, -1 to 1.
    rank : int
        From 1.
    """

    name: str
    kind: Kind
    family: str | None
    similarity: float
    rank: int


class TaskSpace:
    """Embeddings of one surrogate, method and probe set, calibrated together.

    Parameters
    ----------
    embeddings : sequence of TaskEmbedding
        At least one; no two of one name and kind.
    calibration : str, default "kind-arity"
        How to calibrate where no calibrator is given, see `Calibrator`.
    calibrator : Calibrator, optional
        Fitted elsewhere (a reference set); None fits one on `embeddings`.

    Attributes
    ----------
    vectors : ndarray of float32, shape (n, d)
        Calibrated vectors.
    notes : tuple of str
        What to know about the calibration, in sentences.

    Raises
    ------
    Incomparable
        Where embeddings differ in what makes them comparable, naming it.
    BadInput
        For two of one name and kind, or none at all.

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
        """List a name for each embedding that `index` understands.

        Returns
        -------
        tuple of str
            Names; "kind:name" where two kinds share the name.
        """
        count = Counter(e.name for e in self.embeddings)
        return tuple(e.name if count[e.name] == 1 else f"{e.kind}:{e.name}" for e in self.embeddings)

    def index(self, name: str, kind: Kind | None = None) -> int:
        """Find the position of an embedding.

        Parameters
        ----------
        name : str
            Its name, or "kind:name".
        kind : str, optional
            Its kind, where several share the name.

        Returns
        -------
        int
            From 0.

        Raises
        ------
        BadInput
            With a guess, where there is none, and where the name belongs to several kinds.
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
        """Compare items with items.

        Parameters
        ----------
        rows, columns : sequence of str, optional
            Names; None for all.

        Returns
        -------
        ndarray of float32, shape (rows, columns)
            Calibrated cosines: [i, j] compares rows[i] with columns[j], exactly 1 where they are the same.
        """
        left = np.arange(len(self)) if rows is None else np.array([self.index(n) for n in rows], int)
        right = np.arange(len(self)) if columns is None else np.array([self.index(n) for n in columns], int)
        cosines = np.asarray(np.clip(self.vectors[left] @ self.vectors[right].T, -1.0, 1.0))
        cosines[left[:, None] == right[None, :]] = 1.0
        return cosines

    def place(self, embedding: TaskEmbedding) -> np.ndarray:
        """Calibrate something new by the means learnt before: nothing else moves.

        Parameters
        ----------
        embedding : TaskEmbedding
            Of the same space.

        Returns
        -------
        ndarray of float32, shape (d,)
            Its calibrated vector.
        """
        check_comparable((self.embeddings[0], embedding))
        return np.asarray(self.calibrator.transform([embedding])[0])

    def with_new(self, *embeddings: TaskEmbedding) -> "TaskSpace":
        """Add embeddings under the same calibration: all others keep their vectors.

        Parameters
        ----------
        *embeddings : TaskEmbedding
            Of the same space.

        Returns
        -------
        TaskSpace
            A larger space.
        """
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
        """Find the nearest; equal ones in order of name, then kind.

        Parameters
        ----------
        item : str or TaskEmbedding
            A name, or an embedding, which need not be in the space.
        k : int, default 5
            How many.
        kind : str, optional
            Only neighbours of this kind.
        of_kind : str, optional
            Kind of the item, where several share its name.
        exclude_self : bool, default True
            Leave the item itself out.
        fusion : {"cosine", "rrf"}, default "cosine"
            "rrf" ranks by reciprocal rank fusion over blocks (Cormack et al. 2009) in place of the cosine.

        Returns
        -------
        tuple of Neighbour
            The nearest first.
        """
        if isinstance(item, str):
            own: int | None = self.index(item, of_kind)
            vector = self.vectors[own]
        else:
            own = self._position(item)
            vector = self.place(item) if own is None else self.vectors[own]
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
