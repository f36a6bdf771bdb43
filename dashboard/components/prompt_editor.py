"""Writing a prompt: template, answers, system message, with a live preview or the sentence that says what is wrong."""

import re
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import answer_reading, page, reasoning_turn
from dashboard.components.as_typed import as_typed
from dashboard.reads import costs
from dashboard.reads.costs import Cost, Pace
from dashboard.session.text import joined, md, plural
from fute_core.datasets import uploads
from fute_core.errors import FuteError
from fute_core.templates import draft
from fute_core.templates.answer_words import answer_lines

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.tasks import PromptTemplate

PACKAGED = {"smollm2": "SmolLM2 135M, packaged", "gemma3-270m": "Gemma 3 270M, packaged"}
BLANK = "a short example"
FIELDS = ("lab-name", "lab-template", "lab-answers")
SIZES = (32, 64, 128, 256, 512)
"""Numbers of probe texts to choose from."""
STARTING = (
    "my prompt",
    "Is the writer of this review happy with what they got? Answer yes or no.\n\nReview: {{ text }}",
    "positive: Yes, yes\nnegative: No, no",
)
EXAMPLE_ANSWERS = "yes\nno"
"""In the place of answers that are still being written, for the preview of a template."""
MOST_CHARACTERS = 20_000
LONGEST_NAME = 60
PREVIEW_TEXTS = 24
MOST_VARIANTS = 64
FEW_VARIANTS = 4


def editor(pair: bool) -> "PromptTemplate | None":
    """The fields; returns the template once it can be used."""
    for key, value in zip(FIELDS, STARTING, strict=True):
        st.session_state.setdefault(key, value)
    typed = st.session_state
    wrong = draft.mistakes(typed["lab-name"], typed["lab-template"], typed["lab-answers"])
    left, right = st.columns(2, gap="small")
    with left:
        start_from(pair)
    with right:
        name = st.text_input("Name", key="lab-name", max_chars=LONGEST_NAME, persist_state="session", live=True)
        tell(wrong.get("name"))
    source = st.text_area(
        "Template", key="lab-template", height=128, max_chars=MOST_CHARACTERS, persist_state="session",
        help="Jinja. Put {{ text }} where the text belongs; for text pairs also {{ text_pair }}. An answer inside the "
        "text stands at {{ answer_choice }}: then whole texts are compared.",
    )  # fmt: skip
    tell(wrong.get("template"))
    answers = st.text_area(
        "Answers, a label a line", key="lab-answers", height=80, max_chars=MOST_CHARACTERS, persist_state="session",
        help="label: word, word. A word with a comma in it stands in double quotes. The model's probability of these "
        "words is what counts; where answers are read as words, an answer means the label whose word it says.",
    )  # fmt: skip
    tell(wrong.get("answers"))
    with st.expander("How it is asked, system message, family"):
        completion = st.toggle(
            "The model goes on from its last word", key="lab-completion", persist_state="session",
            help="For examples, or an open line such as Sentiment: at the end. Otherwise a chat model is asked as in a "
            "chat.",
        )  # fmt: skip
        reasoning = reasoning_turn.fields()
        system = st.text_area("System message", key="lab-system", height=80, persist_state="session")
        family = st.text_input(
            "Family", key="lab-family", placeholder="sentiment", persist_state="session",
            help="What you mean it to do. It colours the point and changes no number.",
        )  # fmt: skip
    chosen = {"the model thinks first": reasoning, "it goes on from its last word": completion,
              "it has a system message": system.strip()}  # fmt: skip
    if any(chosen.values()):
        page.quiet(f"Asked so that {joined(words for words, on in chosen.items() if on)}.")
    if not completion and draft.ends_open(source):
        page.quiet("It ends in an open line: if the model is to fill it, say below that it goes on from its last word.")
    as_typed("lab-template", "lab-answers", "lab-system", reasoning_turn.THEN)
    how = {"system": system, "family": family, "completion": completion, "reasoning": reasoning}
    loaded = draft.draft(name, source, answers, **how)
    if loaded.template is None and not wrong:
        tell(loaded.problem)
    return loaded.template if loaded.template is not None and rendered(loaded.template) else None


def rendered(template: "PromptTemplate") -> bool:
    """Whether it can be shown to the model; says why not."""
    try:
        draft.example(template, _preview_text(template.pair))
    except FuteError as error:
        st.error(md(error))
        return False
    return True


def read_by_the_model() -> None:
    """The prompt as it is written now on a probe text, and what it may be answered by; nothing of a broken one."""
    typed = st.session_state
    wrong = draft.mistakes(typed["lab-name"], typed["lab-template"], typed["lab-answers"])
    how = {"system": typed.get("lab-system", ""), "reasoning": reasoning_turn.typed()}
    shown = None if "template" in wrong else draft.draft("x", typed["lab-template"], EXAMPLE_ANSWERS, **how)
    if shown is None or shown.template is None or not preview(shown.template):
        return
    loaded = draft.draft("x", typed["lab-template"], typed["lab-answers"], **how).template
    if loaded is not None:
        page.quiet("It answers one of: " + "; ".join(
            f"{label} ({', '.join(words)})" for label, words in zip(loaded.labels, loaded.choices, strict=True)
        ))  # fmt: skip


def tell(problem: str | None) -> None:
    """The sentence below the field that it is about."""
    if problem:
        st.error(md(_sentence(problem)))


def start_from(pair: bool) -> None:
    """Fills the fields with a shipped prompt of the space on request."""
    from fute_core.templates.loading import shipped_prompts

    names = [n for n, p in shipped_prompts().items() if p.pair == pair]

    def take() -> None:
        chosen = st.session_state["lab-start"]
        prompt = shipped_prompts().get(chosen)
        fill(prompt, f"{chosen} of mine") if prompt else st.session_state.update(zip(FIELDS, STARTING, strict=True))

    st.selectbox("Start from", [BLANK, *names], key="lab-start", on_change=take, persist_state="session")


def fill(prompt: "PromptTemplate", name: str) -> None:
    """The prompt into the fields."""
    values = (name, prompt.source, answer_lines(prompt))
    st.session_state.update(zip(FIELDS, values, strict=True))
    st.session_state["lab-system"] = prompt.system or ""
    st.session_state["lab-family"] = prompt.family or ""
    st.session_state["lab-completion"] = prompt.completion
    reasoning_turn.fill(prompt)
    st.session_state["lab-how"] = "one"
    st.session_state["lab.filled"] = values


def untouched() -> bool:
    """Whether nothing of a user's own would be lost by filling the fields."""
    typed = tuple(st.session_state.get(key) for key in FIELDS)
    return typed in ((None,) * len(FIELDS), STARTING, st.session_state.get("lab.filled"))


def fill_with(request: "EmbedRequest", *, copied: bool = False) -> None:
    """What a run asked, and of which model, into the form. Raises BadInput where its file is gone.

    copied : under a name of its own, since the map keeps one prompt a name.
    """
    from fute_core.datasets.probes import load_probes
    from fute_core.embedding.opening import prompt_templates

    prompt = prompt_templates(request.ref)[request.template]
    fill(prompt, next_name(prompt.name) if copied else prompt.name)
    asked = costs.model_of(request)
    kind = "endpoint" if asked.base_url else asked.name if asked.name in PACKAGED else "other"
    st.session_state["lab-model"] = kind
    st.session_state.update({
        "other": {"lab-ref": asked.name}, "endpoint": {"lab-url": asked.base_url, "lab-served": asked.name},
    }.get(kind, {}))  # fmt: skip
    answer_reading.fill(asked)
    most = len(load_probes(prompt.pair).texts)
    st.session_state[f"lab-probes-{most}"] = request.probes if request.probes in SIZES else most


def next_name(name: str) -> str:
    """ "mine" gives "mine 2", and "mine 2" gives "mine 3"."""
    found = re.fullmatch(r"(.*) (\d{1,6})", name)
    base, number = (found[1], int(found[2]) + 1) if found else (name, 2)
    return f"{base[: LONGEST_NAME - 8]} {number}"


def preview(template: "PromptTemplate") -> bool:
    """The prompt on a probe text, and whether it can be rendered."""
    turn = st.session_state.get("lab-turn", 0)
    try:
        shown = draft.example(template, _preview_text(template.pair))
    except FuteError:  # which the field says
        return False
    with st.container(horizontal=True, vertical_alignment="center", key="preview-head"):
        page.eyebrow("What the model reads")
        st.button("Another text", key="lab-another", type="tertiary",
                  on_click=lambda: st.session_state.update({"lab-turn": turn + 1}))  # fmt: skip
    st.code(shown, language=None, wrap_lines=True)
    return True


def _preview_text(pair: bool):
    from fute_core.datasets.probes import load_probes

    texts = load_probes(pair, PREVIEW_TEXTS).texts
    return texts[st.session_state.get("lab-turn", 0) % len(texts)]


def several(pair: bool) -> "list[PromptTemplate] | None":
    """A file of templates: those that can be used in this space; the others are shown with their reasons."""
    from fute_core.datasets.probes import load_probes
    from fute_core.embedding.opening import prompt_templates
    from fute_core.templates.checking import check

    file = st.file_uploader(
        "Templates", [e.removeprefix(".") for e in uploads.TEMPLATE_ENDINGS], key="lab-file", max_upload_size=2,
        help="The product's own YAML, promptsource YAML, an lm-evaluation-harness task, or a plain Jinja file.",
    )  # fmt: skip
    choices = st.text_input(
        "Answers, where the file names none", key="lab-choices", placeholder="negative=bad|awful,positive=good",
        persist_state="session",
    )  # fmt: skip
    if file is None:
        page.quiet("Every variant in the file becomes a point, and they are ranked for the dataset you aim at.")
        return None
    try:
        path = uploads.keep(file.getvalue(), file.name, uploads.TEMPLATE_ENDINGS)
        examples = {p: load_probes(p, 1).texts[0] for p in (False, True)}
        rows = check(path, fields={}, choices=choices or None, examples=examples)
        usable = prompt_templates(str(path), choices=choices or None)
    except FuteError as error:
        st.error(md(str(error)))
        return None
    fitting = [t for t in usable.values() if t.pair == pair][:MOST_VARIANTS]
    page.eyebrow(f"{sum(r['usable'] for r in rows)} of {plural(len(rows), 'template')} can be used")
    with st.container(height=340 if len(rows) > FEW_VARIANTS else "content", border=False):
        page.quotes([(r["example"] or _sentence(r["problem"] or ""), None, _about(r)) for r in rows])
    if not fitting:
        st.error("None of them can be used in this space; change between texts and text pairs in the sidebar.")
        return None
    return fitting


def _about(row: dict) -> str:
    """A line below a template: its name, and its answers with what was decided about it, or that it cannot be used."""
    if not row["usable"]:
        return f"{row['name']}: cannot be used"
    return "; ".join([f"{row['name']}: answers {', '.join(row['labels'] or ())}", *row["notes"]])


def price(cost: Cost | None, variants: int = 1) -> None:
    """Calls, tokens and time before anything is asked."""
    if cost is None:
        page.quiet("Counting tokens.")
        return
    tokens = "tokens as the server counts" if cost.tokens is None else (
        f"{'about ' if not cost.counted else 'at most ' if cost.thinks else ''}{cost.tokens * variants:,} tokens"
    )  # fmt: skip
    tokens += f" and at most {cost.written * variants:,} to write" if cost.written else ""
    page.quiet(f"{cost.calls * variants:,} calls, {tokens}, {how_long(cost.pace, cost.texts * variants)}.")


def how_long(pace: Pace | None, n: int) -> str:
    """For n texts, by the last runs on this machine: it is never promised what nobody measured here."""
    from dashboard.components.job_list import span

    if pace is None:
        return "and how long that takes here, its first run will tell"
    runs = "run" if pace.runs == 1 else f"{pace.runs} runs"
    return f"{span(*pace.seconds(n))} as the last {runs} here went"


def _sentence(problem: str) -> str:
    """With a capital, and with the form's words in place of the command's options."""
    what, semicolon, option = problem.partition(";")
    if semicolon and "--field" in option:
        problem = f"{what}; use {{{{ text }}}}, for pairs {{{{ text_pair }}}} as well, and nothing else."
    problem = problem.replace("with --choices", "in the field above")
    return problem[:1].upper() + problem[1:]
