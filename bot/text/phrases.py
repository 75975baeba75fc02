"""A sentence in every language that Konomi speaks: what the other files of text are made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

JAPANESE = "ja"
LANGUAGES = ("en", JAPANESE)


@dataclasses.dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence in every language that Konomi speaks; `{names}` in it are filled in."""

    en: str
    ja: str

    def __call__(self, locale: str, **values: object) -> str:
        """The sentence for a Discord locale such as "en-GB" or "ja"; others get English."""
        sentence = self.ja if locale.startswith(JAPANESE) else self.en
        return sentence.format(
            **{name: value(locale) if callable(value) else value for name, value in values.items()}
        )


PERMISSIONS = {
    "view_channel": Phrase("View Channel", "チャンネルを見る"),
    "send_messages": Phrase("Send Messages", "メッセージを送信"),
    "send_messages_in_threads": Phrase("Send Messages in Threads", "スレッドでメッセージを送信"),
    "attach_files": Phrase("Attach Files", "ファイルを添付"),
    "read_message_history": Phrase("Read Message History", "メッセージ履歴を読む"),
}
"""What painting in a channel takes, by discord.py's names."""


class Permissions:
    """Names of permissions in one line, in whichever language the sentence around them is."""

    def __init__(self, names: Iterable[str]) -> None:
        self._phrases = [PERMISSIONS[name] for name in names]

    def __call__(self, locale: str) -> str:
        """The names for a locale."""
        comma = "、" if locale.startswith(JAPANESE) else ", "
        return comma.join(phrase(locale) for phrase in self._phrases)
