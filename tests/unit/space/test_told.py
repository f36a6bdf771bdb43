"""What is said of verdicts and neighbours: which words, where the line goes, and what is no better than chance."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

import fute_core as fute
from fute_core.atlas.atlas import open_atlas
from fute_core.space.scale import Scale
from fute_core.space.told import CHANCE, STANDINGS, cut_off, headline, standing, standing_of, standing_on
from fute_core.space.verdict import Job


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


def all_standings(atlas, name: str):
    own = atlas.space.embeddings[atlas.space.index(name)]
    for other, cosine in zip(atlas.space.embeddings, atlas.space.similarity([name])[0].tolist(), strict=True):
        if other is own:
            continue
        yield standing(atlas.meaning, own, other, cosine), atlas.meaning.share(own, other, cosine), other, cosine


def test_every_verdict_has_words_and_only_claims_name_a_job():
    told = {job: headline(job, "spam") for job in get_args(Job)}
    assert len(set(told.values())) == len(told)
    assert {job for job, words in told.items() if "spam" in words} == {"same", "kin", "group"}
    assert headline("none", None, early=True) != headline("none", None)
    assert headline("same", "spam", early=True) == told["same"], "a claim stands, whatever is to come"


@pytest.mark.parametrize("name", ["dataset:sst2", "model:sst2 · logistic", "dataset:sms_spam"])
def test_a_neighbour_may_do_the_same_job_from_the_level_on_and_is_chance_from_half_the_strangers_on(atlas, name):
    own = atlas.space.embeddings[atlas.space.index(name)]
    seen = set()
    for told, share, other, cosine in all_standings(atlas, name):
        level = atlas.meaning.same_level(own, other)
        assert (told == "same") == (cosine >= level)
        assert (told == "chance") == (share >= CHANCE)
        seen.add(told)
    assert seen == {"same", "near", "chance"}


def test_the_median_stranger_is_no_better_than_chance(atlas):
    strangers = atlas.scale.reference("prompt", "dataset", 1)
    middle = float(np.median(strangers))
    assert standing_on(atlas.scale, "prompt", "dataset", middle - 1e-3) == "chance"
    assert standing_on(atlas.scale, "prompt", "dataset", middle + 0.02) == "near"


def test_a_dataset_whose_verdict_is_the_same_job_has_its_nearest_above_the_line(atlas):
    claims = 0
    for item in atlas.items:
        own = item.embedding
        verdict = atlas.verdict(f"{own.kind}:{own.name}")
        near = atlas.items[atlas.positions[f"dataset:{verdict.nearest}"]].embedding
        told = standing(atlas.meaning, own, near, verdict.similarity)
        assert (verdict.job == "same") == (told == "same"), own.name
        claims += verdict.job == "same"
    assert claims > 20


def test_nothing_is_said_of_texts_that_are_not_read(atlas):
    own = atlas.space.embeddings[atlas.space.index("sst2", "dataset")]
    other = atlas.space.embeddings[atlas.space.index("mr", "dataset")]
    assert standing(atlas.meaning, own, other, 0.9) == "same"
    unread = replace(own.provenance, details={**own.provenance.details, "whole_words": 0.1})
    assert standing(atlas.meaning, replace(own, provenance=unread), other, 0.9) is None


def test_nothing_is_said_of_a_vector_of_zeros(atlas):
    rng = np.random.default_rng(0)
    mine = fute.Dataset(["the same words"] * 40, list(rng.permutation(["a", "b"] * 20)), name="blind")
    own = fute.embed(mine, store=False)
    told = atlas.verdict(own)
    assert (told.job, told.of) == ("unknown", None)
    assert told.why.startswith("Its labels do not follow from what the surrogate reads in its texts")
    found = atlas.nearest(own)
    assert found["closer_than"].isna().all()
    assert found["low"].isna().all()
    assert not np.signbit(found["similarity"]).any()


def test_where_a_verdict_cannot_be_told_no_neighbour_does_the_same_job():
    pairs = open_atlas(True, store=False)
    assert pairs.scale.same_level("model", "dataset", 1) < 0.9
    assert standing_on(pairs.scale, "model", "dataset", 0.9) is None
    assert standing_on(pairs.scale, "model", "dataset", -0.9) == "chance"
    assert standing_on(Scale({}), "model", "dataset", 0.9) is None


def test_the_line_goes_under_the_last_that_may_do_the_same_job():
    assert cut_off(["same", "same", "near", "chance"]) == 2
    assert cut_off(["near", "chance"]) == 0, "above all"
    assert cut_off(["same", "same"]) is None, "nothing is below"
    assert cut_off(["same", None]) == 1
    assert cut_off([None, "chance"]) is None, "no level is known"
    assert cut_off([]) is None


def test_the_words_of_a_table_lead_back_to_what_they_stand_for():
    assert [standing_of(words) for words in STANDINGS.values()] == list(STANDINGS)
    assert standing_of("anything else") is None
