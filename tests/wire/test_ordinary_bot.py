"""The loopback Discord serves an ordinary, unmodified bot as the real one would."""

from __future__ import annotations

import shutil
import socket
import subprocess
from functools import partial
from pathlib import Path

import pytest

from .faults import Moment
from .gateway import HEARTBEAT, MESSAGE_CONTENT, RESUME
from .objects import EPHEMERAL, JSON, LOADING
from .openapi import ABSENT, Description
from .ordinary_bot import png
from .people import buttons, pictures, words
from .process import BotProcess, bot_process
from .redirect import PUBLIC, Certificates, by_hosts_file, by_shim
from .server import LoopbackDiscord

DRAWING = {"image": ("cat.png", png(9), "image/png")}


async def drawn(discord: LoopbackDiscord) -> JSON:
    """The message of a finished /draw."""
    alice = discord.person("alice")
    interaction = await alice.slash("draw", files=DRAWING, prompt="sepia")
    await discord.until(lambda: interaction.followups)
    return discord.original(interaction)


def may_mount() -> bool:
    """Return True if a process may create its own mount namespace here."""
    command = shutil.which("unshare")
    return command is not None and subprocess.run([command, "--mount", "true"]).returncode == 0


def port_is_free(port: int) -> bool:
    """Return True if the loopback can listen there."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def mine_too(message: JSON) -> bool:
    """Return True if the bot has reacted as well."""
    return any(reaction["me"] for reaction in message["reactions"])


def test_requests_are_held_against_the_description(description: Description | None) -> None:
    if description is None:
        pytest.skip(ABSENT)


async def test_a_deferred_command_is_filled_with_pictures(
    discord: LoopbackDiscord, ordinary: BotProcess
) -> None:
    message = await drawn(discord)
    assert words(message).startswith("sepia from ")
    assert not message["flags"] & LOADING
    assert [p["filename"] for p in pictures(message)] == [f"v{n}.png" for n in range(4)]
    assert message["attachments"][0]["width"] == 8
    assert message["attachments"][2]["description"] == "shade 120"
    assert any("ephemeral-attachments" in path for path in discord.rest.fetched)


async def test_buttons_menus_and_forms_answer(
    discord: LoopbackDiscord, ordinary: BotProcess
) -> None:
    bob, message = discord.person("bob"), await drawn(discord)
    why = await bob.press(message, "panel:why")
    assert (await discord.answer(why))["data"]["flags"] & EPHEMERAL
    assert [words(m) for m in discord.privately(why)] == ["only you see this"]
    size = await bob.select(message, "panel:size", ["large"])
    await discord.until(lambda: size.followups)
    assert [words(m) for m in discord.privately(size)] == ["size large"]
    asked = await bob.press(message, "panel:rename")
    await discord.answer(asked)
    await discord.answer(await bob.submit(asked, {"name": "Rex"}, message=message))
    assert words(message) == "renamed to Rex"
    assert len(message["attachments"]) == 4


async def test_components_show_uploaded_pictures(
    discord: LoopbackDiscord, ordinary: BotProcess
) -> None:
    shown = await discord.person("alice").slash("show")
    await discord.until(lambda: shown.original and words(discord.original(shown)) == "shown")
    (message,) = discord.by_bot()
    assert [discord.state.file(p) for p in pictures(message)] == [png(99)]
    assert message["attachments"] == []
    assert buttons(message, "like") == ["like:0"]


async def test_direct_messages_mentions_and_privacy(
    discord: LoopbackDiscord, ordinary: BotProcess
) -> None:
    alice = discord.person("alice")
    await alice.say("nobody's business")
    await alice.mention("draw a cat")
    await alice.whisper("psst")
    await discord.until(lambda: "psst" in ordinary.said())
    heard = [line for line in ordinary.said().splitlines() if line.startswith("heard")]
    me = discord.state.application_id
    assert heard == [
        "heard alice in text: ",
        f"heard alice in text: <@{me}> draw a cat",
        "heard alice in private: psst",
    ]


async def test_reactions_in_a_server_and_in_a_direct_message(
    discord: LoopbackDiscord, ordinary: BotProcess
) -> None:
    alice, bob = discord.person("alice"), discord.person("bob")
    for message in (await drawn(discord), await alice.whisper("hello")):
        await bob.react(message, "👍")
        await discord.until(partial(mine_too, message))
        assert [r["emoji"]["name"] for r in message["reactions"]] == ["👍", "✅"]
    assert ordinary.said().count("reacted bob") == 2
    await bob.unreact(message, "👍")
    await discord.person("moderator").clear_reactions(message)
    await discord.until(lambda: "reactions cleared" in ordinary.said())
    assert "reactions" not in message


async def test_what_was_missed_is_replayed_on_resume(
    discord: LoopbackDiscord, ordinary: BotProcess
) -> None:
    await discord.until(lambda: "ready" in ordinary.said())
    await discord.gateway.drop(4000)
    await discord.person("bob").whisper("while you were away")
    await discord.until(lambda: "while you were away" in ordinary.said())
    await discord.until(lambda: "resumed" in ordinary.said())
    assert discord.gateway.count(RESUME) == 1


async def test_an_invalid_session_makes_it_identify_anew(
    discord: LoopbackDiscord, ordinary: BotProcess
) -> None:
    await discord.until(lambda: "ready" in ordinary.said())
    await discord.gateway.invalidate()
    await discord.until(lambda: ordinary.said().count("ready") == 2, 20)


async def test_buttons_outlive_the_process_that_made_them(
    discord: LoopbackDiscord, ordinary: BotProcess
) -> None:
    message = await drawn(discord)
    await ordinary.killed()
    await ordinary.start()
    why = await discord.person("bob").press(message, "panel:why")
    assert (await discord.answer(why))["data"]["content"] == "only you see this"


async def test_a_rate_limited_request_comes_again(
    discord: LoopbackDiscord, ordinary: BotProcess
) -> None:
    discord.faults.limit_once("PATCH /webhooks", 0.05)
    await drawn(discord)
    assert [c.status for c in discord.calls("PATCH", "/webhooks")] == [429, 200]


async def test_an_answer_that_comes_too_late_is_refused(
    discord: LoopbackDiscord, ordinary: BotProcess
) -> None:
    message = await drawn(discord)
    discord.interactions.deadline = -1
    why = await discord.person("bob").press(message, "panel:why")
    await discord.until(lambda: discord.calls("POST", "/callback")[-1].status == 404)
    assert why.answer is None
    assert discord.calls("POST", "/callback")[-1].answer["code"] == 10062


async def test_a_bot_dies_between_an_answer_and_its_next_deed(
    discord: LoopbackDiscord, ordinary: BotProcess
) -> None:
    dying = {Moment.PERFORMED: ordinary.freeze, Moment.ANSWERED: ordinary.kill}
    discord.faults.act("POST /channels/.*/messages", dying)
    await discord.person("alice").slash("show")
    assert await ordinary.ended() == -9
    assert len(discord.by_bot()) == 1
    assert discord.calls("POST", "/messages")[-1].status == 200
    assert not discord.calls("PATCH", "/channels")


async def test_nothing_leaves_the_machine(discord: LoopbackDiscord, ordinary: BotProcess) -> None:
    message = await drawn(discord)
    assert discord.state.origin == PUBLIC[1]
    assert all(p["url"].startswith("https://cdn.discordapp.com/") for p in pictures(message))
    probe = "import socket; socket.getaddrinfo('example.com', 443)"
    await ordinary.killed()
    ordinary.arguments = ["-c", probe]
    await ordinary.start(connected=False)
    assert await ordinary.ended() == 1
    assert "example.com is outside the loopback" in ordinary.said()


@pytest.mark.parametrize("setting", [{"BOT_TOKEN": "wrong"}, {"WITH_MESSAGE_CONTENT": "1"}])
async def test_wrong_tokens_and_intents_are_refused(
    discord: LoopbackDiscord, ordinary: BotProcess, setting: dict[str, str]
) -> None:
    await ordinary.killed()
    ordinary.settings |= setting
    await ordinary.start(connected=False)
    await ordinary.ended()
    refused = "Improper token" if "BOT_TOKEN" in setting else "privileged intents"
    assert refused in ordinary.said()


async def test_heartbeats_and_plain_text_frames(certificates: Certificates, tmp_path: Path) -> None:
    discord = LoopbackDiscord(
        heartbeat_ms=200, compression=False, privileged_intents=MESSAGE_CONTENT
    )
    settings = {"BOT_TOKEN": discord.token, "WITH_MESSAGE_CONTENT": "1"}
    command = ["-m", "tests.wire.ordinary_bot"]
    async with (
        discord.serving(tls=certificates.server, public=PUBLIC),
        bot_process(
            discord,
            by_shim(certificates.authority, discord.port),
            tmp_path,
            arguments=command,
            settings=settings,
        ) as bot,
    ):
        await bot.start()
        await discord.person("bob").say("heard by all")
        await discord.until(lambda: "heard by all" in bot.said())
        await discord.until(lambda: discord.gateway.count(HEARTBEAT) >= 3)


async def test_a_hosts_file_leads_here_as_well(certificates: Certificates, tmp_path: Path) -> None:
    if not (may_mount() and port_is_free(443)):
        pytest.skip("a mount namespace of one's own and port 443 need root on Linux")
    discord = LoopbackDiscord()
    redirect = by_hosts_file(certificates.authority, tmp_path)
    command, settings = ["-m", "tests.wire.ordinary_bot"], {"BOT_TOKEN": discord.token}
    async with (
        discord.serving(tls=certificates.server, public=PUBLIC, port=443),
        bot_process(discord, redirect, tmp_path, arguments=command, settings=settings) as bot,
    ):
        await bot.start()
        assert len((await drawn(discord))["attachments"]) == 4
