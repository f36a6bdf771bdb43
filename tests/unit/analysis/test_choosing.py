"""Candidates that answered some of the probe texts are judged by those alone, and by what strangers reach there."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core.analysis.candidates import Candidate
from fute_core.analysis.choosing import choose, different_job_level, share_reaching
from fute_core.atlas.atlas import open_atlas
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.predictors.answers import ProbeAnswers


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


def candidates(atlas, n: int) -> list[Candidate]:
    prompts = [i for i in atlas.items if i.embedding.kind == "prompt" and i.embedding.family == "topic"]
    return [
        Candidate(i.embedding.name, "prompt", "topic",
                  ProbeAnswers(tuple(i.facts["labels"]), np.arange(n), i.answers[:n]), calibrate=False,
                  language_model=i.embedding.language_model)
        for i in prompts
    ]  # fmt: skip


@pytest.mark.parametrize("n", [128, 512])
def test_a_similarity_is_that_of_the_texts_that_all_have_answered(atlas, n):
    target = atlas.items[atlas.space.index("ag_news", "dataset")]
    found = choose(atlas, target, candidates(atlas, n), atlas.gallery.basis)
    assert found.n_texts == n
    plain = LeftOut.of(atlas.gallery.items, atlas.gallery.basis, sorted({n, 512}))
    cosines = plain.similarities(range(len(atlas.gallery.items)), [n])[n][atlas.positions["dataset:ag_news"]]
    for row in found.ranking:
        assert row.similarity == pytest.approx(cosines[atlas.positions[f"prompt:{row.name}"]], abs=1e-5)
        assert row.low <= row.similarity <= row.high


def test_above_the_bar_at_most_one_in_twenty_are_as_alike_and_below_it_more(atlas):
    target = atlas.items[atlas.space.index("ag_news", "dataset")]
    own = replace(target, embedding=replace(target.embedding, name="mine", key="mine"))
    for aimed in (target, own):
        for n in (32, 128, 512):
            bar = different_job_level(atlas, aimed, ["prompt"], n)
            assert share_reaching(atlas, aimed, "prompt", bar + 0.002, n) <= 0.051
            assert share_reaching(atlas, aimed, "prompt", bar - 0.002, n) >= 0.049


def test_fewer_texts_have_a_higher_bar(atlas):
    target = atlas.items[atlas.space.index("ag_news", "dataset")]
    levels = [different_job_level(atlas, target, ["prompt"], n) for n in (64, 128, 256, 512)]
    assert levels == sorted(levels, reverse=True)
    assert levels[1] > 1.5 * levels[3]
