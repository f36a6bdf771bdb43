"""What a device has room for: told before anything is moved, learned where it was guessed too high."""

import numpy as np
import pytest
import torch
from tiny_classifiers import tiny_classifier_folder

from fute_core.errors import Unavailable
from fute_core.models import memory, room
from fute_core.models.memory import read_fitting, tokens_at_once
from fute_core.models.room import free_memory, is_out_of_memory, put_model, size_of
from fute_core.predictors.classifier import ClassifierPredictor

LENGTHS = np.array([3, 1, 4, 1, 5, 9, 2, 6])


class _Model(torch.nn.Module):
    def __init__(self, fails=None):
        super().__init__()
        self.part, self.fails, self.device = torch.nn.Linear(1000, 250, bias=False), fails, None

    def to(self, name):
        if self.fails:
            raise RuntimeError(self.fails)
        self.device = name
        return self


@pytest.fixture
def free(monkeypatch):
    """Says how many bytes every device but the processor has free."""
    for module in (memory, room):
        monkeypatch.setattr(module, "said_of", lambda device: device)

    def say(n):
        for module in (memory, room):
            monkeypatch.setattr(module, "free_memory", lambda device: n)

    say(None)
    return say


def test_a_model_is_put_on_an_accelerator_without_tf32(free):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    assert put_model(_Model(), "cpu").device is None
    assert torch.backends.cuda.matmul.allow_tf32
    assert put_model(_Model(), "cuda:0").device == "cuda:0"
    assert not torch.backends.cuda.matmul.allow_tf32
    assert not torch.backends.cudnn.allow_tf32


def test_a_model_without_room_is_told_with_what_it_needs_before_anything_is_moved(free):
    free(900_000)
    model = _Model()
    assert size_of(model) == 1_000_000
    with pytest.raises(Unavailable, match=r"^tiny needs 0\.0 GB, and cuda:0 has 0\.0 GB free; choose cpu or another"):
        put_model(model, "cuda:0", "tiny")
    assert model.device is None
    free(1_100_000)
    assert put_model(model, "cuda:0", "tiny").device == "cuda:0"


def test_a_device_that_does_not_say_what_is_free_tells_when_it_is_full(free):
    with pytest.raises(Unavailable, match=r"needs 0\.0 GB, and cuda:0 has less free"):
        put_model(_Model("CUDA out of memory. Tried to allocate 2 GiB"), "cuda:0")
    with pytest.raises(RuntimeError, match="driver"):
        put_model(_Model("driver too old"), "cuda:0")


def test_weights_that_two_layers_share_count_once():
    model = _Model()
    model.again = torch.nn.Linear(1000, 250, bias=False)
    model.again.weight = model.part.weight
    assert size_of(model) == 1_000_000


def test_the_processor_says_what_is_free():
    assert 1e6 < free_memory("cpu") < 1e14


def split(left, most):
    """Positions in their order, as many as fit."""
    batch = []
    for i in left:
        if batch and LENGTHS[batch].sum() + LENGTHS[i] > most:
            yield np.array(batch)
            batch = []
        batch.append(i)
    yield np.array(batch)


def holding(tokens, seen):
    """A device that holds so many tokens."""

    def read(index):
        if LENGTHS[index].sum() > tokens:
            raise torch.OutOfMemoryError("card out of memory. Tried to allocate")
        seen.append(index.tolist())
        return LENGTHS[index] * 10

    return read


def test_what_does_not_fit_is_read_in_halves_and_nothing_twice():
    model, seen, out = _Model(), [], np.zeros(len(LENGTHS), int)
    for index, found in read_fitting(model, len(LENGTHS), split, holding(9, seen), 16):
        out[index] = found
    np.testing.assert_array_equal(out, LENGTHS * 10)
    assert sorted(i for rows in seen for i in rows) == list(range(len(LENGTHS)))
    assert tokens_at_once(model, 16) == 8, "later calls begin with what has fitted"


def test_what_was_read_before_a_batch_did_not_fit_is_kept():
    seen = []
    got = [i for index, _ in read_fitting(_Model(), len(LENGTHS), split, holding(10, seen), 12) for i in index]
    assert seen[0] == [0, 1, 2, 3]
    assert sorted(got) == list(range(len(LENGTHS)))


def test_a_text_that_does_not_fit_alone_is_told(free):
    free(2_000_000_000)
    with pytest.raises(Unavailable, match=r"A single text does not fit into the memory of cpu .*\(2\.0 GB are free\)"):
        list(read_fitting(_Model(), len(LENGTHS), split, holding(8, []), 16))


def test_another_error_is_that_error():
    def read(index):
        raise RuntimeError("index out of range")

    with pytest.raises(RuntimeError, match="out of range"):
        list(read_fitting(_Model(), 3, split, read, 16))


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("x out of memory"), MemoryError(), RuntimeError("MPS backend out of memory (MPS")]
)
def test_every_way_to_say_that_memory_is_full_is_known(error):
    assert is_out_of_memory(error)
    assert not is_out_of_memory(ValueError("out of memory"))


def test_a_classifier_whose_batches_do_not_fit_gives_the_same_answers(tmp_path, monkeypatch):
    predictor = ClassifierPredictor(str(tiny_classifier_folder("bert", tmp_path)))
    texts = ["good film", "a bad one, and long at that", "fine"] * 4
    expected = predictor.predict_proba(texts)
    model, _ = predictor._loaded
    forward, asked = model.forward, []

    def full(**batch):
        asked.append(batch["input_ids"].numel())
        if asked[-1] > 30:
            raise RuntimeError("CUDA error: out of memory")
        return forward(**batch)

    monkeypatch.setattr(model, "forward", full)
    np.testing.assert_allclose(predictor.predict_proba(texts), expected, atol=1e-6)
    assert max(asked) > 30 >= asked[-1]
