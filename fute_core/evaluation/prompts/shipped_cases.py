"""The shipped prompts on every language model that answered for the gallery, by the accuracies that ship.

No model is asked, so none need be installed. What ranks prompts by a dataset's own texts, or by how likely a model
finds them, is not known here.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fute_core.atlas.gallery import Gallery, Item, load_gallery
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.evaluation.prompts.case import MIN_PROMPTS, Case
from fute_core.evaluation.prompts.rankings import HEAD, PromptedItem, by_embedding, by_head
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.templates.loading import shipped_prompts

if TYPE_CHECKING:
    from fute_core.store.store import Store


def shipped_cases(
    store: "Store", families: Sequence[str] | None = None, tell: Callable[[str], None] = lambda message: None
) -> list[Case]:
    """Rank the prompts of the gallery on every dataset of their family, a language model at a time.

    Parameters
    ----------
    store : Store
        Has the encoder's features of texts seen before.
    families : sequence of str, optional
        Only prompts of these families.
    tell : callable
        Hears a sentence of each dataset and model.

    Returns
    -------
    list of Case
        One a dataset and model with `MIN_PROMPTS` prompts or more. Accuracies as they are answered, skills and
        reliability are NaN.

    Raises
    ------
    BadInput
        For families without a dataset that has so many prompts.
    """
    found = []
    for gallery in (load_gallery(False), load_gallery(True)):
        if gallery is None:
            continue
        for dataset in (i for i in gallery.items if i.embedding.kind == "dataset"):
            family = dataset.embedding.family
            if families is not None and family not in families:
                continue
            measured = [i for i in gallery.items if dataset.embedding.name in i.facts.get("accuracies", {})]
            for model in dict.fromkeys(str(i.facts["language_model"]) for i in measured):
                prompts = [i for i in measured if i.facts["language_model"] == model]
                if len(prompts) >= MIN_PROMPTS:
                    tell(f"{dataset.embedding.name}: {len(prompts)} prompts on {model}")
                    found.append(_case(store, gallery, dataset, prompts, model))
    if not found:
        raise BadInput(
            f"No dataset of the gallery has {MIN_PROMPTS} shipped prompts of its family among those asked for; name "
            "another family."
        )
    return found


def _case(store: "Store", gallery: Gallery, dataset: Item, prompts: Sequence[Item], model: str) -> Case:
    name, templates = dataset.embedding.name, shipped_prompts()
    rows = dataset_parts(name).dte
    group = []
    for item in prompts:
        assert item.answers is not None, "prompts ship with their answers"
        predictor = PromptedLM(templates[item.facts["prompt"]], model)
        group.append(PromptedItem(item.embedding.name, predictor, item.embedding, item.answers))
    head = by_head(store, group, rows, Recipe())
    predicted = {
        **by_embedding(group, rows, dataset, gallery.space, gallery.basis),
        HEAD: np.array([head[p.name] for p in group]),
    }
    unknown = np.full(len(group), np.nan)
    return Case(
        name, rows.family or "", model, False, tuple(p.name for p in group),
        np.array([100.0 * item.facts["accuracies"][name]["accuracy"] for item in prompts]),
        unknown, unknown, unknown, predicted, float("nan"),
    )  # fmt: skip
