"""Whether the process that wrote something is still the one that runs, and how it stands beside others."""

import os
import subprocess
import sys
import time
from pathlib import Path

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


def test_a_job_in_the_background_gives_way_to_who_waits_at_a_screen():
    weighed = Path("/proc/self/autogroup")
    told = "import os; from fute_core.jobs.process import give_way; give_way(); print(os.nice(0))"
    told += f"; print(open({str(weighed)!r}).read())" if weighed.exists() else ""
    seen = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, start_new_session=True)
    lines = seen.stdout.split("\n")
    assert int(lines[0]) >= process.NICENESS, seen.stderr
    assert not weighed.exists() or lines[1].endswith(f"nice {process.NICENESS}")
