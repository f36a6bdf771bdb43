"""What must hold of any task embedding, on the real surrogate and real data: determinism, shapes, labels, structure.

Exactness of Fisher, batches and padding: test_fisher.py. Every trained block: test_trained_blocks.py.
"""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from tiny_models import _tokenizer

from fute_core.datasets.catalog import load_dataset
from fute_core.datasets.probes import load_probes
from fute_core.embedding.pipelines import embed_dataset, embed_model
from fute_core.embedding.recipe import Recipe
from fute_core.errors import Cancelled
from fute_core.methods import Observations
from fute_core.models.encoder import Surrogate
from fute_core.models.surrogate import load_surrogate

PROBES = 16
QUICK = {"prefix": {"epochs": 1}, "lora": {"epochs": 1}}
RECIPES = {
    name: Recipe(name, QUICK.get(name, {}), n_probes=PROBES)
    for name in ("fused", "functional", "fisher", "text", "prefix", "lora")
}
VARIED = ("sst2", "trec", "ag_news", "sms_spam", "tweet_emotion", "subj", "clickbait", "davidson")


def cosine(a, b) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def part(dataset, rows, name=None, **changes):
    rows = np.asarray(rows)
    texts = tuple(dataset.texts[i] for i in rows)
    return replace(dataset, name=name or dataset.name, texts=texts, targets=dataset.targets[rows], **changes)


class Answers:
    """A black box that answers every text by a fixed rule."""

    labels = ("no", "yes")

    def __init__(self, known_as, sharpness=1.0):
        self.known_as, self.sharpness = known_as, sharpness

    def fingerprint(self):
        return self.known_as

    def predict_proba(self, texts):
        yes = np.array([1 / (1 + np.exp(-self.sharpness * (len(t) % 17 - 8))) for t in texts])
        return np.stack([1 - yes, yes], 1).astype(np.float32)


# 1. determinism -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", RECIPES)
def test_same_inputs_give_the_same_bytes(method):
    dataset = load_dataset("trec", limit=12)
    one, two = (embed_dataset(dataset, RECIPES[method]) for _ in range(2))
    assert one.vector.tobytes() == two.vector.tobytes()
    assert one.key == two.key
    assert one.blocks == two.blocks


def test_another_process_gives_the_same_bytes_and_keys():
    script = (
        "from fute_core.datasets.catalog import load_dataset\n"
        "from fute_core.embedding.pipelines import embed_dataset\n"
        "from fute_core.embedding.recipe import Recipe\n"
        f"e = embed_dataset(load_dataset('trec', limit=12), Recipe(n_probes={PROBES}))\n"
        "print(e.key, e.vector.tobytes().hex())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=200)
    here = embed_dataset(load_dataset("trec", limit=12), RECIPES["fused"])
    assert done.stdout.split() == [here.key, here.vector.tobytes().hex()]


# 2. shapes ----------------------------------------------------------------------------------------------------------


def test_published_shapes_of_a_base_size_encoder():
    """BERT-base has 12 layers of 768: FUTE's prefix vector is 24,576 long, TuPaTE's 18,432, TextEmb's 768."""
    from transformers import BertConfig, BertModel

    tokenizer = _tokenizer("bert")
    config = BertConfig(vocab_size=len(tokenizer), intermediate_size=8, max_position_embeddings=64)
    model = BertModel(config, add_pooling_layer=False).eval().requires_grad_(False)
    base = Surrogate("bert-base", "random", model, tokenizer, 64)
    texts = ("a fine film", "a dull film", "good", "bad")
    observations = Observations(texts, np.eye(2, dtype=np.float32)[[0, 1, 0, 1]])
    lengths = {}
    for name, options in (("paper", {"epochs": 1}), ("cheap", {"epochs": 1}), ("text", None)):
        recipe = Recipe("text") if options is None else Recipe("prefix", {"preset": name, **options})
        lengths[name] = len(recipe.build().fit(base, observations).vector)
    assert lengths == {"paper": 24_576, "cheap": 18_432, "text": 768}


def test_length_and_blocks_depend_on_surrogate_and_method_alone():
    for recipe in (RECIPES["fused"], RECIPES["fisher"]):
        made = [embed_dataset(load_dataset(name, limit=12), recipe) for name in ("sst2", "trec")]
        made += [embed_dataset(load_dataset("mrpc", limit=12), RECIPES["fisher"])] if recipe.method == "fisher" else []
        assert len({(len(e.vector), e.blocks) for e in made}) == 1
        assert all(np.isfinite(e.vector).all() and e.vector.dtype == np.float32 for e in made)


# 6. names and order of labels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["fused", "functional", "fisher"])
def test_names_and_order_of_labels_do_not_matter(method):
    dataset = load_dataset("trec", limit=12)
    order = [3, 0, 5, 1, 4, 2]
    permuted = replace(
        dataset, targets=np.ascontiguousarray(dataset.targets[:, order]), labels=tuple(f"label {i}" for i in order)
    )
    one, two = (embed_dataset(d, RECIPES[method]).vector for d in (dataset, permuted))
    assert cosine(one, two) > 0.9999
    renamed = embed_dataset(replace(dataset, labels=tuple("abcdef"), name="other"), RECIPES[method])
    assert renamed.vector.tobytes() == one.tobytes()


# 14. equal answers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["fused", "functional", "fisher"])
def test_black_boxes_that_answer_alike_have_one_vector(method):
    one, two, other = (
        embed_model(Answers(known_as, sharpness), RECIPES[method], name=known_as).vector
        for known_as, sharpness in (("first", 0.3), ("second", 0.3), ("third", -0.02))
    )
    assert one.tobytes() == two.tobytes()
    if method == "fisher":
        assert cosine(one, other) < 0.9999
    else:  # how sure a black box is, or which of two labels it means, is no other job
        assert cosine(one, other) == pytest.approx(1, abs=1e-4)


def test_a_prompt_with_a_trailing_blank_lands_in_the_same_place():
    from tiny_language_models import tiny_language_model

    from fute_core.predictors.prompted_lm import PromptedLM
    from fute_core.tasks import PromptTemplate

    lm = tiny_language_model("gpt2")
    vectors = []
    for source in ("{{ text }} good or bad?", "{{ text }} good or bad? "):
        template = PromptTemplate("p", source, (("bad",), ("good",)), ("no", "yes"))
        embedding = embed_model(PromptedLM(template, lm), RECIPES["functional"], name="p", kind="prompt")
        vectors.append(embedding.vector)
    assert cosine(*vectors) >= 0.95


def test_probe_texts_are_the_same_for_all(tmp_path):
    assert load_probes(False, PROBES).texts == load_probes(False, 2 * PROBES).texts[:PROBES]
    assert load_surrogate() is load_surrogate()


# progress and stopping ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["fisher", "prefix"])
def test_long_work_tells_how_far_it_is_and_stops_within_an_item(method):
    dataset, told = load_dataset("trec", limit=60), []
    recipe = Recipe(method, {"epochs": 2, "batch_size": 6} if method == "prefix" else {})
    limit = 1 if method == "fisher" else 4  # 60 questions make few batches
    with pytest.raises(Cancelled, match="Stopped while reading 60 texts"):
        embed_dataset(dataset, recipe, progress=lambda *at: told.append(at), should_stop=lambda: len(told) >= limit)
    assert len(told) == limit
    assert told == sorted(told)
    assert all(0 < done < total == 60 for done, total in told)
    told.clear()
    embed_dataset(dataset, recipe, progress=lambda *at: told.append(at))
    assert len(told) > limit
    assert told[-1] == (60, 60)
