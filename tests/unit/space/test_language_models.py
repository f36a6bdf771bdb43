"""Prompts on several language models: each model's own mean, and what strangers of each reach."""

from dataclasses import replace

import numpy as np
import pytest
from simulated_tasks import TEXTS, basis, families

from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.evaluation.parts.newcomers import measured_scales
from fute_core.evaluation.parts.reference import fit_reference
from fute_core.gram import gram_factor
from fute_core.methods.functional import log_odds
from fute_core.space.groups import MIN_PROMPTS
from fute_core.space.kinds import scale_kind
from fute_core.space.scale import Scale

KNOWN = [f"known{i}" for i in range(24)]


def prompt(item, model: str, at: int, habit: float = 0.0):
    """A simulated classifier as if it were a prompt on a language model, which leans by `habit` to its own answers."""
    lean = np.random.default_rng(sum(map(ord, model))).normal(size=item.answers.shape)
    proba = np.exp(log_odds(item.answers) + habit * lean)
    answers = (proba / proba.sum(1, keepdims=True)).astype(np.float32)
    own = item.embedding
    made = replace(own.provenance, details={"language_model": model} if model else {})
    factor = gram_factor(log_odds(answers), basis())[0]
    name = f"{own.name} asked {at} @ {model}"
    return replace(
        item, embedding=replace(own, name=name, key=name, kind="prompt", factor=factor, provenance=made), facts={},
        answers=answers,
    )  # fmt: skip


@pytest.fixture(scope="module")
def reference():
    """Datasets, classifiers, and a prompt a family on each of two models, the second with habits of its own."""
    items = families(KNOWN)
    classifiers = [i for i in items if i.embedding.kind == "model"][::4]
    prompts = [prompt(i, m, n, h) for n, i in enumerate(classifiers) for m, h in (("calm", 0.5), ("wilful", 3.0))]
    return [*items, *prompts]


def groups_lost(calibrator, item):
    """Of which groups' references the mean consists that an item loses."""
    strata, taken = calibrator.centres_.strata, calibrator.place([item]).taken[0]
    return sorted({strata.groups[group] for group in strata.group[taken > 0]})


def test_a_prompt_loses_the_mean_of_its_language_model(reference):
    calibrator = fit_reference(reference, basis())
    of = {
        model: next(i.embedding for i in reference if i.embedding.language_model == model)
        for model in ("calm", "wilful")
    }
    assert groups_lost(calibrator, of["calm"]) == ["prompt/single@calm"]
    assert groups_lost(calibrator, of["wilful"]) == ["prompt/single@wilful"]


def test_a_model_without_references_loses_the_mean_of_all_prompts(reference):
    calibrator = fit_reference(reference, basis())
    unknown = prompt(reference[1], "unheard-of", 0).embedding
    assert groups_lost(calibrator, unknown) == ["prompt/single"]
    assert groups_lost(calibrator, replace(unknown, provenance=replace(unknown.provenance, details={}))) == [
        "prompt/single"
    ]


def test_a_model_with_few_prompts_has_no_mean_of_its_own(reference):
    few = [i for i in reference if i.embedding.language_model != "wilful"]
    few += [i for i in reference if i.embedding.language_model == "wilful"][: MIN_PROMPTS - 1]
    calibrator = fit_reference(few, basis())
    assert "prompt/single@wilful" not in calibrator.centres_.strata.groups
    assert groups_lost(calibrator, few[-1].embedding) == ["prompt/single"]


def test_leaving_a_family_out_gives_what_a_calibrator_without_it_gives(reference):
    read = LeftOut.of(reference, basis(), [TEXTS])
    embeddings = [i.embedding for i in reference]
    rest = [i for i in reference if i.embedding.family != "known0"]
    placed = fit_reference(rest, basis()).place(embeddings)
    found = read.similarities(read.without("known0"), [TEXTS])[TEXTS]
    np.testing.assert_allclose(found, placed.cosines(placed), atol=1e-6)


def test_strangers_of_each_language_model_are_told_apart(reference):
    scale = measured_scales(reference, basis(), ())[TEXTS]
    calm, wilful, all_prompts = (
        scale.reference(scale_kind("prompt", model), "dataset", 1) for model in ("calm", "wilful", "")
    )
    assert len(calm) == len(wilful) == len(all_prompts) // 2
    np.testing.assert_allclose(np.sort(np.concatenate([calm, wilful])), all_prompts)
    assert not np.allclose(calm, wilful)
    levels = {m: scale.claim_level(scale_kind("prompt", m), "dataset", error=0.2) for m in ("calm", "wilful")}
    assert levels["calm"] != levels["wilful"]


def test_of_a_model_without_references_the_strangers_of_all_prompts_tell(reference):
    scale = measured_scales(reference, basis(), ())[TEXTS]
    for told in (scale.share, scale.best_share):
        assert told("prompt@unheard-of", "dataset", 0.1) == told("prompt", "dataset", 0.1)
    assert scale.share("prompt@calm", "model", 0.1, 1) == scale.share("prompt", "model", 0.1, 1)
    assert scale.same_level("prompt@calm", "dataset", 1) is not None


def test_a_model_whose_prompts_are_of_few_families_has_no_strangers_of_its_own(reference):
    few = [i for i in reference if i.embedding.language_model != "wilful" or i.embedding.family in KNOWN[:9]]
    scale = measured_scales(few, basis(), ())[TEXTS]
    assert "prompt@wilful dataset" not in scale.newcomer
    assert "prompt@calm dataset" in scale.newcomer


def test_among_known_items_the_language_model_makes_no_difference():
    scale = Scale({"dataset prompt": np.linspace(-0.5, 0.5, 40)})
    assert scale.share("prompt@calm", "dataset", 0.2) == scale.share("prompt", "dataset", 0.2)


def test_a_model_without_references_is_told(reference):
    calibrator = fit_reference(reference, basis())
    unknown = prompt(reference[1], "unheard-of", 0).embedding
    assert calibrator.notes([i.embedding for i in reference]) == ()
    (said,) = calibrator.notes([unknown])
    assert said.startswith("No prompts on unheard-of are among the references")
    assert "calm and wilful" in said
    plain = fit_reference([i for i in reference if i.embedding.kind != "prompt"], basis())
    assert not any("unheard-of" in note for note in plain.notes([unknown])), "no model has a mean of its own there"
