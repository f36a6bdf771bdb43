"""The surrogate stays as it was, whatever becomes of a training."""

from weakref import WeakKeyDictionary

import pytest
from film_texts import TEXTS, TRAINED, observations

from fute_core.errors import Cancelled, Unavailable
from fute_core.methods.rewiring import attention_modules, shared_copy
from fute_core.models import memory


def anatomy(model) -> list:
    return [
        (name, type(m), len(m._forward_hooks), len(m._forward_pre_hooks), sorted(vars(m)), m.training)
        for name, m in model.named_modules()
    ] + [(n, p.requires_grad, p.grad) for n, p in model.named_parameters()]


@pytest.mark.parametrize("method", TRAINED)
@pytest.mark.parametrize("stops", [None, Cancelled("stopped"), MemoryError()])
def test_surrogate_is_bit_equal_afterwards_even_when_training_is_broken_off(surrogate, method, stops, monkeypatch):
    before, parts, config = surrogate.features(TEXTS), anatomy(surrogate.model), surrogate.model.config.to_dict()
    batches, calls = surrogate.batches_of, []

    def breaking(*args):
        calls.append(args)
        if stops is not None and len(calls) > 3:
            raise stops
        return batches(*args)

    monkeypatch.setattr(surrogate, "batches_of", breaking)
    monkeypatch.setattr(memory.gc, "collect", lambda: 0)  # a look through all that the tests hold takes half a second
    # Batches of another size would give features that differ in their last bits.
    monkeypatch.setattr(memory, "_learned", (WeakKeyDictionary(), WeakKeyDictionary()))
    if stops is None:
        method().fit(surrogate, observations())
    else:
        with pytest.raises(Unavailable if isinstance(stops, MemoryError) else type(stops)):
            method().fit(surrogate, observations())
    monkeypatch.undo()
    assert surrogate.features(TEXTS).tobytes() == before.tobytes()
    assert anatomy(surrogate.model) == parts
    assert surrogate.model.config.to_dict() == config
    assert surrogate.model.config._attn_implementation in ("sdpa", "eager")


def test_a_shared_copy_has_new_modules_and_the_same_weights(surrogate):
    twin = shared_copy(surrogate.model)
    assert twin is not surrogate.model
    assert twin.config is not surrogate.model.config
    ours = dict(surrogate.model.named_parameters(remove_duplicate=False))
    assert {n: id(p) for n, p in twin.named_parameters(remove_duplicate=False)} == {n: id(p) for n, p in ours.items()}
    assert not set(map(id, twin.modules())) & set(map(id, surrogate.model.modules()))
    assert [name for name, _ in attention_modules(twin)] == [name for name, _ in attention_modules(surrogate.model)]
