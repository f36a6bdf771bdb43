"""Heads of one dataset on the rows of another, where it is known whether they do its job."""

from dataclasses import replace

import numpy as np
import pytest

import fute_core as fute
from fute_core.analysis.swapped_heads import Measured, Swap, swap_heads
from fute_core.datasets.catalog import load_dataset
from fute_core.errors import BadInput
from fute_core.models.surrogate import load_surrogate
from fute_core.store.store import Store


def part(name, at, n=120):
    whole = load_dataset(name, limit=2 * n)
    rows = np.arange(at, len(whole.texts), 2)
    return replace(whole, name=f"{name} {at}", texts=tuple(whole.texts[i] for i in rows), targets=whole.targets[rows])


def shuffled(dataset):
    order = np.random.default_rng(0).permutation(len(dataset.texts))
    return replace(dataset, name="shuffled", targets=dataset.targets[order])


@pytest.fixture(scope="module")
def surrogate(tmp_path_factory):
    return load_surrogate("minilm", Store(tmp_path_factory.mktemp("features")))


def test_other_rows_of_a_dataset_do_its_job_and_so_they_do_under_other_names_of_labels(surrogate):
    one, other = part("ag_news", 0), part("ag_news", 1)
    renamed = replace(other, targets=other.targets[:, ::-1], labels=("a", "b", "c", "d"))
    for found in swap_heads(one, renamed, surrogate):
        assert found.share is not None
        assert found.share.low > 0.5
        assert found.share.low <= found.share.value <= found.share.high
        assert found.other.low > found.random
        assert found.words.endswith("half of it or more.")


def test_heads_of_shuffled_labels_do_no_more_than_random_ones_and_cannot_judge_others(surrogate):
    news = part("ag_news", 0)
    of_news, of_shuffled = swap_heads(news, shuffled(part("ag_news", 1)), surrogate)
    assert of_news.other.value < of_news.own.value
    assert of_shuffled.share is None
    assert "too little to judge others by" in of_shuffled.words


def test_heads_of_another_job_do_little_of_it(surrogate):
    on_news, on_reviews = swap_heads(part("trec", 0), part("sst2", 0), surrogate)
    assert on_news.share.high < 0.5
    assert on_reviews.other.low <= on_reviews.random or on_reviews.share.high < 1.0
    assert swap_heads(part("trec", 0), part("sst2", 0), surrogate) == (on_news, on_reviews)


@pytest.mark.parametrize(
    ("own", "other", "share", "random", "says"),
    [
        (0.8, (0.7, 0.6, 0.8), (0.9, 0.8, 1.0), 0.1, "half of it or more."),
        (0.8, (0.2, 0.15, 0.3), (0.25, 0.2, 0.4), 0.1, "less than half of it."),
        (0.8, (0.4, 0.3, 0.5), (0.5, 0.4, 0.6), 0.1, "cannot be told from 100 rows."),
        (
            0.8,
            (0.2, 0.05, 0.3),
            (0.25, 0.1, 0.4),
            0.1,
            "(0.05 to 0.30), and random weights reach 0.10.",
        ),
        (0.1, (0.1, 0.0, 0.2), None, 0.1, "too little to judge others by."),
    ],
)
def test_what_is_said_follows_from_the_intervals(own, other, share, random, says):
    found = Swap("mine", "sst2", 100, Measured(own, own, own), Measured(*other), share and Measured(*share), random)
    assert found.words.endswith(says)


def test_what_cannot_be_tried_is_refused_in_a_sentence(surrogate):
    news = part("ag_news", 0)
    scores = fute.Dataset(["a", "b", "c"], [0.1, 0.5, 0.7], regression=True, name="scores")
    pairs = fute.Dataset([("a", "b")] * 4 + [("c", "d")] * 4, ["x"] * 4 + ["y"] * 4, name="pairs")
    few = replace(news, texts=news.texts[:30], targets=news.targets[:30])
    repeated = fute.Dataset(["one", "two"] * 20, [0, 1] * 20, name="repeated")
    for other, why in (
        (scores, "has scores"), (pairs, "'pairs' pairs"), (news, "that are not in"), (few, "10 of each label"),
        (repeated, "has 1 rows of the label '0' with texts of their own"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=why):
            swap_heads(news, other, surrogate)


def test_rows_that_both_have_teach_nothing(surrogate):
    news = part("ag_news", 0, n=200)
    first = replace(news, name="first", texts=news.texts[:120], targets=news.targets[:120])
    shared = tuple(f"  {text.upper()} " for text in news.texts[:40])
    generator = np.random.default_rng(0)
    noise = replace(news, name="noise", texts=shared + news.texts[120:], targets=np.vstack(
        [news.targets[:40], news.targets[120:][generator.permutation(80)]]))  # fmt: skip
    on_first, _ = swap_heads(first, noise, surrogate)
    assert on_first.in_both == 40
    assert on_first.other.low <= on_first.random, "what is right of it are rows of the first"
    assert on_first.words.endswith("40 rows of 'noise' left out, since 'first' has them too.")


def test_rows_that_stand_there_several_times_are_one(surrogate):
    news = part("ag_news", 0, n=100)
    labels = np.random.default_rng(0).permutation(np.arange(100) % 2)
    noise = fute.Dataset(list(news.texts[:100]) * 4, list(labels) * 4, name="noise")
    on_noise, _ = swap_heads(noise, part("ag_news", 1), surrogate)
    assert on_noise.rows == 100
    assert on_noise.own.value < 0.2
    assert on_noise.share is None


def test_two_of_one_name_are_told_apart(surrogate):
    one, other = (replace(part("ag_news", at), name="news") for at in (0, 1))
    assert {s.rows_of for s in swap_heads(one, other, surrogate)} == {"news (first)", "news (second)"}
