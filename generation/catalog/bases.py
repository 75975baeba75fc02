"""Base models that adapters are made for, by the names that files and programs give them."""

from __future__ import annotations

import enum

from generation.catalog.file_kinds import (
    STABLE_DIFFUSION_1,
    STABLE_DIFFUSION_2,
    STABLE_DIFFUSION_XL,
)

EMBEDDED = "shapes"
"""Name of the small model that comes with Konomi, whose adapters fit no other."""


class Base(enum.Enum):
    """Kinds of base models, by the names that modelspec gives to their architectures."""

    SD1 = "stable-diffusion-v1"
    SD2 = "stable-diffusion-v2-512"
    SDXL = "stable-diffusion-xl-v1-base"

    @property
    def title(self) -> str:
        """Its usual name."""
        return TITLES[self]

    @classmethod
    def named(cls, text: str) -> Base | None:
        """Return the base that a file's metadata names in kohya's words or modelspec's."""
        plain = text.lower().replace("stable-diffusion", "sd").replace("-", "_")
        if plain.startswith("sd") and "xl" in plain:
            return cls.SDXL
        if plain.startswith(("sd_v2", "sd_2")):
            return cls.SD2
        return cls.SD1 if plain.startswith(("sd_v1", "sd_1")) else None

    @classmethod
    def of_width(cls, width: int) -> Base | None:
        """Return the base whose cross-attention reads texts of this width."""
        return {768: cls.SD1, 1024: cls.SD2, 2048: cls.SDXL}.get(width)


TITLES = {
    Base.SD1: STABLE_DIFFUSION_1.title,
    Base.SD2: STABLE_DIFFUSION_2.title,
    Base.SDXL: STABLE_DIFFUSION_XL.title,
}
