"""The bot as it really runs: a child process, unmodified, that believes it talks to Discord."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from .redirect import Redirect
from .server import LoopbackDiscord

ROOT = Path(__file__).resolve().parents[2]

INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "OMP_NUM_THREADS", "LD_LIBRARY_PATH")
"""Environment variables that a bot takes from the test; all others are passed explicitly."""


class BotProcess:
    """One run after another of `python ARGUMENTS`, each with the same folder and settings."""

    def __init__(
        self,
        discord: LoopbackDiscord,
        redirect: Redirect,
        folder: Path,
        *,
        arguments: Sequence[str],
        settings: Mapping[str, str],
    ) -> None:
        self.discord = discord
        self.folder = folder
        self.arguments = list(arguments)
        self.settings = dict(settings)
        self._redirect = redirect
        self._process: asyncio.subprocess.Process | None = None
        self.started = 0.0
        """When the present or latest run was started, in monotonic seconds."""
        self.log = folder / "bot.log"
        """Standard output and error of all runs, one after the other."""

    async def start(self, *, connected: bool = True) -> None:
        """Start the process; with `connected` wait until it listens on the gateway."""
        assert not self.running, "it runs already"
        inherited = {key: os.environ[key] for key in INHERITED if key in os.environ}
        path = os.pathsep.join([*self._redirect.path, str(ROOT)])
        explicit = {"PYTHONUNBUFFERED": "1", "PYTHONPATH": path, **self._redirect.environment}
        self.discord.gateway.forget()
        self.started = time.monotonic()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._redirect.prefix,
                sys.executable,
                *self.arguments,
                cwd=self.folder,
                env={**inherited, **explicit, **self.settings},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if connected:
            await self.discord.until(lambda: self.discord.gateway.connected or not self.running, 60)
            assert self.running, f"the bot ended at its start:\n{self.said()[-4000:]}"

    @property
    def running(self) -> bool:
        """True if the process is running."""
        return self._process is not None and self._process.returncode is None

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The process of the present or latest run."""
        assert self._process is not None, "it was never started"
        return self._process

    def children(self) -> list[psutil.Process]:
        """The processes that the bot has started, at any depth."""
        if not self.running:
            return []
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def generator(self) -> psutil.Process | None:
        """The process that paints, if one is there."""
        spawned = (c for c in self.children() if "spawn_main" in " ".join(_command_line(c)))
        return next(spawned, None)

    def kill(self) -> None:
        """End the bot as a power cut would, at this very instant; its children are left alone."""
        if self.running:
            os.kill(self.process.pid, signal.SIGKILL)

    def freeze(self) -> None:
        """Stop the bot where it stands: it receives, and does nothing about it."""
        if self.running:
            os.kill(self.process.pid, signal.SIGSTOP)

    async def ended(self, seconds: float = 30.0) -> int:
        """Wait for the process to end: its exit code, negative for a signal."""
        return await asyncio.wait_for(self.process.wait(), seconds)

    async def stop(self) -> int:
        """Ask the process to end, as a host does with Ctrl-C or `docker stop`."""
        if self.running:
            self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def killed(self) -> None:
        """Kill the process, wait until it is gone, and until its children have noticed."""
        children = self.children()
        self.kill()
        await self.ended()
        gone = await asyncio.to_thread(psutil.wait_procs, children, 20)
        assert not gone[1], f"these outlived the bot: {[_command_line(c) for c in gone[1]]}"

    def said(self) -> str:
        """Everything that all runs have printed."""
        return self.log.read_text() if self.log.exists() else ""


@asynccontextmanager
async def bot_process(
    discord: LoopbackDiscord,
    redirect: Redirect,
    folder: Path,
    *,
    arguments: Sequence[str],
    settings: Mapping[str, str],
) -> AsyncIterator[BotProcess]:
    """A bot that is not started yet; at the end nothing of it is left running."""
    bot = BotProcess(discord, redirect, folder, arguments=arguments, settings=settings)
    try:
        yield bot
    finally:
        left = bot.children()
        if bot.running:
            bot.process.kill()
            await bot.process.wait()
        for child in left:
            _end(child)
        print(f"--- what the bot said:\n{bot.said()}")  # shown when a test fails


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _end(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
