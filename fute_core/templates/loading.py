"""Template files of every known format, recognised by content; and the prompts that are shipped."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput
from fute_core.home import DATA
from fute_core.tasks import PromptTemplate
from fute_core.templates import Loaded, Options, atlas, lm_eval, promptsource
from fute_core.templates.fields import map_fields
from fute_core.templates.rendering import check_choices, validate
from fute_core.templates.yaml_files import parse_yaml, read_text

PLAIN = (".jinja", ".jinja2", ".j2", ".txt")


def load_templates(
    path: Path | str,
    *,
    fields: Mapping[str, str] | None = None,
    choices: str | None = None,
    within: Path | None = None,
) -> list[Loaded]:
    """Load every template of a file; its format is recognised by content.

    Parameters
    ----------
    path : Path or str
        YAML of the product, of promptsource or of lm-evaluation-harness, or a plain Jinja file.
    fields : mapping of str to str, optional
        The template's variables to "text" or "text_pair", where that is not plain.
    choices : str, optional
        Answer choices in place of the file's, as in "negative=bad|awful,positive=good" or "yes,no".
    within : Path, optional
        Folder below which a task may include files; by default the one above the task's own.

    Returns
    -------
    list of Loaded
        Each usable or with the reason why not.

    Raises
    ------
    BadInput
        For a file that is no template file at all.
    """
    path = Path(path).expanduser()
    options = Options(dict(fields or {}), parse_choice_option(choices) if choices else {})
    text = read_text(path)
    if path.suffix.lower() in PLAIN:
        return [_plain(path.stem, text, options)]
    document = parse_yaml(path, text)
    if atlas.recognises(document):
        loaded = atlas.load(document, path.stem, options)
    elif promptsource.recognises(document):
        loaded = promptsource.load(document, path.stem, options)
    elif lm_eval.recognises(document):
        loaded = lm_eval.load(document, path, options, lambda name, by: _included(path, name, by, within))
    else:
        raise BadInput(
            f"{path.name} is no template file: it needs `prompts:` (own format), `templates:` (promptsource) or "
            "`doc_to_text:` (lm-evaluation-harness)."
        )
    if not loaded:
        raise BadInput(f"{path.name} holds no template; add one.")
    return _distinct(path, loaded)


def parse_choice_option(value: str) -> dict[str, tuple[str, ...]]:
    """Read answer choices as the command line takes them.

    Parameters
    ----------
    value : str
        Such as "negative=bad|awful,positive=good", or "yes,no" for labels that are their own words.

    Returns
    -------
    dict of str to tuple of str
        Label to its answer words.

    Raises
    ------
    BadInput
        For anything else.
    """
    choices: dict[str, tuple[str, ...]] = {}
    for part in value.split(","):
        label, equals, words = (piece.strip() for piece in part.partition("="))
        verbalizers = tuple(word.strip() for word in words.split("|")) if equals else (label,)
        if not label or label in choices:
            raise BadInput(f"--choices {value!r}: {'an empty label' if not label else f'{label!r} stands twice'}.")
        choices[label] = verbalizers
    try:
        check_choices(tuple(choices), tuple(choices.values()))
    except BadInput as error:
        raise BadInput(f"--choices {value!r}: {error}") from None
    return choices


@lru_cache(maxsize=1)
def shipped_prompts() -> dict[str, PromptTemplate]:
    """Load all shipped prompts.

    Returns
    -------
    dict of str to PromptTemplate
        By name; read once.

    Raises
    ------
    BadInput
        For a file whose templates cannot be used.
    """
    prompts = {}
    for path in sorted((DATA / "prompts").glob("*.yaml")):
        for item in load_templates(path):
            if item.template is None:
                raise BadInput(f"{path.name}, {item.name}: {item.problem}")
            prompts[item.name] = item.template
    return prompts


def _plain(name: str, source: str, options: Options) -> Loaded:
    try:
        if not options.choices:
            raise BadInput('a plain template needs answer choices; give --choices "negative=bad,positive=good".')
        source, fields, pair = map_fields(source, options, tuple(options.choices))
        template = PromptTemplate(
            name, source.rstrip("\n"), tuple(options.choices.values()), tuple(options.choices), fields=fields, pair=pair
        )
        validate(template)
        return Loaded(name, "jinja", template)
    except BadInput as error:
        return Loaded(name, "jinja", problem=str(error))


def _included(task: Path, name: str, by: Path, within: Path | None) -> tuple[dict[str, Any], Path]:
    """A YAML file that `by` includes, and its path; it lies in the task's folder or below the folder above it."""
    below = within.resolve() if within is not None else task.resolve().parent.parent
    try:
        target = (by.resolve().parent / name).resolve()
    except ValueError:  # a lone surrogate, or a zero byte
        raise BadInput(f"include: {name!r} is no file name; name a YAML file beside the task.") from None
    if not target.is_relative_to(below):
        raise BadInput(f"include: {name} lies outside the task's folder; put it beside the task.")
    document = _included_yaml(target, target.stat().st_mtime_ns if target.exists() else 0)
    if not isinstance(document, dict):
        raise BadInput(f"include: {name} is not a mapping.")
    return document, target


@lru_cache(maxsize=64)
def _included_yaml(path: Path, changed: int) -> Any:  # `changed` keeps an older content apart
    return parse_yaml(path, read_text(path))


def _distinct(path: Path, loaded: list[Loaded]) -> list[Loaded]:
    """Names tell templates apart, so a name that stands twice is refused the second time."""
    seen: set[str] = set()
    result = []
    for item in loaded:
        if item.name in seen:
            problem = f"the name {item.name!r} stands twice in {path.name}; rename it."
            item = Loaded(item.name, item.format, problem=problem)
        seen.add(item.name)
        result.append(item)
    return result
