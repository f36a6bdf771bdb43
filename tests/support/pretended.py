"""A computer that has the pretended card, and what is computed there beside the processor."""

import card
import numpy as np
import pytest
import torch

from fute_core.models import device, precision
from fute_core.models.device import computing_on


@pytest.fixture(autouse=True)
def with_card(monkeypatch):
    """The pretend device as one that torch has, and float32 on the processor, whatever this one is fast in."""
    # Moved weights stay the same objects, as on every real device: T5 has several modules around one table.
    monkeypatch.setattr(torch.__future__, "_swap_module_params_on_conversion", True)
    monkeypatch.setattr(device, "KINDS", (card.NAME,))
    monkeypatch.setattr(device, "count_devices", lambda kind: int(kind == card.NAME))
    described = {"name": "card:0", "title": "a pretence", "memory": None, "precisions": ["float32"]}
    monkeypatch.setattr(device, "_described", lambda kind, number: described)
    monkeypatch.setattr(precision, "has_bf16", lambda: False)


def same_on_both(compute, atol=1e-5):
    """`compute` gives arrays; what it gave on the card."""
    with computing_on("cpu"):
        here = compute()
    with computing_on("card"):
        there = compute()
    for a, b in zip(here, there, strict=True):
        assert isinstance(b, np.ndarray)
        np.testing.assert_allclose(b, a, rtol=1e-6, atol=atol)
    return there
