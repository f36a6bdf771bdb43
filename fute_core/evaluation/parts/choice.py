"""Which datasets an evaluation takes: shipped ones, and those of a folder of one's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fute_core.datasets.catalog import shipped_datasets
from fute_core.errors import BadInput
from fute_core.evaluation.parts.rows import Parts, dataset_parts, even, take
from fute_core.home import DATA

Place = tuple[Path, str]
"""Folder and name of a dataset."""


@dataclass(frozen=True)
class Choice:
    """Which data an evaluation takes: everything, or a small part of it.

    Parameters
    ----------
    folder : Path, optional
        Datasets of one's own, measured beside the shipped ones.
    names : tuple of str, optional
        Only these of the shipped datasets.
    rows : int, optional
        So many rows at most make a dataset's embedding.
    """

    folder: Path | None = None
    names: tuple[str, ...] | None = None
    rows: int | None = None


def chosen_parts(choice: Choice, tell: Callable[[str], None] = lambda message: None) -> Mapping[Place, Parts]:
    """Load every classification dataset of a choice.

    Parameters
    ----------
    choice : Choice
        What to take.
    tell : callable
        Hears which datasets are left out, since they have scores.

    Returns
    -------
    mapping of (Path, str) to Parts
        The parts of each dataset, by folder and name.

    Raises
    ------
    BadInput
        As `own_parts` raises it.
    """
    found = {(DATA, name): dataset_parts(name) for name in choice.names or shipped_datasets()}
    found |= own_parts(choice.folder) if choice.folder else {}
    if scores := [name for (_, name), parts in found.items() if parts.dte.regression]:
        tell(f"Left out, since they have scores in place of labels: {', '.join(scores)}.")
    return {
        place: replace(parts, dte=take(parts.dte, even(parts.dte.targets, choice.rows))) if choice.rows else parts
        for place, parts in found.items()
        if not parts.dte.regression
    }


def own_parts(folder: Path) -> dict[Place, Parts]:
    """Load every dataset of a folder of one's own.

    Parameters
    ----------
    folder : Path
        Has `datasets.json` and `datasets/NAME.jsonl`.

    Returns
    -------
    dict of (Path, str) to Parts
        The parts of each dataset, by folder and name.

    Raises
    ------
    BadInput
        A file cannot be read, or a dataset has the name of a shipped one.
    """
    own = shipped_datasets(folder)
    if twice := [name for name in own if name in shipped_datasets()]:
        raise BadInput(f"{folder} has a dataset {twice[0]!r}, and so have the shipped ones; rename it.")
    return {(folder, name): dataset_parts(name, folder) for name in own}
