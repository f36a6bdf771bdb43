"""Which embeddings may be compared, and what makes others incomparable."""

from collections import Counter
from collections.abc import Iterable, Sequence

from fute_core.errors import BadInput, Incomparable
from fute_core.vectors import TaskEmbedding


def split_spaces(embeddings: Iterable[TaskEmbedding]) -> list[list[TaskEmbedding]]:
    """Group embeddings that may be compared.

    Parameters
    ----------
    embeddings : iterable of TaskEmbedding
        Of any spaces.

    Returns
    -------
    list of list of TaskEmbedding
        Groups fit for a TaskSpace each; the largest first, else in order of appearance.
    """
    groups: dict[tuple[object, ...], list[TaskEmbedding]] = {}
    for item in embeddings:
        groups.setdefault((*item.space().values(), item.length), []).append(item)
    return sorted(groups.values(), key=len, reverse=True)


def check_comparable(embeddings: Sequence[TaskEmbedding]) -> None:
    """Check that embeddings lie in one space.

    Parameters
    ----------
    embeddings : sequence of TaskEmbedding
        At least one.

    Raises
    ------
    Incomparable
        Naming the odd ones out and what differs.
    """
    groups = split_spaces(embeddings)
    if len(groups) < 2:
        return
    most, odd = groups[0], [item for group in groups[1:] for item in group]
    names = ", ".join(repr(item.name) for item in odd[:3]) + (f" and {len(odd) - 3} more" if len(odd) > 3 else "")
    told = _differences(odd[0], most[0])
    raise Incomparable(f"{names} cannot be compared with {most[0].name!r}: {told}; embed all of them the same way.")


def _differences(one: TaskEmbedding, other: TaskEmbedding) -> str:
    pairs = {field: (value, other.space()[field]) for field, value in one.space().items()}
    pairs["vector length"] = (one.length, other.length)
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
