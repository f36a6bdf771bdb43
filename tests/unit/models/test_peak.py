"""What a device held at most, as far as it says."""

from types import SimpleNamespace

import pytest

from fute_core.models import peak


def test_a_processor_tells_what_the_process_held():
    before = peak.peak_memory("cpu")
    kept = bytearray(10**8)
    peak.forget_peak("cpu")
    assert 1e6 < before <= peak.peak_memory("cpu")
    assert len(kept) == 10**8


def test_an_accelerator_begins_anew_and_one_that_says_nothing_is_not_asked(monkeypatch):
    said = {}
    driver = SimpleNamespace(
        reset_peak_memory_stats=lambda number: said.update({number: 0}),
        max_memory_allocated=lambda number: said[number],
    )
    monkeypatch.setattr(peak, "driver_of", lambda device: (driver, 1))
    peak.forget_peak("cuda:1")
    assert peak.peak_memory("cuda:1") == 0
    monkeypatch.setattr(peak, "driver_of", lambda device: (object(), 0))
    peak.forget_peak("mps:0")
    assert peak.peak_memory("mps:0") is None


@pytest.mark.parametrize(("platform", "factor"), [("linux", 1024), ("darwin", 1)])
def test_systems_count_in_units_of_their_own(platform, factor, monkeypatch):
    monkeypatch.setattr(peak.sys, "platform", platform)
    monkeypatch.setattr("resource.getrusage", lambda who: SimpleNamespace(ru_maxrss=5000))
    assert peak.peak_memory("cpu") == 5000 * factor
