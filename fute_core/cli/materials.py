"""`fute doctor --materials`: what this installation is made of, with versions, digests and licences."""

import re
from collections.abc import Iterator
from importlib import metadata
from typing import Any

OWN = "task-atlas"
NOT_SAID = "not said"


def list_materials() -> dict[str, list[dict[str, Any]]]:
    """List the packages, models and data of this installation.

    Returns
    -------
    dict of str to list of dict
        "packages" with "name", "version" and "licence": our own and all that it needs, as installed. "models" with
        "name", "package", "version", "licence", "installed" and "sha256" by file, as published; whether the files are
        still these is asked by `fute cache verify`. "data" with "name", "licence" and "source".
    """
    return {"packages": _packages(), "models": _models(), "data": _data()}


def material_rows(materials: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, str, str, str]]:
    """Arrange materials as a table.

    Parameters
    ----------
    materials : dict
        As `list_materials` gives it.

    Yields
    ------
    (str, str, str, str)
        Kind, name, version or digest, licence; a row a file of a model.
    """
    for package in materials["packages"]:
        yield "package", package["name"], package["version"], package["licence"]
    for model in materials["models"]:
        for file, digest in model["sha256"].items():
            there = f"sha256 {digest}" + ("" if model["installed"] else " (not installed)")
            yield "model", f"{model['name']}: {file}", there, model["licence"]
    for item in materials["data"]:
        yield "data", item["name"], "", item["licence"]


def _packages() -> list[dict[str, Any]]:
    """Our own package and what it needs, found by going from requirement to requirement."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [OWN]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # of an extra or a platform that is not here
        found[name] = {"name": name, "version": package.version, "licence": _licence(package.metadata)}
        waiting += [_named(line) for line in package.requires or () if _counts(line, name == OWN)]
    return sorted(found.values(), key=lambda package: str(package["name"]))


def _counts(requirement: str, own: bool) -> bool:
    """Extras of ours count as far as they are installed, but for what only developing needs; those of others do not."""
    _, extra, named = requirement.partition("extra ==")
    return not extra or (own and named.strip(" '\"") != "dev")


def _named(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


def _licence(said: Any) -> str:
    if expression := said.get("License-Expression"):
        return str(expression)
    classes = [c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or () if c.startswith("License :: ")]
    if named := [c for c in classes if c != "OSI Approved"]:
        return ", ".join(named)
    first = str(said.get("License") or "").strip().splitlines()[:1]
    return first[0][:60] if first and first[0] else NOT_SAID


def _models() -> list[dict[str, Any]]:
    from fute_core.models.packaged import list_models
    from fute_core.models.published import PUBLISHED

    return [
        {"name": m["name"], "package": m["package"], "version": _version(m["package"].split()[0]),
         "licence": m["licence"], "installed": m["installed"], "sha256": PUBLISHED[m["name"]]}
        for m in list_models()
    ]  # fmt: skip


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _data() -> list[dict[str, Any]]:
    from fute_core.datasets.catalog import shipped_datasets

    cards = [
        {"name": name, "licence": card.get("licence", NOT_SAID), "source": card.get("source", NOT_SAID)}
        for name, card in shipped_datasets().items()
    ]
    own = "Apache-2.0"
    return [*cards, {"name": "prompts", "licence": own, "source": "written for this project"},
            {"name": "gallery", "licence": "as the data it was computed from", "source": "computed"},
            {"name": "probe texts", "licence": "as their sources, in data/LICENCES.md", "source": "drawn"}]  # fmt: skip
