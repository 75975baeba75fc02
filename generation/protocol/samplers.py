"""The samplers that a request can name, with their names for people and for other programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Sampler:
    """Names of a sampler; `generation.models.schedulers` makes it."""

    title: str
    """Name shown to members."""
    a1111: str
    """Name in the parameters text of A1111's web UI, which many programs read."""
    aliases: tuple[str, ...] = ()
    """Other programs' names, in small letters and digits alone."""


SAMPLERS: Mapping[str, Sampler] = MappingProxyType(
    {
        "euler_a": Sampler(title="Euler ancestral", a1111="Euler a", aliases=("eulerancestral",)),
        "euler": Sampler(title="Euler", a1111="Euler"),
        "heun": Sampler(title="Heun", a1111="Heun"),
        "dpmpp_2m": Sampler(title="DPM++ 2M", a1111="DPM++ 2M", aliases=("dpm2m",)),
        "dpmpp_2m_karras": Sampler(
            title="DPM++ 2M Karras", a1111="DPM++ 2M Karras", aliases=("dpm2mkarras",)
        ),
        "dpmpp_sde": Sampler(title="DPM++ SDE", a1111="DPM++ SDE", aliases=("dpmsde",)),
        "unipc": Sampler(title="UniPC", a1111="UniPC"),
        "ddim": Sampler(title="DDIM", a1111="DDIM"),
        "pndm": Sampler(title="PNDM", a1111="PLMS", aliases=("plms",)),
        "lms": Sampler(title="LMS", a1111="LMS", aliases=("klms",)),
        "lcm": Sampler(title="LCM", a1111="LCM"),
    }
)
"""Samplers by the name that requests, records and settings give them."""

SCHEDULERS = tuple(SAMPLERS)
