"""Edits by words: what an instruction may ask of a picture, and how differently it is obeyed."""

from __future__ import annotations

import dataclasses
import random

from generation.messages import Paint

WORDS_GUIDANCES = (6.0, 9.0)
PICTURE_GUIDANCES = (1.2, 1.8)
"""Between which an edit that is to be varied draws its guidances, one after the other.

InstructPix2Pix has its useful ranges there: 5 to 10, and 1 to 1.5 and somewhat above (Brooks,
Holynski and Efros, arXiv 2211.09800, §4 and its published settings).
"""


def varied(request: Paint) -> Paint:
    """The request with guidances of its own, which its seed alone decides."""
    # A stream of its own: the seed's first numbers choose between alternatives already.
    chance = random.Random(f"guidances of {request.seed}")
    return dataclasses.replace(
        request,
        guidance=round(chance.uniform(*WORDS_GUIDANCES), 2),
        image_guidance=round(chance.uniform(*PICTURE_GUIDANCES), 2),
        varied=False,
    )
