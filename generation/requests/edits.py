"""Edits by words: what an instruction may ask of a picture, and how differently it is obeyed."""

from __future__ import annotations

import dataclasses
import random

from generation.catalog.entries import EditingDefaults
from generation.protocol.requests import Axis, Paint

KEEPING, OBEYING = (0.8, 1.0, 1.2), (2 / 3, 1.0, 4 / 3)
"""What a sheet shows, as shares of the usual guidances by the picture and by the words."""
ALONG_ETA = Axis(parameter="eta", values=(0.5, 0.6, 0.7, 0.8, 0.9, 1.0))
"""The strip of a fitted model, from the picture to the words."""

VARIED = (0.8, 1.2)
"""Between which shares of what was asked an edit that is to be varied draws its guidances.

Of InstructPix2Pix's usual 7.5 and 1.5 these are 6 to 9 and 1.2 to 1.8, within its useful ranges:
5 to 10, and 1 to 1.5 and somewhat above (Brooks, Holynski and Efros, arXiv 2211.09800, §4).
"""


def trade_off(usual: EditingDefaults) -> tuple[Axis, Axis]:
    """Across, more of the picture is kept; down, words are obeyed more."""
    keeps = tuple(max(1.0, round(usual.image_guidance * share, 1)) for share in KEEPING)
    obeys = tuple(round(usual.guidance * share, 1) for share in OBEYING)
    return Axis(parameter="image_guidance", values=keeps), Axis(parameter="guidance", values=obeys)


def varied(request: Paint) -> Paint:
    """The request with guidances of its own, which its seed alone decides."""
    # A stream of its own: the seed's first numbers choose between alternatives already.
    chance = random.Random(f"guidances of {request.seed}")
    obey = request.guidance * chance.uniform(*VARIED)
    keep = (request.image_guidance or 1.0) * chance.uniform(*VARIED)
    return dataclasses.replace(
        request,
        guidance=round(obey, 2),
        image_guidance=max(1.0, round(keep, 2)),
        varied=False,
    )
