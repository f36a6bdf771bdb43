"""Models on a pretended device, in a process of their own.

Torch makes its threads for backward passes at the first one, a thread for each device known by then; a process that has
made one before cannot be given another device.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = ("on_the_card.py", "said_of_the_card.py")
pytestmark = pytest.mark.slow


def test_every_path_that_asks_a_model_gives_the_values_of_the_processor():
    here = Path(__file__).parent
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(str(here / name) for name in CASES)]
    done = subprocess.run(command, cwd=here.parents[1], env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
