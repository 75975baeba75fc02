"""Which adapters act on a picture, and how strongly: keys for calls, states and encoded prompts."""

from __future__ import annotations

import dataclasses

Strengths = tuple[tuple[str, float], ...]
"""The digests of adapters with their strengths, in the order of the digests."""


@dataclasses.dataclass(frozen=True, slots=True)
class TextAdapters:
    """The adapters that act while the text encoders read a picture's prompts.

    words: those that stand for vectors, each with the digest of its embedding.
    """

    strengths: Strengths = ()
    words: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class ActingAdapters:
    """The adapters of one picture, by the networks that they act on."""

    unet: Strengths = ()
    text: TextAdapters = TextAdapters()

    @property
    def wordless(self) -> ActingAdapters:
        """The same for the empty prompt, in which no word can stand for anything."""
        return dataclasses.replace(self, text=TextAdapters(self.text.strengths))


NO_ADAPTERS = ActingAdapters()
