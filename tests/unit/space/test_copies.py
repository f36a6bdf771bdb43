"""Two datasets that are made of the same rows are told to be one."""

from dataclasses import replace

import numpy as np
import pytest

import fute_core as fute
from fute_core.atlas.atlas import open_atlas
from fute_core.datasets.catalog import load_dataset
from fute_core.space.verdict import COPY, PARTS_OF_ONE


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


@pytest.mark.parametrize("pair", [False, True])
def test_no_two_datasets_that_ship_are_so_alike(pair):
    space = open_atlas(pair, store=False).space
    datasets = [i for i, e in enumerate(space.embeddings) if e.kind == "dataset"]
    cosines = space.cosines(datasets, datasets)
    np.fill_diagonal(cosines, -1)
    assert cosines.max() < COPY


def test_rows_of_a_shipped_dataset_under_another_name_are_told_to_be_parts_of_it(atlas):
    rows = load_dataset("trec")
    some = np.random.default_rng(0).permutation(len(rows.texts))[:300]
    mine = replace(rows, name="mine", family=None, texts=tuple(rows.texts[i] for i in some), targets=rows.targets[some])
    told = atlas.verdict(fute.embed(mine, store=False))
    assert (told.job, told.nearest) == ("same", "trec")
    assert told.why.endswith(PARTS_OF_ONE)


def test_a_dataset_for_the_same_job_and_a_classifier_are_not(atlas):
    assert PARTS_OF_ONE not in atlas.verdict("mr").why
    box = atlas.space.embeddings[atlas.space.index("trec · logistic")]
    assert PARTS_OF_ONE not in atlas.verdict(box).why
