"""All template files of a folder: how many templates are usable, and for what reasons the others are not."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates.loading import load_templates

ENDINGS = (".yaml", ".yml", ".jinja", ".jinja2", ".j2")
NO_TEMPLATES = "is no template file"
SPECIFIC = (
    (re.compile(r"which of .+ is the text"), "which column is the text"),
    (re.compile(r"reads \d+ columns"), "reads several columns"),
    (re.compile(r"maps? to .*|are both mapped .*"), "is mapped wrongly"),
    (re.compile(r"the filter '[^']*'"), "a filter that is not allowed"),
    (re.compile(r"'[^']*'|\"[^\"]*\""), "..."),
    (re.compile(r" \([^)]*\)|,? (in )?line \d+"), ""),
    (re.compile(r"^\S+ (?=is (not YAML|not UTF-8|nested|empty)|has |holds )"), "the file "),
    (re.compile(r"^include: .* lies"), "include: the file lies"),
    (re.compile(r"(joins|picks from) \w+,"), r"\1"),
    (re.compile(r"^.* cannot be read"), "a file cannot be read"),
    (re.compile(r"^Template \.\.\. "), "the template "),
)
"""What a sentence says of one template alone, and what stands in its place where templates are counted."""


@dataclass(frozen=True)
class Tree:
    """What a folder holds.

    Parameters
    ----------
    files : int
        Files that hold templates, or should.
    others : int
        YAML files of other kinds.
    rows : tuple of dict
        For each template its file (from the folder on), name, format, notes, and its problem or None; a file that
        cannot be read at all is a row without a name.
    templates : tuple of (str, PromptTemplate)
        Those that can be used, each with its file.
    """

    files: int
    others: int
    rows: tuple[dict[str, Any], ...]
    templates: tuple[tuple[str, PromptTemplate], ...]

    @property
    def usable(self) -> int:
        """How many templates can be used."""
        return len(self.templates)

    def reasons(self) -> list[tuple[str, int, str]]:
        """Count why templates cannot be used.

        Returns
        -------
        list of (str, int, str)
            Each reason, how many templates have it, and one of them; the most frequent first.
        """
        found: dict[str, list[str]] = {}
        for row in self.rows:
            if row["problem"] is not None:
                found.setdefault(reason(row["problem"]), []).append(f"{row['file']}: {row['name'] or 'the whole file'}")
        return sorted(((why, len(of), of[0]) for why, of in found.items()), key=lambda row: (-row[1], row[0]))


def survey(folder: Path | str, *, fields: Mapping[str, str] | None = None, choices: str | None = None) -> Tree:
    """Read every template file below a folder.

    Parameters
    ----------
    folder : Path or str
        Where to look; folders that are links are left out, and so is what begins with a dot.
    fields : mapping of str to str, optional
        As for `load_templates`, for all files.
    choices : str, optional
        As for `load_templates`, for all files.

    Returns
    -------
    Tree
        Folder by folder in the order of names, files before the folders beside them.

    Raises
    ------
    BadInput
        For a folder without any template file, and for a bad option.
    """
    folder = Path(folder).expanduser()
    files = others = 0
    rows: list[dict[str, Any]] = []
    templates: list[tuple[str, PromptTemplate]] = []
    for path in _files(folder):
        shown = path.relative_to(folder).as_posix()
        try:
            loaded = load_templates(path, fields=fields, choices=choices, within=folder)
        except BadInput as error:
            if NO_TEMPLATES in str(error):
                others += 1
                continue
            if str(error).startswith("--"):
                raise
            rows.append({"file": shown, "name": None, "format": None, "notes": [], "problem": str(error)})
        else:
            rows += [
                {"file": shown, "name": item.name, "format": item.format, "notes": list(item.notes),
                 "problem": item.problem} for item in loaded
            ]  # fmt: skip
            templates += [(shown, item.template) for item in loaded if item.template is not None]
        files += 1
    if not files:
        raise BadInput(f"{folder} holds no template file ({', '.join(ENDINGS)}); give a folder that does.")
    return Tree(files, others, tuple(rows), tuple(templates))


def reason(problem: str) -> str:
    """Leave of a sentence what it says of other templates too.

    Parameters
    ----------
    problem : str
        Why a template cannot be used.

    Returns
    -------
    str
        The same for all templates with that reason.
    """
    said = problem
    for pattern, instead in SPECIFIC:
        said = pattern.sub(instead, said)
    return re.split(r"[;:] |; ", said, maxsplit=1)[0].rstrip(".")


def _files(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__pycache__")))
        for name in sorted(names):
            if name.lower().endswith(ENDINGS) and not name.startswith("."):
                yield Path(where) / name
