"""Prompts in two turns: a causal model reasons in its own words, and is then asked for the label (chain of thought).

The label turn goes on where the model's own words end, in a chat within its own message: they are followed by what the
prompt puts there, such as "Therefore, the answer is", and each choice is scored as what comes next. So the question is
one open sentence in every chat template, also in those that take a model's reasoning out of earlier messages, and the
model fills it where it would begin a new message with other words.
"""

from collections.abc import Sequence
from functools import cached_property

from fute_core.errors import BadInput
from fute_core.models.language import LanguageModel
from fute_core.predictors.generation import all_likeliest
from fute_core.predictors.prompt_tokens import PromptTokens
from fute_core.tasks import Reasoning, Text
from fute_core.templates.rendering import render_then

BETWEEN = "\n\n"
"""What stands between the model's words, which may be cut off in the middle of a sentence, and the label turn."""
SPARE = 4
"""Tokens by which words may grow that are read again as text."""


class ReasonedTokens(PromptTokens):
    """A template with a reasoning turn under one tokenizer.

    Parameters
    ----------
    template : PromptTemplate
        The prompt, with `reasoning`.
    tokenizer : transformers.PreTrainedTokenizerBase
        Of the model that is asked.
    chat : bool, optional
        As for `PromptTokens`.
    max_length : int
        Tokens of prompt, own words, label turn and answer together.
    """

    @property
    def reasoning(self) -> Reasoning:
        """The turn of the template."""
        assert self.template.reasoning is not None, "asked for prompts with a reasoning turn only"
        return self.template.reasoning

    def label_turns(self, prompts: Sequence[str], thoughts: Sequence[str]) -> list[list[int]]:
        """Write the whole of what stands before an answer.

        Parameters
        ----------
        prompts : sequence of str, length n
            As `written` gives them.
        thoughts : sequence of str, length n
            What the model said after each, without blanks around it.

        Returns
        -------
        list of list of int
            Token ids; of words that are too long the end is left out.
        """
        room = self.max_length - super()._after
        encoded = self.encode([self._turn(p, t) for p, t in zip(prompts, thoughts, strict=True)])
        for i, thought in enumerate(thoughts):
            while len(encoded[i]) > room and thought:
                thought = self._shorter(thought, len(encoded[i]) - room)
                (encoded[i],) = self.encode([self._turn(prompts[i], thought)])
        return encoded

    def cost(self, texts: Sequence[Text]) -> dict[str, int]:
        """Count what both turns take at most, without the model.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be asked.

        Returns
        -------
        dict of str to int
            "calls", "tokens" that are read, and "written".
        """
        prompts, _ = self.read(texts)
        written = len(texts) * self.reasoning.max_tokens
        again = len(texts) * (self._then_tokens + sum(map(len, self.choices)))
        return {"calls": 2 * len(texts), "tokens": 2 * (sum(map(len, prompts)) + written) + again, "written": written}

    def _turn(self, prompt: str, thought: str) -> str:
        said = f"{self._lead_of(self.template.source)}{thought}" if thought else ""
        begun = self.in_chat and not thought
        return f"{prompt}{said}{'' if begun else BETWEEN}{self._then}"

    def _before_answer(self) -> str:
        return self._turn(super()._before_answer(), "x.")

    @property
    def _after(self) -> int:
        after = super()._after + self.reasoning.max_tokens + self._then_tokens + SPARE
        if after >= self.max_length:
            raise BadInput(
                f"Prompt {self.template.name!r} lets the model write {self.reasoning.max_tokens} tokens, which leaves "
                f"no room for a text in the {self.max_length} that are read; lower reasoning.max_tokens."
            )
        return after

    @property
    def _lead(self) -> str:
        """What stands between the label turn and an answer: its closing blanks, or the template's delimiter."""
        then = self.reasoning.then
        return then[len(then.rstrip()) :] or self.template.delimiter

    def _lead_of(self, source: str) -> str:
        """What stands between the prompt and the model's own words."""
        return "" if self.in_chat else source[len(source.rstrip()) :] or self.template.delimiter

    @cached_property
    def _then(self) -> str:
        return render_then(self.template)

    @cached_property
    def _then_tokens(self) -> int:
        return len(self.tokenizer(BETWEEN + self._then, add_special_tokens=False, verbose=False)["input_ids"])


def reasoned(lm: LanguageModel, tokens: ReasonedTokens, texts: Sequence[Text]) -> tuple[list[str], list[list[int]]]:
    """Let a model reason about texts, by its likeliest words.

    Parameters
    ----------
    lm : LanguageModel
        A causal one.
    tokens : ReasonedTokens
        The prompt under its tokenizer.
    texts : sequence of str or of (str, str)
        n single texts, or pairs where the template reads pairs.

    Returns
    -------
    tuple of (list of str, list of list of int)
        What it said about each text, and the token ids after which answers are scored.
    """
    prompts, encoded, _ = tokens.written(texts)
    said = [words.strip() for words in all_likeliest(lm, encoded, tokens.reasoning.max_tokens)]
    # In a chat the model ends its message; a plain continuation goes on to other matters after a paragraph.
    thoughts = said if tokens.in_chat else [words.partition(BETWEEN)[0].rstrip() for words in said]
    return thoughts, tokens.label_turns(prompts, thoughts)
