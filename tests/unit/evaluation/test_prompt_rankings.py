"""What `fute eval prompts` judges is what `fute select` prints: labels are paired by name, in its own order."""

from types import SimpleNamespace

import numpy as np
import pytest

from fute_core.analysis.candidates import Candidate
from fute_core.analysis.choosing import choose
from fute_core.atlas.atlas import open_atlas
from fute_core.datasets.catalog import load_dataset
from fute_core.evaluation.prompts.rankings import AGREEMENT, SELECTED, Prompted, by_embedding
from fute_core.predictors.answers import ProbeAnswers
from fute_core.store.keys import answers_key
from fute_core.store.store import open_store


@pytest.mark.parametrize("name", ["sst2", "davidson", "sarcasm_comments", "tweet_hate"])
def test_prompts_are_ranked_as_the_product_ranks_them(tmp_path, name):
    atlas, store = open_atlas(store=False), open_store(tmp_path)
    target = atlas.items[atlas.positions[f"dataset:{name}"]]
    family = target.embedding.family
    prompts = [i for i in atlas.items if i.embedding.kind == "prompt" and i.embedding.family == family]
    assert len(prompts) >= 6
    for item in (target, *prompts):
        store.put(answers_key(item.embedding.key), {"answers": item.answers}, {})
    group, candidates = [], []
    for item in prompts:
        labels, own = tuple(item.facts["labels"]), item.embedding
        group.append(Prompted(own.name, SimpleNamespace(template=SimpleNamespace(labels=labels)), own))
        answers = ProbeAnswers(labels, np.arange(len(item.answers)), item.answers)
        candidates.append(Candidate(own.name, "prompt", family, answers, calibrate=False))
    dataset = load_dataset(name, limit=50)
    assert list(dataset.labels) == list(target.facts["labels"])
    basis = atlas.gallery.basis
    judged = by_embedding(store, group, dataset, target.embedding, atlas.space, basis)
    shipped = choose(atlas, target, candidates, basis).ranking
    agreement = {ranked.name: ranked.agreement for ranked in shipped}
    np.testing.assert_allclose(judged[AGREEMENT], [agreement[p.name] for p in group], atol=1e-6)
    order = sorted(range(len(group)), key=lambda n: -judged[SELECTED][n])
    assert [group[n].name for n in order] == [ranked.name for ranked in shipped]
