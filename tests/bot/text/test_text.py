"""Every sentence, in every language, with the same things filled in."""

from __future__ import annotations

import string

import pytest

from bot.actions.parameters import MAX_PROMPT
from bot.errors import Refusal
from bot.text import commands, refusals
from bot.text import messages as text
from bot.text.commands import of
from bot.text.phrases import LANGUAGES, Permissions, Phrase
from generation.protocol.requests import Filter

PHRASES = {
    f"{module.__name__}.{name}": value
    for module in (text, commands, refusals)
    for name, value in vars(module).items()
    if isinstance(value, Phrase)
}


def blanks(sentence: str) -> set[str]:
    """What a sentence has filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("phrase", PHRASES.values(), ids=PHRASES.keys())
def test_both_languages_fill_in_the_same(phrase: Phrase) -> None:
    assert phrase.en
    assert phrase.ja
    assert blanks(phrase.en) == blanks(phrase.ja)


def test_a_locale_that_nobody_translated_for_gets_english() -> None:
    assert refusals.CANCELLED("fr") == refusals.CANCELLED("en-GB") == "Cancelled."
    assert refusals.CANCELLED("ja") == "取り消しました。"


def test_a_phrase_within_a_phrase_is_in_the_same_language() -> None:
    lacking = Permissions(["send_messages", "attach_files"])
    refusal = Refusal(refusals.BOT_LACKS_PERMISSIONS, permissions=lacking)
    assert "Send Messages, Attach Files." in refusal.said("en-US")
    assert "メッセージを送信、ファイルを添付" in refusal.said("ja")


def test_words_of_members_are_never_taken_for_blanks() -> None:
    assert "{seed}" in text.PROMPT("en", prompt="{seed} {0} {")


def test_every_filter_has_a_name_that_discord_takes_for_a_choice() -> None:
    assert list(text.FILTERS) == list(Filter)
    for phrase in text.FILTERS.values():
        assert max(len(phrase(locale)) for locale in LANGUAGES) <= 100


def test_the_help_fits_into_a_message() -> None:
    for locale in LANGUAGES:
        assert len(text.HELP(locale)) < 4000


def test_a_prompt_may_be_longer_than_any_model_reads() -> None:
    assert MAX_PROMPT > 1000


@pytest.mark.parametrize(
    "phrase",
    [value for name, value in vars(commands).items() if isinstance(value, Phrase)],
    ids=[name for name, value in vars(commands).items() if isinstance(value, Phrase)],
)
def test_commands_read_as_discord_asks(phrase: Phrase) -> None:
    name = next(name for name, value in vars(commands).items() if value is phrase)
    for written in (phrase.en, phrase.ja):
        assert len(written) <= 100
        if not name.endswith("_IS"):
            assert len(written) <= 32
            assert written == written.lower()
            assert " " not in written
    assert of(phrase).extras["ja"] == phrase.ja
