"""The public conformance suite: what is shipped passes it, and each broken clause is named."""

import doctest

import numpy as np
import pytest
from tiny_classifiers import tiny_classifier_folder
from tiny_models import tiny_surrogate

from fute_core import registry, testing
from fute_core.datasets.probes import load_probes
from fute_core.methods import METHODS, Fitted
from fute_core.predictors import callable as functions
from fute_core.predictors.callable import CallablePredictor
from fute_core.predictors.classifier import ClassifierPredictor
from fute_core.predictors.outputs import OutputsPredictor
from fute_core.testing import check_method, check_predictor, check_surrogate
from fute_core.vectors import Block

QUICK = {"prefix": {"epochs": 1}, "lora": {"epochs": 1}}


@pytest.fixture(scope="module")
def surrogate(tmp_path_factory):
    return tiny_surrogate("bert", tmp_path_factory.mktemp("surrogate") / "bert")


def length_answers(texts):
    yes = np.array([len("".join(t)) % 7 / 7 for t in texts])
    return np.stack([1 - yes, yes], 1)


@pytest.mark.parametrize(("module", "n"), [(testing, 12), (registry, 2), (functions, 2)])
def test_the_examples_of_docstrings_run(module, n):
    results = doctest.testmod(module)
    assert results.failed == 0
    assert results.attempted >= n


# ours ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", [False, True])
def test_functions_and_files_of_outputs_conform(pair):
    probes = load_probes(pair, 12)
    proba = length_answers(probes.texts).astype(np.float32)
    check_predictor(lambda: CallablePredictor(length_answers, ["no", "yes"]), pair=pair)
    check_predictor(lambda: OutputsPredictor(["no", "yes"], probes.ids, probes.texts, proba), pair=pair)


@pytest.mark.parametrize("pair", [False, True])
@pytest.mark.parametrize("outputs", [1, 3])
def test_classifiers_conform(tmp_path, pair, outputs):
    folder = tiny_classifier_folder("bert", tmp_path / "m", num_labels=outputs)
    check_predictor(lambda: ClassifierPredictor(str(folder)), pair=pair)


@pytest.mark.parametrize("name", list(METHODS))
def test_methods_conform(surrogate, name):
    method = METHODS[name]
    check_method(lambda: method(**QUICK.get(name, {})), surrogate)


@pytest.mark.parametrize("family", ["bert", "roberta", "mpnet", "t5", "distilbert"])
def test_surrogates_conform(tmp_path, family):
    check_surrogate(tiny_surrogate(family, tmp_path / family))


# broken ones ---------------------------------------------------------------------------------------------------------


class Sound:
    """Keeps the contract; each class below breaks one clause of it."""

    labels = ("no", "yes")

    def predict_proba(self, texts):
        return length_answers(texts).astype(np.float32) if len(texts) else np.zeros((0, 2), np.float32)

    def fingerprint(self):
        return "sound"


class WrongType(Sound):
    def predict_proba(self, texts):
        return super().predict_proba(texts).astype(np.float64)


class WrongSum(Sound):
    def predict_proba(self, texts):
        return super().predict_proba(texts) * np.float32(0.9)


class BatchDependent(Sound):
    def predict_proba(self, texts):
        proba = super().predict_proba(texts)
        return (proba + len(texts)) / (proba + len(texts)).sum(1, keepdims=True)


class OrderDependent(Sound):
    def predict_proba(self, texts):
        proba = super().predict_proba(texts)
        return np.sort(proba, axis=0) if len(texts) < 2 else np.roll(proba, 1, axis=0)


class Restless(Sound):
    def fingerprint(self):
        return str(id(self))


class Repeated(Sound):
    labels = ("yes", "yes")


class Draws(Sound):
    def predict_proba(self, texts):
        np.random.random()
        return super().predict_proba(texts)


class Fails(Sound):
    def predict_proba(self, texts):
        raise RuntimeError("out of luck")


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (WrongType, "gives float64"), (WrongSum, "misses the sum of 1"), (BatchDependent, "one text at a time"),
        (OrderDependent, "in the other order"), (Restless, "different fingerprints"), (Repeated, "a name twice"),
        (Draws, "global random numbers"), (Fails, "RuntimeError: out of luck"), (object, "lacks one of labels"),
    ],
)  # fmt: skip
def test_a_broken_predictor_is_told_what_it_breaks(broken, sentence):
    kept = []  # two objects alive have two ids
    np.random.random()  # so that a few draws more do not renew NumPy's whole state
    check_predictor(Sound)
    with pytest.raises(AssertionError, match=sentence):
        check_predictor(lambda: kept.append(broken()) or kept[-1])


class Mean:
    """A method that keeps the contract; each class below breaks one clause of it."""

    name = "mean"
    needs_probes = False
    seeded = False

    def params(self):
        return {}

    def vector(self, surrogate, observations):
        return surrogate.features(observations.texts).mean(0)

    def fit(self, surrogate, observations):
        vector = self.vector(surrogate, observations)
        return Fitted(vector, (Block("features", 0, self.stop(vector), part="mean"),))

    def stop(self, vector):
        return len(vector)


class OneNumberALabel(Mean):
    def vector(self, surrogate, observations):
        return observations.targets.mean(0)


class Random(Mean):
    def vector(self, surrogate, observations):
        return super().vector(surrogate, observations) + np.random.default_rng().normal(size=16).astype(np.float32)


class SecretlySeeded(Mean):
    def vector(self, surrogate, observations):
        return super().vector(surrogate, observations) + np.float32(observations.seed)


class Uncovered(Mean):
    def stop(self, vector):
        return len(vector) - 1


class NotFinite(Mean):
    def vector(self, surrogate, observations):
        return super().vector(surrogate, observations) * np.float32(np.nan)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (OneNumberALabel, "three labels give a vector of shape"), (Random, "fitted again"),
        (SecretlySeeded, "another seed gives another vector"), (Uncovered, "its blocks end at 15"),
        (NotFinite, "not finite"),
    ],
)  # fmt: skip
def test_a_broken_method_is_told_what_it_breaks(surrogate, broken, sentence):
    check_method(Mean, surrogate)
    with pytest.raises(AssertionError, match=sentence):
        check_method(broken, surrogate)


def test_a_broken_surrogate_is_told_what_it_breaks(tmp_path):
    broken = tiny_surrogate("bert", tmp_path / "bert")
    broken.pool = lambda hidden, mask: hidden.mean(1)  # padding counts as text
    with pytest.raises(AssertionError, match="read one at a time"):
        check_surrogate(broken)
