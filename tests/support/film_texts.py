"""Texts about films with targets drawn at random, for methods that are trained on a tiny encoder."""

import numpy as np

from fute_core.methods import Observations
from fute_core.methods.lora import Lora
from fute_core.methods.prefix import Prefix

TEXTS = (
    "a gripping film",
    "the plot is thin and the jokes are thinner than the paper they were written on",
    "yes",
    "who wrote this and why would anyone read it twice",
    "an honest , moving portrait",
    "no",
    "it never finds its feet",
    "one of the best of the year , and the funniest by far",
    "dull",
    "bright , quick and kind",
    "i left before the end",
    "see it twice",
)
TRAINED = [Prefix, Lora]


def observations(k: int = 3, n: int = len(TEXTS), **changed) -> Observations:
    targets = np.random.default_rng(k).dirichlet(np.full(k, 0.3), n).astype(np.float32)
    return Observations(**{"texts": TEXTS[:n], "targets": targets} | changed)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
