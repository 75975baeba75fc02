"""/help: a section at a time, private, in the member's language, after any number of restarts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from discord import app_commands

from bot.client import COMMANDS
from bot.text.help import SECTIONS
from bot.text.phrases import LANGUAGES
from tests.bot.world import World


def named(locale: str) -> Iterator[str]:
    """Every command as members of a language know it."""
    for command in COMMANDS:
        if isinstance(command, app_commands.Group):
            for leaf in command.walk_commands():
                yield f"`/{said(command, locale)} {said(leaf, locale)}`"
        elif isinstance(command, app_commands.ContextMenu):
            yield f"**{said(command, locale)}**"
        else:
            yield f"`/{said(command, locale)}`"


def said(command: object, locale: str) -> str:
    name = getattr(command, "_locale_name", None)
    assert isinstance(name, app_commands.locale_str)
    return str(name.extras["ja"]) if locale == "ja" else name.message


@pytest.mark.parametrize("locale", LANGUAGES)
def test_it_names_every_command(locale: str) -> None:
    words = "\n".join(section.body(locale) for section in SECTIONS.values())
    assert [name for name in named(locale) if name not in words] == []
    assert len(list(named(locale))) > 14


async def test_sections_open_in_place_of_each_other(world: World) -> None:
    result = await world.alice.slash(world.channel, "help")
    page = result.response
    assert result.ephemeral
    assert "`/imagine` paints a round" in world.words(page)
    buttons = world.buttons(page)
    assert list(buttons.values()) == [
        *("Paint", "Steer", "Edit", "Compare", "Settings", "Styles", "Train")
    ]

    for custom_id, command in zip(
        list(buttons)[1:],
        (
            "**Next round**",
            "`/edit`",
            "`/compare`",
            "`/settings`",
            "`/style list`",
            "`/train lora`",
        ),
        strict=True,
    ):
        await world.alice.click(page, custom_id=custom_id)
        assert command in world.words(page)
        assert "`/imagine` paints a round" not in world.words(page)


async def test_it_goes_on_after_a_restart(world: World) -> None:
    page = (await world.alice.slash(world.channel, "help")).response
    for number in (3, 99):
        # The bot keeps nothing of a page: what is pressed is told by its custom id alone.
        stored = world.env.backend.get_message(world.channel_id(page), page.id)
        row = {
            "type": 1,
            "components": [{"type": 2, "style": 2, "label": "x", "custom_id": f"help:{number}"}],
        }
        stored.components = [row]
        await world.alice.click(page, custom_id=f"help:{number}")
        expected = "`/restyle`" if number == 3 else "`/imagine` paints a round"
        assert expected in world.words(page)
