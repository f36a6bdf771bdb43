"""Rows of a small dataset, and a file of them."""

import json


def put(tmp_path, rows, name="mine.jsonl"):
    path = tmp_path / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def rows(*labels, **more):
    return [{"text": f"text {i}", "label": label, **more} for i, label in enumerate(labels)]
