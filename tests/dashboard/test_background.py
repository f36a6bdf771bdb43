"""What is computed beside a page: once where it succeeds, and again after a failure."""

import threading

import pytest

from dashboard.reads import background

PATIENCE = 30


def test_a_failure_is_told_once_and_then_made_again():
    made = []

    def make():
        made.append(1)
        if len(made) == 1:
            raise OSError("a hiccup")
        return "fine"

    with pytest.raises(OSError, match="hiccup"):
        background.soon("failing", make=make, patience=PATIENCE)
    assert background.soon("failing", make=make, patience=PATIENCE) == "fine"
    assert background.soon("failing", make=make, patience=PATIENCE) == "fine"
    assert len(made) == 2


def test_a_failure_that_came_after_the_patience_is_told_to_the_next_who_asks():
    go = threading.Event()

    def make():
        go.wait(PATIENCE)
        raise TimeoutError("nobody answered")

    assert background.soon("slow", 1, make=make, patience=0) is None
    go.set()
    with pytest.raises(TimeoutError, match="nobody answered"):
        background.soon("slow", 1, make=make, patience=PATIENCE)
