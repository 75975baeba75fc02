"""The first two lines of a round's message: the prompt, whose round it is, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions.parameters import Parameters
from bot.actions.source_options import STRONG, SUBTLE, WIDER, SourceOptions, members_words
from bot.actions.styles.chosen import STYLE_STRENGTH, chosen_in, outside_prompt
from bot.text import messages as text
from bot.text import rounds
from bot.text.markdown import Markup, mention, quoted
from bot.text.phrases import Phrase
from bot.text.styles import painting
from bot.views.page import titled
from bot.views.shown import Shown, SourceLine
from bot.views.styles.names import names_of
from generation.protocol.requests import Box

INSTRUCTION_SHOWN = 120

EXTENDED: dict[str, Phrase] = {
    "left": rounds.EXTENDED_LEFT,
    "right": rounds.EXTENDED_RIGHT,
    "up": rounds.EXTENDED_UP,
    "down": rounds.EXTENDED_DOWN,
}


def header_lines(shown: Shown) -> list[str]:
    """Return the two lines, without any settings but the styles, which have a line of their own."""
    title, happened = _title(shown), happened_line(shown)
    heading = titled(shown.locale, title)
    if happened and not title:  # A picture that nobody said any words about.
        heading, happened = Markup(f"**{happened}**"), None
    whose = [whose_round(shown), *([happened] if happened else []), *_forked(shown)]
    return [heading, f"-# {' · '.join(whose)}", *style_lines(shown.locale, shown.round.parameters)]


def style_lines(locale: str, stored: Mapping[str, Any]) -> list[str]:
    """Return the line that names the styles of a round or of a picture, if it has any."""
    styles = styles_line(locale, stored)
    return [] if styles is None else [f"-# {styles}"]


def styles_line(locale: str, stored: Mapping[str, Any]) -> Markup | None:
    """Return what names the styles of a round or of a picture, and how strong they are.

    Of a comparison of strengths, the cells say that.
    """
    styles = outside_prompt(chosen_in(stored))
    if not styles:
        return None
    compared = {axis["parameter"] for axis in stored.get("axes", ())}
    names = names_of(locale, styles, strengths=STYLE_STRENGTH not in compared)
    if len(styles) == 1:
        return painting.STYLE(locale, style=names)
    return painting.STYLES(locale, styles=names)


def whose_round(shown: Shown) -> Markup:
    """Return whose round it is, and its number."""
    phrase = rounds.GROUP_ROUND_OF if shown.board.group else rounds.ROUND_OF
    if shown.compares:
        phrase = rounds.COMPARISON_OF
    owner = mention(shown.board.owner_id)
    return phrase(shown.locale, owner=owner, number=shown.round.number)


def happened_line(shown: Shown) -> Markup | None:
    """Return what was done to the picture that a round began from; None if it began from words."""
    locale, origin = shown.locale, shown.origin
    if (replayed := shown.round.parameters.get("replayed")) is not None:
        return rounds.RECREATED(locale) if is_true_to_record(replayed) else None
    options = SourceOptions.of(shown.round.parameters)
    if origin is None or options is None:
        return None
    source = source_line(locale, origin)
    times = options.times
    if options.mend is not None:
        phrase = rounds.RESTORED if times == 1 else rounds.RESTORED_LARGER
        return phrase(locale, source=source, times=times)
    if times > 1:
        return rounds.UPSCALED(locale, source=source, times=times)
    if origin.fitted:
        return rounds.FITTED(locale, source=source)
    if origin.edits:
        instruction = _instruction(shown)
        if instruction is not None:
            return rounds.EDITED_AS(locale, instruction=instruction, source=source)
        return rounds.EDITED(locale, source=source)
    if options.within is not None:
        return _widened(locale, options.within, source)
    if options.anew or shown.round.mask_digest is not None:
        return rounds.PARTLY_REPAINTED(locale, source=source)
    varied = {SUBTLE: rounds.VARIED_SUBTLY, STRONG: rounds.VARIED_STRONGLY}
    phrase = rounds.RESTYLED if origin.upload else varied.get(options.strength, rounds.RESTYLED)
    return phrase(locale, source=source)


def _widened(locale: str, within: Box, source: Markup) -> Markup:
    for direction, phrase in EXTENDED.items():
        if within == WIDER[direction]:
            return phrase(locale, source=source)
    times = round(1 / (within.right - within.left), 2)
    return rounds.ZOOMED_OUT(locale, source=source, times=times)


def source_line(locale: str, origin: SourceLine) -> Markup:
    """Return the words that name the picture a round began from."""
    if origin.upload:
        return text.FROM_UPLOAD(locale)
    if origin.round_number is None:
        return text.FROM_DELETED(locale)
    where = {"number": origin.round_number, "position": origin.position + 1}
    if origin.owner_id is None:
        return text.FROM_PICTURE(locale, **where)
    return text.FROM_ANOTHERS_PICTURE(locale, owner=mention(origin.owner_id), **where)


def _title(shown: Shown) -> str:
    """Return the words in the title: what an edited picture shows, or the prompt.

    Of an upload, nobody said what it showed before.
    """
    parameters = Parameters.of(shown.round.parameters)
    if shown.origin is not None and shown.origin.upload:
        return members_words(parameters.prompt)
    return members_words(parameters.shows) or members_words(parameters.prompt)


def _instruction(shown: Shown) -> Markup | None:
    """Return the instruction of an edit whose title is what the picture shows."""
    parameters = Parameters.of(shown.round.parameters)
    if _title(shown) == parameters.prompt:
        return None
    return quoted(parameters.prompt, INSTRUCTION_SHOWN)


def _forked(shown: Shown) -> list[Markup]:
    """Return where a fork comes from, in its first round, unless the source says so already."""
    fork, origin = shown.fork, shown.origin
    if fork is None or shown.round.number != 1 or (origin and origin.owner_id is not None):
        return []
    return [rounds.FORKED(shown.locale, number=fork.round_number, owner=mention(fork.owner_id))]


def is_true_to_record(replayed: Mapping[str, Any]) -> bool:
    """Return True if a picture was painted again by our own model from our own record."""
    return "elsewhere" not in replayed and not replayed.get("model")
