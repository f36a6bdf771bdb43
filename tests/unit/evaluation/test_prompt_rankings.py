"""What `fute eval prompts` judges is what `fute select` prints: labels are paired by name, in its own order."""

from types import SimpleNamespace

import numpy as np
import pytest

from fute_core.analysis.candidates import Candidate
from fute_core.analysis.choosing import choose
from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.gallery import load_gallery
from fute_core.datasets.catalog import load_dataset
from fute_core.errors import BadInput
from fute_core.evaluation.metrics import spearman
from fute_core.evaluation.parts.choice import Choice
from fute_core.evaluation.prompts import shipped_cases, study
from fute_core.evaluation.prompts.case import of_one_label_set
from fute_core.evaluation.prompts.rankings import AGREEMENT, SELECTED, PromptedItem, by_embedding
from fute_core.evaluation.prompts.shipped_report import shipped_result
from fute_core.predictors.answers import ProbeAnswers


@pytest.mark.parametrize("name", ["sst2", "davidson", "sarcasm_comments", "tweet_hate"])
def test_prompts_are_ranked_as_the_product_ranks_them(name):
    atlas = open_atlas(store=False)
    target = atlas.items[atlas.positions[f"dataset:{name}"]]
    family = target.embedding.family
    prompts = [i for i in atlas.items if i.embedding.kind == "prompt" and i.embedding.family == family]
    assert len(prompts) >= 6
    group, candidates = [], []
    for item in prompts:
        labels, own = tuple(item.facts["labels"]), item.embedding
        group.append(
            PromptedItem(own.name, SimpleNamespace(template=SimpleNamespace(labels=labels)), own, item.answers)
        )
        answers = ProbeAnswers(labels, np.arange(len(item.answers)), item.answers)
        candidates.append(Candidate(own.name, "prompt", family, answers, False, own.language_model))
    dataset = load_dataset(name, limit=50)
    assert list(dataset.labels) == list(target.facts["labels"])
    basis = atlas.gallery.basis
    judged = by_embedding(group, dataset, target, atlas.space, basis)
    shipped = choose(atlas, target, candidates, basis).ranking
    agreement = {ranked.name: ranked.with_target for ranked in shipped}
    np.testing.assert_allclose(judged[AGREEMENT], [agreement[p.name] for p in group], atol=1e-6)
    order = sorted(range(len(group)), key=lambda n: -judged[SELECTED][n])
    assert [group[n].name for n in order] == [ranked.name for ranked in shipped]


def test_only_prompts_that_answer_by_the_same_labels_are_ranked_together():
    dataset = load_dataset("argkp_stance", limit=50)
    two, three, other = ("against", "for"), ("against", "in favour", "none"), ("dull", "fine")
    labels = [three, two, three, two, two, other, other, other, other]
    group = [SimpleNamespace(name=str(n), template=SimpleNamespace(labels=some)) for n, some in enumerate(labels)]
    assert [p.name for p in of_one_label_set(group, dataset)] == ["1", "3", "4"]
    assert of_one_label_set(group[5:], dataset) == []


def test_the_shipped_prompts_are_not_asked_the_probe_texts_again(store, monkeypatch):
    monkeypatch.setattr(study, "embed_model", lambda *_, **__: pytest.fail("the gallery has this vector"))
    monkeypatch.setattr(study, "embed_dataset", lambda *_, **__: pytest.fail("the gallery has this vector"))
    monkeypatch.setattr(study, "by_head", lambda *_: {})
    measured = []
    monkeypatch.setattr(study, "measure_case", lambda *found: measured.append(found))
    told = []
    choice = Choice(names=("suggestion_forum",))
    study.study_prompts(store, models={"smollm2": "smollm2"}, choice=choice, families=("suggestion",), tell=told.append)
    (_, _, group, _, target, *_) = measured[0]
    shipped = {i.embedding.name: i for i in load_gallery().items}
    assert told == ["suggestion prompts on suggestion_forum"]
    assert target.embedding.key == shipped["suggestion_forum"].embedding.key
    for prompted in group:
        assert prompted.embedding.key == shipped[prompted.name].embedding.key
        np.testing.assert_array_equal(prompted.answers, shipped[prompted.name].answers)


def test_prompts_are_judged_by_the_accuracies_that_ship_on_every_language_model(store, monkeypatch):
    monkeypatch.setattr(shipped_cases, "by_head", lambda store, group, rows, recipe: {p.name: 0.5 for p in group})
    cases = shipped_cases.shipped_cases(store, ("suggestion", "paraphrase"))
    assert {c.model for c in cases if c.dataset == "suggestion_forum"} == {"smollm2", "gemma3-270m"}
    items = {i.embedding.name: i for pair in (False, True) for i in load_gallery(pair).items}
    for case in cases:
        known = [items[name].facts["accuracies"][case.dataset]["accuracy"] for name in case.prompts]
        assert case.gold == pytest.approx(100 * np.array(known))
        assert {items[name].facts["language_model"] for name in case.prompts} == {case.model}
        assert {AGREEMENT, SELECTED} <= set(case.predicted)
    result = shipped_result(cases)
    for model in ("smollm2", "gemma3-270m"):
        some = [c for c in cases if c.model == model]
        mean = np.mean([spearman(c.gold, c.predicted[SELECTED]) for c in some])
        assert result.values[model]["spearman"].value == pytest.approx(mean)
        assert f"On {model}" in [table.title for table in result.tables]
    assert SELECTED not in result.values["baselines"]
    ahead = result.values["spearman"].value - result.values["baselines"][AGREEMENT]["spearman"].value
    assert result.values["differences"][AGREEMENT]["spearman"].value == pytest.approx(ahead)


def test_a_family_without_prompts_enough_is_told(store):
    with pytest.raises(BadInput, match="No dataset of the gallery has 4 shipped prompts"):
        shipped_cases.shipped_cases(store, ("sexism",))
