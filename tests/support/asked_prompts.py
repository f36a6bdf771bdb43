"""Prompts as if two language models had been asked, without asking: rows for the grid whose truth is chosen."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from fute_core.analysis.grid import prompt_name
from fute_core.atlas.gallery import Item, load_gallery
from fute_core.store.keys import answers_key
from fute_core.store.store import Store


def asked(name: str, model: str, accuracy: float | None, *, dataset: str = "sst2", seed: int = 0, **facts) -> Item:
    """A prompt of the dataset's family on a model, with answers on the shipped probe texts; its place is sst2's.

    accuracy : on 100 rows of the dataset; None where it was not measured.
    """
    like = next(i for i in load_gallery(False).items if i.embedding.name == dataset)
    share = np.random.default_rng(seed).uniform(0.02, 0.98, len(like.answers)).astype(np.float32)
    known = {"language_model": model, "prompt": name, "labels": ["negative", "positive"],
             "template": f"{name} {{{{ text }}}}",
             "choices": [["no"], ["yes"]], "shipped": True, **facts}  # fmt: skip
    if accuracy is not None:
        skill = 2 * accuracy - 1
        measured = {"accuracy": accuracy, "best_reading": accuracy, "skill": skill, "rows": 100}
        known |= {"accuracies": {dataset: measured}, "accuracy": accuracy, "skill": skill}
    title = name if model == "smollm2" else f"{name} @ {model}"
    own = replace(like.embedding, name=title, kind="prompt", key=f"prompt-{title}")
    return Item(own, known, np.stack([1 - share, share], 1))


def two_models(n: int = 6) -> list[Item]:
    """n prompts on smollm2 and all but the last on gemma3-270m, where the order of the first two is turned round."""
    best = np.linspace(0.9, 0.55, n)
    other = best - 0.1
    other[[0, 1]] = other[[1, 0]]
    here = [asked(f"prompt-{i}", "smollm2", round(float(a), 2), seed=i) for i, a in enumerate(best)]
    there = [asked(f"prompt-{i}", "gemma3-270m", round(float(a), 2), seed=i + n // 2) for i, a in enumerate(other[:-1])]
    return [*here, *there]


def add_second_model(home: Path, model: str = "invented-7b", dataset: str = "sst2") -> list[str]:
    """Put into the store of a home the shipped prompts of a dataset as if another model was asked: all but one.

    Each is ten points worse than on its first model, and answers every fourth probe text the other way round. Returns
    the names of the prompts, those that were measured best first, the missing one last.
    """
    store = Store(home / "cache")
    shipped = {
        prompt_name(i): i for i in reversed(load_gallery(False).items)
        if i.embedding.kind == "prompt" and dataset in (i.facts.get("accuracies") or {})
    }  # fmt: skip
    names = sorted(shipped, key=lambda name: -shipped[name].facts["accuracies"][dataset]["accuracy"])
    for name in names[:-1]:
        item = shipped[name]
        accuracy = round(item.facts["accuracies"][dataset]["accuracy"] - 0.1, 2)
        measured = {dataset: {"accuracy": accuracy, "best_reading": accuracy, "skill": 2 * accuracy - 1, "rows": 100}}
        facts = {"language_model": model, "prompt": name, "labels": list(item.facts["labels"]), "accuracies": measured,
                 "accuracy": accuracy, "skill": 2 * accuracy - 1, "template": item.facts["template"]}  # fmt: skip
        made = replace(item.embedding.provenance, details=facts)
        own = replace(item.embedding, name=f"{name} @ {model}", key=f"prompt-{name}-{model}", provenance=made)
        answers = item.answers.copy()
        answers[::4] = answers[::4, ::-1]
        store.put_embedding(own)
        store.put(answers_key(own.key), {"answers": answers}, {})
    return names
