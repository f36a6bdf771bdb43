"""Does a prompt answer better with its label prior taken from inputs without content, or from the texts themselves?

    python benchmarks/content_free.py [--prompts 8] [--texts 128] [--json]

Shipped prompts on SmolLM2, at most one a family, on held-out rows of a dataset of their family: raw, by batch
calibration (what ships), and by contextual calibration (Zhao et al. 2021), whose prior is the mean of the answers to
"N/A", "[MASK]" and an empty text. The vector is made from each as well. Some minutes from an empty store.
"""

import argparse
import json
from collections.abc import Iterator

import numpy as np

from fute_core.atlas.gallery import load_gallery
from fute_core.embedding.answering import collect_answers
from fute_core.evaluation.parts.matching import accuracy, comparable_rows, relabelled_accuracy
from fute_core.evaluation.parts.prompted import as_probes, family_datasets
from fute_core.evaluation.parts.rows import test_rows
from fute_core.methods.functional import log_odds
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.scoring import batch_calibration, softmax
from fute_core.store.unnamed import UnnamedStore
from fute_core.tasks import PromptTemplate, TaskDataset
from fute_core.templates.loading import shipped_prompts

WAYS = ("raw", "batch", "content-free")
WITHOUT_CONTENT = ("N/A", "[MASK]", "")


def without_prior(proba: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Divide by what each label gets on inputs without content, and normalise: their W = diag(prior)^-1, b = 0."""
    return softmax(np.log(np.maximum(proba.astype(np.float64), 1e-8)) - np.log(np.maximum(prior, 1e-8)))


def asked(most: int, texts: int) -> Iterator[tuple[PromptTemplate, TaskDataset, np.ndarray, np.ndarray]]:
    """Prompts of different families, each with rows that it can answer, their positions and their true labels."""
    families: set[str] = set()
    for prompt in shipped_prompts().values():
        if prompt.pair or not prompt.family or prompt.family in families or len(families) == most:
            continue
        for name in family_datasets(prompt.family):
            rows = test_rows(name, texts)
            if not rows.pair and (known := comparable_rows(rows, prompt.labels)) is not None:
                families.add(prompt.family)
                yield prompt, rows, *known
                break


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--prompts", type=int, default=8)
    parser.add_argument("--texts", type=int, default=128)
    parser.add_argument("--json", action="store_true")
    choice = parser.parse_args()
    store, gallery, found = UnnamedStore(), load_gallery(False), []
    for prompt, rows, index, truth in asked(choice.prompts, choice.texts):
        predictor = PromptedLM(prompt, "smollm2")
        texts = as_probes(rows.name, [rows.texts[i] for i in index], index.tolist(), False)
        proba = predictor.proba(collect_answers(predictor, texts, store))
        prior = predictor.proba(predictor.score(WITHOUT_CONTENT)).mean(0)
        used = dict(zip(WAYS, (proba, batch_calibration(proba), without_prior(proba, prior)), strict=True))
        basis = gallery.basis[: len(truth)]
        factors = {way: basis.T @ log_odds(own) for way, own in used.items()}
        grams = {way: f @ f.T / np.linalg.norm(f @ f.T) for way, f in factors.items()}
        found.append({
            "prompt": prompt.name, "dataset": rows.name, "texts": len(truth), "chance": 1 / len(np.unique(truth)),
            **{way: accuracy(own, truth) for way, own in used.items()},
            **{f"{way}, labels renamed": relabelled_accuracy(own, truth) for way, own in used.items()},
            "vectors": float((grams["batch"] * grams["content-free"]).sum()),
        })  # fmt: skip
    means = {way: float(np.mean([row[way] for row in found])) for way in WAYS}
    if choice.json:
        print(json.dumps({"ratio": means["batch"] / means["content-free"], "means": means, "prompts": found}))
        return
    print(f"{'prompt':34s} {'dataset':18s} texts chance " + " ".join(f"{way:>13s}" for way in WAYS) + "  vectors alike")
    for row in found:
        print(f"{row['prompt']:34s} {row['dataset']:18s} {row['texts']:5d} {row['chance']:6.2f} "
              + " ".join(f"{row[way]:13.2f}" for way in WAYS) + f"  {row['vectors']:.4f}")  # fmt: skip
    renamed = {way: float(np.mean([row[f"{way}, labels renamed"] for row in found])) for way in WAYS}
    print(f"{'mean':66s}" + " ".join(f"{means[way]:13.3f}" for way in WAYS))
    print(f"{'mean under the best renaming':66s}" + " ".join(f"{renamed[way]:13.3f}" for way in WAYS))


if __name__ == "__main__":
    main()
