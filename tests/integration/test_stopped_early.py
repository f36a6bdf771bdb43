"""Ctrl-C before the command line is there."""

import subprocess
import sys

START = """
import sys

at = sys.argv[1]

class Stop:
    def find_spec(self, name, *_):
        if name == at:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Stop())
from fute_core.__main__ import main

sys.argv[1:] = ["list", "datasets"]
main()
"""


def test_ctrl_c_while_libraries_are_loaded_is_one_quiet_line():
    for library in ("click", "fute_core.cli", "numpy"):
        done = subprocess.run([sys.executable, "-c", START, library], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (130, "", "Stopped.\n"), library


def test_the_package_is_run_as_the_command_is():
    done = subprocess.run([sys.executable, "-m", "fute_core", "--version"], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("fute, version ")
