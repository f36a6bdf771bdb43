"""What a language model's own references are worth: claims about its prompts with them, and without.

    python benchmarks/language_models.py [--json]

Read from the shipped gallery over single texts. The family of every prompt is left out of means and whitening, so that
nothing should be claimed of it: `pairs told close` is how many of its pairs with datasets are told "closer than 19 in
20" (wanted 0.05), `told kin` how many prompts are called kin of the nearest dataset (wanted 0.05 at most). `claimed`
and `family first` are of prompts of skill 0.5 and more whose family is known: how many are told kin of a dataset of
their family, and how many have one nearest.

The rows: `own`, what ships, where each model's prompts have a mean and strangers of their own; `common`, where all
prompts share both; `none`, where the gallery has no prompt on the model, so that prompts on the others have to serve.

A last row is of each prompt on two models: how skill on one follows skill on the other (Pearson), and of prompts that
have skill on both, how often the prompt itself, and one of its family, is nearest among all prompts on the other model.
"""

import argparse
import json
from dataclasses import replace
from itertools import combinations

import numpy as np

from fute_core.atlas.gallery import Gallery, Item, load_gallery
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.evaluation.parts.newcomers import newcomers_reach
from fute_core.space.kinds import kind_on_scale
from fute_core.space.scale import CLAIM_ERROR, Scale

SKILLED = 0.5


def nameless(item: Item) -> Item:
    """A prompt whose language model is not known."""
    made = item.embedding.provenance
    details = {key: value for key, value in made.details.items() if key != "language_model"}
    return replace(item, embedding=replace(item.embedding, provenance=replace(made, details=details)))


def judged(read: LeftOut, known: list[int], prompts: list[int]) -> dict[str, float]:
    """Rates of claims about some prompts where some items are known."""
    (m,) = read.factors
    single, best = newcomers_reach(read, known, [m])
    scale = Scale({}, single[m], best=best[m])
    items = [item.embedding for item in read.items]
    datasets = [i for i in known if items[i].kind == "dataset"]
    whole = read.similarities(known, [m])[m]
    close, kin, claimed, first = [], [], [], []
    for family in sorted({items[p].family for p in prompts}):
        own = [p for p in prompts if items[p].family == family]
        cosines = read.similarities([i for i in known if items[i].family != family], [m])[m]
        others = [d for d in datasets if items[d].family != family]
        for p in own:
            kind = kind_on_scale(items[p])
            close += [scale.share(kind, "dataset", cosines[p, d], 1) <= CLAIM_ERROR for d in others]
            kin.append(cosines[p, others].max() >= scale.claim_level(kind, "dataset"))
            if read.items[p].facts["skill"] >= SKILLED and len(others) < len(datasets):
                nearest = max(datasets, key=lambda d, p=p: whole[p, d])
                first.append(items[nearest].family == family)
                claimed.append(first[-1] and whole[p, nearest] >= scale.claim_level(kind, "dataset"))
    return {
        "prompts": len(prompts), "pairs told close": float(np.mean(close)), "told kin": float(np.mean(kin)),
        "skilled": len(first), "claimed": float(np.mean(claimed)), "family first": float(np.mean(first)),
    }  # fmt: skip


def on_two_models(gallery: Gallery, one: str, other: str) -> dict[str, object]:
    """How far the same prompts agree on two models."""
    at = {(i.facts["prompt"], i.facts["language_model"]): n for n, i in enumerate(gallery.items) if "prompt" in i.facts}
    names = [name for name, model in at if model == one and (name, other) in at]
    rows, columns = ([at[name, model] for name in names] for model in (one, other))
    family = np.array([gallery.items[r].embedding.family for r in rows])
    skill = np.array([[gallery.items[r].facts["skill"] for r in side] for side in (rows, columns)])
    cosines = gallery.space.cosines()[np.ix_(rows, columns)]
    both = (skill >= SKILLED).all(0)
    own, kin = np.zeros(len(names)), np.zeros(len(names))
    for found in (cosines, cosines.T):  # from either model to the other
        nearest = found.argmax(1)
        own += (nearest == np.arange(len(names))) / 2
        kin += (family[nearest] == family) / 2
    return {
        "model": one, "beside": other, "prompts": len(names), "skill follows": float(np.corrcoef(skill)[0, 1]),
        "skilled on both": int(both.sum()), "itself first": float(own[both].mean()),
        "family first": float(kin[both].mean()), "similarity to itself": float(np.diag(cosines)[both].mean()),
    }  # fmt: skip


def printed(row: dict[str, object], as_json: bool) -> None:
    words = (f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}" for key, value in row.items())
    print(json.dumps(row) if as_json else "  ".join(words))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object a row")
    args = parser.parse_args()
    gallery = load_gallery(False)
    m = len(gallery.basis)
    own = LeftOut.of(gallery.items, gallery.basis, [m])
    common = replace(own, items=[nameless(i) if i.embedding.kind == "prompt" else i for i in gallery.items])
    of = [item.facts.get("language_model") for item in gallery.items]
    everything = list(range(len(of)))
    for model in sorted(set(of) - {None}):
        prompts = [i for i in everything if of[i] == model]
        without = [i for i in everything if of[i] != model]
        for name, read, known in (("own", own, everything), ("common", common, everything), ("none", common, without)):
            printed({"model": model, "references": name, **judged(read, known, prompts)}, args.json)
    for one, other in combinations(sorted(set(of) - {None}), 2):
        printed(on_two_models(gallery, one, other), args.json)


if __name__ == "__main__":
    main()
