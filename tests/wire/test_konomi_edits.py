"""Editing by words, over Discord's own wire: uploads, replies, and forms that outlive a restart."""

from __future__ import annotations

from .konomi import imagine, painted, pictures_of, press, words
from .process import BotProcess
from .test_konomi_from_picture import UPLOAD


async def test_an_upload_is_edited(konomi: BotProcess) -> None:
    discord = konomi.discord
    asked = await discord.person("alice").slash("edit", files=UPLOAD, instruction="make it blue")
    message = await painted(discord, "make it blue")
    assert message["id"] == asked.original
    assert "Edited from an uploaded picture" in words(message)
    assert len(pictures_of(discord, message)) == 2


async def test_a_mention_with_a_picture_edits_it_and_a_reply_goes_on(konomi: BotProcess) -> None:
    discord = konomi.discord
    bob = discord.person("bob")
    await bob.mention("make it blue", files=[("a.png", UPLOAD["picture"][1], "image/png")])
    first = await painted(discord, "make it blue")
    me = discord.state.application_id
    await bob.say(f"<@{me}> 2: add a hat", reply_to=first)
    second = await painted(discord, "add a hat")
    assert "Edited: add a hat · from round 1, picture 2" in words(second)


async def test_a_form_that_was_opened_before_a_restart_is_answered_after_it(
    konomi: BotProcess,
) -> None:
    discord = konomi.discord
    carol = discord.person("carol")
    await imagine(carol, "a red star", count=1)
    message = await painted(discord, "a red star")
    opened = await press(carol, message, "more")
    (panel,) = discord.privately(opened)
    form = await press(carol, panel, "edit")
    await konomi.stop()
    await konomi.start()
    await carol.submit(form, {"instruction": "make it gold", "keep": "1.8"}, message=panel)
    edited = await painted(discord, "make it gold")
    assert "Edited: make it gold · from round 1, picture 1" in words(edited)
