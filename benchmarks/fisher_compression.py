"""What of the Fisher part is lost with fewer numbers: similarities, kin and repetition on datasets that made no map.

    python benchmarks/fisher_compression.py FOLDER [--again N] [--json]

FOLDER is laid out as `fute eval --data` wants it. Each of its English datasets of single texts gives the Fisher vectors
of two disjoint sets of 300 rows at most, kept in the store (five seconds each the first time), the second only of the N
datasets of the smallest files. Families are dealt into three parts; the datasets of a part are new to a map that the
gallery and the other parts have made. Judged are the calibrated Fisher similarities of a new dataset to the shipped
ones and to other new ones of its part, with all 20,736 numbers and with fewer. In the default space two datasets are
(functional + 0.5 Fisher) / 1.5 alike, so that a third of each difference reaches the screen.

Area: kin (one family) against strangers. Rep.: the similarity of a dataset's two sets of rows, how far it is off, and
how often the second set has the first before all other datasets.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import norm
from sklearn.cluster import KMeans
from sklearn.metrics import roc_auc_score

from fute_core.atlas.gallery import load_gallery
from fute_core.datasets.catalog import load_dataset, shipped_datasets
from fute_core.embedding.pipelines import embed_dataset
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.parts.rows import halves, take
from fute_core.space.blocks import scale_blocks
from fute_core.store.unnamed import UnnamedStore
from fute_core.tasks import Block

ROWS = 300
FOLDS = 3
BESIDE_FUNCTIONAL = 3.0
CHOSEN = "gallery's span + sketch, 512"
Encode = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Known:
    """Datasets: their scaled Fisher blocks (n, 20736), and what is known of them.

    plain : as `scale_blocks` gives them; vectors : less the mean that the gallery takes away.
    half : 0 and 1 are the two sets of rows of one dataset.
    """

    plain: np.ndarray
    vectors: np.ndarray
    name: np.ndarray
    family: np.ndarray
    half: np.ndarray

    @staticmethod
    def of(rows: list[np.ndarray], facts: list[tuple[str, str | None, int]], mean: np.ndarray) -> "Known":
        plain = np.array(rows, np.float32)
        return Known(plain, plain - mean.astype(np.float32), *(np.array(c) for c in zip(*facts, strict=True)))

    def take(self, mask: np.ndarray) -> "Known":
        return Known(*(values[mask] for values in vars(self).values()))

    @staticmethod
    def join(*parts: "Known") -> "Known":
        return Known(*(np.concatenate(columns) for columns in zip(*(vars(p).values() for p in parts), strict=True)))


def shipped() -> tuple[Known, np.ndarray, tuple[Block, ...]]:
    """The gallery's datasets of single texts, its mean, and the blocks of a Fisher vector."""
    gallery = load_gallery(False)
    blocks = gallery.items[0].embedding.blocks
    start = next(b for b in blocks if b.name == "gram").stop
    own = [item.embedding for item in gallery.items if item.embedding.kind == "dataset"]
    rows = [scale_blocks(e.vector, blocks)[start:] for e in own]
    mean = gallery.calibrator.means_["dataset/single"][start:]
    moved = tuple(Block(b.name, b.start - start, b.stop - start, b.part, log=b.log) for b in blocks if b.name != "gram")
    return Known.of(rows, [(e.name, e.family, 0) for e in own], mean), mean, moved


def outside(folder: Path, mean: np.ndarray, again: int | None) -> Known:
    """Both sets of rows of every English dataset of single texts of a folder, the second of so many."""
    store, recipe, rows, facts = UnnamedStore(), Recipe("fisher"), [], []
    files = {name: folder / "datasets" / f"{name}.jsonl" for name, card in shipped_datasets(folder).items()
             if not card.get("pair") and card.get("language", "en") == "en"}  # fmt: skip
    names = sorted((name for name, file in files.items() if file.exists()), key=lambda name: files[name].stat().st_size)
    for at, name in enumerate(names):
        try:
            parts = halves(load_dataset(name, folder=folder))[: 2 if again is None or at < again else 1]
            for half, part in enumerate(parts):
                chosen = np.random.default_rng(half).permutation(len(part.texts))[:ROWS]
                made = embed_dataset(take(part, np.sort(chosen)), recipe, store)
                rows.append(scale_blocks(made.vector, made.blocks))
                facts.append((name, part.family, half))
        except BadInput as error:
            print(f"{name} is left out: {error}")
    return Known.of(rows, facts, mean)


def principal(rows: np.ndarray) -> np.ndarray:
    """Principal directions (k, d) of rows as they are, strongest first."""
    values, vectors = np.linalg.eigh(rows.astype(np.float64) @ rows.T.astype(np.float64))
    order = np.argsort(-values)
    order = order[values[order] > 1e-9 * values.max()]
    return ((rows.T @ vectors[:, order]) / np.sqrt(values[order])).T.astype(np.float32)


def projected(basis: np.ndarray) -> Encode:
    """Coordinates alone: what is outside is forgotten."""
    return lambda rows: rows @ basis.T


def projected_and_rest(basis: np.ndarray) -> Encode:
    """Coordinates, and the norm of the rest, which agrees with nothing but itself: a number of its own for each row."""

    def encode(rows):
        inside = rows @ basis.T
        rest = np.sqrt(np.maximum((rows**2).sum(1) - (inside**2).sum(1), 0))
        return np.c_[inside, np.diag(rest)]

    return encode


def projected_and_sketched(basis: np.ndarray, numbers: int, seed: int = 0) -> Encode:
    """Coordinates, and the rest added up with random signs in random places, at the norm that it had."""
    rng = np.random.default_rng(seed)
    places = numbers - len(basis)
    where, sign = rng.integers(places, size=basis.shape[1]), rng.choice(np.float32([-1, 1]), basis.shape[1])

    def encode(rows):
        inside = rows @ basis.T
        rest = rows - inside @ basis
        sketch = np.stack([np.bincount(where, row, places) for row in rest * sign])
        size = np.linalg.norm(sketch, axis=1, keepdims=True)
        return np.c_[inside, sketch * np.linalg.norm(rest, axis=1, keepdims=True) / np.where(size > 0, size, 1)]

    return encode


def left_over(basis: np.ndarray) -> Encode:
    """What a projection forgets, whole."""
    return lambda rows: rows - rows @ basis.T @ basis


def kept(index: np.ndarray) -> Encode:
    """Some of the numbers as they are."""
    return lambda rows: rows[:, index]


def rounded(bits: int, blocks: tuple[Block, ...]) -> Encode:
    """Every number, at so many bits: the best levels for a normal distribution, scaled by each block's deviation."""
    levels = norm.ppf((np.arange(2**bits) + 0.5) / 2**bits)
    for _ in range(300):
        edges = np.r_[-np.inf, (levels[1:] + levels[:-1]) / 2, np.inf]
        levels = -np.diff(norm.pdf(edges)) / np.diff(norm.cdf(edges))
    edges = (levels[1:] + levels[:-1]) / 2

    def encode(rows):
        out = np.empty_like(rows)
        for block in blocks:
            part = slice(block.start, block.stop)
            scale = rows[:, part].std(1, keepdims=True) + 1e-12
            out[:, part] = levels[np.searchsorted(edges, rows[:, part] / scale)] * scale
        return out

    return encode


def binned(train: np.ndarray, blocks: tuple[Block, ...], bins: int) -> Encode:
    """Means of the neurons of a block that go together in training."""
    matrices = []
    for block in blocks:
        columns = train[:, block.start : block.stop].T
        columns = columns / (np.linalg.norm(columns, axis=1, keepdims=True) + 1e-9)
        label = KMeans(bins, n_init=1, max_iter=30, random_state=0).fit(columns).labels_
        matrices.append(np.eye(bins, dtype=np.float32)[label] / np.sqrt(np.bincount(label, minlength=bins)))
    return lambda rows: np.concatenate(
        [rows[:, b.start : b.stop] @ m for b, m in zip(blocks, matrices, strict=True)], 1
    )


def ways(train: Known, gallery: Known, blocks: tuple[Block, ...]) -> dict[str, Encode]:
    """Everything that is compared, by what it keeps."""
    centred, width = train.vectors - train.vectors.mean(0), train.vectors.shape[1]
    layer = np.concatenate([np.full(b.stop - b.start, int(b.name.split(".")[2])) for b in blocks])
    of_gallery = principal(gallery.plain)
    more = principal(train.plain - train.plain @ of_gallery.T @ of_gallery)
    found: dict[str, Encode] = {"all 20,736 numbers": lambda rows: rows}
    found["float16"] = lambda rows: rows.astype(np.float16).astype(np.float32)
    found |= {f"{bits} bits a number": rounded(bits, blocks) for bits in (8, 4, 3, 2, 1)}
    for what, basis in (("centred", principal(centred)), ("uncentred", principal(train.plain))):
        for d in (16, 32, len(basis)):
            name = f"PCA, {what}, {'all' if d == len(basis) else d}"
            found |= {name: projected(basis[:d]), f"{name}, norm kept": projected_and_rest(basis[:d])}
        found[f"PCA, {what}, what it forgets"] = left_over(basis)
    found["gallery's span, norm kept"] = projected_and_rest(of_gallery)
    for numbers in (64, 128, 256, 512, 1024, 2048, 4096, 8192):
        found[f"gallery's span + sketch, {numbers}"] = projected_and_sketched(of_gallery, numbers)
    found |= {f"{CHOSEN}, draw {draw}": projected_and_sketched(of_gallery, 512, draw) for draw in range(1, 6)}
    both = np.concatenate([of_gallery, more])
    found["gallery's span + PCA + sketch, 512"] = projected_and_sketched(both, 512)
    found["sketch alone, 512"] = projected_and_sketched(np.zeros((0, width), np.float32), 512)
    varied = np.argsort(-gallery.vectors.var(0))
    for numbers in (64, 128, 256, 512, 1024, 2048, 4096, 8192):
        found[f"{numbers} numbers that vary most in the gallery"] = kept(varied[:numbers])
    found["512 numbers at random"] = kept(np.random.default_rng(0).permutation(width)[:512])
    found["14 groups of neurons a block"] = binned(centred, blocks, 14)
    found |= {f"layers {a + 1} to 6": kept(np.flatnonzero(layer >= a)) for a in (1, 3, 5)}
    return found


def cosines(rows: np.ndarray) -> np.ndarray:
    """(n, n)."""
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit @ unit.T


def judged(similarity: np.ndarray, full: np.ndarray, items: Known, new: np.ndarray) -> dict[str, np.ndarray]:
    """Of one part: pairs of new datasets and shipped or new ones, as rows (full, similarity, kin); and repetitions."""
    other = items.name[:, None] != items.name
    first = items.half == 0
    row = new & first
    kin = items.family[:, None] == items.family
    upper = np.triu(np.ones_like(other), 1)
    masks = {"shipped": other & np.outer(row, first & ~new), "new": other & np.outer(row, row) & upper}
    found = {what: np.c_[full[mask], similarity[mask], kin[mask]] for what, mask in masks.items()}
    again = []
    for i in np.flatnonzero(new & (items.half == 1)):
        own = int(np.flatnonzero((items.name == items.name[i]) & row)[0])
        rivals = similarity[i, first & other[i]]
        again.append((full[i, own], similarity[i, own], similarity[i, own] > rivals.max()))
    return found | {"again": np.array(again, float).reshape(-1, 3)}


def summary(parts: list[dict[str, np.ndarray]]) -> dict[str, float]:
    """One row of the table."""
    found = {}
    for what in ("shipped", "new"):
        full, similarity, kin = np.concatenate([part[what] for part in parts]).T
        off = np.abs(full - similarity)
        found |= {
            f"{what}: max": float(off.max()), f"{what}: p95": float(np.quantile(off, 0.95)),
            f"{what}: mean": float(off.mean()), f"{what}: area": float(roc_auc_score(kin, similarity)),
        }  # fmt: skip
    full, similarity, first = np.concatenate([part["again"] for part in parts]).T
    off = float(np.abs(full - similarity).mean())
    return found | {"again": float(similarity.mean()), "again: off": off, "again: first": float(first.mean())}


def study(folder: Path, again: int | None) -> dict:
    """All figures."""
    gallery, mean, blocks = shipped()
    found = outside(folder, mean, again)
    families = np.random.default_rng(0).permutation(np.unique(found.family))
    fold = {family: at % FOLDS for at, family in enumerate(families)}
    of = np.array([fold[family] for family in found.family])
    rows: dict[str, list] = {}
    forgotten: list[list[float]] = []
    for part in range(FOLDS):
        new = found.take(of == part)
        items = Known.join(new, gallery)
        full, is_new = cosines(items.vectors), np.arange(len(items.name)) < len(new.name)
        train = Known.join(found.take(of != part), gallery)
        for known in (gallery, train):
            rest = left_over(principal(known.plain))(new.vectors)
            forgotten.append((len(known.name), float(np.median((rest**2).sum(1) / (new.vectors**2).sum(1)))))
        for name, encode in ways(train, gallery, blocks).items():
            rows.setdefault(name, []).append(judged(cosines(encode(items.vectors)), full, items, is_new))
    table = {name: summary(parts) for name, parts in rows.items()}
    pairs = {what: sum(len(part[what]) for part in next(iter(rows.values()))) for what in ("shipped", "new", "again")}
    kin = {what: int(sum(part[what][:, 2].sum() for part in next(iter(rows.values())))) for what in ("shipped", "new")}
    ratio = table[CHOSEN]["new: p95"] / BESIDE_FUNCTIONAL
    return {"ratio": ratio, "pairs": pairs, "kin": kin, "rows": table, "forgotten": forgotten}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--again", type=int, metavar="N")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = study(arguments.folder, arguments.again)
    if arguments.json:
        print(json.dumps(found, indent=1))
        return
    print("pairs with shipped datasets, of new ones, repetitions: {shipped}, {new}, {again}".format(**found["pairs"]))
    print("kin among them: {shipped}, {new}".format(**found["kin"]))
    for count, share in found["forgotten"]:
        print(f"Outside the span of {count} known vectors lies {share:.2f} of the squared norm of a new one (median).")
    columns = list(found["rows"][CHOSEN])
    print(" " * 44 + "".join(f"{c.replace('shipped', 'ship').replace('again', 'rep.'):>12s}" for c in columns))
    for name, row in found["rows"].items():
        print(f"{name:44s}" + "".join(f"{row[c]:12.4f}" for c in columns))


if __name__ == "__main__":
    main()
