"""The space a user looks at: what ships and what the store holds, as far as it can be compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.atlas.gallery import Gallery, Item, load_gallery
from fute_core.datasets.probes import ProbeSet, load_probes
from fute_core.errors import BadInput
from fute_core.maps.projection import Projection, place, project, shipped_projection
from fute_core.methods.functional import log_odds
from fute_core.space.calibration import Calibrator
from fute_core.space.resampling import Bootstrap, Resampled, interval, text_counts
from fute_core.space.scale import Scale, fit_scale
from fute_core.space.space import TaskSpace, split_spaces
from fute_core.store.keys import answers_key
from fute_core.tasks import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store


def comparable(embeddings: Iterable[TaskEmbedding], to: TaskEmbedding) -> list[TaskEmbedding]:
    """Those in the same space as `to`, without `to` itself: the shipped one of each name and kind, else the newest."""
    newest: dict[tuple[str, str], TaskEmbedding] = {}
    for item in (*sorted(embeddings, key=lambda e: e.provenance.created), *_shipped(to)):
        if item.space() == to.space() and (item.name, item.kind) != (to.name, to.kind):
            newest[item.name, item.kind] = item
    return list(newest.values())


def nearest_of_each(
    stored: Iterable[TaskEmbedding], embeddings: Sequence[TaskEmbedding], k: int
) -> list[dict[str, Any]]:
    """For each embedding its k nearest among the stored and the shipped ones that compare with it, as JSON values.

    Under `neighbours` a row each; share : of pairs known to do different jobs that are as similar, None where there are
    none. Under `notes`, what to know about the calibration. Embeddings that meet the same others share one space, which
    is calibrated once.
    """
    stored = list(stored)
    spaces: dict[frozenset, TaskSpace] = {}
    return [_nearest(comparable(stored, embedding), embedding, k, spaces) for embedding in embeddings]


def _nearest(
    others: Sequence[TaskEmbedding], embedding: TaskEmbedding, k: int, spaces: dict[frozenset, TaskSpace]
) -> dict[str, Any]:
    if not others:
        return {"neighbours": [], "notes": []}
    members = frozenset((e.name, e.kind, e.key) for e in (*others, embedding))
    if members not in spaces:
        spaces[members] = TaskSpace([*others, embedding], calibrator=shipped_calibrator(embedding))
    space = spaces[members]
    gallery = load_gallery(embedding.provenance.pair)
    known = gallery is not None and space.calibrator is gallery.calibrator
    own = space.index(embedding.name, embedding.kind)
    scale = Scale(gallery.null) if known else fit_scale(space, [i for i in range(len(space)) if i != own])
    found = space.neighbours(embedding.name, k, of_kind=embedding.kind)
    rows = []
    for n in found:
        share = scale.share(embedding.kind, n.kind, n.similarity)
        row = {"name": n.name, "kind": n.kind, "family": n.family, "similarity": round(float(n.similarity), 4)}
        rows.append({**row, "share": None if np.isnan(share) else round(share, 4)})
    return {"neighbours": rows, "notes": list(space.notes)}


def shipped_calibrator(of: TaskEmbedding) -> Calibrator | None:
    """The gallery's calibrator where `of` lies in its space, so that a lone new item lands right; else None."""
    gallery = load_gallery(of.provenance.pair)
    return gallery.calibrator if gallery and gallery.calibrator.space_ == of.space() else None


def _shipped(to: TaskEmbedding | None = None) -> list[TaskEmbedding]:
    """Embeddings of the gallery: of the arity of `to`, or all."""
    arities = (False, True) if to is None else (to.provenance.pair,)
    return [i.embedding for pair in arities if (gallery := load_gallery(pair)) for i in gallery.items]


def select_space(
    embeddings: Iterable[TaskEmbedding],
    *,
    names: Sequence[str] = (),
    method: str | None = None,
    surrogate: str | None = None,
    pairs: bool | None = None,
) -> list[TaskEmbedding]:
    """The comparable embeddings meant by the given choices, shipped ones included: the largest space with all `names`.

    names : "name" or "kind:name". Raises BadInput where nothing fits, and says what is there.
    """
    pool = [
        e
        for e in (*sorted(embeddings, key=lambda e: e.provenance.created), *_shipped())
        if (method is None or e.provenance.method == method)
        and (surrogate is None or e.provenance.surrogate == surrogate)
        and (pairs is None or e.provenance.pair == pairs)
    ]
    if not pool:
        wanted = ", ".join(str(w) for w in (method, surrogate, {True: "pairs", False: "single texts"}.get(pairs)) if w)
        raise BadInput(
            f"The store has no embeddings{f' for {wanted}' if wanted else ''}; make some with `fute embed dataset all`."
        )
    groups: dict[tuple, dict[tuple[str, str], TaskEmbedding]] = {}
    for item in pool:
        groups.setdefault(tuple(item.space().values()), {})[item.name, item.kind] = item
    fitting = [list(g.values()) for g in groups.values() if set(names) <= _names(g.values())]
    if fitting:
        return max(fitting, key=lambda g: (len(g), g[0].provenance.method == "fused"))
    known = _names(pool)
    if missing := [name for name in names if name not in known]:
        import difflib

        near = difflib.get_close_matches(missing[0], known, 1)
        guess = f"; did you mean {near[0]!r}?" if near else "; `fute list embeddings` shows what there is."
        raise BadInput(f"Nothing called {missing[0]!r} has been embedded{guess}")
    raise BadInput(
        f"{', '.join(names)} are in no common space (other method, surrogate, probe texts, or pairs against single "
        "texts); embed them the same way first."
    )


def _names(embeddings: Iterable[TaskEmbedding]) -> set[str]:
    """What each may be called: its name, and "kind:name"."""
    return {called for e in embeddings for called in (e.name, f"{e.kind}:{e.name}")}


@dataclass(frozen=True)
class Atlas:
    """The space of one arity as users see it: the shipped gallery and what they added, under the gallery's calibration.

    Nothing that is shipped moves when something is added. Without a gallery, or for another recipe, the calibration is
    fitted on what there is.
    """

    items: tuple[Item, ...]
    space: TaskSpace
    scale: Scale
    probes: ProbeSet
    gallery: Gallery | None

    @cached_property
    def projection(self) -> Projection:
        """The default map: of the gallery, where there is one."""
        if self.gallery is None:
            return project(self.space)
        shipped = self.space.vectors[: len(self.gallery.items)]
        return shipped_projection(shipped, self.gallery.coordinates)

    @cached_property
    def coordinates(self) -> np.ndarray:
        """Places on the default map, float32 (n, 2): the user's items are placed, and move nothing."""
        known = self.gallery.coordinates if self.gallery else self.projection.coordinates
        # Judging the map takes seconds, so it waits until something has to be placed on it.
        added = [place(self.projection, v).coordinates for v in self.space.vectors[len(known) :]]
        return np.vstack([known, *added]) if added else known

    @cached_property
    def bootstrap(self) -> Bootstrap | None:
        if self.gallery is None:
            return None
        return Bootstrap(self.space.calibrator, self.gallery.basis, text_counts(len(self.gallery.basis)))

    def resample(self, i: int) -> Resampled | None:
        """Item i under resampled probe texts, or None where its answers are not known."""
        item = self.items[i]
        if item.answers is None or self.bootstrap is None:
            return None
        known = self._resampled.get(i)
        if known is None:
            answers, vector = log_odds(item.answers), self.space.vectors[i]
            known = self._resampled[i] = self.bootstrap.resample(item.embedding, answers, vector)
        return known

    @cached_property
    def _resampled(self) -> dict[int, Resampled]:
        return {}

    def intervals(self, i: int, j: int) -> tuple[float, float] | None:
        """95 % bootstrap interval of a similarity over probe texts; None where answers are missing."""
        if i == j:
            return 1.0, 1.0
        one, other = self.resample(i), self.resample(j)
        if one is None or other is None:
            return None
        cosine = float(self.space.vectors[i] @ self.space.vectors[j])
        return interval(self.bootstrap.similarities(one, other, cosine))


def open_atlas(pair: bool = False, store: "Store | None" = None) -> Atlas:
    """The atlas of single texts or of pairs. Raises BadInput where there is neither a gallery nor an embedding."""
    gallery = load_gallery(pair)
    shipped = gallery.items if gallery else ()
    added = _added(store, pair, shipped)
    items = (*shipped, *added)
    if not items:
        raise BadInput("There is nothing to show yet; make embeddings with `fute embed dataset all`.")
    embeddings = [item.embedding for item in added]
    space = gallery.space.with_new(*embeddings) if gallery else TaskSpace(embeddings)
    scale = Scale(gallery.null) if gallery else fit_scale(space)
    return Atlas(items, space, scale, load_probes(pair), gallery)


def _added(store: "Store | None", pair: bool, shipped: Sequence[Item]) -> list[Item]:
    """The store's own embeddings in the shipped space (else its largest), the newest of each name; no shipped twins."""
    if store is None:
        return []
    found = [e for e in store.embeddings() if e.provenance.pair == pair]
    if shipped:
        wanted = shipped[0].embedding.space()
        found = [e for e in found if e.space() == wanted]
    elif found:
        found = max(split_spaces(found), key=len)
    taken = {(i.embedding.name, i.embedding.kind) for i in shipped}
    keys = {i.embedding.key for i in shipped}
    newest: dict[tuple[str, str], TaskEmbedding] = {}
    for embedding in found:
        if embedding.key not in keys and (embedding.name, embedding.kind) not in taken:
            newest[embedding.name, embedding.kind] = embedding
    return [Item(e, {**e.provenance.details, "shipped": False}, stored_answers(store, e.key)) for e in newest.values()]


def stored_answers(store: "Store", key: str) -> np.ndarray | None:
    """Label distributions (m, k) on the probe texts that were stored with an embedding, or None."""
    value = store.get(answers_key(key))
    return None if value is None else value[0].get("answers")
