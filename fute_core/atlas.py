"""The space a user looks at: what the store holds, grouped by what can be compared."""

from collections.abc import Iterable, Sequence
from typing import Any

from fute_core.errors import BadInput
from fute_core.tasks import TaskEmbedding


def comparable(embeddings: Iterable[TaskEmbedding], to: TaskEmbedding) -> list[TaskEmbedding]:
    """Those in the same space as `to`, the newest of each name and kind, without `to` itself."""
    newest: dict[tuple[str, str], TaskEmbedding] = {}
    for item in embeddings:
        label = (item.name, item.kind)
        if item.space() != to.space() or label == (to.name, to.kind):
            continue
        if label not in newest or item.provenance.created > newest[label].provenance.created:
            newest[label] = item
    return list(newest.values())


def nearest(others: Sequence[TaskEmbedding], embedding: TaskEmbedding, k: int) -> dict[str, Any]:
    """The k nearest as JSON values under `neighbours`, and what to know about the calibration under `notes`."""
    from fute_core.space import TaskSpace

    if not others:
        return {"neighbours": [], "notes": []}
    space = TaskSpace([*others, embedding])
    found = space.neighbours(embedding.name, k, of_kind=embedding.kind)
    return {
        "neighbours": [
            {"name": n.name, "kind": n.kind, "family": n.family, "similarity": round(float(n.similarity), 4)}
            for n in found
        ],
        "notes": list(space.notes),
    }


def select_space(
    embeddings: Iterable[TaskEmbedding],
    *,
    names: Sequence[str] = (),
    method: str | None = None,
    surrogate: str | None = None,
    pairs: bool | None = None,
) -> list[TaskEmbedding]:
    """The comparable embeddings meant by the given choices: the largest space that has all `names`.

    Raises BadInput where nothing fits, and says what is there.
    """
    pool = [
        e
        for e in embeddings
        if (method is None or e.provenance.method == method)
        and (surrogate is None or e.provenance.surrogate == surrogate)
        and (pairs is None or e.provenance.pair == pairs)
    ]
    if not pool:
        wanted = ", ".join(
            str(w) for w in (method, surrogate, {True: "pairs", False: "single texts"}.get(pairs)) if w
        )
        raise BadInput(
            f"The store has no embeddings{f' for {wanted}' if wanted else ''}; make some with `fute embed dataset all`."
        )
    groups: dict[tuple, dict[tuple[str, str], TaskEmbedding]] = {}
    for item in sorted(pool, key=lambda e: e.provenance.created):
        groups.setdefault(tuple(item.space().values()), {})[item.name, item.kind] = item
    fitting = [list(g.values()) for g in groups.values() if set(names) <= {name for name, _ in g}]
    if fitting:
        return max(fitting, key=lambda g: (len(g), g[0].provenance.method == "fused"))
    known = {e.name for e in pool}
    if missing := [name for name in names if name not in known]:
        import difflib

        near = difflib.get_close_matches(missing[0], known, 1)
        guess = f"; did you mean {near[0]!r}?" if near else "; `fute list embeddings` shows what there is."
        raise BadInput(f"Nothing called {missing[0]!r} has been embedded{guess}")
    raise BadInput(
        f"{', '.join(names)} are in no common space (other method, surrogate, probe texts, or pairs against single "
        "texts); embed them the same way first."
    )
