"""Lines under a picture for those whose prompt the model cannot follow."""

from __future__ import annotations

import re

from bot.actions.source_options import members_words
from bot.actions.styles.chosen import ChosenStyle, chosen_in, without_known_tags, without_words
from bot.text import messages as text
from bot.text.phrases import Phrase
from generation.catalog.bases import EMBEDDED
from generation.protocol.problems import Problem
from generation.requests.pasted import adopted, remarks_on
from generation.requests.prompts import pieces
from generation.shapes.vocabulary import known_words
from storage.records import Round

AROUND = frozenset(
    [
        *(
            "a",
            "an",
            "the",
            "of",
            "on",
            "in",
            "at",
            "to",
            "and",
            "or",
            "with",
            "without",
            "against",
        ),
        *("front", "background", "ground", "picture", "drawing", "painting", "image", "shape"),
        *("shapes", "one", "two", "three", "four", "some", "very", "big", "tiny", "little"),
        *("bright", "dark", "light", "coloured", "colored"),
    ]
)
"""Words that the embedded model does not have to know."""

WORLD = known_words()
JAPANESE = re.compile(
    "|".join(
        sorted((re.escape(word) for word in WORLD if not word.isascii()), key=len, reverse=True)
    )
    + "|背景|絵|描いて|ください|[一二三四]つ|つ|[のにがはをとでへもな]"
)
"""Words of which a Japanese prompt may consist, the longest first."""


def hint_for(round_: Round, *, model: str) -> tuple[Phrase, str] | None:
    """Return the hint under a round and the word that it is about, or None.

    Only a board's first round has it, so that it is shown once per board.
    """
    if round_.number != 1:
        return None
    prompt = _words_of(round_)
    if model == EMBEDDED:
        if round_.parameters.get("image_guidance") is not None:
            return None  # Instructions have words of their own.
        word = unknown_word(prompt)
        return None if word is None else (text.OUTSIDE_ITS_WORLD, word)
    # Every model of the catalogue reads English; kana are Japanese beyond doubt.
    if re.search(r"[\u3041-\u30ff]", prompt):
        return text.READS_ENGLISH_ONLY, ""
    return None


def remarks_of(round_: Round) -> list[Problem]:
    """Return what is to be said of a prompt that was pasted from another program.

    In a board's first round only, likewise.
    """
    if round_.number != 1 or round_.parameters.get("literal"):
        return []
    words = (str(round_.parameters.get(name, "")) for name in ("prompt", "negative_prompt"))
    styles = _styles_of(round_)
    # Those that a tag may call are no files that are missing here.
    return list(
        dict.fromkeys(
            remark for each in words for remark in remarks_on(without_known_tags(each, styles))
        )
    )


def _styles_of(round_: Round) -> tuple[ChosenStyle, ...]:
    return chosen_in(round_.parameters)


def _words_of(round_: Round) -> str:
    """Return the prompt without what only other programs read, and what styles have taught."""
    words = without_words(members_words(str(round_.parameters["prompt"])), _styles_of(round_))
    prompt, _ = adopted(words, "")
    return " ".join(piece.text for piece in pieces(prompt))


def unknown_word(prompt: str) -> str | None:
    """The first word of a prompt that the embedded model has never seen; None: there is none."""
    for match in re.finditer(r"[^\W\d_]+", JAPANESE.sub(" ", prompt.lower())):
        word = match[0]
        known = (word, word.removesuffix("s"), word.removesuffix("es"))
        if word not in AROUND and WORLD.isdisjoint(known):
            return word[:40]
    return None
