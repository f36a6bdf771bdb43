"""What must not move a vector, and what must: other rows, other probe texts, wrong labels, spoilt answers.

The methods measured draw no random numbers, so repeats are other draws of rows or of probe texts, never the same answer
read twice.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from fute_core.atlas.gallery import load_gallery
from fute_core.embedding.recipe import Recipe, recipe_space
from fute_core.evaluation.estimates import Estimate
from fute_core.evaluation.parts.choice import Choice, chosen_parts
from fute_core.evaluation.parts.prompted import LANGUAGE_MODEL
from fute_core.evaluation.prompts.paraphrases import known_paraphrases, paraphrase_measures, paraphrase_table
from fute_core.evaluation.results import Result, ResultTable, estimates_table
from fute_core.evaluation.stability.answers import answer_measures
from fute_core.evaluation.stability.functional_space import CHEAP_ARCHITECTURES, functional_space
from fute_core.evaluation.stability.probe_counts import probe_measures, probe_table
from fute_core.evaluation.stability.row_report import row_measures, row_tables
from fute_core.evaluation.stability.rows import dataset_draws, training_rows
from fute_core.home import DATA

if TYPE_CHECKING:
    from fute_core.store.store import Store

FEWEST = 3
"""Datasets of one arity, below which nothing is measured."""
Tell = Callable[[str], None]


def stability_result(
    store: "Store", choice: Choice, recipe: Recipe, tell: Tell = lambda message: None, name: str = "stability"
) -> Result:
    """Measure everything on the datasets of a choice.

    Parameters
    ----------
    store : Store
        Has what was computed before.
    choice : Choice
        Which datasets.
    recipe : Recipe
        How they are embedded.
    tell : callable
        Hears a sentence of each step.
    name : str
        Of the result.

    Returns
    -------
    Result
        Values and tables; those of datasets of one's own under "own_data".
    """
    from fute_core.models.surrogate import load_surrogate

    parts = chosen_parts(choice, tell)
    shipped: dict[str, Estimate] = {}
    own: dict[str, Estimate] = {}
    tables: list[ResultTable] = []
    surrogate = load_surrogate(recipe.surrogate, store)
    for pair in (False, True):
        group = {place: part for place, part in parts.items() if part.dte.pair == pair}
        ours = {place: part for place, part in group.items() if place[0] == DATA}
        if len(ours) < FEWEST:
            continue
        what, prefix = ("text pairs", "pairs_") if pair else ("single texts", "")
        tell(f"{what}: halves and shuffled labels")
        rows = dataset_draws(training_rows(list(ours), choice.rows), recipe, store)
        tell(f"{what}: probe texts")
        everything = functional_space(group, recipe.probes(pair).texts, surrogate, CHEAP_ARCHITECTURES)
        space = replace(everything, items=tuple(item for item in everything.items if item.place in ours))
        found = {**row_measures(rows, len(ours)), **answer_measures(space), **probe_measures(space)}
        made = [*row_tables(rows), probe_table(space)]
        tell(f"{what}: prompts that ask the same")
        if prompts := known_paraphrases(store, recipe, pair, LANGUAGE_MODEL):
            found |= paraphrase_measures(prompts)
            made.append(paraphrase_table(prompts))
        shipped |= {prefix + key: value for key, value in found.items()}
        if len(group) > len(ours):
            tell(f"{what}: your datasets")
            drawn = dataset_draws(training_rows(list(group), choice.rows), recipe, store)
            theirs = {place: draws for place, draws in drawn.items() if place not in ours}
            items = [item for item in everything.items if item.place in theirs]
            measured = {**row_measures(theirs, len(group)), **answer_measures(everything, items)}
            own |= {prefix + key: value for key, value in measured.items()}
            made += [replace(table, title=f"Yours: {table.title}") for table in row_tables(theirs)]
        tables += [replace(table, title=f"{table.title}, {what}") for table in made]
    seeded = recipe.build().seeded
    values = {**shipped, "seed_changes_vectors": seeded, **({"own_data": own} if own else {})}
    shown = [estimates_table("Measures", shipped)] + ([estimates_table("Datasets of one's own", own)] if own else [])
    remarks = (
        f"Datasets by the method {recipe.method}. Halves are disjoint rows and together all training rows of a "
        "dataset; the nearest is searched among the halves of all datasets.",
        _compared(recipe),
        "Probe texts and answers are measured on the functional part, centred by kind and whitened on the items of the "
        "run.",
        f"The method {recipe.method} draws "
        + ("random numbers by its seed." if seeded else "no random numbers: another seed is the same vector."),
        "Uninformed are constant and random predictors; as chance of their highest similarity to an accurate model "
        "stands what 19 of 20 accurate models have to another one of their dataset.",
        "Repeats are other rows and other probe texts, never the same answer read twice.",
        f"Prompts that ask the same are the shipped ones of a family on {LANGUAGE_MODEL}; skill is the mean over the "
        "family's datasets.",
    )
    return Result(name, "Stability", values, (*shown, *tables), remarks)


def _compared(recipe: Recipe) -> str:
    gallery = load_gallery(False)
    if gallery is None or recipe_space(recipe, False) != gallery.items[0].embedding.space():
        return (
            f"Halves by the method {recipe.method} are centred on the means of the run and not whitened, since what "
            "ships is made by another; so they are no nearer to one another as shipped."
        )
    return (
        "A shipped dataset's halves are compared with whitening learnt without its family. The space that users get "
        "(as shipped) has seen their rows, so it flatters them; it has not seen yours."
    )
