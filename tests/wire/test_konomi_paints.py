"""The whole of Konomi with nothing stood in for: the bot, its generator, a real if tiny model."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageChops

from .konomi import imagine, painted, pictures_of, press, steering_of
from .people import words
from .process import BotProcess


@pytest.mark.timeout(600)
async def test_pictures_are_painted_steered_and_repainted(painting_konomi: BotProcess) -> None:
    discord = painting_konomi.discord
    alice = discord.person("alice")
    # The tiny model has no content filter: it paints in age-restricted channels alone.
    place = discord.state.channel("after-dark")
    wish: dict[str, Any] = {"seed": 7, "count": 2, "steps": 4, "channel": place}
    await imagine(alice, "a red star", **wish)
    first = await painted(discord, "a red star", place)
    pictures = [opened(data) for data in pictures_of(discord, first)]
    assert [picture.size for picture in pictures] == [(96, 96)] * 2
    assert all(len(picture.getcolors(96 * 96) or []) > 100 for picture in pictures)

    await press(alice, first, "like", 1)
    await press(alice, first, "next")
    second = await painted(discord, "a red star", place, count=2)
    assert f"Follows <@{alice.id}>'s 1 like" in words(second)
    (strip,) = steering_of(discord, second)
    assert opened(strip).width > 0

    await press(alice, second, "plain")
    plain = await painted(discord, "a red star", place, count=3)
    assert difference(pictures_of(discord, plain), pictures_of(discord, second)) > 2

    await painting_konomi.killed()
    await painting_konomi.start()
    await discord.connected()
    await imagine(alice, "a red star", **wish)
    again = await painted(discord, "a red star", place, count=4)
    assert difference(pictures_of(discord, again), pictures_of(discord, first)) <= 2


def difference(some: list[bytes], others: list[bytes]) -> int:
    """The most by which a channel of a pixel differs between pictures, of 255."""
    pairs = zip(map(opened, some), map(opened, others), strict=True)
    return max(max(ImageChops.difference(one, other).tobytes()) for one, other in pairs)


def opened(file: bytes) -> Image.Image:
    """The pixels of a picture."""
    return Image.open(io.BytesIO(file)).convert("RGB")
