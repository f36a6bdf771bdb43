"""Files that are written whole or not at all, whoever writes at the same time."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from fute_core.home import write_whole


def test_threads_that_write_one_file_all_succeed_and_leave_one_whole_content(tmp_path):
    path = tmp_path / "card.json"
    contents = [bytes([65 + thread]) * 5_000 for thread in range(3)]

    def write(content: bytes) -> None:
        for _ in range(400):
            write_whole(path, content)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(write, contents))
    assert path.read_bytes() in contents
    assert [p.name for p in tmp_path.iterdir()] == ["card.json"]


def test_a_write_that_fails_keeps_the_old_content_and_leaves_nothing_beside(tmp_path, monkeypatch):
    path = tmp_path / "card.json"
    write_whole(path, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_may_be_read_by_whom_the_users_settings_allow(tmp_path):
    (tmp_path / "plain").write_bytes(b"x")
    write_whole(tmp_path / "whole", b"x")
    modes = {stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    assert len(modes) == 1
