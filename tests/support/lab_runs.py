"""Runs of the Prompt lab's own example, and its prompt in the store, without asking a model."""

from dataclasses import replace

from job_states import as_state

from dashboard.reads import data, work
from fute_core.atlas.atlas import open_atlas


def started(app, monkeypatch):
    """The page's own example asked for, without a process; its job, done."""
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    app.run().switch_page("views/prompt_lab.py").run()
    app.button(key="lab-start-job").click().run()
    return as_state(work.find(app.query_params["run"]), "done", items_state="done")


def stored(job, **made) -> None:
    """The job's prompt in the store, by other parameters of the method."""
    shipped = open_atlas(store=False).items[0].embedding
    made = replace(shipped.provenance, **made)
    key = "earlier" + "0" * 8
    own = replace(shipped, name=job.items[0].request.label, kind="prompt", key=key, provenance=made)
    data.store().put_embedding(own)
