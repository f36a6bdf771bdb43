"""Whether the process that wrote something is still the one that runs."""

import os
import time

from fute_core.jobs import process


def test_a_reused_pid_and_a_zombie_are_not_alive():
    me = process.identify(os.getpid())
    assert process.is_alive(me, 0)
    assert not process.is_alive({**me, "started": me["started"] + 1}, time.time())
    child = os.fork()
    if child == 0:
        time.sleep(0.3)
        os._exit(0)
    theirs = process.identify(child)
    assert process.is_alive(theirs, 0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert not process.is_alive(theirs, time.time()), "ended, and not waited for"
    os.waitpid(child, 0)
    assert not process.is_alive(theirs, time.time())


def test_a_clock_that_is_set_makes_no_process_look_dead(monkeypatch):
    me = process.identify(os.getpid())
    of_day, since = process.psutil.Process.create_time, process.psutil.boot_time()
    monkeypatch.setattr(process.psutil.Process, "create_time", lambda self: of_day(self) + 3600)
    monkeypatch.setattr(process.psutil, "boot_time", lambda: since + 3600)
    assert process.is_alive(me, 0)


def test_on_another_host_the_heartbeat_counts():
    other = {"host": "elsewhere.invalid", "pid": os.getpid(), "started": 1}
    assert process.is_alive(other, time.time() - 5)
    assert not process.is_alive(other, time.time() - 500)
