"""Datasets of the Hugging Face Hub, the only ones that need a network."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fute_core.datasets.files import MAX_FILE_BYTES
from fute_core.datasets.tables import Table, read_rows
from fute_core.errors import BadInput, Unavailable


def read_hub(ref: str, split: str) -> tuple[Table, str, dict[str, Any]]:
    """Read a Hub dataset from the Hub's own Parquet copy of it; no script of the dataset is run.

    Parameters
    ----------
    ref : str
        `org/name` or `org/name:config`.
    split : str
        Name of a split, or "all".

    Returns
    -------
    table : Table
        The rows.
    name : str
        The name without the owner's.
    card : dict
        Title, source and, where it is known, licence.

    Raises
    ------
    BadInput
        Where there is no such split or configuration, or the split is over `files.MAX_FILE_BYTES`.
    Unavailable
        Where it cannot be fetched.
    """
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.hf_api import RepoFile

    repo, _, config = ref.partition(":")
    where: dict[str, Any] = {"repo_type": "dataset", "revision": "refs/convert/parquet"}
    try:
        api = HfApi()
        about = api.dataset_info(repo).card_data
        licence = about.get("license") if about else None
        tree = api.list_repo_tree(repo, recursive=True, **where)
        sizes = {f.path: f.size for f in tree if isinstance(f, RepoFile) and f.path.endswith(".parquet")}
        config = _hub_config(repo, config, sizes)
        files = sorted(f for f in sizes if f.startswith(f"{config}/" if split == "all" else f"{config}/{split}/"))
        if not files:
            there = ", ".join(sorted({f.split("/")[1] for f in sizes if f.startswith(f"{config}/")}))
            raise BadInput(f"Hub dataset {ref!r} has no split {split!r}; choose one of {there}, or all.")
        if (total := sum(sizes[f] for f in files)) > MAX_FILE_BYTES:
            raise BadInput(
                f"Split {split!r} of Hub dataset {ref!r} has {total / 1e6:.0f} MB, and over {MAX_FILE_BYTES / 1e6:.0f} "
                "MB are not read; save a sample of it as a file."
            )
        paths = [Path(hf_hub_download(repo, file, **where)) for file in files]
    except BadInput:
        raise
    except Exception as error:  # the hub client raises from several libraries: all mean that it is not to be had
        raise Unavailable(
            f"Dataset {ref!r} is no shipped name and no file, and could not be fetched from the Hub "
            f"({type(error).__name__}); check the id and the network."
        ) from error
    tables = [read_rows(path) for path in paths]
    table = replace(tables[0], file=ref, rows=[row for t in tables for row in t.rows])
    card = {"title": repo, "source": f"https://huggingface.co/datasets/{repo}"}
    return table, repo.split("/")[1], {**card, "licence": licence} if licence else card


def _hub_config(repo: str, config: str, files: Mapping[str, int]) -> str:
    there = sorted({f.split("/")[0] for f in files})
    if config in there:
        return config
    if not config and "default" in there:
        return "default"
    if not config and len(there) == 1:
        return there[0]
    raise BadInput(
        f"Hub dataset {repo!r} has {f'no configuration {config!r}' if config else 'several configurations'}; "
        f"name one as {repo}:NAME, of {', '.join(there[:12]) or 'which it has none'}."
    )
