"""Every sentence, in every language, with the same things filled in."""

from __future__ import annotations

import string

import pytest

from bot.actions.parameters import MAX_PROMPT
from bot.errors import Refusal
from bot.text import commands, introduction, refusals
from bot.text import help as help_text
from bot.text import messages as text
from bot.text.commands import of
from bot.text.phrases import LANGUAGES, Permissions, Phrase, PhraseFormatter, plural_forms
from generation.protocol.requests import Filter
from tests.bot.text.every_phrase import phrases

PHRASES = phrases()


def blanks(sentence: str) -> set[str]:
    """Return the placeholders of a sentence."""
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
    assert list(introduction.FILTERS) == list(Filter)
    for phrase in introduction.FILTERS.values():
        assert max(len(phrase(locale)) for locale in LANGUAGES) <= 100


def test_the_help_fits_into_a_message() -> None:
    for section in help_text.SECTIONS.values():
        for locale in LANGUAGES:
            assert len(section.body(locale)) < 3000
            assert len(section.title(locale)) <= 80


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


PLURALS = [
    pytest.param(language, name, spec.removeprefix("plural "), id=f"{path}.{language}.{name}")
    for path, phrase in PHRASES.items()
    for language, sentence in zip(LANGUAGES, (phrase.en, phrase.ja), strict=True)
    for _, name, spec, _ in string.Formatter().parse(sentence)
    if name and spec and spec.startswith("plural ")
]


@pytest.mark.parametrize(("language", "name", "argument"), PLURALS)
def test_a_plural_has_the_forms_of_its_language_and_no_other(
    language: str, name: str, argument: str
) -> None:
    locale = PhraseFormatter(language).locale
    forms = plural_forms(argument)
    assert set(forms) == {*locale.plural_form.rules, "other"}
    for count, written in ((0, "0"), (1, "1"), (2, "2"), (1000, "1,000")):
        phrase = Phrase(f"{{{name}:plural {argument}}}", "")
        form = forms[locale.plural_form(count)]
        assert phrase(language, **{name: count}) == form.replace("#", written)


@pytest.mark.parametrize("phrase", PHRASES.values(), ids=PHRASES.keys())
def test_every_format_spec_is_one_that_phrases_know(phrase: Phrase) -> None:
    for language, sentence in zip(LANGUAGES, (phrase.en, phrase.ja), strict=True):
        for _, name, spec, _ in string.Formatter().parse(sentence):
            if name and spec:
                assert PhraseFormatter(language).format_field(1, spec)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "You already have 0 requests waiting."),
        (1, "You already have 1 request waiting."),
        (2, "You already have 2 requests waiting."),
        (1000, "You already have 1,000 requests waiting."),
    ],
)
def test_a_count_takes_its_plural_form(count: int, said: str) -> None:
    assert refusals.TOO_MANY_WAITING("en-US", limit=count).startswith(said)
    assert refusals.TOO_MANY_WAITING("ja", limit=count).startswith(f"すでに {count:,} 件が")


def test_numbers_are_written_as_the_language_does() -> None:
    phrase = Phrase("{value:number}", "{value:number}")
    for locale in LANGUAGES:
        assert phrase(locale, value=1234.5) == "1,234.5"
        assert phrase(locale, value=0.1 + 0.2) == "0.3"
        assert phrase(locale, value=1e300) == "1e+300"
        assert phrase(locale, value=float("nan")) == "nan"
    assert Phrase("{value:number .1}", "")("en", value=2) == "2.0"
    huge = Phrase("{value}, {value:number}", "")
    assert (
        huge("en", value=-(10**4000))
        == huge.plain("en", value=-(10**4000))
        == ("-1e+4000, -1e+4000")
    )
    with pytest.raises(ValueError, match="is no number"):
        phrase("en", value="three")
