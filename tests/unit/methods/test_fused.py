"""The fused vector is its two parts, each with its own options, one after the other."""

from dataclasses import replace

import numpy as np
import pytest
from film_texts import TEXTS, observations
from random_items import item

from fute_core.methods import Observations
from fute_core.methods.fisher import Fisher
from fute_core.methods.functional import Functional
from fute_core.methods.fused import Fused
from fute_core.space.blocks import scale_blocks
from fute_core.space.calibration import Calibrator

PROBES = TEXTS[::-1]
METHOD = Fused(fisher_weight=0.25, functional_C=0.1, fisher_C=0.02, rank=4, spelling=0.3)
PARTS = Functional(0.1, 4, 0.3), Fisher(0.02)


def dataset(k: int = 3) -> Observations:
    return observations(k, probes=PROBES)


def model() -> Observations:
    return replace(dataset(), texts=PROBES, probe_index=np.arange(len(PROBES)))


def cosine(a, b):
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def test_a_dataset_has_both_parts_with_the_options_of_each(bert):
    fitted = METHOD.fit(bert, dataset())
    functional, fisher = (part.fit(bert, dataset()) for part in PARTS)
    assert fitted.vector.tobytes() == functional.vector.tobytes() + fisher.vector.tobytes()
    assert fitted.answers.tobytes() == functional.answers.tobytes()
    assert fitted.details == functional.details


def test_blocks_name_the_parts_and_where_they_lie(bert):
    fitted = METHOD.fit(bert, dataset())
    functional, fisher = (part.fit(bert, dataset()) for part in PARTS)
    first, *others = fitted.blocks
    assert (first,) == functional.blocks
    assert [b.name for b in others] == [b.name for b in fisher.blocks]
    assert {(b.part, b.log, b.weight) for b in others} == {("fisher", True, 0.25)}
    for ours, theirs in zip(others, fisher.blocks, strict=True):
        assert fitted.vector[ours.start : ours.stop].tolist() == fisher.vector[theirs.start : theirs.stop].tolist()


def test_a_model_is_silent_in_the_fisher_part_unless_asked_for(bert):
    functional, fisher = (part.fit(bert, model()) for part in PARTS)
    silent, asked = METHOD.fit(bert, model()), replace(METHOD, fisher_of_models=True).fit(bert, model())
    length = len(functional.vector)
    assert silent.blocks == asked.blocks == METHOD.fit(bert, dataset()).blocks
    assert silent.vector[:length].tobytes() == asked.vector[:length].tobytes() == functional.vector.tobytes()
    assert not silent.vector[length:].any()
    assert asked.vector[length:].tobytes() == fisher.vector.tobytes()


def test_between_datasets_the_cosine_is_the_weighted_mean_of_the_parts(bert):
    made = [METHOD.fit(bert, dataset(k)) for k in (3, 4)]
    pair = [item(str(k), f.values, blocks=f.blocks, factor=f.factor) for k, f in enumerate(made)]
    of_functional = np.linalg.norm(made[0].factor.T @ made[1].factor) ** 2
    of_fisher = cosine(*(scale_blocks(e.values, e.value_blocks) for e in pair))
    placed = Calibrator("none").fit(pair).place(pair)
    assert placed.cosines(placed)[0, 1] == pytest.approx((of_functional + 0.25 * of_fisher) / 1.25, abs=1e-6)
    assert abs(of_functional - of_fisher) > 0.05, "or the weights would not show"
