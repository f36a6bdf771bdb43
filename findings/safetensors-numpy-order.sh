#!/usr/bin/env bash
# safetensors.numpy writes the memory behind an array, not the array: a transposed view comes back with wrong numbers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q safetensors==0.8.0 numpy==2.4.6
"$folder/env/bin/python" - <<'PYTHON'
import numpy as np, safetensors, sys
from safetensors.numpy import load, save
rows = np.arange(6, dtype=np.float32).reshape(2, 3)
views = {"transposed": rows.T, "every second": np.arange(8, dtype=np.float32)[::2], "Fortran order": np.asfortranarray(rows)}
print("safetensors", safetensors.__version__)
print("expected: what is saved is loaded, or an error")
wrong = 0
for name, view in views.items():
    back = load(save({"x": view}))["x"]
    same = back.shape == view.shape and np.array_equal(back, view)
    wrong += not same
    print(f"seen: {name}: {'the same' if same else f'{view.tolist()} comes back as {back.tolist()}'}")
sys.exit(0 if wrong else 1)
PYTHON
