"""SimCord's reading of markdown, kept."""

from __future__ import annotations

from typing import Any

from simcord.preview import _markdown, _messages, _queries

from bot.playground.markdown import keep, markdown_kept

TEXT = "**bold** `code` <@5> ||hidden||\n-# small"
CONTEXT = {"users": {"5": "Aiko"}}


def test_what_is_kept_reads_the_same_and_belongs_to_whoever_asks() -> None:
    plain = _markdown.markdown_tokens(TEXT, context=CONTEXT)
    with markdown_kept():
        for module in (_markdown, _messages, _queries):
            read: Any = module.markdown_tokens
            first = read(TEXT, "message", context=CONTEXT)
            assert first == plain
            first.clear()
        assert _messages.markdown_tokens(TEXT, context=CONTEXT) == plain
        assert _messages.markdown_tokens(TEXT, context={"users": {"5": "Ben"}}) != plain
        assert _messages.markdown_tokens(None) == []


def test_a_text_is_read_once() -> None:
    texts = [f"**{number}**" for number in range(3)] * 4
    read_ones: list[str] = []

    def read(text: str, field: str, *, context: Any = None) -> list[str]:
        read_ones.append(text)
        return [text]

    kept = keep(read)
    assert [kept(text, "message", context={}) for text in texts] == [[text] for text in texts]
    assert read_ones == texts[:3]


def test_afterwards_simcord_is_as_it_was() -> None:
    before = _messages.markdown_tokens
    with markdown_kept():
        assert _messages.markdown_tokens is not before
    assert _messages.markdown_tokens is before
