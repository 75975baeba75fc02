"""Measures a bot over hours of mixed use: memory, descriptors, answers.

    nice -n 10 python -m tests.wire.soak --minutes 120 --out soak.json

Members ask, rate, go on, look, upload, delete and cancel at a steady rate; connections drop and
Discord fails now and then.  The bot's process and its children are sampled from outside.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import psutil  # type: ignore[import-untyped]

from . import redirect
from .konomi import konomi_process, unfinished
from .mixed_use import Trouble, Use, forget
from .process import BotProcess
from .server import LoopbackDiscord

SAMPLE_SECONDS = 10.0
SETTINGS = {"progress_seconds": "2", "disk_limit_gb": "0.001", "retention_days": "1"}
"""Settings that bound the data folder: an hour's pictures are more than the limit of the disk."""
MIB = 1 << 20


class Sampler:
    """Looks at the bot's process and its children from outside."""

    def __init__(self, bot: BotProcess, use: Use) -> None:
        self.bot = bot
        self.use = use
        self.began = time.monotonic()
        self.samples: list[dict[str, Any]] = []

    def take(self) -> dict[str, Any]:
        """Measure once."""
        process = psutil.Process(self.bot.process.pid)
        memory = process.memory_full_info()
        generator, decoders = self.bot.generator(), list(self._decoders())
        data = self.bot.folder / "data"
        waited = [i.answered_after for i in self.use.interactions if i.answered_after is not None]
        late = [i for i in self.use.interactions if i.answered_after is None]
        self.use.interactions = [i for i in late if time.monotonic() - i.created < 60]
        sample = {
            "seconds": round(time.monotonic() - self.began, 1),
            "rss": memory.rss,
            "pss": memory.pss,
            "uss": memory.uss,
            "descriptors": process.num_fds(),
            "threads": process.num_threads(),
            "cpu_seconds": round(sum(process.cpu_times()[:2]), 1),
            "generator_rss": 0 if generator is None else generator.memory_info().rss,
            "generator_descriptors": 0 if generator is None else generator.num_fds(),
            "decoders": len(decoders),
            "decoders_rss": sum(decoders),
            "database": _size(data / "konomi.db"),
            "wal": _size(data / "konomi.db-wal"),
            "data": _size_of_all(data),
            "open_jobs": len(unfinished(self.bot.discord)),
            "answered": waited,
            "unanswered": len(late) - len(self.use.interactions),
            "gestures": self.use.done.total(),
        }
        self.samples.append(sample)
        return sample

    def _decoders(self) -> Iterator[int]:
        for child in self.bot.children():
            try:
                if "generation.images.sanitize" in child.cmdline():
                    yield child.memory_info().rss
            except psutil.Error:
                continue


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _size_of_all(folder: Path) -> int:
    """The size of all files below a folder, from which some may go meanwhile."""
    walked = os.walk(folder)
    return sum(_size(Path(parent, name)) for parent, _, names in walked for name in names)


async def soak(options: argparse.Namespace) -> dict[str, Any]:
    """Run a bot for so long, and return all that was sampled."""
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        certificates = redirect.certificates(Path(folder))
        discord = LoopbackDiscord(deadline=15.0)
        async with (
            discord.serving(tls=certificates.server, public=redirect.PUBLIC),
            konomi_process(discord, certificates, Path(folder), **SETTINGS) as bot,
        ):
            await bot.start()
            await discord.connected()
            use, trouble = Use(discord, chance), Trouble(discord, chance)
            sampler = Sampler(bot, use)
            await _use_for(options, bot, use, trouble, sampler)
            lines = [line for line in bot.said().splitlines() if "Traceback" in line]
            return {
                "minutes": options.minutes,
                "rate": options.rate,
                "settings": SETTINGS,
                "gestures": use.done,
                "missed": use.missed,
                "trouble": trouble.had,
                "tracebacks": len(lines),
                "samples": sampler.samples,
            }


async def _use_for(
    options: argparse.Namespace, bot: BotProcess, use: Use, trouble: Trouble, sampler: Sampler
) -> None:
    end = time.monotonic() + 60 * options.minutes
    sample_at = 0.0
    gestures: set[asyncio.Task[None]] = set()
    while time.monotonic() < end and bot.running:
        await asyncio.sleep(use.chance.expovariate(options.rate))
        gesture = asyncio.create_task(use.gesture())
        gestures.add(gesture)
        gesture.add_done_callback(gestures.discard)
        await trouble.maybe()
        if time.monotonic() >= sample_at:
            sample_at = time.monotonic() + SAMPLE_SECONDS
            sample = sampler.take()
            forget(use.discord)
            brief = {key: value for key, value in sample.items() if key != "answered"}
            print(json.dumps(brief), flush=True)
    await asyncio.gather(*gestures, return_exceptions=True)


def table(samples: Sequence[Mapping[str, Any]], minutes: float = 10) -> str:
    """The samples as a table in Markdown, a row for each so many minutes."""
    lines = [
        "| Minutes | gestures | RSS, mean (most), MiB | threads | descriptors, mean (most) "
        "| generator, MiB | database + WAL, MiB | open jobs, most | answers: p50, p99 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for begin in range(0, int(samples[-1]["seconds"]) + 1, int(60 * minutes)):
        part = [s for s in samples if begin <= s["seconds"] < begin + 60 * minutes]
        if not part:
            continue
        rss = [s["rss"] / MIB for s in part]
        descriptors = [s["descriptors"] for s in part]
        waits = sorted(wait for s in part for wait in s["answered"]) or [0.0]
        cells = [
            f"{begin // 60} to {(begin + 60 * minutes) // 60:.0f}",
            f"{part[-1]['gestures']:,}",
            f"{mean(rss):.1f} ({max(rss):.1f})",
            f"{mean(s['threads'] for s in part):.1f}",
            f"{mean(descriptors):.1f} ({max(descriptors)})",
            f"{mean(s['generator_rss'] for s in part) / MIB:.1f}",
            f"{part[-1]['database'] / MIB:.1f} + {part[-1]['wal'] / MIB:.1f}",
            f"{max(s['open_jobs'] for s in part)}",
            f"{waits[len(waits) // 2]:.2f}, {waits[int(0.99 * (len(waits) - 1))]:.2f} s",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    command = argparse.ArgumentParser(prog="python -m tests.wire.soak", description=__doc__)
    command.add_argument("--minutes", type=float, default=120)
    command.add_argument("--rate", type=float, default=1.5, help="gestures in a second")
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--out", type=Path, help="write what was sampled to this file")
    command.add_argument("--folder", type=Path, help="where the bot's data may lie meanwhile")
    return command


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one soak and write down what was sampled."""
    options = parser().parse_args(arguments)
    found = asyncio.run(soak(options))
    print(table(found["samples"]))
    if options.out is not None:
        options.out.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
