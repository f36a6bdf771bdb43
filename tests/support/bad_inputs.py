"""What may come in and be bad, each as an attempt that gives how many sound things it hid."""

import random
from collections.abc import Callable
from os import environ
from pathlib import Path

import numpy as np
from garbage import kinds, spoil

from fute_core.store.store import Store, open_store

OWNER = "0" * 32


def kept_files(folder: Path, seed: random.Random) -> list[Callable[[], int]]:
    """Garbage in place of files that we wrote ourselves; sets FUTE_HOME."""
    from job_requests import create, request
    from job_states import as_state

    from dashboard.reads import brought, findings
    from fute_core import jobs

    environ["FUTE_HOME"] = str(folder / "home")
    sound = create(open_store(), request("sound"))
    findings.create(OWNER, "Sound")
    findings.change(OWNER, "Findings", lambda b: findings.added(b, "t", [{"a": 1}], "n", "/map"))
    (board,) = (p for p in (folder / "home" / "boards" / OWNER).iterdir() if b'"pins": [{' in p.read_bytes())
    good = board.read_bytes()

    def of_job(file: str, kind: str, content: bytes | None) -> int:
        job = as_state(create(open_store(), request("a")), "failed")
        spoil(job.folder / file, kind, content)
        found, broken = jobs.all_jobs()
        jobs.delete(job.id)
        return ({j.id for j in found} | broken.keys()) != {sound.id, job.id}

    def of_board(kind: str, content: bytes | None) -> int:
        board.write_bytes(good)
        spoil(board, kind, content)
        hidden = "Sound" not in findings.boards(OWNER)
        for name in findings.broken(OWNER):
            findings.remove_broken(OWNER, name)
        board.unlink(missing_ok=True)
        return hidden

    def of_card(kind: str, content: bytes | None) -> int:
        card = brought.keep(b"text,label\na,x\n", "a.csv").with_suffix(".json")
        card.write_bytes(b"{}")
        spoil(card, kind, content)
        brought.listed()
        for name in brought.broken():
            brought.remove_broken(name)
        return len(brought.broken())

    example = as_state(create(open_store(), request("a")), "failed")
    files = {name: (example.folder / name).read_bytes() for name in ("plan.json", "state.json")}
    jobs.delete(example.id)
    tries = [_named(f"{file}, {kind}", of_job, file, kind, content)
             for file, whole in files.items() for kind, content in kinds(whole)]  # fmt: skip
    tries += [_named(f"board, {kind}", of_board, kind, content) for kind, content in kinds(good)]
    return tries + [_named(f"card, {kind}", of_card, kind, content) for kind, content in kinds(b'{"path": "a.csv"}')]


def given_files(folder: Path, seed: random.Random, count: int) -> list[Callable[[], int]]:
    """Tables, prompts, figures and archives with random bytes changed."""
    from fute_core.datasets.tables import read_rows
    from fute_core.report.numbers import figure_rows
    from fute_core.store.archive import export_store, import_archive
    from fute_core.templates.loading import load_templates

    store = Store(folder / "exported")
    store.put("k", {"v": np.arange(9)}, {})
    export_store(store, folder / "all.zip")
    samples: list[tuple[str, bytes, Callable[[Path], object]]] = [
        ("d.csv", b"text,label\n" + b'"a, b",x\nc,y\n' * 9, read_rows),
        ("d.jsonl", b'{"text": "a", "label": "x"}\n' * 9, read_rows),
        ("p.yaml", b"choices: {n: [bad], y: [good]}\nprompts: [{name: p, template: '{{ text }}?'}]\n", load_templates),
        ("all.zip", (folder / "all.zip").read_bytes(), lambda path: import_archive(Store(folder / "other"), path)),
        ("f.json", b'{"data": [{"type": "heatmap", "z": [[1, 2]], "x": ["a", "b"]}], "layout": {}}',
         lambda path: figure_rows(path.read_bytes().decode("utf-8", "replace"))),
    ]  # fmt: skip
    tries = []
    for number in range(count):
        name, content, read = samples[number % len(samples)]
        changed = bytearray(content)
        for _ in range(seed.randrange(1, 6)):
            at = seed.randrange(len(changed))
            changed[at : at + seed.randrange(3)] = seed.randbytes(seed.randrange(3))

        def given(path: Path, content: bytes, read: Callable[[Path], object]) -> int:
            path.write_bytes(content)
            read(path)
            return 0

        tries.append(_named(f"{name} changed", given, folder / name, bytes(changed), read))
    return tries


def _named(name: str, how: Callable[..., int], *given: object) -> Callable[[], int]:
    def attempt() -> int:
        return how(*given)

    attempt.__doc__ = name
    return attempt
