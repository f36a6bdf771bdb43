"""Template files of every known format, recognised by content; and the prompts that are shipped."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import yaml

from fute_core.errors import BadInput
from fute_core.home import DATA
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates import Loaded, Options, atlas, lm_eval, promptsource
from fute_core.templates.fields import map_fields
from fute_core.templates.rendering import check_choices, render, validate

MAX_BYTES = 2_000_000
MAX_DEPTH = 20
PLAIN = (".jinja", ".jinja2", ".j2", ".txt")


class _Loader(yaml.SafeLoader):
    """YAML whose values are texts as they are written, with the tags of promptsource and lm-evaluation-harness as data.

    Texts, since an answer `no` is a word here and neither false nor "False", and `01` is not 1.
    """

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in known if tag == "tag:yaml.org,2002:null"]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) < len(node.value):
            keys = [key.value for key, _ in node.value]
            twice, mark = next((k, n[0].start_mark) for k, n in zip(keys, node.value, strict=True) if keys.count(k) > 1)
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice!r} stands twice", mark)
        return mapping


def _as_mapping(loader: _Loader, node: yaml.Node) -> dict:
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("!Template", _as_mapping)
_Loader.add_constructor("!TemplateMetadata", _as_mapping)
_Loader.add_constructor("!function", lambda loader, node: lm_eval.FunctionTag(loader.construct_scalar(node)))


def load_templates(
    path: Path | str, *, fields: Mapping[str, str] | None = None, choices: str | None = None
) -> list[Loaded]:
    """Every template of a file, each usable or with its reason.

    fields : the template's variables to "text" or "text_pair", where that is not plain.
    choices : answer choices in place of the file's, as in "negative=bad|awful,positive=good" or "yes,no".

    Raises BadInput for a file that is no template file at all.
    """
    path = Path(path).expanduser()
    options = Options(dict(fields or {}), parse_choice_option(choices) if choices else {})
    text = _read(path)
    if path.suffix.lower() in PLAIN:
        return [_plain(path.stem, text, options)]
    document = _yaml(path, text)
    if atlas.recognises(document):
        loaded = atlas.load(document, path.stem, options)
    elif promptsource.recognises(document):
        loaded = promptsource.load(document, path.stem, options)
    elif lm_eval.recognises(document):
        loaded = lm_eval.load(document, path, options, lambda name, by: _included(path, name, by))
    else:
        raise BadInput(
            f"{path.name} is no template file: it needs `prompts:` (own format), `templates:` (promptsource) or "
            "`doc_to_text:` (lm-evaluation-harness)."
        )
    if not loaded:
        raise BadInput(f"{path.name} holds no template; add one.")
    return _distinct(path, loaded)


def check(
    path: Path | str, *, fields: Mapping[str, str] | None, choices: str | None, examples: Mapping[bool, Text]
) -> list[dict[str, Any]]:
    """For each template its fields, choices and one rendered example, or the reason why it can't be used.

    examples : a single text under False and a pair under True.
    """
    rows = []
    for item in load_templates(path, fields=fields, choices=choices):
        template, problem, example = item.template, item.problem, None
        if template is not None:
            try:
                example = render(template, examples[template.pair])
            except BadInput as error:
                template, problem = None, str(error)
        rows.append(
            {
                "name": item.name,
                "usable": template is not None,
                "format": item.format,
                "family": template.family if template else None,
                "pair": template.pair if template else None,
                "completion": template.completion if template else None,
                "fields": _shown_fields(template) if template else None,
                "labels": list(template.labels) if template else None,
                "choices": [list(c) for c in template.choices] if template else None,
                "example": example,
                "notes": list(item.notes),
                "problem": problem,
            }
        )
    return rows


def parse_choice_option(value: str) -> dict[str, tuple[str, ...]]:
    """ "negative=bad|awful,positive=good" or "yes,no" as label to verbalizers. Raises BadInput for anything else."""
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
    """All shipped prompts by name."""
    prompts = {}
    for path in sorted((DATA / "prompts").glob("*.yaml")):
        for item in load_templates(path):
            if item.template is None:
                raise BadInput(f"{path.name}, {item.name}: {item.problem}")
            prompts[item.name] = item.template
    return prompts


def _shown_fields(template: PromptTemplate) -> dict[str, str]:
    own = dict(template.fields)
    for place in ("text", "text_pair") if template.pair else ("text",):
        if place not in own.values():
            own[place] = place
    return own


def _plain(name: str, source: str, options: Options) -> Loaded:
    try:
        if not options.choices:
            raise BadInput('a plain template needs answer choices; give --choices "negative=bad,positive=good".')
        fields, pair = map_fields(source, options)
        template = PromptTemplate(
            name, source.rstrip("\n"), tuple(options.choices.values()), tuple(options.choices), fields=fields, pair=pair
        )
        validate(template)
        return Loaded(name, "jinja", template)
    except BadInput as error:
        return Loaded(name, "jinja", problem=str(error))


def _read(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise BadInput(f"{path} is a {'folder' if path.is_dir() else 'device'}; give a template file.")
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path.name} has more than {MAX_BYTES / 1e6:.0f} MB; is it a template file?")
        return path.read_text("utf-8-sig")
    except BadInput:  # a ValueError too
        raise
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 (byte {error.start}); save it as UTF-8.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the path.") from None
    except ValueError:
        raise BadInput(f"{str(path)[:80]!r} is no file name; check the path.") from None


def _yaml(path: Path, text: str) -> Any:
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            # Aliases can blow a small file up without bound, and no template format uses them.
            if isinstance(event, yaml.AliasEvent):
                raise BadInput(f"{path.name} uses YAML aliases (*name), which are not read; write the values out.")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:  # the time that the reader takes grows with its square
                line = event.start_mark.line + 1
                raise BadInput(f"{path.name}, line {line} is nested over {MAX_DEPTH} deep; no template format is.")
        document = yaml.load(text, Loader=_Loader)
    except BadInput:  # a ValueError too
        raise
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BadInput(f"{path.name}{line} is not YAML ({error.problem or error.context}).") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise BadInput(f"{path.name} is not YAML ({type(error).__name__}).") from None
    if document is None:
        raise BadInput(f"{path.name} is empty; it needs at least one template.")
    return document


def _included(task: Path, name: str, by: Path) -> tuple[dict, Path]:
    """A YAML file that `by` includes, and its path; it lies in the task's folder or below the folder above it."""
    try:
        target = (by.resolve().parent / name).resolve()
    except ValueError:  # a lone surrogate, or a zero byte
        raise BadInput(f"include: {name!r} is no file name; name a YAML file beside the task.") from None
    if not target.is_relative_to(task.resolve().parent.parent):
        raise BadInput(f"include: {name} lies outside the task's folder; put it beside the task.")
    document = _yaml(target, _read(target))
    if not isinstance(document, dict):
        raise BadInput(f"include: {name} is not a mapping.")
    return document, target


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
