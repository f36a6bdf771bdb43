"""What prefix, LoRA and text embeddings keep to as methods: length, seeds, labels, pairs, units."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from film_texts import TEXTS, TRAINED, cosine, observations

from fute_core.errors import BadInput
from fute_core.methods import Method, Observations
from fute_core.methods.text import TextEmb

SUPPORT = Path(__file__).parents[2] / "support"


@pytest.mark.parametrize("method", [*TRAINED, TextEmb])
def test_blocks_tile_the_vector_whose_length_knows_neither_labels_nor_texts(surrogate, method):
    lengths = set()
    for given in (observations(2), observations(5), observations(3, 4), observations(1, regression=True)):
        fitted = method().fit(surrogate, given)
        assert isinstance(method(), Method)
        assert fitted.vector.dtype == np.float32
        assert np.isfinite(fitted.vector).all()
        edges = [0] + [b.stop for b in fitted.blocks]
        assert [b.start for b in fitted.blocks] == edges[:-1]
        assert edges[-1] == len(fitted.vector)
        assert all(b.part == method.name for b in fitted.blocks)
        lengths.add(len(fitted.vector))
    assert len(lengths) == 1


@pytest.mark.parametrize("method", TRAINED)
def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(bert, method):
    torch.manual_seed(1)
    first = method().fit(bert, observations()).vector
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = method().fit(bert, observations()).vector
    assert first.tobytes() == second.tobytes()
    assert torch.equal(torch.get_rng_state(), state)
    slow = method(patience=0, batch_size=6, learning_rate=1e-3)
    to_the_end = [slow.fit(bert, observations(seed=seed)).vector for seed in (0, 1)]
    assert to_the_end[0].tobytes() != to_the_end[1].tobytes()
    assert cosine(*to_the_end) > 0.3


def test_another_process_gives_the_same_bytes(bert, tmp_path):
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from film_texts import TRAINED, observations\n"
        "from tiny_models import tiny_surrogate\n"
        "surrogate = tiny_surrogate('bert', Path(sys.argv[2]))\n"
        "for method in TRAINED: print(method().fit(surrogate, observations()).vector.tobytes().hex())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(SUPPORT), str(tmp_path)],
        capture_output=True, text=True, check=True,
        env={**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())},  # sums are split over the threads
    )  # fmt: skip
    assert done.stdout.split() == [m().fit(bert, observations()).vector.tobytes().hex() for m in TRAINED]


@pytest.mark.parametrize("method", TRAINED)
def test_order_of_labels_does_not_move_the_vector(surrogate, method):
    given = observations(4)
    permuted = observations(4, targets=np.ascontiguousarray(given.targets[:, [2, 0, 3, 1]]))
    vectors = [method(weight_decay=0.0).fit(surrogate, o).vector for o in (given, permuted)]
    assert cosine(*vectors) > 0.9999
    assert cosine(vectors[0], method(weight_decay=0.0).fit(surrogate, observations(4, seed=1)).vector) < 0.9999


@pytest.mark.parametrize("method", TRAINED)
def test_other_targets_on_the_same_texts_give_another_vector(bert, method):
    given = observations(3)
    hard = np.eye(3, dtype=np.float32)[given.targets.argmax(1)]
    vectors = [method(weight_decay=0.0).fit(bert, o).vector for o in (given, observations(targets=hard))]
    assert cosine(*vectors) < 0.9999
    shuffled = np.ascontiguousarray(given.targets[::-1])
    far = method(weight_decay=0.0).fit(bert, observations(targets=shuffled)).vector
    assert cosine(vectors[0], far) < cosine(*vectors)


@pytest.mark.parametrize("method", [*TRAINED, TextEmb])
def test_second_text_of_a_pair_counts(surrogate, method):
    one = observations(texts=tuple((text, "yes") for text in TEXTS))
    two = observations(texts=tuple((text, other) for text, other in zip(TEXTS, TEXTS[::-1], strict=True)))
    vectors = [method().fit(surrogate, o).vector for o in (one, two)]
    assert vectors[0].shape == vectors[1].shape
    assert not np.allclose(*vectors)


@pytest.mark.parametrize("method", TRAINED)
def test_unit_of_regression_scores_does_not_matter(bert, method):
    scores = np.linspace(0, 1, len(TEXTS), dtype=np.float32)[:, None]
    vectors = [
        method(weight_decay=0.0).fit(bert, observations(targets=targets, regression=True)).vector
        for targets in (scores, 64 * scores + 8, np.roll(scores, 5, 0))
    ]
    assert cosine(vectors[0], vectors[1]) > 0.999
    assert cosine(vectors[0], vectors[2]) < 0.9


@pytest.mark.parametrize("method", [*TRAINED, TextEmb])
def test_no_texts_are_refused(bert, method):
    with pytest.raises(BadInput, match="give at least one"):
        method().fit(bert, Observations((), np.zeros((0, 2), np.float32)))


def test_text_embedding_is_the_mean_feature_and_blind_to_labels(surrogate):
    fitted = TextEmb().fit(surrogate, observations(2))
    assert np.allclose(fitted.vector, surrogate.features(TEXTS).mean(0), atol=1e-6)
    assert TextEmb().fit(surrogate, observations(5)).vector.tobytes() == fitted.vector.tobytes()
