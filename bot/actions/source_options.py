"""How a round begins from a picture: how far it goes from it, and where it is painted anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.errors import Refusal
from bot.text import refusals
from generation.protocol.requests import Axis, Box, Restoration, Source
from generation.requests.comparisons import values_at

SUBTLE, STRONG = 0.4, 0.7
"""Strengths of variations: the same picture in other details, the same idea in another picture."""
VARIATIONS = 4
"""Pictures of a round that goes on from one of ours."""
RESTYLED = 0.6
"""Enough for other colours and matter, little enough for the composition to stay."""
PAINTED_ANEW = 1.0
"""Nothing shows through of what was there."""
PAINTED_ON = 0.95
"""All but anew: beyond the edge there are only its own colours to begin from."""

STRENGTH = "source_strength"
"""What comparisons call it."""

WHOLE = Box(left=0, top=0, right=1, bottom=1)
MIDDLE = Box(left=0.25, top=0.25, right=0.75, bottom=0.75)


def _part(**edges: float) -> Box:
    return dataclasses.replace(WHOLE, **edges)


AREAS: Mapping[str, tuple[Box, ...]] = MappingProxyType(
    {
        "left": (_part(right=0.5),),
        "right": (_part(left=0.5),),
        "upper": (_part(bottom=0.5),),
        "lower": (_part(top=0.5),),
        "middle": (MIDDLE,),
        "around": (
            _part(right=MIDDLE.left),
            _part(left=MIDDLE.right),
            _part(bottom=MIDDLE.top),
            _part(top=MIDDLE.bottom),
        ),
    }
)
"""Parts of a picture by name, for members who have no program to paint a mask with."""

WIDER: Mapping[str, Box] = MappingProxyType(
    {
        "left": _part(left=1 / 3),
        "right": _part(right=2 / 3),
        "up": _part(top=1 / 3),
        "down": _part(bottom=2 / 3),
        "around": Box(left=1 / 6, top=1 / 6, right=5 / 6, bottom=5 / 6),
        "far": MIDDLE,
    }
)
"""Where the source lies on a picture half as wide or high again, or zoomed out of × 1.5 and × 2."""


NOISE: Mapping[str, float | None] = MappingProxyType(
    {"found": None, "none": 0.0, "little": 0.05, "some": 0.1, "much": 0.2}
)
"""How much noise restoring takes away, by name; None: as much as is found."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SourceOptions:
    """What a round remembers of how it begins from a picture, besides the picture."""

    strength: float
    anew: tuple[Box, ...] = ()
    within: Box | None = None
    times: int = 1
    """How many times larger it is painted, in tiles."""
    mend: Restoration | None = None
    """What the picture is restored from."""
    upload: bool = False
    """Whether the picture was a member's own, and none of ours."""

    @property
    def painted(self) -> bool:
        """Whether it is painted as its words say, and not enlarged or restored."""
        return self.times == 1 and self.mend is None

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> SourceOptions | None:
        """How a round with these parameters begins; None: from noise alone."""
        known = stored.get("source")
        if known is None:
            return None
        return cls(
            strength=known["strength"],
            anew=tuple(Box(**box) for box in known["anew"]),
            within=None if known["within"] is None else Box(**known["within"]),
            times=known["times"],
            mend=Restoration(**known["mend"]) if known.get("mend") else None,
            upload=known["upload"],
        )

    def at(self, axes: Sequence[Axis], place: int) -> SourceOptions:
        """Of a comparison, how the picture at one place begins."""
        said = {axis.parameter: value for axis, value in values_at(axes, place)}
        return dataclasses.replace(self, strength=float(said.get(STRENGTH, self.strength)))

    def source(self, path: Path, digest: str, mask: Path | None = None) -> Source:
        """Return the source of a request that begins so from the picture in a file."""
        return Source(
            path=path,
            digest=digest,
            strength=self.strength,
            mask=mask,
            anew=self.anew,
            within=self.within,
            times=self.times,
            mend=self.mend,
        )


def parse_number(written: str) -> float:
    """The number that someone typed, with a point or a comma; `Refusal` for anything else."""
    try:
        return float(written.strip().replace(",", "."))
    except ValueError:
        raise Refusal(refusals.NUMBER_NOT_UNDERSTOOD, given=written[:20]) from None
