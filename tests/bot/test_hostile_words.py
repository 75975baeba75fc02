"""A member whose every word is written to do harm, from the command to the pages that answer it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generation.metadata.record import parameter_texts
from generation.protocol.requests import Paint
from tests.bot.begun import unfolded
from tests.bot.painter import png
from tests.bot.text.discord_markdown import kinds, read
from tests.bot.world import World

WORDS = (
    "[a](b) [me](https://evil.example) <@1> <t:1:R> `x` ||y|| @everyone\n"
    "# <:z:1> \u202e discord.gg/x @here 9.\n> w"
)
OURS = {"bold", "subtext", "code", "mention"}


def seen(world: World, message: Any) -> str:
    """What a message shows, once it shows nothing that the words are written to do."""
    read_ = read(world.words(message))
    assert set(kinds(read_)) <= OURS, read_
    text = world.words(message).replace(world.alice.mention, "")
    assert not any(
        each in text for each in ("<@1>", "@everyone", "@here", "https://evil", "\u202e")
    )
    return read_


@pytest.mark.usefixtures("expected_faults")
async def test_hostile_words_stay_words(world: World) -> None:
    alice, channel = world.alice, world.channel
    result = await world.imagine(alice, f"fail model {WORDS}")
    await world.done()
    assert "[me](https://evil.example)" in seen(world, result.response)

    result = await world.imagine(alice, WORDS, negative=WORDS)
    assert "[me](https://evil.example)" in seen(world, result.response)
    await world.done()
    round_ = await world.newest()
    assert "[me](https://evil.example)" in seen(world, await world.message_of(round_))
    image = (await world.store.images.of_round(round_.id))[0]
    panel = await world.panel(alice, image)
    await unfolded(world, alice, panel.response)
    assert "# <:z:1> discord.gg/x" in seen(world, panel.response)

    for command, options in (
        ("imagine", {"prompt": "a star", "size": WORDS}),
        ("compare", {"prompt": "a star", "across": "prompt", "across_values": WORDS + ", x"}),
        ("compare", {"prompt": "a star", "across": "steps", "across_values": WORDS + ", x"}),
    ):
        refused = await alice.slash(channel, command, **options)
        assert refused.ephemeral
        assert "[a](b)" in seen(world, refused.response)

    form = await alice.click(panel.response, custom_id=f"restyle:{image.id}")
    refused = await alice.submit_modal(form, {"prompt": WORDS, "strength": "[](x)`"})
    assert "[](x)`" in seen(world, refused.response)


async def test_so_do_those_in_a_file(world: World) -> None:
    request = Paint(job="", model="shapes", prompt=WORDS, width=64, height=96, out=Path())
    texts = parameter_texts(request, 7, 64, 96)
    ours = json.dumps(json.loads(texts["konomi"]) | {"model": WORDS})
    for texts in ({"konomi": ours}, {"parameters": f"a star\nSteps: 9, Model: {WORDS[:60]}"}):
        file = ("a.png", png((1, 2, 3), texts))
        for anyway in (False, True):
            result = await world.alice.slash(world.channel, "replay", picture=file, anyway=anyway)
            await world.done()
            assert "[a](b)" in seen(world, result.response)
