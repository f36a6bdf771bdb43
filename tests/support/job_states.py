"""Jobs in any state without running them, for tests of pages."""

import os
import time
from dataclasses import replace

from fute_core.jobs.folder import now
from fute_core.jobs.job import Job
from fute_core.jobs.process import identify
from fute_core.jobs.state import save_state


def as_state(
    job: Job, state: str, *, items_state: str | None = None, error_of_items: str | None = None,
    texts: tuple[int, int] | None = None, eta_seconds: float | None = None, save: bool = True,
) -> Job:  # fmt: skip
    """The job as if it had come so far, on disk as well. A running one is this process."""
    items = tuple(
        replace(
            i, state=items_state or ("running" if texts else i.state), error=error_of_items,
            texts_done=texts[0] if texts else i.texts_done, texts_total=texts[1] if texts else i.texts_total,
        )
        for i in job.items
    )  # fmt: skip
    changed = replace(
        job, state=state, items=items, eta_seconds=eta_seconds, started=now(), heartbeat=time.time(),
        process=identify(os.getpid()),
    )  # fmt: skip
    return save_state(changed) if save and state != "queued" else changed
