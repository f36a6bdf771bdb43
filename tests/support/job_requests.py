"""Requests of jobs that compute next to nothing and, as told, sleep, fail or die, and jobs made of them."""

import os
import time
from dataclasses import replace

import numpy as np

from fute_core import jobs
from fute_core.digest import digest
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput, Cancelled
from fute_core.vectors import Block, Provenance, TaskEmbedding


def request(name, **options):
    return EmbedRequest("outputs", f"{name}.csv", name=name, probes=6, options=options)


def key_of(r):
    if "impossible" in r.options:
        raise BadInput(f"{r.ref} has no column 'label'; add one.")
    return None if "unknown" in r.options else digest((r.options.get("content", r.ref), r.seed))


def execute(r, store, progress=None, should_stop=None):
    """Six texts, chunk by chunk; like the real one it looks into the store first, and logs what it computes."""
    key = digest((r.options.get("content", r.ref), r.seed))
    known = store.get_embedding(key) if store else None
    if known is not None:
        store.put_name(named := replace(known, name=r.name))
        return named
    if log := r.options.get("log"):
        with open(log, "a") as file:
            file.write(f"{r.name}\n")
    for i in range(6):
        if should_stop is not None and should_stop():
            raise Cancelled(f"Stopped after {i} of 6 texts.")
        time.sleep(r.options.get("sleep", 0))
        if i == r.options.get("fail_at"):
            raise BadInput(f"{r.ref}, row {i}: no number; correct it.")
        if i == r.options.get("break_at"):
            raise ZeroDivisionError("division by zero\nsecond line")
        if i == r.options.get("die_at"):
            os._exit(9)
        if progress is not None:
            progress(i + 1, 6)
    vector = np.frombuffer(bytes.fromhex(key) * 4, np.uint8).astype(np.float32)
    provenance = Provenance("s", "d", "m", {}, key, 6, False, r.seed, created="2026-01-01")
    return TaskEmbedding(r.name, "model", vector, (Block("all", 0, 64, "m"),), key, provenance)


def faster(r, store, **how):
    return execute(replace(r, options={**r.options, "sleep": 0}), store, **how)


def create(store, *requests):
    return jobs.create_job(list(requests), store, key_of)


def run(job, **how):
    return jobs.run_job(job, **{"backend": "sequential", "execute": execute, **how})


def states(job):
    return [item.state for item in job.items]
