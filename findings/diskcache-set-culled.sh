#!/usr/bin/env bash
# diskcache's `set` says True for a value that its own culling removes in the same call.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q diskcache==5.6.3
"$folder/env/bin/python" - "$folder/cache" <<'PYTHON'
import sys
import diskcache
print("diskcache", diskcache.__version__)
print("expected: what `set` says True for is there")
with diskcache.Cache(sys.argv[1], size_limit=2**20, eviction_policy="least-recently-used") as cache:
    said = [cache.set(i, bytes(300_000)) for i in range(12)]
    there = [i in cache for i in range(12)]
    last_gone = sum(s and not t for s, t in zip(said, there))
print(f"seen: `set` said True {sum(said)} times, {last_gone} of these values are gone, and nothing was asked to go")
sys.exit(0 if all(said) and last_gone else 1)
PYTHON
