"""What is no file of its own: links, pipes and devices are written to, and never replaced."""

import os
import stat
import subprocess
import sys
import threading

import pytest

from fute_core.errors import Unavailable
from fute_core.home import read_json_file, write_whole
from fute_core.store.archive import export_store, import_archive
from fute_core.store.store import Store


def test_a_link_stays_a_link_and_what_it_leads_to_is_written(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.html"
    link.symlink_to(tmp_path / "there" / "map.html")
    for content in (b"new", b"newer"):
        write_whole(link, content)
        assert link.is_symlink()
        assert (tmp_path / "there" / "map.html").read_bytes() == content
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["link.html", "map.html", "there"]


def test_links_that_lead_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(tmp_path / "a", b"x")
    assert (tmp_path / "a").is_symlink()


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    pipe, got = tmp_path / "pipe.csv", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    content = b"x" * 300_000  # more than a pipe holds at once
    while not got and reader.is_alive():
        try:
            write_whole(pipe, content)
            break
        except OSError:  # the reader is not there yet
            continue
    reader.join(20)
    assert got == [content]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_pipe_that_nobody_reads_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="No such device"):
        write_whole(tmp_path / "pipe", b"x")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_device_is_written_to_and_stays_a_device(tmp_path):
    device = tmp_path / "null.html"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        write_whole(device, b"x")
    except PermissionError:
        pytest.skip("devices cannot be made or opened here")
    assert stat.S_ISCHR(device.stat().st_mode)
    assert [p.name for p in tmp_path.iterdir()] == ["null.html"]


def test_an_open_file_of_the_process_is_written_where_it_is(tmp_path):
    script = (
        "from pathlib import Path; from fute_core.home import write_whole; write_whole(Path('/dev/stdout'), b'all')"
    )
    with open(tmp_path / "out", "wb") as out:
        subprocess.run([sys.executable, "-c", script], stdout=out, check=True)
    assert (tmp_path / "out").read_bytes() == b"all"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as child:
        assert child.communicate()[0] == b"all"


def test_a_file_keeps_who_may_read_it(tmp_path):
    (tmp_path / "mine").write_bytes(b"old")
    (tmp_path / "mine").chmod(0o600)
    write_whole(tmp_path / "mine", b"new")
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o600


def test_a_store_is_exported_through_a_link_and_not_into_a_folder(tmp_path):
    store = Store(tmp_path / "cache")
    store.put("k", {}, {"a": 1})
    (tmp_path / "link.zip").symlink_to(tmp_path / "real.zip")
    assert export_store(store, tmp_path / "link.zip") == 1
    assert (tmp_path / "link.zip").is_symlink()
    assert import_archive(Store(tmp_path / "other"), tmp_path / "real.zip")["new"] == 1
    with pytest.raises(Unavailable, match="cannot be written"):
        export_store(store, tmp_path / "cache")
    assert store.get("k") is not None


@pytest.mark.parametrize("place", ["pipe", "folder", "null", "circle"])
def test_what_is_no_file_is_not_read_and_not_waited_for(tmp_path, place):
    path = tmp_path / "state.json"
    {
        "pipe": lambda: os.mkfifo(path), "folder": path.mkdir, "null": lambda: path.symlink_to("/dev/zero"),
        "circle": lambda: path.symlink_to(path),
    }[place]()  # fmt: skip
    with pytest.raises((OSError, ValueError)):
        read_json_file(path)
