"""Whether two datasets do each other's job, tried on their rows in a thread."""

from typing import TYPE_CHECKING

from dashboard.reads import background, data, own_rows
from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.analysis.swapped_heads import Swap
    from fute_core.atlas.gallery import Item
    from fute_core.tasks import TaskDataset

ROWS = 400
"""Of each dataset at most, as in `fute swap`."""


def labelled_rows(item: "Item") -> "TaskDataset | None":
    """Rows of a dataset with labels; None for scores, and where the rows are not known any more."""
    return own_rows.rows(item, ROWS)


def swapped(one: "Item", other: "Item") -> "tuple[Swap, Swap] | None":
    """What came of it; None as long as it is not done. Raises the FuteError that says why it cannot be tried."""
    return background.soon("heads swapped", one.embedding.key, other.embedding.key, make=lambda: _tried(one, other))


def _tried(one: "Item", other: "Item") -> "tuple[Swap, Swap]":
    from fute_core.analysis.swapped_heads import swap_heads
    from fute_core.models.surrogate import load_surrogate

    first, second = labelled_rows(one), labelled_rows(other)
    if first is None or second is None:
        gone = (one if first is None else other).embedding.name
        raise BadInput(f"The rows of {gone!r} are not known here any more; upload the file again.")
    return swap_heads(first, second, load_surrogate(one.embedding.provenance.surrogate, data.store()))


def rows(swaps: "tuple[Swap, Swap]") -> list[dict[str, object]]:
    """As a table: skills, and the share of the job with its interval."""
    return [
        {
            "rows of": s.rows_of, "heads of": s.head_of, "share of the job": s.share.value if s.share else None,
            "from": s.share.low if s.share else None, "to": s.share.high if s.share else None,
            "skill": s.other.value, "skill of own heads": s.own.value, "skill of random heads": s.random,
            "rows": s.rows,
        }
        for s in swaps
    ]  # fmt: skip
