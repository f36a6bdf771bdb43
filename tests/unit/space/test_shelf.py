"""Rows of large spaces lie in a file that is mapped, and are the same as in memory."""

import errno
import mmap
import pickle

import numpy as np
import pytest

from fute_core.atlas.gallery import load_gallery
from fute_core.space import all_pairs, shelf
from fute_core.space.all_pairs import nearest_of_all
from fute_core.space.shelf import Shelf, let_go
from fute_core.space.space import TaskSpace


@pytest.fixture
def large(monkeypatch):
    """A few numbers are as many as millions."""
    monkeypatch.setattr(shelf, "MANY_BYTES", 1)


def filled(rows, dtype=np.float32, room=2):
    made = Shelf(len(rows) + room, rows.shape[1], dtype)
    for part in np.array_split(rows, 3):
        made.add(part)
    return made


ROWS = np.random.default_rng(0).standard_normal((1000, 70))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_come_back_from_memory_and_from_a_file(monkeypatch, dtype):
    few = filled(ROWS, dtype).array()
    monkeypatch.setattr(shelf, "MANY_BYTES", 1)
    many = filled(ROWS, dtype).array()
    assert few.dtype == many.dtype == dtype
    np.testing.assert_array_equal(few, ROWS.astype(dtype))
    np.testing.assert_array_equal(many, few)
    with pytest.raises(ValueError, match="read-only"):
        many[0] = 0
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(many)), few)


@pytest.mark.parametrize("width", [0, 3])
def test_nothing_is_an_array_of_that_width(large, width):
    assert Shelf(5, width, np.float32).array().shape == (0, width)
    made = Shelf(0, width, np.float32)
    made.add(np.zeros((0, width)))
    assert made.array().shape == (0, width)


def test_what_was_let_go_is_read_again_also_in_part(large):
    whole = filled(ROWS).array()
    for part in (whole, whole[333:777], whole[999:], whole[5:5], np.ones(3), whole[::2]):
        before = part.copy()
        let_go(part)
        np.testing.assert_array_equal(part, before)


def test_memory_is_given_back(large):
    made = Shelf(20_000, 1000, np.float32)
    made.add(np.ones((20_000, 1000), np.float32))
    rows = made.array()
    total = rows.sum()
    held = resident()
    let_go(rows)
    assert held - resident() > 0.8 * rows.nbytes
    assert rows.sum() == total


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * mmap.PAGESIZE


def test_a_disk_without_room_is_not_used(large, monkeypatch):
    monkeypatch.setattr(shelf.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    monkeypatch.setattr(shelf.tempfile, "TemporaryFile", lambda **_: pytest.fail("a file was made"))
    np.testing.assert_array_equal(filled(ROWS, np.float64).array(), ROWS)


def test_a_disk_that_fills_up_meanwhile_loses_no_row(large, monkeypatch):
    real, written = shelf.tempfile.TemporaryFile, []

    class Full:
        def __init__(self, **how):
            self._file = real(**how)

        def write(self, content):
            if written:
                raise OSError(errno.ENOSPC, "No space left on device")
            written.append(self._file.write(content))

        def fileno(self):
            return self._file.fileno()

    monkeypatch.setattr(shelf.tempfile, "TemporaryFile", Full)
    np.testing.assert_array_equal(filled(ROWS, np.float64).array(), ROWS)
    assert written


def test_a_space_in_a_file_is_the_space_in_memory(monkeypatch):
    gallery = load_gallery(True)
    items = [item.embedding for item in gallery.items]
    few = TaskSpace(items[:70], calibrator=gallery.calibrator).with_new(*items[70:])
    monkeypatch.setattr(shelf, "MANY_BYTES", 1)
    many = TaskSpace(items[:70], calibrator=gallery.calibrator).with_new(*items[70:])
    assert not many.placed.columns.flags.writeable
    np.testing.assert_array_equal(many.similarity(), few.similarity())
    np.testing.assert_array_equal(many.cosines([3, 1], [80, 2]), few.cosines([3, 1], [80, 2]))
    assert many.neighbours(items[3]) == few.neighbours(items[3])
    monkeypatch.setattr(all_pairs, "BLOCK", 16)
    for a, b in zip(nearest_of_all(many.placed, 5), nearest_of_all(few.placed, 5), strict=True):
        np.testing.assert_array_equal(a, b)
