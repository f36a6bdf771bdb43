"""Whether the process that wrote something is still the one that runs."""

import socket
import time
from typing import Any

import psutil

STALE_SECONDS = 60.0
SAME_SECONDS = 0.5
"""Start times this near are one: the clock may be set between the two readings that each is made of."""


def identify(pid: int) -> dict[str, Any]:
    """What tells a running process from all others: host, pid, and start time against reuse of the pid."""
    return {"host": socket.gethostname(), "pid": pid, "started": start_time(pid)}


def is_alive(process: dict[str, Any], heartbeat: float) -> bool:
    """Whether that process runs still; on another host its last heartbeat (epoch seconds) counts."""
    if process["host"] != socket.gethostname():
        return time.time() - heartbeat < STALE_SECONDS
    started = start_time(process["pid"])
    if started is None or process["started"] is None:
        return False
    return abs(started - process["started"]) < SAME_SECONDS


def start_time(pid: int) -> float | None:
    """Seconds from the machine's start to that of the process; None for a dead one and for a zombie."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        # Counted from the machine's start, since a clock that is set moves every time of day.
        return process.create_time() - psutil.boot_time()
    except psutil.Error:
        return None
