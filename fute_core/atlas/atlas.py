"""The atlas that a user looks at: what ships and what the store holds, in one calibrated space."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.added import added_items, known_answers
from fute_core.atlas.gallery import Gallery, Item, load_gallery
from fute_core.atlas.intervals import Intervals, check_over, without_rows
from fute_core.atlas.nearest import COLUMNS, found_in, nearest_rows
from fute_core.atlas.newcomers import shipped_newcomers
from fute_core.atlas.resampled import drawn, keeping
from fute_core.atlas.verdicts import verdict_on
from fute_core.datasets.probes import ProbeSet, load_probes
from fute_core.display import Shown, counted
from fute_core.errors import BadInput
from fute_core.maps.placing import place_among
from fute_core.maps.projection import Projection, project, shipped_projection
from fute_core.space.drawn import Resampled
from fute_core.space.meaning import Meaning
from fute_core.space.placed import Placed
from fute_core.space.resampling import Resampler, half_samples
from fute_core.space.row_spread import Over
from fute_core.space.scale import Scale, fit_scale
from fute_core.space.space import TaskSpace
from fute_core.space.verdict import Verdict
from fute_core.store.session import chosen_store
from fute_core.store.store import Store
from fute_core.tasks import Kind
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Atlas(Shown):
    """The space of one arity as users see it: the shipped gallery and what they added, under the gallery's calibration.

    Nothing that is shipped moves when something is added. Without a gallery, or for another recipe, the calibration is
    fitted on what there is.

    Parameters
    ----------
    items : tuple of Item, length n
        First those that shaped the space, then what ships beside them and shapes nothing, then the user's.
    space : TaskSpace
        Them calibrated, in the same order.
    scale : Scale
        What a similarity in this space means.
    probes : ProbeSet
        The probe texts that vectors are made from.
    gallery : Gallery or None
        What ships; None where nothing does.
    store : Store or None
        Where answers of the user's embeddings are looked for; None for nowhere.
    """

    items: tuple[Item, ...]
    space: TaskSpace
    scale: Scale
    probes: ProbeSet
    gallery: Gallery | None
    store: Store | None = None

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each item stands in `items`, by "kind:name"."""
        return {f"{item.embedding.kind}:{item.embedding.name}": i for i, item in enumerate(self.items)}

    @cached_property
    def meaning(self) -> Meaning:
        """What similarities mean, by what shaped the space: what ships, or everything where nothing does."""
        shaping = self.gallery.items if self.gallery else self.items
        return Meaning.of(self.scale, (item.embedding for item in shaping))

    @cached_property
    def projection(self) -> Projection:
        """The default map: of what ships, or of all where nothing does."""
        if self.gallery is None:
            return project(self.space)
        return shipped_projection(self.gallery.space, self.gallery.coordinates)

    @cached_property
    def coordinates(self) -> NDArray[np.float32]:
        """Places on the default map, float32 (n, 2); newcomers are placed by similarity, and others stay."""
        known = self.gallery.coordinates if self.gallery else self.projection.coordinates
        if len(known) == len(self.items):
            return known
        added = self.space.cosines(range(len(known), len(self.items)), range(len(known)))
        return np.vstack([known, *(place_among(row, known).coordinates for row in added)])

    @cached_property
    def resampler(self) -> Resampler | None:
        """The draws of probe texts behind intervals, the same for all items; None without a gallery."""
        if self.gallery is None:
            return None
        return Resampler(self.space.calibrator, self.gallery.basis, half_samples(len(self.gallery.basis)))

    def resample(self, i: int) -> Resampled | None:
        """Make an item's vector again from resampled probe texts; the last few results are kept.

        Parameters
        ----------
        i : int
            Position in `items`.

        Returns
        -------
        Resampled or None
            None where the item's answers are not known.
        """
        return self._resampled(i)

    @cached_property
    def _resampled(self) -> Callable[[int], Resampled | None]:
        return keeping(self.resampler, self.items, self.space.placed)

    def nearest(
        self, item: str | TaskEmbedding, k: int = 10, kind: Kind | None = None, family: str | None = None,
        interval: Over = "texts",
    ) -> "pd.DataFrame":  # fmt: skip
        """List what does the most similar job.

        Parameters
        ----------
        item : TaskEmbedding or str
            An embedding, which need not be in the atlas, or a name in the atlas ("kind:name" where kinds share it).
        k : int, default 10
            How many at most.
        kind : {"dataset", "model", "prompt"}, optional
            Only these.
        family : str, optional
            Only those that are known to do this job.
        interval : {"texts", "rows", "both"}, default "texts"
            What intervals are over: the probe texts, the rows of the dataset that is asked about, or both. Rows have to
            be at hand: `embed(mine, row_draws=True)`.

        Returns
        -------
        DataFrame
            Nearest first: `name`, `kind`, `family`, `similarity` (calibrated cosine, -1 to 1), `closer_than` (the share
            of pairs of such kinds known to do different jobs that are less similar, 0 to 1), `pairs` (how many such
            pairs are known), `low` and `high`, the 95 % interval of the similarity, and `interval`, what that is over:
            "texts" as well where no rows are at hand. NaN or None where something is not known.

        Raises
        ------
        BadInput
            For a name, kind or family that the atlas does not have.
        Incomparable
            For an embedding that was made in another way than the atlas.

        Examples
        --------
        >>> import fute_core as fute
        >>> atlas = fute.open_atlas()
        >>> atlas.nearest("sst2", k=3, kind="dataset")["family"].unique().tolist()
        ['sentiment']
        """
        import pandas as pd

        return pd.DataFrame(self.nearest_rows(item, k, kind, family, interval), columns=list(COLUMNS))

    def nearest_rows(
        self, item: str | TaskEmbedding, k: int = 10, kind: Kind | None = None, family: str | None = None,
        interval: Over = "texts",
    ) -> list[dict[str, Any]]:  # fmt: skip
        """List the same as `nearest` without pandas.

        Parameters
        ----------
        item : TaskEmbedding or str
            As for `nearest`.
        k : int, default 10
            As for `nearest`.
        kind, family, interval : str, optional
            As for `nearest`.

        Returns
        -------
        list of dict
            Its rows.
        """
        embedding, own = found_in(self.space, item)
        placed = self.space.place(embedding) if own is None else self.space.placed.take([own])
        between = self._intervals(embedding, own, placed, interval).between
        return nearest_rows(
            self.space, self.meaning, embedding, placed, between, k=k, kind=kind, family=family, leave_out=own
        )

    def verdict(self, item: str | TaskEmbedding) -> Verdict | None:
        """Tell whether something does a job that the atlas knows.

        Parameters
        ----------
        item : TaskEmbedding or str
            An embedding, which need not be in the atlas, or a name in the atlas.

        Returns
        -------
        Verdict or None
            None where there is no dataset to judge by.
        """
        embedding, own = found_in(self.space, item)
        placed = self.space.place(embedding) if own is None else self.space.placed.take([own])
        return verdict_on(self.space, self.meaning, embedding, placed, own)

    def _title(self) -> str:
        return f"Atlas of {'pairs of texts' if self.probes.pair else 'single texts'}"

    def _facts(self) -> dict[str, str]:
        embeddings = [item.embedding for item in self.items]
        kinds: tuple[Kind, ...] = ("dataset", "model", "prompt")
        made = embeddings[0].provenance
        return {
            "items": ", ".join(counted(sum(e.kind == kind for e in embeddings), kind) for kind in kinds),
            "yours": f"{sum(not item.facts.get('shipped', True) for item in self.items):,}",
            "families": f"{len({e.family for e in embeddings if e.family}):,}",
            "made by": f"{made.method} on {made.surrogate}",
        }

    def intervals(self, i: int, j: int, over: Over = "texts") -> tuple[float, float] | None:
        """Interval of a similarity.

        Parameters
        ----------
        i, j : int
            Positions in `items`.
        over : {"texts", "rows", "both"}, default "texts"
            Over the probe texts, the rows of the first item, or both.

        Returns
        -------
        tuple of (float, float) or None
            Lower and upper end at 95 %, between -1 and 1; None where the answers of one, or the rows that are wanted,
            are not known.
        """
        if i == j:
            return 1.0, 1.0
        known = self._intervals(self.items[i].embedding, i, self.space.placed.take([i]), over)
        found = known.between(j, float(self.space.cosines([i], [j])[0, 0]))
        return found[:2] if found is not None and found[2] == over else None

    def _intervals(self, embedding: TaskEmbedding, own: int | None, placed: Placed, over: Over) -> Intervals:
        check_over(over)
        if own is None:
            draws = drawn(self.resampler, Item(embedding, {}, known_answers(embedding, self.store)), placed)
        else:
            draws = self.resample(own)
        rows = over != "texts" and self.resampler is not None
        without = without_rows(self.space, embedding, self.store) if rows else None
        return Intervals(self.space, self.resampler, self.resample, draws, without, over != "rows")


def open_atlas(pair: bool = False, store: Store | Literal[False] | None = None) -> Atlas:
    """Open the atlas of single texts or of text pairs.

    Parameters
    ----------
    pair : bool, default False
        Text pairs instead of single texts.
    store : Store, False or None
        Whose embeddings are added, those in the gallery's space, else in the largest space there is: your own store by
        default; False adds none.

    Returns
    -------
    Atlas
        At least one item.

    Raises
    ------
    BadInput
        Where there is neither a gallery nor an embedding, and for a `pair` that is not True or False.

    Examples
    --------
    >>> import fute_core as fute
    >>> len(fute.open_atlas(pair=True, store=False).items)
    108
    """
    if not isinstance(pair, bool):
        raise BadInput(f"pair is {pair!r}; give True for text pairs, False for single texts.")
    own = None if store is False else chosen_store(store)
    gallery = load_gallery(pair)
    shipped = gallery.items if gallery else ()
    beside = shipped_newcomers(pair) if gallery else ()
    added = added_items(own, pair, (*shipped, *beside)) if own is not None else []
    items = (*shipped, *beside, *added)
    if not items:
        raise BadInput("There is nothing to show yet; make embeddings with `fute embed dataset all`.")
    embeddings = [item.embedding for item in (*beside, *added)]
    space = gallery.space.with_new(*embeddings) if gallery else TaskSpace(embeddings)
    scale = gallery.scale if gallery else fit_scale(space)
    return Atlas(items, space, scale, load_probes(pair), gallery, own)
