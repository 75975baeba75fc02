"""Autocomplete of `style`: what it offers while somebody types, and to whom."""

from __future__ import annotations

from typing import Any

from tests.bot.styled import SHARED, WORD, add_style
from tests.bot.world import World


async def offered(
    world: World, member: Any, typed: str, command: str = "imagine"
) -> dict[str, str]:
    choices = await member.autocomplete(world.channel, command, "style", typed)
    found = {str(_of(each, "value")): str(_of(each, "name")) for each in choices}
    assert len(choices) <= 25
    assert all(len(text) <= 100 for pair in found.items() for text in pair)
    return found


def _of(choice: Any, name: str) -> Any:
    return choice[name] if isinstance(choice, dict) else getattr(choice, name)


async def test_it_says_how_strong_a_style_is_and_whose(world: World) -> None:
    server = world.guild.id
    await add_style(world.store, server, world.alice.id, "ink", strength=0.8)
    await add_style(world.store, server, world.bob.id, "ink shared", scope=SHARED)
    await add_style(world.store, server, world.bob.id, "ink of bob")
    await add_style(world.store, server, world.alice.id, "inky", kind=WORD)
    await add_style(
        world.store, server, world.alice.id, "ink xl", architecture="sdxl", base_model="sdxl"
    )
    assert await offered(world, world.alice, "INK") == {
        "ink": "ink · 0.8 · LoRA · yours",
        "ink shared": "ink shared · LoRA · this server's",
        "ink xl": "ink xl · LoRA · yours · only for sdxl",
        "inky": "inky · embedding · yours",
    }
    assert "ink of bob" not in await offered(world, world.alice, "bob")
    assert list(await offered(world, world.alice, "ink:0.8, inky")) == ["ink:0.8, inky"]
    assert list(await offered(world, world.alice, "ink:0.5")) == [
        *("ink:0.5", "inky", "ink shared:0.5", "ink xl:0.5")
    ]


async def test_none_is_a_choice_in_both_languages(world: World) -> None:
    assert await offered(world, world.alice, "") == {"none": "none"}
    assert await offered(world, world.alice, "なし") == {"none": "none"}
    assert await offered(world, world.alice, "x") == {}
    assert set(await offered(world, world.alice, "", "settings")) == {"none", "default"}


async def test_more_than_fit_are_cut_and_long_names_stay_within_limits(world: World) -> None:
    for number in range(40):
        await add_style(world.store, world.guild.id, world.alice.id, f"{number} {'ink ' * 22}")
    found = await offered(world, world.alice, "")
    assert len(found) == 25
    assert list(found)[-1] == "none"
    # With another in front, the value would be longer than Discord's limit.
    assert await offered(world, world.alice, "something long:0.8, 7") == {}
