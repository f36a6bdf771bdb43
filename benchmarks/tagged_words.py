"""Would tagged words (named entities, parts of speech) have a space, were they read? They are not; this asks ahead.

    python benchmarks/tagged_words.py tokens.jsonl [MORE...] [--words 2048] [--rows 600] [--json]

Each file has `tokens` and `tags` a line. The unit is a word in its sentence: its features are the mean of the packaged
encoder's last hidden states over its pieces, its letters those of the word alone. The words of the first shipped probe
texts, split at blanks and signs, are answered by the two heads of a dataset as `functional` fits them, and the Gram
matrix of the answers is made in the basis of the features of these words. Similarities are plain inner products, since
there is no reference to calibrate by. Each file is halved by sentences. Printed are the similarities of all halves, how
often the other half of a set is nearest, and the same for two taggers trained on the other half, one that reads letters
alone and one that reads features alone, which answer by probabilities as black boxes do.
"""

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from fute_core.datasets.probes import all_probes
from fute_core.datasets.targets import draw
from fute_core.gram import gram_factor
from fute_core.methods.functional import Functional, centre, joined, model_answers, probe_basis
from fute_core.methods.heads import fit_head
from fute_core.methods.spelling import answers_by_letters, letters
from fute_core.models.encoder import Surrogate
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors.scoring import softmax

WORD = re.compile(r"\w+|[^\w\s]")
BLACK_BOX_C = 1.0


@dataclass(frozen=True)
class Words:
    """words : n words. features : (n, d) in their sentences. tags : n tags, none for probe words."""

    words: list[str]
    features: np.ndarray
    tags: list[str]


def read_words(surrogate: Surrogate, sentences: list[list[str]]) -> Words:
    """Features of every word that the encoder reads, sentence by sentence; words that are cut off have NaN."""
    found = []
    with torch.inference_mode():
        for sentence in sentences:
            read = surrogate.tokenizer(
                sentence, is_split_into_words=True, truncation=True, max_length=surrogate.max_length,
                return_tensors="pt",
            )  # fmt: skip
            states = surrogate.model(**read).last_hidden_state[0].numpy()
            of_word = np.array([-1 if w is None else w for w in read.word_ids(0)])
            found += [
                states[of_word == w].mean(0) if (of_word == w).any() else np.full(states.shape[1], np.nan)
                for w in range(len(sentence))
            ]
    return Words([word for sentence in sentences for word in sentence], np.array(found, np.float32), [])


def drawn(surrogate: Surrogate, rows: list[dict], limit: int, seed: int) -> Words:
    """So many words of tagged sentences, evenly over the tags that two words or more have."""
    read = read_words(surrogate, [row["tokens"] for row in rows])
    tags = [tag for row in rows for tag in row["tags"]]
    common = {tag for tag in tags if tags.count(tag) > 1}
    left = [i for i, tag in enumerate(tags) if tag in common and not np.isnan(read.features[i]).any()]
    kept = [left[i] for i in draw([tags[i] for i in left], limit, seed, scores=False)]
    return Words([read.words[i] for i in kept], read.features[kept], [tags[i] for i in kept])


def targets_of(tags: list[str]) -> np.ndarray:
    names = sorted(set(tags))
    return np.eye(len(names), dtype=np.float32)[[names.index(tag) for tag in tags]]


def dataset_answers(rows: Words, probes: Words) -> np.ndarray:
    """As a dataset answers: both heads."""
    targets = targets_of(rows.tags)
    meaning = centre(fit_head(rows.features, targets, C=Functional.C).logits(probes.features))
    given, asked = letters(rows.words, probes.words)
    return joined(meaning, centre(answers_by_letters(given, asked, targets)), Functional.spelling)


def tagger_answers(rows: Words, probes: Words, by_letters: bool) -> np.ndarray:
    """As a black box answers: probabilities of one reader, less regularised than a dataset's heads."""
    targets = targets_of(rows.tags)
    if by_letters:
        given, asked = letters(rows.words, probes.words)
        logits = answers_by_letters(given, asked, targets)
    else:
        logits = fit_head(rows.features, targets, C=BLACK_BOX_C).logits(probes.features)
    return model_answers(softmax(logits), np.arange(len(probes.words)), len(probes.words), False)


def similarities(ones: list[np.ndarray], others: list[np.ndarray], basis: np.ndarray) -> np.ndarray:
    left, right = ([gram_factor(answers, basis)[0] for answers in some] for some in (ones, others))
    return np.array([[np.sum((one.T @ other) ** 2) for other in right] for one in left])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--words", type=int, default=2048)
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--json", action="store_true")
    choice = parser.parse_args()
    surrogate = load_surrogate()
    sentences, n = [], 0
    for text in all_probes(False).texts:
        sentences.append(WORD.findall(text))
        n += len(sentences[-1])
        if n >= 2 * choice.words:  # more than are asked for, since long texts are cut
            break
    every = read_words(surrogate, sentences)
    kept = np.flatnonzero(~np.isnan(every.features).any(1))[: choice.words]
    probes = Words([every.words[i] for i in kept], every.features[kept], [])
    basis = probe_basis(probes.features, Functional.rank)
    names = [path.stem for path in choice.files]
    firsts, seconds, boxes = [], [], {"letters": [], "features": []}
    for path in choice.files:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        order = np.random.default_rng(0).permutation(len(rows))
        parts = [[rows[i] for i in half] for half in np.array_split(order, 2)]
        first, second = (drawn(surrogate, part, choice.rows, 0) for part in parts)
        firsts.append(dataset_answers(first, probes))
        seconds.append(dataset_answers(second, probes))
        for name, answers in boxes.items():
            answers.append(tagger_answers(second, probes, name == "letters"))
    found = {"second halves": similarities(seconds, firsts, basis)}
    found |= {f"taggers by {name}": similarities(some, firsts, basis) for name, some in boxes.items()}
    if choice.json:
        own = np.diag(found["second halves"]).mean()
        across = found["second halves"][~np.eye(len(names), dtype=bool)].mean()
        print(
            json.dumps({"ratio": round(own / across, 3), "names": names, **{k: v.tolist() for k, v in found.items()}})
        )
        return
    for title, table in found.items():
        first = (table.argmax(1) == np.arange(len(names))).mean()
        print(f"{title} against first halves: its own first in {first:.0%}")
        for name, row in zip(names, table, strict=True):
            print(f"  {name:12} " + "  ".join(f"{other} {s:.2f}" for other, s in zip(names, row, strict=True)))


if __name__ == "__main__":
    main()
