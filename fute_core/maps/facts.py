"""What is known of each item of a space, as columns of a table for other tools."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fute_core.display import KIND_NAME

if TYPE_CHECKING:
    from fute_core.space.space import TaskSpace


def fact_columns(space: "TaskSpace", facts: Sequence[Mapping[str, Any]] | None = None) -> dict[str, list[Any]]:
    """List what is known of each item.

    Parameters
    ----------
    space : TaskSpace
        The n items.
    facts : sequence of mapping, length n, optional
        labels, skill and accuracy, as far as they are known; by default what was kept with each embedding.

    Returns
    -------
    dict of str to list
        Columns of n cells: name, kind (as people read it), family, method, surrogate, n_texts, labels (a list), skill,
        accuracy, key, id ("kind:name"). None where something is not known.
    """
    items = space.embeddings
    known = [e.provenance.details for e in items] if facts is None else facts
    return {
        "name": [_text(e.name) for e in items],
        "kind": [KIND_NAME[e.kind] for e in items],
        "family": [None if e.family is None else _text(e.family) for e in items],
        "method": [e.provenance.method for e in items],
        "surrogate": [_text(e.provenance.surrogate) for e in items],
        "n_texts": [e.provenance.n_texts for e in items],
        "labels": [[_text(str(label)) for label in of.get("labels") or ()] for of in known],
        "skill": [_number(of.get("skill")) for of in known],
        "accuracy": [_number(of.get("accuracy")) for of in known],
        "key": [e.key for e in items],
        "id": [_text(f"{e.kind}:{e.name}") for e in items],
    }


def _text(value: str) -> str:
    """Half a character, such as a file's name may have, can be written to no file."""
    return value.encode("utf-8", "replace").decode("utf-8")


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
