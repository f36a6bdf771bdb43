#!/usr/bin/env bash
# With Ray's backend joblib refuses to hand out results as they come, which its own documentation offers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q joblib==1.6.0 ray==2.60.0
RAY_USAGE_STATS_ENABLED=0 "$folder/env/bin/python" - <<'PYTHON'
import sys
import joblib, ray
from ray.util.joblib import register_ray
ray.init(num_cpus=2, include_dashboard=False, object_store_memory=100 * 2**20, log_to_driver=False)
register_ray()
print("joblib", joblib.__version__, "ray", ray.__version__)
print("expected: return_as='generator_unordered' works as with loky")
with joblib.parallel_config(backend="ray", n_jobs=2):
    listed = joblib.Parallel()(joblib.delayed(abs)(-i) for i in range(4))
    try:
        found = sorted(joblib.Parallel(return_as="generator_unordered")(joblib.delayed(abs)(-i) for i in range(4)))
        refused = False
    except ValueError as error:
        found, refused = str(error).splitlines()[0], True
print(f"seen: a list gives {listed}; a generator {'is refused: ' if refused else 'gives '}{found}")
ray.shutdown()
sys.exit(0 if refused and listed == [0, 1, 2, 3] else 1)
PYTHON
