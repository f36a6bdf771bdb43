"""lm-evaluation-harness task YAML: `doc_to_text`, `doc_to_choice`, with `include` of files beside it.

Read as version 0.4.13 reads it.
"""

import ast
import re
from collections.abc import Callable, Sequence
from os.path import commonprefix
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates import Loaded, Options
from fute_core.templates.columns import flatten
from fute_core.templates.fields import map_fields
from fute_core.templates.lm_eval_whole import whole_texts
from fute_core.templates.rendering import labelled, validate
from fute_core.templates.syntax import read

FORMAT = "lm-eval"
MARKS = frozenset({"doc_to_text", "doc_to_choice", "doc_to_target", "output_type", "include", "group", "use_prompt"})
CODE = frozenset({"task", "class"})
"""Keys of a task that is a Python class."""
MAX_INCLUDES = 5
MAX_SHOWN = 60
"""Characters of a choice of Jinja in a sentence."""
UNSUPPORTED = {
    "use_prompt": "names a template of promptsource; give that templates.yaml itself",
    "doc_to_image": "shows pictures, which are not supported",
    "doc_to_audio": "plays sound, which is not supported",
}
OTHER_KINDS = {
    "generate_until": "generates text",
    "loglikelihood": "scores one continuation that stands in each row",
    "loglikelihood_rolling": "scores whole texts and asks nothing",
}
READ = ("doc_to_text", "doc_to_choice", "description", "target_delimiter", "output_type", "num_fewshot")
"""Keys that change a prompt or its notes; where included files give them different values, the user is told."""
Include = Callable[[str, Path], tuple[dict[str, Any], Path]]


class FunctionTag(str):
    """A `!function module.name` value: Python code of the task, which is never run."""


def recognises(document: Any) -> bool:
    """Whether a document is a task of lm-evaluation-harness.

    Parameters
    ----------
    document : object
        A YAML document.

    Returns
    -------
    bool
        True where it has one of the keys of a task.
    """
    return isinstance(document, dict) and (bool(MARKS & set(document)) or set(document) >= CODE)


def load(document: dict[str, Any], path: Path, options: Options, include: Include) -> list[Loaded]:
    """Load the one task of a file.

    Parameters
    ----------
    document : dict
        The YAML document.
    path : Path
        The file.
    options : Options
        What the user says about it.
    include : callable
        Reads a file that a task names: takes the name and the path of the file that names it, gives the document and
        its path.

    Returns
    -------
    list of Loaded
        One template, with notes on what was left out.
    """
    name = path.stem
    try:
        document, disagree = _with_includes(document, path, include)
        name = document["task"] if isinstance(document.get("task"), str) else name
        template, notes = _task(name, document, options)
        return [Loaded(name, FORMAT, template, notes=(*notes, *disagree.values()))]
    except BadInput as error:
        return [Loaded(name, FORMAT, problem=str(error))]


def _with_includes(
    document: dict[str, Any], path: Path, include: Include, depth: int = 0
) -> tuple[dict[str, Any], dict[str, str]]:
    """(the task over what it includes, a note by each key on which its included files disagree).

    Of several included files the last one counts, as in the harness. Unlike there, two of them may include the same
    file: only a file that includes itself, by whatever way, is a circle.
    """
    own = dict(document)
    names = own.pop("include", None)
    if names is None:
        return own, {}
    if depth == MAX_INCLUDES:
        raise BadInput(f"the includes go in a circle or over {MAX_INCLUDES} files deep; shorten the chain.")
    names = names if isinstance(names, list) else [names]
    if len(names) > MAX_INCLUDES or not all(isinstance(name, str) for name in names):
        raise BadInput(f"include is no file name and no list of at most {MAX_INCLUDES}; name the file beside the task.")
    merged: dict[str, Any] = {}
    given_by: dict[str, str] = {}
    notes: dict[str, str] = {}
    for name in names:
        included, where = include(name, path)
        included, within = _with_includes(included, where, include, depth + 1)
        notes |= within
        for key in READ:
            if key in merged and key in included and merged[key] != included[key]:
                notes[key] = f"{given_by[key]} and {name} differ in {key}: {name}, included last, counts"
        given_by.update((key, name) for key in included)
        merged |= included
    return merged | own, {key: note for key, note in notes.items() if key not in own}


def _task(name: str, document: dict[str, Any], options: Options) -> tuple[PromptTemplate, tuple[str, ...]]:
    _check_kind(document, options)
    parts = [_text(document, key) for key in ("description", "gen_prefix")]
    delimiter = str(document.get("target_delimiter", " ") or "")
    words: list[str] | None
    if document.get("doc_to_text") == "":  # the choices are whole texts
        source, words = whole_texts(document.get("doc_to_choice"))
        source = "".join(parts) + delimiter + source
    else:
        source = parts[0] + _begun(_source(document.get("doc_to_text")), parts[1])
        words = None if options.choices else _words(document.get("doc_to_choice"))
    words = None if options.choices else words
    choices = labelled(word.strip() for word in words) if words else dict(options.choices)
    source, lead = _lead(source, delimiter, words or ())
    source, fields, pair = map_fields(flatten(source)[0], options, tuple(choices))
    template = PromptTemplate(
        name, source, _answers(words) if words else tuple(choices.values()), tuple(choices), fields=fields,
        delimiter=lead, pair=pair, completion=True,  # the harness asks so, unless told otherwise
    )  # fmt: skip
    validate(template)
    return template, _notes(document)


def _check_kind(document: dict[str, Any], options: Options) -> None:
    """Raises BadInput for a task whose prompt or answers are not written in it. Reasons come in order of weight."""
    if isinstance(document.get("task"), list):
        raise BadInput("it is a group of tasks, not a task; give the YAML file of one of them.")
    if "class" in document:
        raise BadInput("it is a Python class, which is not run; write doc_to_text and doc_to_choice in Jinja.")
    for key, why in UNSUPPORTED.items():
        if document.get(key):
            raise BadInput(f"{key} {why}.")
    for key in ("doc_to_text", "doc_to_choice", "description"):
        if isinstance(document.get(key), FunctionTag) and not (key == "doc_to_choice" and options.choices):
            mend = "name the answers with --choices" if key == "doc_to_choice" else "write doc_to_text in Jinja"
            raise BadInput(f"{key} is a Python function ({document[key]}), which is not run; {mend}.")
    kind = document.get("output_type", "generate_until")
    if kind != "multiple_choice" and "doc_to_choice" not in document and not options.choices:
        does = OTHER_KINDS.get(kind, "is unknown") if isinstance(kind, str) else "is no word"
        raise BadInput(f"output_type {kind} {does}; only multiple_choice is supported, or name --choices.")


def _text(document: dict[str, Any], key: str) -> str:
    value = document.get(key) or ""
    if not isinstance(value, str):
        raise BadInput(f"{key} is no text; write it as text.")
    return value


def _begun(source: str, prefix: str) -> str:
    """The prompt with the beginning of the answer, after a blank where neither has one."""
    blank = " " if prefix and not source[-1].isspace() and not prefix[0].isspace() else ""
    return source + blank + prefix


def _answers(words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Choices as they are scored, without the blanks that all begin with."""
    shared = len(_opening(words))
    return tuple((word[shared:],) for word in words)


def _opening(words: Sequence[str]) -> str:
    return commonprefix([word[: len(word) - len(word.lstrip())] for word in words])  # noqa: RUF071 (no paths)


def _lead(source: str, delimiter: str, words: Sequence[str]) -> tuple[str, str]:
    r"""(the prompt without its closing blanks, what stands between it and an answer).

    The harness adds the delimiter whatever the prompt ends in, then takes the prompt's closing blanks for the start of
    the answer: of the prompt "Mood:\n" and the answer "glad" it scores "\n glad" after "Mood:"
    (`ConfigurableTask.construct_requests` and `TemplateLM._encode_pair`). Blanks that all answers begin with are moved
    here as well, since a chat answer has none in front.
    """
    bare = source.rstrip()
    closing = "" if bare.endswith(("-}}", "-%}", "-#}")) else source[len(bare) :]  # Jinja drops what follows these
    return bare, closing + delimiter + _opening(words)


def _source(value: Any) -> str:
    """`doc_to_text` as Jinja; a bare word is the name of a column."""
    if not isinstance(value, str) or not value.strip():
        raise BadInput("doc_to_text is missing or no text; write it as Jinja.")
    if value.isdigit():
        raise BadInput(f"doc_to_text {value} is an index, for prompts that are choices themselves; write it as Jinja.")
    return "{{ " + value + " }}" if value.isidentifier() else value


def _words(value: Any) -> list[str]:
    """`doc_to_choice` as words: a list, a mapping of choices, or either written as Jinja."""
    if isinstance(value, str):
        value = _literal(value)
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list | tuple) or not value or any(isinstance(word, list | dict) for word in value):
        raise BadInput("doc_to_choice is missing or no list of words; name the answers with --choices.")
    return [str(word) for word in value]


def _literal(value: str) -> Any:
    """What a text of Jinja is that names no column."""
    literal = value.strip().removeprefix("{{").removesuffix("}}").strip()
    try:
        return ast.literal_eval(literal)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        read(value)
    reads = value if value.isidentifier() else re.sub(r"\s+", " ", literal)
    reads = reads if len(reads) <= MAX_SHOWN else reads[:MAX_SHOWN] + "..."
    raise BadInput(
        f"the answers stand in each row (doc_to_choice reads {reads}), so there are no labels to score; if all rows "
        "have the same, name them with --choices."
    )


def _notes(document: dict[str, Any]) -> tuple[str, ...]:
    notes = []
    shots = str(document.get("num_fewshot") or "0")
    if shots != "0":
        notes.append(f"its {shots} worked examples are left out; `fute prompts with-examples` puts some before it")
    if isinstance(document.get("process_docs"), FunctionTag):
        notes.append(
            f"the harness prepares its rows by Python ({document['process_docs']}), which is not run: texts are asked "
            "as they are"
        )
    if (kind := document.get("output_type", "multiple_choice")) != "multiple_choice":
        notes.append(f"in the harness its output_type {kind} {OTHER_KINDS.get(kind, 'is unknown')}; here its choices "
                     "are scored")  # fmt: skip
    return tuple(notes)
