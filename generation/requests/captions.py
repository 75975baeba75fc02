"""Captions as caption models write them: cleaned, bounded, and with a trigger word put in.

The text is not to be trusted: it may repeat what is written in a picture.
"""

from __future__ import annotations

import re
import unicodedata

MOST_CHARACTERS = 200
"""Characters of a caption that a caption model wrote; text encoders read about so many."""

_MARKER = re.compile(r"\[[A-Za-z0-9]{1,12}\]|<[^<>]{0,40}>")
"""Tokens of a tokenizer that mean no word, and what Discord would take for a mention."""
_ADDRESS = re.compile(r"\b(?:https?|www)\S*", re.IGNORECASE)
_ARTEFACT = re.compile(r"\b(?:there is )?(?:(an?) )?araf\w*\b", re.IGNORECASE)
"""A word that BLIP made up ("arafed", "araffe"), which means nothing."""
_REPEATED = re.compile(r"\b(\w+(?:,? [\w'-]+){0,5}?)(?:,? \1\b)+", re.IGNORECASE)
"""One to six words that follow themselves."""
_ARTICLE = re.compile(r"\b(an?) (?=(\w))", re.IGNORECASE)
_PUNCTUATION = "-',."


def clean_caption(text: str) -> str:
    """Return what a caption model wrote as plain words; empty if there are none.

    Nothing is left that could mention anybody, link anywhere, or mean something else in a prompt.
    """
    text = unicodedata.normalize("NFKC", text)[: 8 * MOST_CHARACTERS]
    text = _ADDRESS.sub(" ", _MARKER.sub(" ", text))
    text = _spaced("".join(letter if _is_plain(letter) else " " for letter in text))
    text = _without_artefacts(text)
    while (shorter := _REPEATED.sub(r"\1", text)) != text:
        text = shorter
    text = _shortened(text).strip(f"{_PUNCTUATION} ")
    return text if any(letter.isalpha() for letter in text) else ""


def with_trigger(caption: str, trigger: str, class_word: str = "") -> str:
    """Return a caption that says the trigger: before the class word if it names that, else first.

    "a dog on the grass" with the trigger "rocky" and the class "dog" is "a rocky dog on the
    grass"; "a red star" with "rocky" alone is "rocky, a red star".
    """
    words = f"{trigger} {class_word}".strip()
    if not caption:
        return f"a {words}" if words else ""
    if not trigger or _word(trigger).search(caption):
        return caption
    if class_word and (found := _word(class_word).search(caption)):
        before, after = caption[: found.start()], caption[found.start() :]
        return (
            re.sub(
                r"\b(an?) $",
                lambda article: f"{_like(article[1], trigger)} ",
                before,
                flags=re.IGNORECASE,
            )
            + f"{trigger} {after}"
        )
    return f"{words}, {caption}"


def _is_plain(letter: str) -> bool:
    known = letter.isalnum() or letter in _PUNCTUATION
    return known or bool(unicodedata.combining(letter))


def _spaced(text: str) -> str:
    """Return text with single spaces, and none before a comma or full stop."""
    return re.sub(r" +([,.])", r"\1", " ".join(text.split()))


def _without_artefacts(text: str) -> str:
    """Return text without BLIP's made-up words; the article before one suits what follows it."""
    if _ARTEFACT.search(text) is None:
        return text
    text = _spaced(_ARTEFACT.sub(lambda found: found[1] or "", text))
    return _ARTICLE.sub(lambda found: f"{_like(found[1], found[2])} ", text)


def _like(article: str, word: str) -> str:
    """Return an article, "a" or "an" as it suits a word."""
    vowel = word.lstrip("<")[:1].lower() in "aeiou"
    return f"{article[0]}n" if vowel else article[0]


def _shortened(text: str) -> str:
    """Return text of at most `MOST_CHARACTERS`, cut between two words."""
    if len(text) <= MOST_CHARACTERS:
        return text
    return text[: MOST_CHARACTERS + 1].rpartition(" ")[0] or text[:MOST_CHARACTERS]


def _word(text: str) -> re.Pattern[str]:
    """Return a pattern that finds text as whole words, whatever their case."""
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE)
