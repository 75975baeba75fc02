"""Beginning from a picture in tests: an upload, or one of a round."""

from __future__ import annotations

import hashlib
from typing import Any

from generation.images.sanitize import clean_picture, png_of
from storage.records import Round
from tests.bot.painter import png
from tests.bot.world import World


def clean(data: bytes) -> bytes:
    """Return the cleaned copy that is kept of an upload."""
    return png_of(clean_picture(data))


PICTURE, MASK = clean(png((10, 20, 30))), clean(png((255, 255, 255)))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def begin(
    world: World,
    command: str = "restyle",
    member: Any = None,
    data: bytes = PICTURE,
    **options: Any,
) -> Any:
    """Use one of the commands with an upload, without waiting for the pictures."""
    options = {"picture": ("holiday.png", data), "prompt": "a star"} | options
    return await (member or world.alice).slash(world.channel, command, **options)


async def press(world: World, member: Any, verb: str, round_: Round, position: int = 0) -> Any:
    """Open a picture's panel and press a button in it."""
    image = (await world.store.images.of_round(round_.id))[position]
    panel = await world.panel(member, image)
    return await member.click(panel.response, custom_id=f"{verb}:{image.id}")


async def unfolded(world: World, member: Any, panel: Any) -> str:
    """Press *Details* in a picture's panel, and return all of its words then."""
    [details] = [id_ for id_ in world.buttons(panel) if id_.startswith("details:")]
    await member.click(panel, custom_id=details)
    return world.words(panel)
