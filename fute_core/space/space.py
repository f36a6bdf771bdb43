"""The unified space: calibrated similarity and neighbours of things that may be compared."""

import copy
import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fute_core.arguments import of_kind
from fute_core.errors import BadInput
from fute_core.space.calibration import Calibrator
from fute_core.space.comparable import _check_names, check_comparable
from fute_core.space.foremost import DECIMALS, Neighbour, check_count, cosines_to, foremost
from fute_core.space.groups import Mode
from fute_core.space.placed import Placed
from fute_core.space.rank_fusion import block_ranks, reciprocal_rank_fusion
from fute_core.tasks import Kind
from fute_core.vectors import TaskEmbedding


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
    placed : Placed
        The calibrated items.
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
        if isinstance(embeddings, TaskEmbedding) or not isinstance(embeddings, Iterable):
            raise BadInput(f"embeddings is one {type(embeddings).__name__}; give a list of embeddings.")
        self.embeddings = tuple(embeddings)
        if (odd := next((e for e in self.embeddings if not isinstance(e, TaskEmbedding)), None)) is not None:
            of_kind("embeddings alone, as fute.embed gives them", TaskEmbedding, embeddings=odd)
        if not self.embeddings:
            raise BadInput("There are no embeddings to compare; embed something first.")
        check_comparable(self.embeddings)
        _check_names(self.embeddings)
        self.calibrator = calibrator or Calibrator(calibration).fit(self.embeddings)
        self.placed = self.calibrator.place(self.embeddings)
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
        found = [i for i in self._named.get(name, ()) if kind in (None, self.embeddings[i].kind)]
        of_kind, _, bare = name.partition(":")
        found = found or [i for i in self._named.get(bare, ()) if self.embeddings[i].kind == of_kind]
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
        return self.cosines(left, right)

    def cosines(
        self, rows: Sequence[int] | NDArray[np.integer] | None = None,
        columns: Sequence[int] | NDArray[np.integer] | None = None,
    ) -> NDArray[np.float32]:  # fmt: skip
        """Compare items with items by their positions.

        Parameters
        ----------
        rows, columns : sequence of int, optional
            Positions; None for all.

        Returns
        -------
        ndarray of float32, shape (rows, columns)
            Calibrated cosines, exactly 1 where both are the same item.
        """
        left = np.arange(len(self)) if rows is None else np.asarray(rows, np.intp)
        right = np.arange(len(self)) if columns is None else np.asarray(columns, np.intp)
        one = self.placed if rows is None else self.placed.take(left)
        other = self.placed if columns is None else self.placed.take(right)
        cosines = one.cosines(other)
        cosines[left[:, None] == right[None, :]] = 1.0
        return cosines

    def vectors(self) -> NDArray[np.float32]:
        """Export the calibrated vectors, whose inner products are the similarities among datasets and among models.

        Returns
        -------
        ndarray of float32, shape (n, d)
            Made anew at every call, and large: 370 kB an item for methods with answers. See `Placed.vectors` for the
            products of an item that has a Fisher part with one that has none.
        """
        return self.placed.vectors()

    def place(self, embedding: TaskEmbedding) -> Placed:
        """Calibrate something new by the means learnt before: nothing else moves.

        Parameters
        ----------
        embedding : TaskEmbedding
            Of the same space.

        Returns
        -------
        Placed
            It alone, calibrated.
        """
        check_comparable((self.embeddings[0], embedding))
        return self.calibrator.place([embedding])

    def with_new(self, *embeddings: TaskEmbedding) -> "TaskSpace":
        """Add embeddings under the same calibration: all others stay where they are.

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
        check_comparable((self.embeddings[0], *embeddings))
        larger = copy.copy(self)
        vars(larger).pop("_named", None)
        larger.embeddings = (*self.embeddings, *embeddings)
        _check_names(larger.embeddings)
        larger.placed = self.placed.joined(self.calibrator.place(embeddings))
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

        Raises
        ------
        BadInput
            For k below 1, and another fusion.
        """
        check_count(k)
        if fusion not in ("cosine", "rrf"):
            raise BadInput(f"fusion is {fusion!r}; give 'cosine' or 'rrf'.")
        if isinstance(item, str):
            own: int | None = self.index(item, of_kind)
        else:
            own = self._position(item)
        target = self.place(item) if own is None and not isinstance(item, str) else self.placed.take([own or 0])
        members = np.array([kind in (None, e.kind) for e in self.embeddings]) if kind else np.ones(len(self), bool)
        if exclude_self and own is not None:
            members[own] = False
        candidates = np.flatnonzero(members)
        cosines = cosines_to(target, self.placed, candidates, k if fusion == "cosine" else len(self))
        if own is not None:
            cosines[own] = 1.0
        if fusion == "cosine":
            candidates = foremost(cosines, candidates, k)
        if not len(candidates):
            return ()
        cosines = cosines[candidates]
        orders: Iterable[Any] = -cosines.astype(np.float64).round(DECIMALS)
        if fusion == "rrf":
            ranks = block_ranks(self.placed.take(candidates).vectors(), target.vectors()[0], self.embeddings[0].blocks)
            orders = zip(-reciprocal_rank_fusion(ranks).round(12), ranks.mean(0).round(9), strict=True)
        named = [(self.embeddings[i].name, self.embeddings[i].kind) for i in candidates]
        best = sorted(zip(orders, named, candidates, cosines, strict=True))[:k]
        return tuple(
            Neighbour(*name, self.embeddings[i].family, float(cosine), rank)
            for rank, (_, name, i, cosine) in enumerate(best, 1)
        )

    def _position(self, item: TaskEmbedding) -> int | None:
        """Where this very embedding stands in the space, or None."""
        near = ((i, self.embeddings[i]) for i in self._named.get(item.name, ()))
        return next((i for i, e in near if (e.kind, e.key) == (item.kind, item.key)), None)

    @cached_property
    def _named(self) -> dict[str, list[int]]:
        """Positions by name."""
        found: dict[str, list[int]] = {}
        for i, embedding in enumerate(self.embeddings):
            found.setdefault(embedding.name, []).append(i)
        return found
