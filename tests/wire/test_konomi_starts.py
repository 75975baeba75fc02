"""Starts and stops of Konomi as a process: errors as a sentence, and an orderly end."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from storage.lock import locked

from . import gateway
from .konomi import imagine, konomi_process, painted
from .process import BotProcess
from .redirect import Certificates
from .server import LoopbackDiscord


async def test_a_token_that_discord_does_not_know_is_one_sentence(
    discord: LoopbackDiscord, certificates: Certificates, tmp_path: Path, tiny_model: Path
) -> None:
    token = "NDI.GabcdE.a-token-that-was-reset-long-ago"
    async with konomi_process(
        discord, certificates, tmp_path, tiny_model, discord_token=token
    ) as bot:
        await bot.start(connected=False)
        assert await bot.process.wait() == 2
    assert "Discord does not know the token" in bot.said().splitlines()[-1]
    assert "Traceback" not in bot.said()
    assert "reset-long-ago" not in bot.said()


async def test_a_data_folder_in_use_is_one_sentence(
    discord: LoopbackDiscord, certificates: Certificates, tmp_path: Path, tiny_model: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    async with konomi_process(discord, certificates, tmp_path, tiny_model) as bot:
        with locked(folder):
            await bot.start(connected=False)
            assert await bot.process.wait() == 2
    (sentence,) = bot.said().splitlines()
    assert "in use by another Konomi" in sentence


async def test_what_a_script_started_in_the_background_can_be_stopped(
    discord: LoopbackDiscord, certificates: Certificates, tmp_path: Path, tiny_model: Path
) -> None:
    async with konomi_process(discord, certificates, tmp_path, tiny_model) as bot:
        # A shell has what its scripts start with `&` ignore Ctrl+C, which is inherited.
        usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            await bot.start()
        finally:
            signal.signal(signal.SIGINT, usual)
        assert await bot.stop() == 130


async def test_told_to_stop_it_ends_in_order_and_leaves_nobody_behind(konomi: BotProcess) -> None:
    await konomi.discord.until(lambda: "ready as" in konomi.said(), 60)
    painters = konomi.children()
    assert painters
    konomi.process.send_signal(signal.SIGTERM)
    assert await konomi.process.wait() == 130
    assert not psutil.wait_procs(painters, timeout=10)[1]
    assert "Traceback" not in konomi.said()


async def ended(bot: BotProcess) -> tuple[int, str]:
    """Start a bot that cannot run: its exit status, and the last line that it printed."""
    await bot.start(connected=False)
    status = await bot.ended(60)
    assert "Traceback" not in bot.said()
    return status, bot.said().splitlines()[-1]


async def test_damage_in_the_middle_of_the_database_is_one_sentence(konomi: BotProcess) -> None:
    await konomi.stop()
    path = konomi.folder / "data" / "konomi.db"
    content = bytearray(path.read_bytes())
    middle = len(content) // 4096 // 2 * 4096
    content[middle : middle + 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    status, sentence = await ended(konomi)
    assert status == 2
    assert str(path.relative_to(konomi.folder)) in sentence
    assert "restore a backup with `python -m bot restore`" in sentence
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("http", "status", "sentence"),
    [
        (503, 1, "Discord is having problems (HTTP 503). Start Konomi again in a few minutes"),
        (403, 2, "Discord refuses the login (HTTP 403)"),
        (401, 2, "Discord does not know the token"),
    ],
)
async def test_a_login_that_fails_is_one_sentence(
    discord: LoopbackDiscord,
    certificates: Certificates,
    tmp_path: Path,
    http: int,
    status: int,
    sentence: str,
) -> None:
    discord.faults.answer("GET /users/@me", http)
    async with konomi_process(discord, certificates, tmp_path) as bot:
        assert (ended_as := await ended(bot))[0] == status
    assert ended_as[1].startswith(sentence)


async def test_a_gateway_that_refuses_our_intents_is_one_sentence(
    discord: LoopbackDiscord,
    certificates: Certificates,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gateway, "PRIVILEGED", 1)
    async with konomi_process(discord, certificates, tmp_path) as bot:
        status, sentence = await ended(bot)
    assert status == 2
    assert "code 4014" in sentence


async def test_no_way_to_discord_is_one_sentence(
    discord: LoopbackDiscord, certificates: Certificates, tmp_path: Path
) -> None:
    discord.port, port = 1, discord.port  # Where nobody listens.
    async with konomi_process(discord, certificates, tmp_path) as bot:
        status, sentence = await ended(bot)
    discord.port = port
    assert status == 1
    assert sentence.startswith("Discord cannot be reached: ")


async def test_commands_that_cannot_be_registered_are_later_and_those_of_before_work(
    konomi: BotProcess,
) -> None:
    discord = konomi.discord
    await konomi.stop()
    discord.faults.answer("PUT /applications/.*/commands", 503)
    discord.faults.answer("PUT /applications/.*/commands", 403)
    await konomi.start()
    await imagine(discord.person("alice"), "a red star", count=1)
    await painted(discord, "a red star")

    def registered() -> bool:
        calls = [call for call in discord.calls("PUT", "/commands") if call.at > konomi.started]
        return bool(calls) and calls[-1].status == 200

    assert not registered()
    assert "the ones that Discord knows from last time work" in konomi.said()
    await discord.until(registered, 60)
    assert "Traceback" not in konomi.said()


async def test_no_child_knows_the_token_and_no_other_user_the_data(konomi: BotProcess) -> None:
    await konomi.discord.until(lambda: "ready as" in konomi.said(), 60)
    children = konomi.children()
    assert konomi.generator() in children
    for child in children:
        environment = child.environ()
        assert not [name for name in environment if name.startswith("KONOMI_")]
        assert konomi.discord.token not in "".join(environment.values())
    folder = konomi.folder / "data"
    written = [folder, *folder.rglob("*")]
    assert folder / "konomi.db-wal" in written
    assert [path for path in written if path.stat().st_mode & 0o077] == []
