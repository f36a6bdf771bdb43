"""A prompt as the tokens a language model reads: chat header, truncation, answer choices, what all share."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from fute_core.errors import BadInput
from fute_core.models.files import reason
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.rendering import render

MIN_SHARED_TOKENS = 4
_PROBING = ("x", "The end.", "7 (q", "\n-", '"É', " a", "<b>", "@me #1")
"""Texts that begin and end differently: what their prompts share comes from the template alone."""
_CHAT_CONSTANTS = {"date_string": "01 Jan 2025", "enable_thinking": False}
"""What published chat templates would otherwise take from the clock, or leave open for the model to think aloud."""


class PromptTokens:
    """A template under one tokenizer.

    Parameters
    ----------
    template : PromptTemplate
        The prompt.
    tokenizer : transformers.PreTrainedTokenizerBase
        Of the model that is asked.
    chat : bool, optional
        Whether to put the prompt into the chat template; None where the tokenizer has one.
    max_length : int
        Tokens of prompt and answer together.

    Raises
    ------
    BadInput
        For `chat` without a chat template.
    """

    def __init__(self, template: PromptTemplate, tokenizer: Any, chat: bool | None, max_length: int):
        has_chat = bool(getattr(tokenizer, "chat_template", None))
        if chat and not has_chat:
            raise BadInput("This model has no chat template; leave out --chat.")
        self.template = template
        self.tokenizer = tokenizer
        self.in_chat = has_chat if chat is None else chat
        self.max_length = max_length

    def text(self, text: Text) -> str:
        """Write the whole prompt for one text.

        Parameters
        ----------
        text : str or (str, str)
            The text, or the pair.

        Returns
        -------
        str
            With the chat template around it, and without closing blanks.

        Raises
        ------
        BadInput
            Where the template or the chat template fails.
        """
        rendered = render(self.template, text).strip() if self.in_chat else render(self.template, text).rstrip()
        system = self.template.system
        if not self.in_chat:
            return f"{system}\n\n{rendered}" if system else rendered
        return self._framed(system, rendered)

    def _framed(self, system: str | None, rendered: str) -> str:
        if system:
            try:
                return self._chat([("system", system), ("user", rendered)])
            except Exception:  # some chat templates know no system role, and each says so in its own way
                rendered = f"{system}\n\n{rendered}"
        try:
            return self._chat([("user", rendered)])
        except Exception as error:  # a template is code, which fails in any way
            failed = f"The chat template of this model fails ({reason(error)}); use --no-chat, or mend it."
            raise BadInput(failed) from error

    def _chat(self, messages: list[tuple[str, str]]) -> str:
        whole: str = self.tokenizer.apply_chat_template(
            [{"role": role, "content": content} for role, content in messages],
            tokenize=False, add_generation_prompt=True, **_CHAT_CONSTANTS,
        )  # fmt: skip
        return whole

    def encode(self, prompts: list[str]) -> list[list[int]]:
        """Turn prompts into token ids. A chat template brings its special tokens itself.

        Parameters
        ----------
        prompts : list of str
            As `text` writes them.

        Returns
        -------
        list of list of int
            Token ids, not cut.
        """
        encoded = self.tokenizer(
            prompts, add_special_tokens=not self.in_chat, verbose=False,
            return_attention_mask=False, return_token_type_ids=False,
        )  # fmt: skip
        ids: list[list[int]] = encoded["input_ids"]
        return ids

    def read(self, texts: Sequence[Text]) -> tuple[list[list[int]], int]:
        """Turn texts into prompts as token ids. Of one that is too long the text is cut, and the instruction stays.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What is asked about.

        Returns
        -------
        tuple of (list of list of int, int)
            Token ids of every prompt, and how many were too long.

        Raises
        ------
        BadInput
            Where the instruction alone is too long.
        """
        _, encoded, too_long = self.written(texts)
        return encoded, too_long

    def written(self, texts: Sequence[Text]) -> tuple[list[str], list[list[int]], int]:
        """Turn texts into prompts, as `read` does, and give them as text as well.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What is asked about.

        Returns
        -------
        tuple of (list of str, list of list of int, int)
            Every prompt as it is read, its token ids, and how many were too long.

        Raises
        ------
        BadInput
            Where the instruction alone is too long.
        """
        prompts = [self.text(text) for text in texts]
        encoded = self.encode(prompts)
        room = self.max_length - self._after
        too_long = [i for i, ids in enumerate(encoded) if len(ids) > room]
        for i in too_long:
            text, ids = texts[i], encoded[i]
            while len(ids) > room and any(text if isinstance(text, tuple) else (text,)):
                text = self.shortened(text, len(ids) - room)
                prompts[i] = self.text(text)
                (ids,) = self.encode([prompts[i]])
            if len(ids) > room:
                raise BadInput(f"Prompt {self.template.name!r} alone has more than {room} tokens; shorten it.")
            encoded[i] = ids
        # A template of the text alone leaves nothing to read of an empty text.
        start = self.tokenizer.bos_token_id if self.tokenizer.bos_token_id is not None else self.tokenizer.eos_token_id
        return prompts, [ids or [start] for ids in encoded], len(too_long)

    @property
    def _after(self) -> int:
        """Tokens that are kept free after a prompt, at most."""
        return max(map(len, self.choices))

    def shortened(self, text: Text, excess: int) -> Text:
        """Cut the longer part of a text.

        Parameters
        ----------
        text : str or (str, str)
            The text, or the pair.
        excess : int
            Tokens to lose, about.

        Returns
        -------
        str or (str, str)
            Shorter by a character at least, if there was one.
        """
        if isinstance(text, tuple):
            a, b = text
            return (self._shorter(a, excess), b) if len(a) >= len(b) else (a, self._shorter(b, excess))
        return self._shorter(text, excess)

    def _shorter(self, text: str, excess: int) -> str:
        keep, n = self._kept(text, excess)
        return text[: min(keep, n - 1)]  # always shorter, so that cutting ends

    def _kept(self, text: str, excess: int) -> tuple[int, int]:
        """(characters of the text without its last `excess` tokens and one more, characters in all)."""
        if not self.tokenizer.is_fast:
            tokens = len(self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
            return max(0, tokens - excess - 1) * len(text) // max(tokens, 1), len(text)
        read = self.tokenizer(text, add_special_tokens=False, verbose=False, return_offsets_mapping=True)
        ends = [end for _, end in read["offset_mapping"]]
        return (ends[-excess - 2] if len(ends) > excess + 1 else 0), len(text)

    @cached_property
    def choices(self) -> list[list[int]]:
        """Token ids of every verbalizer as it stands after a prompt.

        Returns
        -------
        list of list of int
            In the order of the template's choices.

        Raises
        ------
        BadInput
            For a verbalizer that has no token in this model.
        """
        context = self._before_answer()
        (before,) = self.encode([context])
        ends = before[-1:] == [self.tokenizer.eos_token_id] and not self.in_chat  # T5 and BART close every text
        found = []
        for verbalizer in (v for words in self.template.choices for v in words):
            answer = self._lead + verbalizer
            (whole,) = self.encode([context + answer])
            if not ends and len(whole) > len(before) and whole[: len(before)] == before:
                tokens = whole[len(before) :]
            else:
                tokens = self.tokenizer(answer, add_special_tokens=False)["input_ids"]
            if not tokens:
                raise BadInput(f"The answer choice {verbalizer!r} has no token in this model; choose another word.")
            found.append(tokens)
        return found

    def _before_answer(self) -> str:
        """What an answer follows, for any text."""
        return self.text(("x", "x") if self.template.pair else "x")

    @property
    def _lead(self) -> str:
        """What stands between prompt and answer: the template's own closing blanks, which prompts are read without."""
        source = self.template.source
        return "" if self.in_chat else source[len(source.rstrip()) :] or self.template.delimiter

    @cached_property
    def shared(self) -> list[int]:
        """Token ids that prompts begin with, whatever the text.

        Returns
        -------
        list of int
            Empty where there are too few to be worth a cache.
        """
        texts = list(zip(_PROBING, reversed(_PROBING), strict=True)) if self.template.pair else list(_PROBING)
        encoded = self.encode([self.text(text) for text in texts])
        common = _common(encoded)
        return encoded[0][:common] if common >= MIN_SHARED_TOKENS else []

    @cached_property
    def frame(self) -> tuple[int, int]:
        """How many tokens the chat template puts before and after whatever is said.

        Returns
        -------
        tuple of (int, int)
            (0, 0) without a chat template.
        """
        if not self.in_chat:
            return 0, 0
        said = [words.strip() for words in _PROBING]
        encoded = self.encode([self._framed(words if self.template.system else "", words) for words in said])
        return _common(encoded), _common([ids[::-1] for ids in encoded])


def _common(encoded: list[list[int]]) -> int:
    """How many tokens all begin with, at least one of each left over."""
    common = min(map(len, encoded)) - 1
    for ids in encoded[1:]:
        common = next((i for i in range(common) if ids[i] != encoded[0][i]), common)
    return common
