"""Where jobs compute: a choice in the sidebar, only where there is one."""

import pytest

from dashboard.components import compute
from dashboard.session import device
from fute_core import jobs
from fute_core.embedding.requests import EmbedRequest

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
    assert not [box for box in in_small_space.run().selectbox if box.key in ("device", "precision")]
    assert started(in_small_space) == {}


@pytest.mark.parametrize(
    ("chosen", "options"), [(None, {}), ("cpu", {"device": "cpu"}), ("cuda:0", {"device": "cuda:0"})]
)
def test_jobs_compute_where_the_visitor_chose_also_from_another_page(in_small_space, devices, chosen, options):
    devices(DEVICES)
    box = in_small_space.run().selectbox(key="device")
    assert box.options == ["The first accelerator", "processor", "cuda:0, NVIDIA H200", "All, for large models"]
    if chosen:
        box.set_value(chosen).run()
    assert started(in_small_space) == options


def asking(kind, **options):
    return EmbedRequest(kind, "sst2" if kind == "dataset" else "sentiment", model="smollm2", options=options)


@pytest.mark.parametrize(
    ("request_", "options"),
    [
        (asking("prompt"), {"device": "cuda:0", "precision": "bfloat16"}),
        (asking("prompt", precision="float32"), {"device": "cuda:0", "precision": "float32"}),
        (asking("prompt", base_url="http://here/v1"), {"device": "cuda:0", "base_url": "http://here/v1"}),
        (asking("dataset"), {"device": "cuda:0"}),
    ],
)
def test_the_precision_goes_with_what_a_language_model_here_is_asked(request_, options, monkeypatch):
    monkeypatch.setattr(device.st, "session_state", {device.KEY: "cuda:0", device.PRECISION: "bfloat16"})
    (placed,) = device.placed([request_])
    assert placed.options == options


def test_the_precision_is_chosen_in_the_sidebar_and_asked_for_by_jobs_alone(in_small_space, devices):
    devices(DEVICES)
    box = in_small_space.run().selectbox(key="precision")
    assert box.options == ["What suits the device", "float32", "bfloat16"]
    box.set_value("bfloat16").run()
    assert started(in_small_space) == {}, "a dataset is read by no language model"
