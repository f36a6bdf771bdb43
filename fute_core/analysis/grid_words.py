"""What a grid of prompts by models says, in sentences that the page and the command share."""

from fute_core.analysis.grid import Carried, Grid
from fute_core.analysis.two_way import Effect

NOT_SURE = "which chance alone may have done"


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
    elif effects.models is not None:
        said.append(f"The choice of model moves accuracy by about {points(effects.models)}.")
    if effects.prompts is not None:
        said.append(f"The choice of prompt moves it by about {points(effects.prompts)}.")
    if len(columns) > 1:
        said.append(
            "Whether prompts keep their lead on another model cannot be told from so few cells."
            if effects.rest is None
            else f"How far one prompt is ahead of another changes by about {points(effects.rest)} from model to model."
        )
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
        Such as "9 points (95 % interval 4 to 14)".
    """
    told = f"{_number(effect.typical)} points (95 % interval {_number(effect.low)} to {_number(effect.high)}"
    return f"{told})" if effect.sure else f"{told}, {NOT_SURE})"


def carried_words(carried: Carried) -> str:
    """Say what becomes of the best prompt of one model on another.

    Parameters
    ----------
    carried : Carried
        The prompt with its cells.

    Returns
    -------
    str
        One sentence.
    """
    best, there, rival = carried.best, carried.there, carried.best_there
    start = (
        f"The best prompt on {best.model}, {best.prompt} ({percent(best.accuracy)}), reaches {percent(there.accuracy)} "
        f"on {there.model}"
    )
    if best.prompt == rival.prompt:
        return f"{start}, where it is the best as well."
    end = "it cannot be told from" if carried.as_good else "it is surely behind"
    return f"{start}, where {end} the best, {rival.prompt} ({percent(rival.accuracy)})."


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


def _number(share: float) -> str:
    return f"{100 * share:.0f}"
