"""Whether the process that wrote something is still the one that runs."""

import os
import socket
import time
from typing import Any

STALE_SECONDS = 60.0


def identify(pid: int) -> dict[str, Any]:
    """What tells a running process from all others: host, pid, and start time against reuse of the pid."""
    return {"host": socket.gethostname(), "pid": pid, "started": start_time(pid)}


def is_alive(process: dict[str, Any], heartbeat: float) -> bool:
    """Whether that process runs still; on another host or without /proc, its last heartbeat (epoch seconds) counts."""
    fresh = time.time() - heartbeat < STALE_SECONDS
    if process["host"] != socket.gethostname():
        return fresh
    if os.path.exists("/proc/self/stat"):
        return process["started"] is not None and start_time(process["pid"]) == process["started"]
    try:
        os.kill(process["pid"], 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return fresh


def start_time(pid: int) -> int | None:
    """Clock ticks from boot to the start of the process; None for a dead one, a zombie, or a system without /proc."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()  # the name before may hold blanks and brackets
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])
