"""Which device is meant by what is said of it, what is there, and that one file alone knows kinds of devices."""

import re
from pathlib import Path

import pytest
import torch

from fute_core.errors import BadInput, Unavailable
from fute_core.models import device, precision
from fute_core.models.device import VARIABLE, chosen_device, computing_on, find_device, list_devices

ROOT = Path(__file__).parents[3]
NAMES = re.compile(r"\b(cuda|mps|xpu|rocm|hip)\b|\.cuda\(|is_cuda", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def there(monkeypatch):
    """Says how many devices of each kind are there."""

    def say(**counts):
        monkeypatch.setattr(device, "count_devices", lambda kind: counts.get(kind, 0))

    say()
    return say


@pytest.mark.parametrize(
    ("counts", "meant"),
    [
        ({}, "cpu"),
        ({"cuda": 2, "mps": 1, "xpu": 1}, "cuda:0"),
        ({"mps": 1, "xpu": 1}, "mps:0"),
        ({"xpu": 3}, "xpu:0"),
    ],
)
def test_auto_means_the_first_accelerator_that_is_there(there, counts, meant):
    there(**counts)
    assert find_device("auto") == chosen_device() == meant
    assert find_device("cpu") == "cpu"


def test_a_device_is_chosen_by_kind_and_number(there):
    there(cuda=2)
    assert [find_device(said) for said in ("cuda", "CUDA:1", " cuda:0 ")] == ["cuda:0", "cuda:1", "cuda:0"]


@pytest.mark.parametrize("said", ["gpu", "", "cpu:0", "auto:1", "cuda:", "cuda:x", "cuda:-1", "cuda:1.0", "meta"])
def test_what_is_no_device_is_told_with_the_choices(there, said):
    there(cuda=1)
    with pytest.raises(BadInput, match="choose auto, cpu, cuda, cuda:N, mps, xpu or spread"):
        find_device(said)


def test_a_device_that_is_not_there_is_told(there):
    with pytest.raises(Unavailable, match="finds no mps device here; choose auto or cpu"):
        find_device("mps")
    there(cuda=2)
    with pytest.raises(Unavailable, match=r"no cuda:2 here; the last cuda device is cuda:1"):
        find_device("cuda:2")


def test_what_is_said_inside_goes_before_the_variable_and_ends(there, monkeypatch):
    there(cuda=2)
    monkeypatch.setenv(VARIABLE, "cpu")
    assert chosen_device() == "cpu"
    with computing_on("cuda:1"):
        assert chosen_device() == "cuda:1"
        with computing_on(None):
            assert chosen_device() == "cuda:1"
        with computing_on("auto"):
            assert chosen_device() == "cuda:0"
    assert chosen_device() == "cpu"
    with computing_on("xpu"), pytest.raises(Unavailable):  # a key may be looked up where the device is not
        chosen_device()
    with pytest.raises(BadInput, match="'gpu' is no device"), computing_on("gpu"):
        pytest.fail("begun")
    monkeypatch.setenv(VARIABLE, "gpu")
    with pytest.raises(BadInput, match="'gpu' is no device"):
        chosen_device()


def test_without_a_driver_torch_is_not_even_asked(monkeypatch):
    device.count_devices.cache_clear()
    monkeypatch.setattr(device.metadata, "version", lambda _name: "2.13.0+cu130")
    monkeypatch.setattr(device.sys, "platform", "linux")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(device, "_DRIVERS", ())
    assert device.count_devices("cuda") == 0
    device.count_devices.cache_clear()
    monkeypatch.setattr(device, "_DRIVERS", ("null",))
    assert device.count_devices("cuda") == 1
    device.count_devices.cache_clear()
    monkeypatch.setattr(device.metadata, "version", lambda _name: "2.13.0+cpu")
    assert device.count_devices("cuda") == 0
    device.count_devices.cache_clear()


def test_matrices_are_multiplied_in_float32_on_an_accelerator(there, monkeypatch):
    there(cuda=1)
    monkeypatch.setattr(precision, "has_bf16", lambda: True)
    with computing_on("cpu"):
        assert precision.precision() == "bfloat16"
    with computing_on("cuda"):
        assert precision.precision() == "float32"
        with precision.multiplying_in("bfloat16"):
            assert precision.precision() == "bfloat16"
    monkeypatch.setenv(precision.VARIABLE, "float32")
    with computing_on("cpu"):
        assert precision.precision() == "float32"
        with precision.multiplying_in("auto"):
            assert precision.precision() == "bfloat16"
    monkeypatch.setenv(precision.VARIABLE, "half")
    with pytest.raises(BadInput, match="'half' is no precision; choose auto, float32 or bfloat16"):
        precision.precision()


def test_devices_are_listed_with_what_they_have(there, monkeypatch):
    (processor,) = list_devices()
    assert processor["name"] == "cpu"
    assert processor["memory"] is None or processor["memory"] > 1e8
    there(cuda=2)

    class Facts:
        name, total_memory, major, minor = "NVIDIA T4", 16 * 10**9, 7, 5

    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _number: Facts)
    card = {"title": "NVIDIA T4", "memory": 16 * 10**9, "precisions": ["float32", "float16"]}
    assert list_devices()[1:] == [{"name": "cuda:0", **card}, {"name": "cuda:1", **card}]
    Facts.major, Facts.minor = 9, 0
    assert "bfloat16" in list_devices()[1]["precisions"]
    assert device.said_of("cuda:1") == "cuda:1 (NVIDIA T4)"


def test_one_file_alone_names_kinds_of_devices():
    own = ROOT / "fute_core" / "models" / "device.py"
    files = [*(ROOT / "fute_core").rglob("*.py"), *(ROOT / "dashboard").rglob("*.py")]
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in files
        if file != own
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if NAMES.search(line)
    ]
    assert found == [], "ask fute_core.models.device instead"
    assert NAMES.search(own.read_text("utf-8"))
