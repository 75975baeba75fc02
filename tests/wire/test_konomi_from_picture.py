"""Painting from a picture over the real wire: uploads come from the CDN, answers go back."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from .konomi import painted, pictures_of, press, told
from .ordinary_bot import png
from .people import buttons, words
from .process import BotProcess

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

UPLOAD = {"picture": ("holiday.png", png(120), "image/png")}


async def test_an_upload_is_restyled(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    asked = await discord.person("alice").slash("restyle", files=UPLOAD, prompt="a red star")
    message = await painted(discord, "a red star")
    assert message["id"] == asked.original
    assert "Restyled from an uploaded picture" in words(message)
    assert len(pictures_of(discord, message)) == 4


async def test_a_picture_is_painted_again_from_what_it_says(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    chunks = PngInfo()
    chunks.add_text("parameters", "a yellow moon\nSteps: 5, Sampler: Euler a, Seed: 7")
    file = BytesIO()
    Image.new("L", (8, 8)).save(file, "PNG", pnginfo=chunks)
    upload = {"picture": ("moon.png", file.getvalue(), "image/png")}
    asked = await discord.person("alice").slash("replay", files=upload)
    message = await painted(discord, "a yellow moon")
    assert message["id"] == asked.original
    assert "Recreated from the picture's saved settings." in words(message)
    assert len(pictures_of(discord, message)) == 1


async def test_while_a_file_takes_long_only_whoever_asked_sees_it(
    shared_konomi: BotProcess,
) -> None:
    discord = shared_konomi.discord
    discord.rest.file_seconds = 2.5
    try:
        options = {"prompt": "a blue moon", "direction": "left"}
        asked = await discord.person("bob").slash("outpaint", files=UPLOAD, **options)
        await discord.answer(asked)
        assert discord.privately(asked)
        message = await painted(discord, "a blue moon")
        await discord.until(lambda: not discord.privately(asked))
    finally:
        discord.rest.file_seconds = 0
    assert message["id"] != asked.original
    assert len(pictures_of(discord, message)) == 4


async def test_a_file_that_discord_no_longer_has_is_refused_in_private(
    shared_konomi: BotProcess,
) -> None:
    discord = shared_konomi.discord
    before = len(discord.by_bot())
    kept, discord.state.files = discord.state.files, {}
    try:
        carol = discord.person("carol")
        asked = await carol.slash("restyle", files=UPLOAD, prompt="a grey cloud")
        discord.state.files.clear()
        assert "Please attach it again" in await told(discord, asked)
    finally:
        discord.state.files = kept
    assert len(discord.by_bot()) == before


async def test_a_pictures_panel_goes_on_from_it(shared_konomi: BotProcess) -> None:
    discord = shared_konomi.discord
    dave = discord.person("dave")
    await dave.slash("imagine", prompt="a green hill", count=1)
    first = await painted(discord, "a green hill")
    opened = await press(dave, first, "more")
    (panel,) = discord.privately(opened)
    assert buttons(panel, "extend-up")
    await press(dave, panel, "vary-subtle")
    second = await painted(discord, "a green hill", count=2)
    assert "Varied subtly from round 1, picture 1" in words(second)

    form = await press(dave, panel, "restyle")
    values = {"prompt": "a purple hill", "strength": "0.7"}
    await dave.submit(form, values, message=panel)
    third = await painted(discord, "a purple hill")
    assert "Varied strongly from round 1, picture 1" in words(third)
