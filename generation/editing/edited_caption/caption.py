"""Rewrite a picture's prompt by an edit's instruction, so that it describes the edited picture.

Whatever is painted from an edited picture is guided by a prompt. The one before the edit undoes
the edit, even if the instruction stands after it; measured in docs/embedded-model.md. So the words
that the instruction contradicts are replaced. Where none can be found, what the instruction says
comes first, because models follow the beginning of a prompt best.
"""

from __future__ import annotations

import dataclasses
import functools
import re

from generation.editing.edited_caption import english, japanese
from generation.editing.instruction_check.limits import ALL_THE_SAME

_JAPANESE_LETTER = re.compile("[ぁ-ゖァ-ヺ一-鿿]")
LONGEST = 1500
"""Number of characters of a prompt; of a longer one, the end is left out."""
FAR = 200
"""Number of characters of an instruction that is read; a longer one comes first as it is."""


@dataclasses.dataclass(frozen=True, slots=True)
class EditedCaption:
    """The prompt of an edited picture, and what the edit took out of the picture."""

    prompt: str
    removed: str = ""


@functools.lru_cache(256)
def caption_after(prompt: str, instruction: str) -> EditedCaption:
    """Return the prompt after an edit; `prompt` is empty for a picture that was uploaded."""
    said = instruction.strip().lstrip(ALL_THE_SAME + "！").strip()[:LONGEST]
    rewritten, removed = _rewritten(prompt, said) if said else (prompt, "")
    return EditedCaption(rewritten[:LONGEST], removed)


def _rewritten(prompt: str, said: str) -> tuple[str, str]:
    if len(said) > FAR:
        return f"{said}, {prompt}" if prompt else said, ""
    if not _JAPANESE_LETTER.search(said):
        return english.rewritten(prompt, said)
    if prompt and not _JAPANESE_LETTER.search(prompt):
        translated = japanese.in_english(said)
        if translated is not None:
            return english.rewritten(prompt, translated)
    return japanese.rewritten(prompt, said)
