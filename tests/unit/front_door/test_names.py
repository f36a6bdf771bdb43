"""The names that `import fute_core as fute` offers: listed, guessed, and each with an example that runs."""

import doctest
import json
import subprocess
import sys

import pytest

import fute_core as fute


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    things = [(name, getattr(fute, name)) for name in fute.__all__ if name != "__version__"]
    return [test for name, thing in things for test in finder.find(thing, name, globs={}) if test.examples]


@pytest.mark.parametrize("example", examples(), ids=lambda test: test.name)
def test_an_example_gives_what_it_says(example):
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert runner.run(example, out=told.append).failed == 0, "".join(told)


def test_every_name_has_an_example():
    shown = {test.name.partition(".")[0] for test in examples()}
    assert set(fute.__all__) - shown == {"__version__"}


def test_names_are_listed_resolved_and_guessed():
    assert dir(fute) == fute.__all__ == sorted(fute.__all__)
    assert {name for names in fute._ROOMS.values() for name in names} | {"__version__"} == set(fute.__all__)
    with pytest.raises(AttributeError, match="fute_core has no 'Datasets'; did you mean 'Dataset'"):
        fute.Datasets  # noqa: B018


def test_listing_the_names_loads_none_of_them():
    script = "import json, sys, fute_core as fute; dir(fute); print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=True)
    assert not {"torch", "pandas", "sklearn", "numpy", "rich"} & set(json.loads(done.stdout))
