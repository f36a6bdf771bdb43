"""Prompts by language models for a dataset: which model suits which task, and whether a prompt carries over."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from math import nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.agreement import same_names
from fute_core.analysis.groups import rank_groups, surely_behind
from fute_core.analysis.skill import wilson
from fute_core.analysis.two_way import TwoWay, two_way, variance

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item

GRID_DRAWS = 2000
"""Of accuracies, from which groups come."""


@dataclass(frozen=True)
class Cell:
    """A prompt on a model.

    Parameters
    ----------
    prompt, model : str
        Its row and its column.
    item : Item
        Of the atlas.
    accuracy : float
        On labelled rows of the dataset, 0 to 1; NaN where it was not measured.
    low, high : float
        Wilson's 95 % interval; NaN where it was not measured.
    rows : int
        How many rows measured it, 0 for none.
    skill : float
        (accuracy - chance) / (1 - chance), 0 for guessing; NaN where it was not measured.
    """

    prompt: str
    model: str
    item: "Item"
    accuracy: float = nan
    low: float = nan
    high: float = nan
    rows: int = 0
    skill: float = nan


@dataclass(frozen=True)
class Carried:
    """The best prompt of one model, taken to another.

    Parameters
    ----------
    best : Cell
        The best of the model that it is taken from.
    there : Cell
        The same prompt on the other model.
    best_there : Cell
        The best of that model.
    as_good : bool
        Whether the two cannot be told apart there.
    """

    best: Cell
    there: Cell
    best_there: Cell
    as_good: bool


@dataclass(frozen=True)
class Grid:
    """Prompts (rows) by models (columns) for a dataset.

    Parameters
    ----------
    dataset : str
        Its name.
    prompts, models : tuple of str
        Rows, the most accurate first and those without a measured cell last; and columns.
    cells : mapping of (str, str) to Cell
        By prompt and model; what was never asked is not in it.
    """

    dataset: str
    prompts: tuple[str, ...]
    models: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]

    @cached_property
    def measured(self) -> tuple[Cell, ...]:
        """Those with an accuracy, the best first."""
        known = [cell for cell in self.cells.values() if cell.rows]
        return tuple(sorted(known, key=lambda cell: (-cell.accuracy, cell.prompt, cell.model)))

    @cached_property
    def groups(self) -> Mapping[tuple[str, str], int]:
        """Group of each measured cell, from 1: none of a group can be told from its best, see `rank_groups`."""
        if not self.measured:
            return {}
        values, samples = _drawn(self.measured)
        numbers = rank_groups(values, samples)
        return {(c.prompt, c.model): int(n) for c, n in zip(self.measured, numbers, strict=True)}

    @cached_property
    def effects(self) -> TwoWay:
        """What the prompt does and what the model does, see `two_way`."""
        accuracy = np.full((len(self.prompts), len(self.models)), nan)
        rows = np.zeros(accuracy.shape)
        for cell in self.measured:
            place = self.prompts.index(cell.prompt), self.models.index(cell.model)
            accuracy[place], rows[place] = cell.accuracy, cell.rows
        return two_way(accuracy, rows)

    @cached_property
    def carried(self) -> tuple[Carried, ...]:
        """For each two models that share at least two measured prompts, what the best of one does on the other."""
        found = []
        for one, other in permutations(self.models, 2):
            here = {c.prompt: c for c in self.measured if c.model == one}
            there = {c.prompt: c for c in self.measured if c.model == other and c.prompt in here}
            if len(there) > 1:
                best = next(cell for cell in here.values() if cell.prompt in there)
                ranked = list(there.values())
                place = list(there).index(best.prompt)
                behind = bool(surely_behind(*_drawn(ranked))[place])
                found.append(Carried(best, ranked[place], ranked[0], not behind))
        return tuple(found)


def make_grid(items: Iterable["Item"], dataset: "Item", models: Sequence[str] = ()) -> Grid:
    """Lay out the prompts that fit a dataset by the language models that they were asked with.

    A prompt fits that was measured on the dataset or is of its family. So does one without a family whose answers have
    the names of two of the dataset's labels.

    Parameters
    ----------
    items : iterable of Item
        Of the atlas.
    dataset : Item
        What the prompts are for.
    models : sequence of str
        Models that have a column even where nothing was asked of them.

    Returns
    -------
    Grid
        Of a prompt that is there twice on one model the one that was measured, else the first, is taken.
    """
    name = dataset.embedding.name
    cells: dict[tuple[str, str], Cell] = {}
    for item in items:
        if item.embedding.kind != "prompt" or not _fits(item, dataset) or not (model := language_model(item)):
            continue
        cell = _cell(prompt_name(item), model, item, name)
        before = cells.get((cell.prompt, model))
        if before is None or (cell.rows and not before.rows):
            cells[cell.prompt, model] = cell
    best: dict[str, float] = {}
    for cell in cells.values():
        best[cell.prompt] = max(best.get(cell.prompt, -1.0), cell.accuracy if cell.rows else -1.0)
    asked = Counter(cell.model for cell in cells.values())
    return Grid(
        name,
        tuple(sorted(best, key=lambda p: (-best[p], p))),
        tuple(dict.fromkeys([*sorted(asked, key=lambda m: (-asked[m], m)), *models])),
        cells,
    )


def with_prompts(items: Sequence["Item"]) -> list["Item"]:
    """List the datasets that at least two prompts fit.

    Parameters
    ----------
    items : sequence of Item
        Of the atlas.

    Returns
    -------
    list of Item
        Those with the most measured prompts first.
    """
    prompts = [i for i in items if i.embedding.kind == "prompt" and language_model(i)]
    found = []
    for item in items:
        if item.embedding.kind == "dataset":
            name = item.embedding.name
            fitting = [p for p in prompts if _fits(p, item)]
            if len(fitting) > 1:
                found.append((-sum(name in (p.facts.get("accuracies") or {}) for p in fitting), name, item))
    return [item for _, _, item in sorted(found, key=lambda row: row[:2])]


def language_model(item: "Item") -> str | None:
    """Tell which language model answered a prompt.

    Parameters
    ----------
    item : Item
        A prompt.

    Returns
    -------
    str or None
        What is known of it, else what its name ends in, as in "my prompt @ smollm2"; None for neither.
    """
    known = item.embedding.language_model or item.facts.get("language_model")
    return str(known) if known else item.embedding.name.rpartition(" @ ")[2] if " @ " in item.embedding.name else None


def prompt_name(item: "Item") -> str:
    """Name a prompt without the language model that it was asked with.

    Parameters
    ----------
    item : Item
        A prompt.

    Returns
    -------
    str
        The same for one prompt on any model.
    """
    if known := item.facts.get("prompt"):
        return str(known)
    return item.embedding.name.removesuffix(f" @ {language_model(item)}")


def _fits(item: "Item", dataset: "Item") -> bool:
    own, name = item.embedding, dataset.embedding.name
    if name in (item.facts.get("accuracies") or {}):
        return True
    if own.family:
        return own.family == dataset.embedding.family
    labels = [tuple(map(str, i.facts.get("labels") or ())) for i in (dataset, item)]
    return int((same_names(*labels) >= 0).sum()) > 1


def _cell(prompt: str, model: str, item: "Item", dataset: str) -> Cell:
    found = (item.facts.get("accuracies") or {}).get(dataset)
    if not found or not found.get("rows"):
        return Cell(prompt, model, item)
    accuracy, rows = float(found["accuracy"]), int(found["rows"])
    return Cell(prompt, model, item, accuracy, *wilson(accuracy, rows), rows, float(found["skill"]))


def _drawn(cells: Sequence[Cell]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Accuracies (n,), and draws of them by their binomial variance (n, GRID_DRAWS), the same for the same cells."""
    values = np.array([c.accuracy for c in cells])
    spread = np.sqrt(variance(values, np.array([float(c.rows) for c in cells])))
    noise = np.random.default_rng(0).standard_normal((len(cells), GRID_DRAWS))
    return values, values[:, None] + spread[:, None] * noise
