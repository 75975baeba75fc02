"""Styles of a round as they are stored with it: which file, how strongly, called by the prompt."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from generation.protocol.requests import Adapter
from generation.requests.called_adapters import EMBEDDING, TAG, key_of
from generation.requests.comparisons import written
from generation.requests.validation import MAX_NAME
from storage.style_records import Style, StyleKind

STYLE_STRENGTH = "adapter_strength"
"""Name of the strength as a parameter of comparisons."""
USUAL_STRENGTH = 1.0
"""The strength that most styles have, which goes without saying."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ChosenStyle:
    """A style of a round; says nothing of where its file is, which the store knows by the digest.

    Whoever paints with it is checked again whenever that is asked for.
    """

    style_id: int
    digest: str
    name: str
    """Its name as members see it."""
    word: str
    """Its name in prompts, which a later name does not change."""
    strength: float = 1.0
    text_strength: float | None = None
    trigger: str = ""
    """The words that are put into a prompt that lacks them; none for a picture painted again."""
    embedding: bool = False
    called: bool = False
    """True if the prompt calls it: by `<lora:word:0.8>`, or an embedding by its word."""

    @classmethod
    def of(cls, style: Style, strength: float | None = None, *, called: bool = False) -> Self:
        """Return a style at a strength, else at its usual one."""
        embedding = style.kind is StyleKind.EMBEDDING
        usual = 1.0 if embedding else style.strength
        return cls(
            style_id=style.id,
            digest=style.digest,
            name=style.name,
            word=word_of(style.name),
            strength=usual if strength is None else strength,
            trigger=trigger_of(style),
            embedding=embedding,
            called=called,
        )

    def adapter(self, path: Path) -> Adapter:
        """Return it as the generator is told of it."""
        # Pictures whose alternatives leave out the word of an embedding are meant to lack it.
        in_words = self.called and self.embedding
        return Adapter(
            path=path,
            digest=self.digest,
            strength=self.strength,
            text_strength=self.text_strength,
            name=self.word,
            embedding=self.embedding,
            trigger="" if in_words else self.trigger,
        )


def word_of(name: str) -> str:
    """Return the name of a style as prompts can have it, without signs of their syntax."""
    return re.sub(r"[{}|<>\\]+", "_", name)[:MAX_NAME]


def trigger_of(style: Style) -> str:
    """Return the trigger words of a style without what would be read as syntax of a prompt."""
    if style.kind is StyleKind.EMBEDDING and not style.trigger.strip():
        return word_of(style.name)
    signs = r"[{}|\\]+" if style.kind is StyleKind.EMBEDDING else r"[{}|<>\\]+"
    return " ".join(re.sub(signs, " ", style.trigger).split())[: 2 * MAX_NAME]


def chosen_in(stored: Mapping[str, Any]) -> tuple[ChosenStyle, ...]:
    """Return the styles that a round stored."""
    return tuple(ChosenStyle(**style) for style in stored.get("styles", ()))


def at_strength(styles: Iterable[ChosenStyle], strength: float) -> tuple[ChosenStyle, ...]:
    """Return styles at the strength of one cell of a comparison; embeddings have none."""
    return tuple(
        each if each.embedding else dataclasses.replace(each, strength=strength, text_strength=None)
        for each in styles
    )


def adapters_of(
    styles: Iterable[ChosenStyle], path: Callable[[str], Path]
) -> tuple[tuple[Adapter, ...], tuple[Adapter, ...]]:
    """Return the adapters that act, and those that the prompt calls."""
    acting, called = list[Adapter](), list[Adapter]()
    for each in styles:
        by_tag = each.called and not each.embedding
        (called if by_tag else acting).append(each.adapter(path(each.digest)))
    return tuple(acting), tuple(called)


def with_known_tags(prompt: str, styles: Iterable[ChosenStyle]) -> str:
    """Return a prompt without the tags that call none of these styles.

    To the painter, the name in such a tag would be a mistake.
    """
    known = {key_of(each.word) for each in styles}
    return _without(prompt, lambda name: key_of(name) not in known)


def without_known_tags(prompt: str, styles: Iterable[ChosenStyle]) -> str:
    """Return a prompt without the tags and words that call these styles."""
    known = {key_of(each.word) for each in styles}
    words = _without(prompt, lambda name: key_of(name) in known)
    return EMBEDDING.sub(lambda call: call[1] if key_of(call[1]) in known else call[0], words)


def without_words(prompt: str, styles: Iterable[ChosenStyle]) -> str:
    """Return a prompt without the names and trigger words of styles, whose meaning they taught."""
    for style in styles:
        for word in filter(str.strip, (style.word, *style.trigger.split(","))):
            prompt = re.sub(re.escape(word.strip()), " ", prompt, flags=re.IGNORECASE)
    return prompt


def _without(prompt: str, unwanted: Callable[[str], bool]) -> str:
    left = re.sub(
        rf"{TAG.pattern}(?:\s*,)?",
        lambda tag: "" if unwanted(tag[1]) else tag[0],
        prompt,
        flags=re.IGNORECASE,
    )
    return prompt if left == prompt else re.sub(r" {2,}", " ", left).strip()


def acting_on(
    stored: Sequence[ChosenStyle], adapters: Iterable[Adapter]
) -> tuple[ChosenStyle, ...]:
    """Return the styles that act on a picture, as strongly as its adapters say."""
    by_digest = {style.digest: style for style in stored}
    return tuple(
        dataclasses.replace(
            by_digest[adapter.digest],
            strength=adapter.strength,
            text_strength=adapter.text_strength,
            # The tags are gone from the prompt, the words of embeddings are not.
            called=by_digest[adapter.digest].called and by_digest[adapter.digest].embedding,
        )
        for adapter in adapters
        if adapter.digest in by_digest
    )


def typed(styles: Iterable[ChosenStyle]) -> str:
    """Return styles as a member types them, without those that the prompt calls."""
    return ", ".join(
        each.name if each.embedding else f"{each.name}:{written(round(each.strength, 2))}"
        for each in styles
        if not each.called
    )


def outside_prompt(styles: Iterable[ChosenStyle]) -> list[ChosenStyle]:
    """Return the styles that a header names: those of tags are named in the prompt."""
    return [each for each in styles if each.embedding or not each.called]
