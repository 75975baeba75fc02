"""Styles that a prompt calls: by tags such as `<lora:ink:0.8>`, or embeddings by their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.actions.parameters import Parameters
from bot.actions.styles.chosen import ChosenStyle, trigger_of, word_of
from bot.actions.styles.names import folded
from generation.protocol.requests import MAX_CELLS
from generation.requests.called_adapters import has_word, key_of, names_in
from generation.requests.comparisons import count_of
from storage.style_records import Style, StyleKind


def tag_key(name: str) -> str:
    """Return the form in which the name of a tag and that of a style are compared."""
    return folded(key_of(name))


def mentions_of(parameters: Parameters) -> dict[str, str]:
    """Return the names that tags in any of the prompts have, as they are written, by their keys."""
    if parameters.literal:
        return {}
    return {tag_key(name): name for prompt in _prompts(parameters) for name in names_in(prompt)}


def is_called(parameters: Parameters, chosen: ChosenStyle) -> bool:
    """Return True if one of the prompts still calls a style that it called before."""
    if tag_key(chosen.word) in mentions_of(parameters):
        return True
    words = [chosen.word, *chosen.trigger.split(",")]
    texts = list(_texts(parameters)) if chosen.embedding else []
    return any(has_word(text, word) for text in texts for word in words)


def embeddings_in(parameters: Parameters, styles: Sequence[Style]) -> Iterator[Style]:
    """Yield the embeddings among styles whose words stand in one of the prompts."""
    texts = list(_texts(parameters))
    whole = "\n".join(texts).casefold()
    for style in styles:
        if style.kind is not StyleKind.EMBEDDING:
            continue
        words = {word_of(style.name), *(each.strip() for each in trigger_of(style).split(","))}
        # Looking for whole words takes longer, and there may be a thousand styles.
        near = [word for word in words if word and word.casefold() in whole]
        if any(has_word(text, word) for word in near for text in texts):
            yield style


def _prompts(parameters: Parameters) -> Iterator[str]:
    """Yield the prompts of a round, those of a comparison cell by cell."""
    for place in range(min(count_of(parameters.axes), MAX_CELLS)):
        yield parameters.at(place).prompt


def _texts(parameters: Parameters) -> Iterator[str]:
    """Yield all prompts in which words may stand for embeddings."""
    yield from _prompts(parameters)
    for place in range(min(count_of(parameters.axes), MAX_CELLS)):
        yield parameters.at(place).negative_prompt
