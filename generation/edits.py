"""Edits by words: what an instruction may ask of a picture, and how differently it is obeyed."""

from __future__ import annotations

import dataclasses
import random

from generation.messages import Axis, Paint

TRADE_OFF = (
    Axis(parameter="image_guidance", values=(1.2, 1.5, 1.8)),
    Axis(parameter="guidance", values=(5.0, 7.5, 10.0)),
)
"""What a sheet shows: across, more of the picture is kept; down, words are obeyed more."""
ALONG_ETA = Axis(parameter="eta", values=(0.5, 0.6, 0.7, 0.8, 0.9, 1.0))
"""The strip of a fitted model, from the picture to the words."""

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
