"""Where jobs compute: a choice in the sidebar, only where there is one."""

import pytest

from dashboard.components import compute
from fute_core import jobs

DEVICES = [
    {"name": "cpu", "title": "processor", "memory": None, "precisions": ["float32"]},
    {"name": "cuda:0", "title": "NVIDIA H200", "memory": None, "precisions": ["float32"]},
]


@pytest.fixture
def devices(monkeypatch):
    """Says which devices are there; jobs are written and not started."""
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda job, **_: None)

    def say(found):
        compute._devices.clear()
        monkeypatch.setattr("fute_core.models.device.list_devices", lambda: found)

    yield say
    compute._devices.clear()


def started(app):
    app.query_params["sel"] = "dataset:trec"
    app.switch_page("views/datasets.py").run()
    app.button(key="embed-dataset:trec").click().run()
    assert not app.exception
    (job,) = jobs.list_jobs()
    return job.items[0].request.options


def test_with_the_processor_alone_nothing_is_asked(in_small_space, devices):
    devices(DEVICES[:1])
    assert not [box for box in in_small_space.run().selectbox if box.key == "device"]
    assert started(in_small_space) == {}


@pytest.mark.parametrize(
    ("chosen", "options"), [(None, {}), ("cpu", {"device": "cpu"}), ("cuda:0", {"device": "cuda:0"})]
)
def test_jobs_compute_where_the_visitor_chose_also_from_another_page(in_small_space, devices, chosen, options):
    devices(DEVICES)
    box = in_small_space.run().selectbox(key="device")
    assert box.options == ["The first accelerator", "processor", "cuda:0, NVIDIA H200"]
    if chosen:
        box.set_value(chosen).run()
    assert started(in_small_space) == options
