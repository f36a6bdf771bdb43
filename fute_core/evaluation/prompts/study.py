"""Prompt selection (FUTE section 4.3): does the prompt whose vector is nearest to a dataset's do best on it?

Truth: balanced accuracy of (prompt, model) on held-out rows of every dataset of the prompt's family, label priors
removed without labels as in the embedding. Prediction: agreement and similarity of the MTE with the DTE, and baselines.
What the model said is in the store, so a run that was stopped goes on where it was; what ships has been asked the probe
texts already, and is read from the gallery.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fute_core.atlas.added import stored_answers
from fute_core.atlas.gallery import Item, load_gallery
from fute_core.embedding.pipelines import embed_dataset, embed_model
from fute_core.embedding.recipe import Recipe, dataset_key, model_key
from fute_core.evaluation.parts.choice import Choice, chosen_parts
from fute_core.evaluation.parts.prompted import unanswered
from fute_core.evaluation.parts.reference import calibrated, recipe_basis
from fute_core.evaluation.parts.rows import test_rows
from fute_core.evaluation.prompts.case import Case, measure_case
from fute_core.evaluation.prompts.rankings import PromptedItem, by_head
from fute_core.home import DATA
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.space.space import TaskSpace
from fute_core.tasks import PromptTemplate, TaskDataset
from fute_core.templates.loading import shipped_prompts

if TYPE_CHECKING:
    from fute_core.models.language import LanguageModel
    from fute_core.store.store import Store

ALL = Choice()
ROWS = 100
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Study:
    """Everything that was measured.

    Parameters
    ----------
    cases : tuple of Case
        One a dataset and model.
    spaces : tuple of TaskSpace
        One an arity, with datasets and prompts.
    missing : tuple of str
        Names of the prompts that were left out.
    """

    cases: tuple[Case, ...]
    spaces: tuple[TaskSpace, ...]
    missing: tuple[str, ...]


def study_prompts(
    store: "Store",
    *,
    models: Mapping[str, "str | LanguageModel"],
    recipe: Recipe | None = None,
    choice: Choice = ALL,
    rows: int = ROWS,
    families: Sequence[str] | None = None,
    per_family: int | None = None,
    stored_only: bool = False,
    tell: Tell = lambda message: None,
) -> Study:
    """Ask the shipped prompts, embed them, and measure what ranks them best.

    Parameters
    ----------
    store : Store
        Has what the models answered before.
    models : mapping of str to str or LanguageModel
        By a name, what `PromptedLM` takes.
    recipe : Recipe, optional
        How datasets and prompts are embedded; by default as users embed.
    choice : Choice
        Which datasets.
    rows : int
        Held-out rows of a dataset, at most.
    families : sequence of str, optional
        Only prompts of these families.
    per_family : int, optional
        Only the first so many prompts of a family.
    stored_only : bool
        Never ask a model; prompts that the store has not all answers of are left out.
    tell : callable
        Hears a sentence of each step.

    Returns
    -------
    Study
        All cases.
    """
    recipe = recipe or Recipe()
    parts = chosen_parts(choice, tell)
    cases: list[Case] = []
    spaces: list[TaskSpace] = []
    missing: list[str] = []
    for pair in (False, True):
        templates = _templates(pair, families, per_family)
        if not templates:
            continue
        shipped = _shipped(pair)
        targets = {
            place: _target(part.dte, recipe, store, shipped) for place, part in parts.items() if part.dte.pair == pair
        }
        prompted: dict[tuple[str, str | None], list[PromptedItem]] = {}
        for label, model in models.items():
            for template in templates:
                name = template.name if len(models) == 1 else f"{template.name} @ {label}"
                predictor = PromptedLM(template, model)
                key = model_key(predictor, recipe, pair=pair, calibrate=True)
                if key not in shipped:
                    if stored_only and unanswered(store, predictor, recipe.probes(pair).texts):
                        missing.append(name)
                        continue
                    tell(f"{name}: probe texts")
                group = prompted.setdefault((label, template.family), [])
                group.append(_prompted(name, predictor, recipe, store, shipped.get(key)))
        if not prompted:
            continue
        mtes = [p.embedding for group in prompted.values() for p in group]
        space = calibrated([*(target.embedding for target in targets.values()), *mtes])
        spaces.append(space)
        basis = recipe_basis(recipe, pair, store)
        for (label, family), group in prompted.items():
            for (where, name), target in targets.items():
                if parts[where, name].dte.family != family:
                    continue
                tell(f"{family} prompts on {name}")
                held_out, head = test_rows(name, rows, where), by_head(store, group, parts[where, name].dte, recipe)
                case = measure_case(
                    store, label, group, held_out, target, space, basis, head, where is not DATA, stored_only
                )
                cases += [case] if case else []
    return Study(tuple(cases), tuple(spaces), tuple(missing))


def _shipped(pair: bool) -> dict[str, Item]:
    """What ships by its store key: under the same key lies the same vector, however it is asked for."""
    gallery = load_gallery(pair)
    return {item.embedding.key: item for item in gallery.items} if gallery else {}


def _target(rows: TaskDataset, recipe: Recipe, store: "Store", shipped: Mapping[str, Item]) -> Item:
    """A dataset's embedding with what its heads answer."""
    key = dataset_key(rows, recipe)
    if key in shipped:
        return replace(shipped[key], embedding=replace(shipped[key].embedding, name=rows.name))
    embedding = embed_dataset(rows, recipe, store, key=key)
    return Item(embedding, {}, stored_answers(store, key))


def _prompted(name: str, predictor: PromptedLM, recipe: Recipe, store: "Store", shipped: Item | None) -> PromptedItem:
    """A prompt on a model with its embedding and answers: what ships, if it does, else what the model says."""
    template = predictor.template
    if shipped is not None and shipped.answers is not None:
        return PromptedItem(name, predictor, replace(shipped.embedding, name=name), shipped.answers)
    made = embed_model(predictor, recipe, store, name=name, pair=template.pair, kind="prompt", family=template.family)
    answers = stored_answers(store, made.key)
    assert answers is not None, "every embedding of answers has them stored"
    return PromptedItem(name, predictor, made, answers)


def _templates(pair: bool, families: Sequence[str] | None, per_family: int | None) -> list[PromptTemplate]:
    count: dict[str | None, int] = {}
    kept = []
    for template in shipped_prompts().values():
        if template.pair != pair or (families is not None and template.family not in families):
            continue
        count[template.family] = count.get(template.family, 0) + 1
        if per_family is None or count[template.family] <= per_family:
            kept.append(template)
    return kept
