"""Guidance of edits by instruction: the trade-off sheet, and random variation between edits."""

from __future__ import annotations

import dataclasses
import random

from generation.catalog.entries import EditingDefaults
from generation.protocol.requests import Axis, Paint

KEEPING, OBEYING = (0.8, 1.0, 1.2), (2 / 3, 1.0, 4 / 3)
"""Values on the trade-off sheet, as multiples of the default image and text guidance."""
ALONG_ETA = Axis(parameter="eta", values=(0.5, 0.6, 0.7, 0.8, 0.9, 1.0))
"""Values of η on an Imagic strip, from the source to the description."""

VARIED = (0.8, 1.2)
"""Range from which a varied edit draws its guidances, as multiples of those asked for.

For InstructPix2Pix's usual 7.5 and 1.5 these are 6 to 9 and 1.2 to 1.8, within its useful ranges: 5
to 10, and 1 to 1.5 and somewhat above (Brooks, Holynski and Efros, arXiv 2211.09800, §4).
"""


def trade_off(usual: EditingDefaults) -> tuple[Axis, Axis]:
    """Return the axes of the sheet: image guidance grows across, text guidance down."""
    keeps = tuple(max(1.0, round(usual.image_guidance * share, 1)) for share in KEEPING)
    obeys = tuple(round(usual.guidance * share, 1) for share in OBEYING)
    return Axis(parameter="image_guidance", values=keeps), Axis(parameter="guidance", values=obeys)


def varied(request: Paint) -> Paint:
    """Return the request with guidances drawn from its seed."""
    # A random stream of its own: the seed's first numbers already choose prompt alternatives.
    chance = random.Random(f"guidances of {request.seed}")
    obey = request.guidance * chance.uniform(*VARIED)
    keep = (request.image_guidance or 1.0) * chance.uniform(*VARIED)
    return dataclasses.replace(
        request,
        guidance=round(obey, 2),
        image_guidance=max(1.0, round(keep, 2)),
        varied=False,
    )
