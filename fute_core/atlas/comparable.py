"""Which embeddings share a space with others, among what ships and what the store holds."""

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from fute_core.atlas.gallery import load_gallery
from fute_core.atlas.newcomers import shipped_items, shipped_newcomers
from fute_core.display import counted, listed
from fute_core.errors import BadInput
from fute_core.space.calibration import Calibrator
from fute_core.space.groups import Mode
from fute_core.space.space import TaskSpace
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store


def comparable(embeddings: Iterable[TaskEmbedding], to: TaskEmbedding) -> list[TaskEmbedding]:
    """Choose what an embedding can be compared with: stored and shipped ones in its space, one of each name and kind.

    Parameters
    ----------
    embeddings : iterable of TaskEmbedding
        Stored ones.
    to : TaskEmbedding
        The embedding; itself it is left out.

    Returns
    -------
    list of TaskEmbedding
        Of each name and kind the shipped one, else the newest.
    """
    newest: dict[tuple[str, str], TaskEmbedding] = {}
    for item in (*sorted(embeddings, key=lambda e: e.provenance.created), *_shipped(to)):
        if item.space() == to.space() and (item.name, item.kind) != (to.name, to.kind):
            newest[item.name, item.kind] = item
    return list(newest.values())


def select_space(
    embeddings: Iterable[TaskEmbedding],
    *,
    names: Sequence[str] = (),
    method: str | None = None,
    surrogate: str | None = None,
    pairs: bool | None = None,
) -> list[TaskEmbedding]:
    """Find the comparable embeddings that the given choices mean, shipped ones included.

    Of several spaces that fit, the one with most items is taken, and of equal ones that of the method "fused".

    Parameters
    ----------
    embeddings : iterable of TaskEmbedding
        Stored ones.
    names : sequence of str
        Items that have to be in the space, as "name" or "kind:name".
    method : str, optional
        Only embeddings of this method.
    surrogate : str, optional
        Only embeddings of this surrogate.
    pairs : bool, optional
        Only text pairs, or only single texts.

    Returns
    -------
    list of TaskEmbedding
        All of one space, one of each name and kind.

    Raises
    ------
    BadInput
        Where nothing fits; says what is there.
    """
    pool = [
        e
        for e in (*sorted(embeddings, key=lambda e: e.provenance.created), *_shipped())
        if (method is None or e.provenance.method == method)
        and (surrogate is None or e.provenance.surrogate == surrogate)
        and (pairs is None or e.provenance.pair == pairs)
    ]
    if not pool:
        arity = None if pairs is None else "pairs" if pairs else "single texts"
        wanted = ", ".join(w for w in (method, surrogate, arity) if w)
        raise BadInput(
            f"The store has no embeddings{f' for {wanted}' if wanted else ''}; make some with `fute embed dataset all`."
        )
    groups: dict[tuple[str, ...], dict[tuple[str, str], TaskEmbedding]] = {}
    for item in pool:
        groups.setdefault(tuple(item.space().values()), {})[item.name, item.kind] = item
    fitting = [list(g.values()) for g in groups.values() if set(names) <= _names(g.values())]
    if fitting:
        return max(fitting, key=lambda g: (len(g), g[0].provenance.method == "fused"))
    known = _names(pool)
    if missing := [name for name in names if name not in known]:
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


def shipped_calibrator(of: TaskEmbedding) -> Calibrator | None:
    """Give the gallery's calibrator, so that a single new item lands right without others of its kind.

    Parameters
    ----------
    of : TaskEmbedding
        The item to place.

    Returns
    -------
    Calibrator or None
        None where the item does not lie in the gallery's space.
    """
    gallery = load_gallery(of.provenance.pair)
    return gallery.calibrator if gallery and gallery.calibrator.space_ == of.space() else None


def read_otherwise(embedding: TaskEmbedding) -> str:
    """Say that something was read with another encoder than the atlas, so that it is compared with nothing in it.

    Parameters
    ----------
    embedding : TaskEmbedding
        Any.

    Returns
    -------
    str
        A sentence with what to do; empty for what the encoder of the atlas read.
    """
    gallery = load_gallery(embedding.provenance.pair)
    own, atlas = embedding.provenance, gallery.items[0].embedding.provenance if gallery else None
    if atlas is None or (own.surrogate, own.surrogate_digest) == (atlas.surrogate, atlas.surrogate_digest):
        return ""
    return (
        f"{embedding.name} was read with {own.surrogate}, and the atlas with {atlas.surrogate}: embed it again to "
        "compare them."
    )


def told_of_other_readers(store: "Store", pair: bool) -> tuple[str, ...]:
    """Say what of a store other encoders than that of the atlas have read, so that the atlas does not show it.

    Parameters
    ----------
    store : Store
        Whose embeddings are looked at.
    pair : bool
        Those over text pairs instead of single texts.

    Returns
    -------
    tuple of str
        A sentence for each encoder, of names that the encoder of the atlas has not read as well, and that do not ship.
    """
    gallery = load_gallery(pair)
    if gallery is None:
        return ()
    atlas = gallery.items[0].embedding.provenance
    known = {(item.embedding.name, item.embedding.kind) for item in gallery.items}
    apart: dict[str, dict[tuple[str, str], str]] = {}
    for header in store.headers():
        own = header.provenance
        if own.pair != pair:
            continue
        if (own.surrogate, own.surrogate_digest) == (atlas.surrogate, atlas.surrogate_digest):
            known.add((header.name, header.kind))
        else:
            apart.setdefault(own.surrogate, {})[header.name, header.kind] = header.name
    left = {reader: [name for of, name in names.items() if of not in known] for reader, names in apart.items()}
    return tuple(
        f"Not in this atlas, which is of {atlas.surrogate}: {counted(len(names), 'item')} of yours, read with "
        f"{'other weights of ' if reader == atlas.surrogate else ''}{reader}; embed again to see here: {listed(names)}."
        for reader, names in sorted(left.items())
        if names
    )


def calibrated(embeddings: Sequence[TaskEmbedding], calibration: Mode) -> TaskSpace:
    """Put embeddings into a space that is calibrated by them, but by nothing that ships to shape nothing.

    Parameters
    ----------
    embeddings : sequence of TaskEmbedding
        Of one space, as `select_space` gives them.
    calibration : str
        See `Calibrator`.

    Returns
    -------
    TaskSpace
        Of all of them; what ships beside the gallery comes last.
    """
    keys = {i.embedding.key for i in shipped_newcomers(embeddings[0].provenance.pair)}
    shaping = [e for e in embeddings if e.key not in keys]
    return TaskSpace(shaping, calibration=calibration).with_new(*(e for e in embeddings if e.key in keys))


def _shipped(to: TaskEmbedding | None = None) -> list[TaskEmbedding]:
    """Embeddings that ship: of the arity of `to`, or all."""
    arities = (False, True) if to is None else (to.provenance.pair,)
    return [i.embedding for pair in arities for i in shipped_items(pair)]
