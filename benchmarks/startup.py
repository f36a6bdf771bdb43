"""How long the front door and the command take to open, beside what they put off: torch, transformers and pandas.

    python benchmarks/startup.py [--json]

Each figure is the least of five fresh processes, in seconds of processor time.
"""

import argparse
import json
import subprocess
import sys

RUNS = 5
IMPORTS = {
    "fute_core": "import fute_core",
    "fute_core.cli": "import fute_core.cli",
    "what is put off": "import torch, transformers, pandas",
}


def seconds(statement: str) -> float:
    script = f"import time; began = time.process_time(); {statement}; print(time.process_time() - began)"
    command = [sys.executable, "-c", script]
    return min(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(RUNS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = {name: seconds(statement) for name, statement in IMPORTS.items()}
    ratio = found["what is put off"] / found["fute_core.cli"]
    if asked.json:
        print(json.dumps({"seconds": found, "ratio": ratio}))
        return
    for name, value in found.items():
        print(f"{name:16} {value:7.3f} s")
    print(f"The command opens {ratio:.0f} times faster than what it puts off.")


if __name__ == "__main__":
    main()
