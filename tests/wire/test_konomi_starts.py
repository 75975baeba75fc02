"""Starts and stops of Konomi as a process: errors as a sentence, and an orderly end."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from storage.lock import locked

from .konomi import konomi_process
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
