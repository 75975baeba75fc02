"""Konomi's face, which it painted itself."""

from __future__ import annotations

from pathlib import Path

from simcord.backend.cdn import CDN_BASE

FILE = Path(__file__).with_name("face.png")
NAME = "face"
"""The hash of an avatar on Discord; any word will do."""


def asset(bot_id: int) -> dict[str, tuple[str, bytes]]:
    """Return the file under the address where SimCord looks for a bot's avatar."""
    return {f"{CDN_BASE}/avatars/{bot_id}/{NAME}.png": (FILE.name, FILE.read_bytes())}
