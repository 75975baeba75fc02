"""Phrases: sentences in English and Japanese, with plurals and numbers by Babel (CLDR)."""

from __future__ import annotations

import dataclasses
import decimal
import math
import re
import string
from collections.abc import Iterable, Mapping

from babel import Locale
from babel.numbers import format_decimal

from bot.text.markdown import Markup, code, quoted

JAPANESE = "ja"
LANGUAGES = ("en", JAPANESE)

_CATEGORY = re.compile(r"(?:^|\s)(zero|one|two|few|many|other)=")
_MOST_DIGITS = 15
"""Numbers with more digits than this on either side of the point are written with an exponent."""

_LARGEST = 2**64
"""Whole numbers beyond it are written with an exponent; all seeds and ids are below."""
_FILLED = 500
"""Characters of a text that a sentence is filled with."""


class PhraseFormatter(string.Formatter):
    """`str.format` for one language, with three more format specs, into Markdown or plain text.

    `{count:number}` writes a number with the language's separators, `{share:number .1}` with one
    decimal.  `{count:plural one=# request other=# requests}` picks a form by the language's plural
    rules; `#` in it is the number.  Numbers without a spec, such as seeds and sizes in pixels, stay
    plain digits.

    In Markdown, texts are escaped unless they are `Markup`; `{size:code}` writes one as code.
    """

    def __init__(self, language: str, *, markdown: bool = True) -> None:
        self.locale = Locale(language)
        self._markdown = markdown

    def format_field(self, value: object, format_spec: str) -> str:
        """Format one value; `ValueError` if the spec does not suit it."""
        kind, _, argument = format_spec.partition(" ")
        if kind == "number":
            return self._number(_as_number(value, format_spec), argument)
        if kind == "plural":
            number = _as_number(value, format_spec)
            form = plural_forms(argument)[self.locale.plural_form(number)]
            return form.replace("#", self._number(number))
        if isinstance(value, int) and abs(value) > _LARGEST:
            return _power(value)
        if isinstance(value, int | float) and kind != "code":
            return str(super().format_field(value, format_spec))
        return self._text(value, kind)

    def _text(self, value: object, kind: str) -> str:
        if not self._markdown or isinstance(value, Markup):
            return str(value)
        return code(str(value), _FILLED) if kind == "code" else quoted(str(value), _FILLED)

    def _number(self, number: int | float, decimals: str = "") -> str:
        if decimals:
            if not re.fullmatch(r"\.\d", decimals):
                raise ValueError(f"{decimals!r} is not a number of decimals such as '.1'")
            pattern = "#,##0." + "0" * int(decimals[1:])
            return format_decimal(number, format=pattern, locale=self.locale)
        if isinstance(number, int):
            if abs(number) > _LARGEST:
                return _power(number)
            return format_decimal(number, locale=self.locale)
        exact = decimal.Decimal(f"{number:g}")
        if not exact.is_finite() or abs(exact.adjusted()) > _MOST_DIGITS:
            return f"{number:g}"
        return format_decimal(exact, locale=self.locale, decimal_quantization=False)


def plural_forms(argument: str) -> dict[str, str]:
    """Read `one=… other=…` into the forms by plural category; a form may contain spaces."""
    parts = _CATEGORY.split(argument)
    if parts[0]:
        raise ValueError(f"{argument!r} does not begin with a plural category")
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _as_number(value: object, format_spec: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is no number, which {format_spec!r} asks for")
    return value


def _power(number: int) -> str:
    """Write a whole number of any length by its order of magnitude."""
    return f"{'-' if number < 0 else ''}1e+{math.floor(math.log10(abs(number)))}"


_FORMATTERS = {
    (language, markdown): PhraseFormatter(language, markdown=markdown)
    for language in LANGUAGES
    for markdown in (True, False)
}


@dataclasses.dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence in every language that Konomi speaks; `{names}` in it are filled in.

    See `PhraseFormatter` for plurals and numbers.
    """

    en: str
    ja: str

    def __call__(self, locale: str, **values: object) -> Markup:
        """Return the sentence for a Discord locale such as "en-GB" or "ja"; others get English."""
        filled = {
            name: value(locale) if callable(value) else value for name, value in values.items()
        }
        return Markup(self._filled(locale, filled, markdown=True))

    def plain(self, locale: str, **values: object) -> str:
        """Return the sentence for places without Markdown: descriptions, labels, the log."""
        filled = {
            name: getattr(value, "plain", value)(locale) if callable(value) else value
            for name, value in values.items()
        }
        return self._filled(locale, filled, markdown=False)

    def _filled(self, locale: str, values: Mapping[str, object], *, markdown: bool) -> str:
        japanese = locale.startswith(JAPANESE)
        formatter = _FORMATTERS[JAPANESE if japanese else "en", markdown]
        return formatter.vformat(self.ja if japanese else self.en, (), values)


PERMISSIONS = {
    "view_channel": Phrase("View Channel", "チャンネルを見る"),
    "send_messages": Phrase("Send Messages", "メッセージを送信"),
    "send_messages_in_threads": Phrase("Send Messages in Threads", "スレッドでメッセージを送信"),
    "attach_files": Phrase("Attach Files", "ファイルを添付"),
    "read_message_history": Phrase("Read Message History", "メッセージ履歴を読む"),
}
"""Permissions that painting in a channel needs, by discord.py's names."""


class Permissions:
    """Names of permissions in one line, in the language of the sentence around them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._phrases = [PERMISSIONS[name] for name in names]

    def __call__(self, locale: str) -> Markup:
        """Return the names for a locale."""
        comma = "、" if locale.startswith(JAPANESE) else ", "
        return Markup(comma.join(phrase(locale) for phrase in self._phrases))
