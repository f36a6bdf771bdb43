"""Which 256 probe texts do what 2,000 do? Ways to choose them, judged as in `fute eval retrieval`.

    python benchmarks/probe_choice.py [--count 256] [--draws 5] [--names A,B,...] [--json]

Items and rules are those of probe_counts.py: the shipped datasets over single texts and three cheap black boxes each,
all of which answer 2,000 texts once. Compared are the shipped order (round robin over sources), draws at random, texts
spread over the surrogate's features (the nearest to each k-means centre), those on which the datasets' heads are surest
and those on which they are least sure. Choosing by the answers of all items looks at those that are judged; held out,
half of the families choose and the items of the others are judged, which the shipped order is then held against. The
headline `ratio` is the mean of the four measures of the shipped order over that of all 2,000.
"""

import argparse
import json
from dataclasses import replace

import numpy as np
from probe_counts import SHOWN, answered, measure

from fute_core.datasets.catalog import shipped_datasets
from fute_core.datasets.probes import all_probes
from fute_core.models.surrogate import load_surrogate


def spread(features: np.ndarray, count: int) -> np.ndarray:
    """The text nearest to each of `count` k-means centres."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import pairwise_distances_argmin

    centres = KMeans(count, n_init=1, random_state=0).fit(features).cluster_centers_
    return np.unique(pairwise_distances_argmin(centres, features))


def sureness(items) -> np.ndarray:
    """Mean over datasets of how far the head's answer to each text is from even, 0 to 1."""
    sure = []
    for item in items:
        if item.embedding.kind == "dataset":
            p = np.maximum(item.answers, 1e-12)
            sure.append(1 + (p * np.log(p)).sum(1) / np.log(p.shape[1]))
    return np.mean(sure, 0)


def halves_of(items, draws: int) -> list[tuple[list, list[int]]]:
    """Items of half of the families, and the positions of all others; each half chooses once a draw."""
    families, rng = sorted({item.embedding.family for item in items}), np.random.default_rng(0)
    halves = []
    for _ in range(draws):
        mixed = rng.permutation(families)
        for half in (set(mixed[::2]), set(mixed[1::2])):
            judged = [k for k, item in enumerate(items) if item.embedding.family not in half]
            halves.append(([item for item in items if item.embedding.family in half], judged))
    return halves


def choices(features: np.ndarray, items, count: int, draws: int) -> dict[str, list[np.ndarray]]:
    """Positions of the texts, by way of choosing; several draws of what is random."""
    n, order = len(features), np.argsort(sureness(items))
    rng = np.random.default_rng(0)
    return {
        "all": [np.arange(n)],
        "shipped order": [np.arange(count)],
        f"at random, mean of {draws}": [rng.permutation(n)[:count] for _ in range(draws)],
        "spread over the features": [spread(features, count)],
        "surest answers": [order[-count:]],
        "least sure answers": [order[:count]],
    }


def figures(items, features: np.ndarray, index: np.ndarray, judged=None) -> list[float]:
    """The four measures with the texts at `index`, of all items or of those judged."""
    some = [replace(item, answers=item.answers[index]) for item in items]
    found = measure(len(index), some, features[index], judged)
    return [found[name]["value"] for name in SHOWN]


def told(name: str, found: list[list[float]], quiet: bool) -> dict[str, float]:
    row = dict(zip(SHOWN, np.mean(found, 0).tolist(), strict=True))
    if not quiet:
        print(f"  {name:28s}" + "".join(f"  {value:.3f}" for value in row.values()), flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=256)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--names", help="only these datasets")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    single = [name for name, card in shipped_datasets().items() if not card["pair"]]
    texts = all_probes(False).texts
    items = answered(texts, args.names.split(",") if args.names else single)
    features = load_surrogate().features(texts)
    rows = {}
    for name, drawn in choices(features, items, args.count, args.draws).items():
        rows[name] = told(name, [figures(items, features, index) for index in drawn], args.json)
    held = {"shipped order, held out": [], "surest answers, held out": []}
    for choosing, judged in halves_of(items, args.draws):
        surest = np.argsort(sureness(choosing))[-args.count :]
        for name, index in zip(held, (np.arange(args.count), surest), strict=True):
            held[name].append(figures(items, features, index, judged))
    rows |= {name: told(name, found, args.json) for name, found in held.items()}
    ratio = np.mean(list(rows["shipped order"].values())) / np.mean(list(rows["all"].values()))
    if args.json:
        print(json.dumps({"ratio": ratio, "count": args.count, "rows": rows}, indent=2))
    else:
        print("  columns: " + ", ".join(SHOWN))


if __name__ == "__main__":
    main()
