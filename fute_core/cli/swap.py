"""`fute swap`: whether two datasets do each other's job, tried on their rows."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from fute_core.cli.device import on_device
from fute_core.cli.output import emit_json, emit_table, say
from fute_core.cli.surrogate import surrogate_option

if TYPE_CHECKING:
    from fute_core.analysis.swapped_heads import Measured
    from fute_core.tasks import TaskDataset


@click.command()
@click.argument("first", metavar="DATASET")
@click.argument("second", metavar="DATASET")
@click.option("--rows", type=click.IntRange(min=20), default=400, show_default=True, help="Of each, at most.")
@click.option("--text-column", help="Column of the texts of files.  [default: by name and content]")
@click.option("--text-pair-column", help="Column of the second texts of pairs.")
@click.option("--label-column", help="Column of the labels of files.  [default: by name and content]")
@surrogate_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@on_device
def swap(first: str, second: str, rows: int, surrogate: str, as_json: bool, **columns: str | None) -> None:
    """Whether two datasets do each other's job, tried on their rows.

    Each DATASET is a shipped name, a file or a Hub id, with labels. The heads of one, those that its embedding is made
    from, answer the rows of the other, whose labels are then read off these answers. What that gives, beside what its
    own heads give on rows that they have not seen, is the share of its job that the others do.
    """
    from fute_core.analysis.swapped_heads import swap_heads
    from fute_core.datasets.catalog import load_dataset, shipped_datasets
    from fute_core.models.surrogate import load_surrogate
    from fute_core.store.unnamed import UnnamedStore

    def opened(ref: str) -> "TaskDataset":
        of_files: dict[str, Any] = {} if ref in shipped_datasets() else columns
        return load_dataset(ref, limit=rows, **of_files)

    one, other = opened(first), opened(second)
    swaps = swap_heads(one, other, load_surrogate(surrogate, UnnamedStore()))
    if as_json:
        emit_json([asdict(swap) | {"why": swap.words} for swap in swaps])
        return
    titles = ("rows of", "rows", "skill of own heads", "heads of", "skill", "skill of random heads", "share of the job")
    cells = [
        (s.rows_of, s.rows, _cell(s.own), s.head_of, _cell(s.other), s.random, _cell(s.share) if s.share else "")
        for s in swaps
    ]
    emit_table(f"{swaps[0].rows_of} and {swaps[1].rows_of} with each other's heads", titles, cells)
    for found in swaps:
        say(found.words)


def _cell(of: "Measured") -> str:
    return f"{of.value:z.2f} ({of.low:z.2f} to {of.high:z.2f})"


def register(main: click.Group) -> None:
    """Add `fute swap` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(swap)
