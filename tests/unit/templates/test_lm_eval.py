"""Task files of lm-evaluation-harness as they are published: what loads, and why the rest does not."""

from pathlib import Path

import pytest
from foreign_prompts import PROMPTSOURCE, TASK, saved

from fute_core.predictors.prompt_tokens import PromptTokens
from fute_core.templates.checking import check
from fute_core.templates.loading import load_templates
from fute_core.templates.rendering import render

EXAMPLES = {False: "Rain is on its way.", True: ("A dog runs.", "An animal moves.")}


def of_lm_eval(tmp_path: Path, content: str, **options):
    (item,) = load_templates(saved(tmp_path, content, "tasks/rain.yaml"), **options)
    return item


def test_a_task_of_the_harness_loads_as_it_is(tmp_path):
    item = of_lm_eval(tmp_path, TASK)
    assert (item.format, item.name, item.notes) == ("lm-eval", "rain_or_not", ())
    assert (item.template.labels, item.template.delimiter) == (("no", "yes"), " ")
    assert item.template.completion  # the harness uses no chat template unless it is told to
    assert render(item.template, "Dry.") == "Read the report.\n\nReport: Dry.\nQuestion: Will it rain?\nAnswer:"


def test_a_task_without_a_name_is_called_like_its_file_and_says_what_it_leaves_out(tmp_path):
    content = "doc_to_text: report\ndoc_to_choice: [no, yes]\nnum_fewshot: 5\ntarget_delimiter: ''\n"
    item = of_lm_eval(tmp_path, content)
    assert (item.name, item.template.source, item.template.delimiter) == ("rain", "{{ report }}", "")
    assert item.template.labels == ("no", "yes")
    assert item.notes == ("its 5 worked examples are left out; `fute prompts with-examples` puts some before it",)
    assert of_lm_eval(tmp_path, content.replace("num_fewshot: 5", "num_fewshot: 0")).notes == ()


@pytest.mark.parametrize(
    "choices",
    [
        "['no', 'yes']",
        "\"{{['no', 'yes']}}\"",
        '\'["no", "yes"]\'',
        "{a: no, b: yes}",
        "[' no', ' yes']",
        "\"{{('no', 'yes')}}\"",
    ],
)
def test_choices_may_be_a_list_a_mapping_or_jinja_of_a_list(tmp_path, choices):
    item = of_lm_eval(tmp_path, f"doc_to_text: 'Rain? {{{{text}}}}'\ndoc_to_choice: {choices}\n")
    assert item.template.choices == (("no",), ("yes",))


def test_choices_that_bring_their_own_blank_are_the_same_words_after_one(tmp_path):
    content = "doc_to_text: text\ntarget_delimiter: ''\ndoc_to_choice: [' no', ' yes']\n"
    template = of_lm_eval(tmp_path, content).template
    assert (template.choices, template.delimiter) == ((("no",), ("yes",)), " ")


@pytest.mark.parametrize(
    ("prompt", "more", "answers", "source", "delimiter"),
    [
        (r"Note: {{text}}\nMood:\n", "", "[glad, sad]", "Note: {{text}}\nMood:", "\n "),
        ("Note: {{text}} Mood: ", "", "[glad, sad]", "Note: {{text}} Mood:", "  "),
        (r"{{text}}\n", "target_delimiter: ''", "[glad, sad]", "{{text}}", "\n"),
        (r"{{text}}\n", r'target_delimiter: "\n"', "[glad, sad]", "{{text}}", "\n\n"),
        ("{{text}}", "", "[' glad', ' sad']", "{{text}}", "  "),
        ("{{text}}", "target_delimiter: ''", "[' glad', sad]", "{{text}}", ""),
        (r"{{text -}} \n", "", "[glad, sad]", "{{text -}}", " "),
    ],
)
def test_what_stands_before_an_answer_is_what_the_harness_scores_it_after(
    tmp_path, prompt, more, answers, source, delimiter
):
    content = f'doc_to_text: "{prompt}"\ndoc_to_choice: {answers}\noutput_type: multiple_choice\n{more}\n'
    template = of_lm_eval(tmp_path, content).template
    assert (template.source, template.delimiter) == (source, delimiter)
    assert template.labels == ("glad", "sad")


def test_blanks_that_only_some_answers_begin_with_stay_with_them(tmp_path):
    content = "doc_to_text: text\ntarget_delimiter: ''\ndoc_to_choice: ['  glad', ' sad']\n"
    template = of_lm_eval(tmp_path, content).template
    assert (template.choices, template.labels, template.delimiter) == (((" glad",), ("sad",)), ("glad", "sad"), " ")


def test_of_a_prompt_that_ends_its_line_the_model_scores_the_line_break_the_blank_and_the_answer(tmp_path):
    class Letters:
        bos_token_id = eos_token_id = chat_template = None

        def __call__(self, prompts, **_):
            one = isinstance(prompts, str)
            return {"input_ids": [ord(c) for c in prompts] if one else [[ord(c) for c in p] for p in prompts]}

    content = 'doc_to_text: "{{text}}\\nMood:\\n"\ndoc_to_choice: [glad, sad]\noutput_type: multiple_choice\n'
    tokens = PromptTokens(of_lm_eval(tmp_path, content).template, Letters(), False, 100)
    assert tokens.text("Rain.") == "Rain.\nMood:"
    assert ["".join(map(chr, ids)) for ids in tokens.choices] == ["\n glad", "\n sad"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("task: [a, b]\ngroup: g", "it is a group of tasks"),
        ("doc_to_text: !function utils.text\ndoc_to_choice: [a, b]", "doc_to_text is a Python function (utils.text)"),
        ("doc_to_text: text\ndoc_to_choice: !function utils.c", "doc_to_choice is a Python function (utils.c)"),
        (
            "doc_to_text: text\ndescription: !function utils.d\ndoc_to_choice: [a, b]",
            "description is a Python function",
        ),
        (
            "doc_to_text: text\nprocess_docs: !function utils.p\noutput_type: generate_until",
            "output_type generate_until generates text",
        ),
        ("task: t\nclass: !function task.Rain", "it is a Python class, which is not run"),
        (
            "doc_to_text: ''\ndoc_to_choice: '{{[a, b]}}'",
            "its doc_to_text is empty, and the choices are texts of the row",
        ),
        ("doc_to_text: 0\ndoc_to_choice: [a, b]", "doc_to_text 0 is an index"),
        ("doc_to_text: text\ndoc_to_choice: [a, b]\ngen_prefix: [x]", "gen_prefix is no text"),
        (
            "use_prompt: 'promptsource:GPT-3'\noutput_type: multiple_choice",
            "use_prompt names a template of promptsource",
        ),
        ("doc_to_text: text\ndoc_to_choice: [a, b]\ndoc_to_image: pic", "doc_to_image shows pictures"),
        ("doc_to_text: text\ndoc_to_choice: [a, b]\ndoc_to_audio: wav", "doc_to_audio plays sound"),
        ("doc_to_text: text\noutput_type: generate_until", "output_type generate_until generates text"),
        ("doc_to_text: text", "output_type generate_until generates text"),
        ("doc_to_text: text\noutput_type: loglikelihood", "output_type loglikelihood scores one continuation"),
        ("doc_to_text: text\noutput_type: multiple_choice", "doc_to_choice is missing"),
        ("doc_to_text: text\ndoc_to_choice: []", "doc_to_choice is missing or no list of words"),
        ("doc_to_text: text\ndoc_to_choice: [[a], [b]]", "doc_to_choice is missing or no list of words"),
        ("doc_to_text: text\ndoc_to_choice: choices", "the answers stand in each row (doc_to_choice reads choices)"),
        ("doc_to_text: text\ndoc_to_choice: '{{choices.text}}'", "(doc_to_choice reads choices.text)"),
        ("doc_to_text: text\ndoc_to_choice: '{{[a, b]}}'", "(doc_to_choice reads [a, b])"),
        ("doc_to_text: text\ndoc_to_choice: '{{[a'", "Jinja error"),
        ("doc_to_text: text\ndoc_to_choice: [a, a]", "'a' stands twice"),
        ("doc_to_text: text\ndoc_to_choice: [a]", "fewer than two"),
        ("doc_to_choice: [a, b]", "doc_to_text is missing"),
        ("doc_to_text: [x]\ndoc_to_choice: [a, b]", "doc_to_text is missing or no text"),
        ("doc_to_text: Will it rain?\ndoc_to_choice: [a, b]", "never uses the text"),
        (
            "doc_to_text: '{{question}} {{choices[0]}} {{choices[1]}} {{choices[2]}}'\ndoc_to_choice: [a, b, c]",
            "the answers stand in each row (columns choices_0, choices_1, choices_2)",
        ),
        ("doc_to_text: text\ndescription: [x]\ndoc_to_choice: [a, b]", "description is no text"),
        ("include: nowhere.yaml", "cannot be read"),
        ("include: ../../../elsewhere.yaml", "lies outside the task's folder"),
        ("include: /etc/passwd", "lies outside the task's folder"),
        ("include: {a: b}", "include is no file name"),
        ("include: [a, b, c, d, e, f]", "include is no file name"),
        ("include: rain.yaml", "the includes go in a circle"),
    ],
)
def test_what_the_harness_has_and_this_has_not_is_named(tmp_path, content, says):
    item = of_lm_eval(tmp_path, content + "\n")
    assert item.template is None
    assert says in item.problem
    assert "\n" not in item.problem


def test_rows_that_python_prepares_are_told_of_and_the_prompt_is_asked(tmp_path):
    item = of_lm_eval(tmp_path, "doc_to_text: text\nprocess_docs: !function utils.p\ndoc_to_choice: [a, b]\n")
    assert item.template is not None
    assert item.notes == (
        "the harness prepares its rows by Python (utils.p), which is not run: texts are asked as they are",
    )


@pytest.mark.parametrize(
    ("prompt", "prefix", "source"),
    [
        ("{{text}}?", "So:", "{{text}}? So:"),
        ("{{text}}? ", "So:", "{{text}}? So:"),
        ("{{text}}?", " So:", "{{text}}? So:"),
    ],
)
def test_the_beginning_of_an_answer_is_the_end_of_the_prompt(tmp_path, prompt, prefix, source):
    content = f"doc_to_text: '{prompt}'\ngen_prefix: '{prefix}'\ndoc_to_choice: [a, b]\noutput_type: multiple_choice\n"
    template = of_lm_eval(tmp_path, content).template
    assert (template.source, template.delimiter) == (source, " ")


def test_of_a_key_that_stands_twice_the_last_counts_as_in_the_harness(tmp_path):
    item = of_lm_eval(tmp_path, "doc_to_text: 'A {{text}}'\ndoc_to_text: 'B {{text}}'\ndoc_to_choice: [a, b]\n")
    assert item.template.source == "B {{text}}"


def test_columns_inside_columns_are_texts_too(tmp_path):
    item = of_lm_eval(tmp_path, "doc_to_text: '{{pair.en}} = {{pair[\"de\"]}}?'\ndoc_to_choice: [a, b]\n")
    assert "pair_en, pair_de is the text; say so with --field pair_en=... --field pair_de=..." in item.problem
    named = of_lm_eval(
        tmp_path, "doc_to_text: '{{pair.en}} = {{pair[\"de\"]}}?'\ndoc_to_choice: [a, b]\n",
        fields={"pair.en": "text", "pair.de": "text_pair"},
    )  # fmt: skip
    assert render(named.template, ("one", "eins")) == "one = eins?"


def test_the_choices_option_stands_in_for_a_function_or_generation(tmp_path):
    function = of_lm_eval(tmp_path, "doc_to_text: text\ndoc_to_choice: !function utils.c\n", choices="dry,wet")
    generation = of_lm_eval(tmp_path, "doc_to_text: text\noutput_type: generate_until\n", choices="dry,wet")
    assert function.template.labels == generation.template.labels == ("dry", "wet")


def test_a_task_stands_over_what_it_includes_and_the_last_file_over_those_before(tmp_path):
    saved(tmp_path, "doc_to_choice: [no, yes]\ndescription: 'base '\ntarget_delimiter: ''\n", "shared/base.yaml")
    saved(tmp_path, "include: ../shared/base.yaml\ndescription: 'one '\n", "tasks/one.yaml")
    saved(tmp_path, "description: 'two '\ndoc_to_text: text\n", "tasks/two.yaml")
    last = of_lm_eval(tmp_path, "task: t\ninclude: [one.yaml, two.yaml]\n")
    assert (last.template.source, last.template.delimiter) == ("two {{ text }}", "")
    assert last.notes == ("one.yaml and two.yaml differ in description: two.yaml, included last, counts",)
    assert of_lm_eval(tmp_path, "include: [two.yaml, one.yaml]\n").template.source == "one {{ text }}"
    own = of_lm_eval(tmp_path, "task: t\ninclude: [one.yaml, two.yaml]\ndescription: 'own '\n")
    assert (own.template.source, own.notes) == ("own {{ text }}", ())
    saved(tmp_path, "- a list\n", "tasks/list.yaml")
    assert of_lm_eval(tmp_path, "include: list.yaml\n").problem == "include: list.yaml is not a mapping."


def test_of_two_included_prompts_the_last_is_asked(tmp_path):
    saved(tmp_path, "doc_to_text: 'A {{text}}'\n", "tasks/a.yaml")
    saved(tmp_path, "doc_to_text: 'B {{text}}'\n", "tasks/b.yaml")
    item = of_lm_eval(tmp_path, "include: [a.yaml, b.yaml]\ndoc_to_choice: [no, yes]\n")
    assert item.template.source == "B {{text}}"
    assert item.notes == ("a.yaml and b.yaml differ in doc_to_text: b.yaml, included last, counts",)


def test_a_file_that_two_included_files_share_is_no_circle(tmp_path):
    saved(tmp_path, "doc_to_text: '{{text}}'\ndoc_to_choice: [no, yes]\n", "tasks/base.yaml")
    saved(tmp_path, "include: base.yaml\n", "tasks/a.yaml")
    saved(tmp_path, "include: base.yaml\ndescription: 'b '\n", "tasks/b.yaml")
    item = of_lm_eval(tmp_path, "include: [a.yaml, b.yaml]\n")
    assert (item.problem, item.notes, item.template.source) == (None, (), "b {{text}}")


def test_check_shows_foreign_templates_in_the_same_fields(tmp_path):
    (task,) = check(saved(tmp_path, TASK, "t.yaml"), fields=None, choices=None, examples=EXAMPLES)
    single, pair = check(saved(tmp_path, PROMPTSOURCE), fields=None, choices=None, examples=EXAMPLES)
    assert task.keys() == single.keys()
    assert task["fields"] == single["fields"] == {"report": "text"}
    assert task["example"].startswith("Read the report.\n\nReport: Rain is on its way.\n")
    assert pair["fields"] == {"premise": "text", "hypothesis": "text_pair"}
    assert pair["example"] == 'Does "A dog runs." mean "An animal moves."?'
    assert (task["labels"], task["choices"], task["family"]) == (["no", "yes"], [["no"], ["yes"]], None)
