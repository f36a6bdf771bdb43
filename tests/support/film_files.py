"""Rows about films of two kinds, and files of them."""

import json

FILMS = [f"a {word} film, number {i}" for i, word in enumerate(["fine", "dull"] * 8)]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def films(tmp_path, name="films.jsonl", **changes):
    return write(tmp_path / name, [{"text": t, "label": t.split()[1], **changes} for t in FILMS])
