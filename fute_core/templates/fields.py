"""Which of a template's own variables is the text, and which its pair."""

from fute_core.errors import BadInput
from fute_core.templates import Options
from fute_core.templates.syntax import variables

PLACES = ("text", "text_pair")
PAIRS = (
    ("text", "text_pair"), ("premise", "hypothesis"), ("sentence1", "sentence2"), ("question1", "question2"),
    ("question", "sentence"), ("question", "passage"), ("text1", "text2"), ("s1", "s2"), ("sentence_1", "sentence_2"),
    ("sentence_A", "sentence_B"), ("sentence_a", "sentence_b"), ("query", "document"), ("context", "question"),
    ("question", "answer"), ("premise", "claim"), ("evidence", "claim"),
)  # fmt: skip


def map_fields(source: str, options: Options) -> tuple[dict[str, str], bool]:
    """Find out which of a template's own variables is the text, and which its pair.

    One variable is plain, and so are two of a usual pair such as premise and hypothesis.

    Parameters
    ----------
    source : str
        Jinja.
    options : Options
        What the user says about the variables.

    Returns
    -------
    tuple of (dict of str to str, bool)
        Variables of other names, each with "text" or "text_pair"; and whether it reads pairs.

    Raises
    ------
    BadInput
        Where it is not plain; the sentence names the options to give.
    """
    for name, place in options.fields.items():
        if place not in PLACES:
            raise BadInput(f"--field {name}={place} maps to neither text nor text_pair.")
    used = variables(source)
    if "label" in used and "label" not in options.fields:
        raise BadInput("the prompt reads the label, which is what the model is asked for; leave it out of the prompt.")
    if used == ("text_pair",) and not options.fields:
        raise BadInput("the template uses text_pair and never text; a template for single texts uses {{ text }}.")
    given = {name: place for name, place in options.fields.items() if name in used}
    if given:
        given |= {name: name for name in used if name in PLACES and name not in given and name not in given.values()}
    left = [name for name in used if name not in given]
    if not left and given:
        fields = given
    elif not given and len(left) == 1:
        fields = {left[0]: "text"}
    elif not given and len(left) == 2 and (pair := next((p for p in PAIRS if set(p) == set(left)), None)):
        fields = {pair[0]: "text", pair[1]: "text_pair"}
    elif not used:
        raise BadInput("the template never uses the text; put {{ text }} where it belongs.")
    else:
        shown = " ".join(f"--field {name}=..." for name in left)
        of = ", ".join(used)
        raise BadInput(f"it is not plain which of {of} is the text; say so with {shown} (text or text_pair).")
    return {name: place for name, place in fields.items() if name != place}, "text_pair" in fields.values()
