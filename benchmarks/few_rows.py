"""Do small datasets resemble one another because they are small?

    python benchmarks/few_rows.py [--texts 4 8 16 32 64 128 256] [--json]

Every shipped dataset over single texts, cut to so many rows, beside the others cut alike and beside the shipped ones
whole: once with the whole mean of the reference taken away, once with as much of it as a small dataset has (what
ships, see `fute_core/space/calibration.py`). About five minutes from an empty store.
"""

import argparse
import copy
import json

import numpy as np

from fute_core.atlas.gallery import load_gallery
from fute_core.embedding.pipelines import embed_dataset
from fute_core.evaluation.parts.rows import dataset_parts, first_rows
from fute_core.space.placed import Placed
from fute_core.store.unnamed import UnnamedStore

WAYS = ("whole mean", "its share of the mean")


def measures(cut: Placed, whole: Placed, families: np.ndarray) -> dict[str, float]:
    """cut : the cut datasets. whole : the same datasets as shipped."""
    other = families[:, None] != families[None]
    among, known = cut.cosines(cut), cut.cosines(whole)
    return {
        "other_families": float(among[other].mean()),
        "highest": float(among[other].max()),
        "itself": float(np.diag(known).mean()),
        "shipped_family_first": float((families[known.argmax(1)] == families).mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--texts", type=int, nargs="+", default=[4, 8, 16, 32, 64, 128, 256])
    parser.add_argument("--json", action="store_true")
    choice = parser.parse_args()
    gallery, store = load_gallery(False), UnnamedStore()
    shipped = [item.embedding for item in gallery.items if item.embedding.kind == "dataset"]
    families = np.array([item.family for item in shipped])
    share = gallery.calibrator
    mean = copy.copy(share)
    mean.fewest_texts_ = {}
    whole = share.place(shipped)
    rows = [dataset_parts(item.name).dte for item in shipped]
    found = {}
    for n in choice.texts:
        cut = [embed_dataset(first_rows(some, n), store=store) for some in rows]
        found[n] = {way: measures(c.place(cut), whole, families) for way, c in zip(WAYS, (mean, share), strict=True)}
        print(f"{n} texts done", flush=True)
    highest = float(np.max(gallery.scale.reference("dataset", "dataset")))
    if choice.json:
        few = found[min(found)]
        ratio = few[WAYS[0]]["other_families"] / few[WAYS[1]]["other_families"]
        print(json.dumps({"ratio": round(ratio, 3), "highest_of_whole_datasets": highest, "texts": found}))
        return
    print(f"{len(shipped)} datasets; the most alike of whole ones that do different jobs have {highest:.3f}")
    print("texts  mean taken away        other families  highest  itself, whole  own family first")
    for n, ways in found.items():
        for way, m in ways.items():
            print(f"{n:5}  {way:21}  {m['other_families']:14.3f}  {m['highest']:7.3f}  {m['itself']:13.3f}"
                  f"  {m['shipped_family_first']:16.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
