"""Whether the process that wrote something is still the one that runs, and how it stands beside others."""

import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

STALE_SECONDS = 60.0
NICENESS = 5
SAME_SECONDS = 0.5
"""Start times this near are one: the clock may be set between the two readings that each is made of."""


def identify(pid: int) -> dict[str, Any]:
    """What tells a running process from all others.

    Parameters
    ----------
    pid : int
        Of a process on this machine.

    Returns
    -------
    dict
        "host", "pid", and "started" (see `start_time`), since the system gives a pid to another process later.
    """
    return {"host": socket.gethostname(), "pid": pid, "started": start_time(pid)}


def is_alive(process: dict[str, Any], heartbeat: float) -> bool:
    """Whether a process still runs.

    Parameters
    ----------
    process : dict
        As `identify` made it.
    heartbeat : float
        Epoch seconds of its last sign of life, which counts where it ran on another host.

    Returns
    -------
    bool
        False for a zombie, and for another process that has its pid now.
    """
    if process["host"] != socket.gethostname():
        return abs(time.time() - heartbeat) < STALE_SECONDS  # one of the future is no sign of life either
    started = start_time(process["pid"])
    if started is None or process["started"] is None:
        return False
    return bool(abs(started - process["started"]) < SAME_SECONDS)


def give_way() -> None:
    """Let whatever somebody waits for at a screen go before this process; on cores that are free nothing is slower.

    Linux weighs sessions against one another before it looks at the processes in them (sched(7), "autogroup"), so a
    process with a session of its own has to lower that one as well.
    """
    with suppress(OSError, AttributeError):  # Windows has no such thing
        os.nice(NICENESS)
        if os.getsid(0) == os.getpid():
            Path("/proc/self/autogroup").write_text(str(NICENESS))


def start_time(pid: int) -> float | None:
    """When a process was started.

    Parameters
    ----------
    pid : int
        Of a process on this machine.

    Returns
    -------
    float or None
        Seconds since the machine's start; None for a dead process and for a zombie.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        # Counted from the machine's start, since a clock that is set moves every time of day.
        return float(process.create_time() - psutil.boot_time())
    except psutil.Error:
        return None
