#!/usr/bin/env bash
# numpydoc's validator looks for a `def` or `class` line, and breaks off where a documented name has none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q numpydoc==1.11.0
cat > "$folder/example.py" <<'PYTHON'
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Settings of a run."""

    told: Callable[[float], None] = lambda share: None
PYTHON
cd "$folder" && env/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version
from numpydoc.validate import validate
print("numpydoc", version("numpydoc"))
print("expected: a list of errors, for a field whose default is a function as for any other name")
try:
    print("seen:", validate("example.Settings.told")["errors"])
    sys.exit(1)
except StopIteration:
    print("seen: StopIteration, which no caller of `validate` expects, and which ends a generator in silence")
PYTHON
