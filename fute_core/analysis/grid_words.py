"""What a grid of prompts by models says, in sentences and in rows that the page and the command share."""

from typing import Any

from fute_core.analysis.grid import Carried, Grid
from fute_core.analysis.two_way import Effect

SURE = {
    "models": "The choice of model moves accuracy by about {}.",
    "prompts": "The choice of prompt moves it by about {}.",
    "rest": "Prompts do not simply carry over: from model to model the lead of one over another changes by about {}.",
}
UNSURE = {
    "models": "What the choice of model does cannot be told from chance; it is at most about {}.",
    "prompts": "What the choice of prompt does cannot be told from chance; it is at most about {}.",
    "rest": "As far as can be told, prompts keep their lead on another model; it changes by at most about {}.",
}


def effects_words(grid: Grid) -> list[str]:
    """Say what the choice of model and of prompt does to accuracy, and whether prompts keep their lead.

    Parameters
    ----------
    grid : Grid
        Prompts by models.

    Returns
    -------
    list of str
        A sentence for each of model, prompt and rest; where one cannot be told, a sentence says why.
    """
    if len(grid.measured) < 2:
        return ["Too few cells have an accuracy to tell what the prompt does and what the model does."]
    effects = grid.effects
    columns = {cell.model for cell in grid.measured}
    if effects.prompts is None and effects.models is None:
        return ["The models share too few prompts to tell what the prompt does and what the model does apart."]
    said = []
    if len(columns) == 1:
        said.append(f"All accuracies are of {grid.measured[0].model}, so what the choice of model does cannot be told.")
    for name in SURE:
        if (effect := getattr(effects, name)) is not None:
            said.append((SURE if effect.sure else UNSURE)[name].format(points(effect)))
    if len(columns) > 1 and effects.rest is None:
        said.append("Whether prompts keep their lead on another model cannot be told from so few cells.")
    return said


def points(effect: Effect) -> str:
    """Tell an effect in points of accuracy.

    Parameters
    ----------
    effect : Effect
        In accuracy, 0 to 1.

    Returns
    -------
    str
        Such as "9 points (95 % interval 4 to 14)"; of an effect that may be chance the upper end comes first.
    """
    told = effect.typical if effect.sure else effect.high
    return f"{100 * told:.0f} points (95 % interval {100 * effect.low:.0f} to {100 * effect.high:.0f})"


def carried_words(grid: Grid) -> list[str]:
    """Say what becomes of the best prompt of each model on the others.

    Parameters
    ----------
    grid : Grid
        Prompts by models.

    Returns
    -------
    list of str
        A sentence for each two models that have the same best prompt, else one for each way.
    """
    said = []
    for carried in grid.carried:
        best, there = carried.best, carried.there
        if best.prompt != carried.best_there.prompt:
            said.append(_carried(carried))
        elif grid.models.index(best.model) < grid.models.index(there.model):
            said.append(
                f"The best prompt is the same on {best.model} ({percent(best.accuracy)}) and on {there.model} "
                f"({percent(there.accuracy)}): {best.prompt}."
            )
    return said


def _carried(carried: Carried) -> str:
    best, there, rival = carried.best, carried.there, carried.best_there
    end = "it cannot be told from" if carried.as_good else "it is surely behind"
    return (
        f"The best prompt on {best.model}, {best.prompt} ({percent(best.accuracy)}), reaches {percent(there.accuracy)} "
        f"on {there.model}, where {end} the best, {rival.prompt} ({percent(rival.accuracy)})."
    )


def percent(accuracy: float) -> str:
    """Tell an accuracy.

    Parameters
    ----------
    accuracy : float
        From 0 to 1.

    Returns
    -------
    str
        Such as "91 %".
    """
    return f"{100 * accuracy:.0f} %"


def grid_json(grid: Grid) -> dict[str, Any]:
    """Write a grid as JSON values.

    Parameters
    ----------
    grid : Grid
        What `make_grid` gave.

    Returns
    -------
    dict
        `dataset`, `models`, `cells` with a row for each, `effects` by "prompts", "models" and "rest" (None for what
        cannot be told) and `carried`. Accuracies are from 0 to 1, None where they were not measured.
    """
    effects = {name: getattr(grid.effects, name) for name in ("prompts", "models", "rest")}
    return {
        "dataset": grid.dataset,
        "models": list(grid.models),
        "cells": grid_rows(grid),
        "effects": {
            name: e and {"typical": round(e.typical, 4), "low": round(e.low, 4), "high": round(e.high, 4)}
            for name, e in effects.items()
        },
        "carried": [
            {"prompt": c.best.prompt, "from": c.best.model, "to": c.there.model, "accuracy": c.there.accuracy,
             "best": c.best_there.prompt, "best_accuracy": c.best_there.accuracy, "as_good": c.as_good}
            for c in grid.carried
        ],
    }  # fmt: skip


def grid_rows(grid: Grid) -> list[dict[str, Any]]:
    """Write the cells as rows of a table.

    Parameters
    ----------
    grid : Grid
        What `make_grid` gave.

    Returns
    -------
    list of dict
        prompt, model, name (of the item), accuracy, low, high, rows and group; None for what was not measured, and for
        the name of what was not asked.
    """
    rows = []
    for prompt in grid.prompts:
        for model in grid.models:
            cell = grid.cells.get((prompt, model))
            known = cell is not None and cell.rows > 0
            rows.append(
                {"prompt": prompt, "model": model, "name": cell.item.embedding.name if cell else None,
                 "accuracy": round(cell.accuracy, 4) if cell and known else None,
                 "low": round(cell.low, 4) if cell and known else None,
                 "high": round(cell.high, 4) if cell and known else None,
                 "rows": cell.rows if cell else 0, "group": grid.groups.get((prompt, model))}
            )  # fmt: skip
    return rows
