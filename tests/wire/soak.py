"""Measures a bot over hours of mixed use: memory, descriptors, answers.

    nice -n 10 python -m tests.wire.soak --minutes 120 --out soak.json

Members ask, rate, go on, look, upload, delete and cancel at a steady rate; connections drop and
Discord fails now and then.  The bot's process and its children are sampled from outside.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import io
import json
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from PIL import Image

from . import redirect
from .konomi import konomi_process, rounds, unfinished
from .objects import EPHEMERAL, JSON
from .people import Person, buttons, custom_ids
from .process import BotProcess
from .server import LoopbackDiscord
from .state import Interaction

SAMPLE_SECONDS = 10.0
FAULT_SECONDS = 45.0
DROP_SECONDS = 240.0
INVALID_SECONDS = 1500.0
KEPT_CALLS = 2000
KEPT_MESSAGES = 400
SETTINGS = {"progress_seconds": "2", "disk_limit_gb": "0.001", "retention_days": "1"}
"""Settings that bound the data folder: an hour's pictures are more than the limit of the disk."""
NUMBERS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "👍", "👎", "❤️", "✏️")
WORDS = ("a red star", "a blue ring", "a green hill", "a moon over water", "two yellow crosses")
MIB = 1 << 20


class Use:
    """Members' gestures, each chosen at random among those that are possible now."""

    def __init__(self, discord: LoopbackDiscord, chance: random.Random) -> None:
        self.discord = discord
        self.chance = chance
        self.done: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        """Gestures that nobody could make, since there was nothing to make them on."""
        self.interactions: list[Interaction] = []
        self._panels: list[tuple[Person, JSON]] = []
        self._weights: dict[Callable[[], Awaitable[bool]], float] = {
            self.imagine: 16,
            self.rate: 24,
            self.react: 14,
            self.go_on: 6,
            self.look: 12,
            self.use_panel: 6,
            self.upload: 6,
            self.upload_broken: 1,
            self.queue: 4,
            self.cancel: 3,
            self.delete: 5,
            self.mention: 3,
            self.whisper: 1,
            self.chat: 6,
            self.read: 2,
        }

    async def gesture(self) -> None:
        """Make one gesture."""
        (act,) = self.chance.choices(list(self._weights), list(self._weights.values()))
        name = getattr(act, "__name__", "")
        try:
            possible = await act()
        except AssertionError:  # What they were about to press has just gone or changed.
            possible = False
        (self.done if possible else self.missed)[name] += 1

    async def imagine(self) -> bool:
        options = {"prompt": self._words(), "count": self.chance.randint(1, 4)}
        return await self._slash("imagine", **options)

    async def rate(self) -> bool:
        return await self._press(self.chance.choice(["like", "like", "dislike"]))

    async def go_on(self) -> bool:
        return await self._press(self.chance.choice(["next", "next", "next", "plain", "reset"]))

    async def delete(self) -> bool:
        return await self._press("delete", owned=True)

    async def look(self) -> bool:
        found = self._round("more")
        if found is None:
            return False
        message, owner = found
        shown = await self._pressed(owner, message, self.chance.choice(buttons(message, "more")))
        await self.discord.answer(shown, 60)
        if page := self.discord.state.messages.get(shown.original or ""):
            self._panels = [*self._panels[-20:], (owner, page)]
        return True

    async def use_panel(self) -> bool:
        if not self._panels:
            return False
        person, panel = self.chance.choice(self._panels)
        verbs = ("vary-subtle", "restyle", "edit", "back", "upscale-2", "extend-up", "repaint")
        found = [c for c in custom_ids(panel) if c.split(":")[0] in verbs]
        if not found:
            return False
        chosen = self.chance.choice(found)
        shown = await self._pressed(person, panel, chosen)
        answer = await self.discord.answer(shown, 60)
        # Half of those who open a form close it again.
        if answer["type"] == 9 and self.chance.random() < 0.5:
            values = {"prompt": self._words(), "instruction": "make it blue", "keep": "1.5"}
            self.interactions.append(await person.submit(shown, values, message=panel))
        return True

    async def upload(self) -> bool:
        name, option = self.chance.choice([("restyle", "prompt"), ("edit", "instruction")])
        files = {"picture": ("photo.jpg", self._photo(), "image/jpeg")}
        return await self._slash(name, files=files, **{option: "make it blue"})

    async def upload_broken(self) -> bool:
        files = {"picture": ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(5000), "image/png")}
        return await self._slash("restyle", files=files, prompt="a red star")

    async def queue(self) -> bool:
        return await self._slash("queue")

    async def read(self) -> bool:
        return await self._slash(self.chance.choice(["help", "about"]))

    async def cancel(self) -> bool:
        waiting = unfinished(self.discord)
        found = [m for m in waiting if buttons(m, "cancel")]
        if not found:
            return False
        message = self.chance.choice(found)
        await self._pressed(self._owner(message), message, buttons(message, "cancel")[0])
        return True

    async def mention(self) -> bool:
        await self._person().mention(self._words())
        return True

    async def whisper(self) -> bool:
        await self._person().whisper(self._words())
        return True

    async def chat(self) -> bool:
        await self._person().say("lovely weather " * self.chance.randint(1, 40))
        return True

    async def react(self) -> bool:
        found = self._round("like")
        if found is None:
            return False
        person, emoji = self._person(), self.chance.choice(NUMBERS)
        await person.react(found[0], emoji)
        if self.chance.random() < 0.3:
            await person.unreact(found[0], emoji)
        return True

    async def _slash(self, name: str, **options: Any) -> bool:
        self.interactions.append(await self._person().slash(name, **options))
        return True

    async def _press(self, verb: str, *, owned: bool = False) -> bool:
        found = self._round(verb)
        if found is None:
            return False
        message, owner = found
        person = owner if owned else self._person()
        await self._pressed(person, message, self.chance.choice(buttons(message, verb)))
        return True

    async def _pressed(self, person: Person, message: JSON, custom_id: str) -> Interaction:
        self.interactions.append(await person.press(message, custom_id))
        return self.interactions[-1]

    def _round(self, verb: str) -> tuple[JSON, Person] | None:
        """A recent round with a button of this verb, and whose it is."""
        recent = [m for m in rounds(self.discord)[-12:] if buttons(m, verb)]
        if not recent:
            return None
        message = self.chance.choice(recent)
        return message, self._owner(message)

    def _owner(self, message: JSON) -> Person:
        """Whose request a message answers; anybody, where it does not say."""
        asked = (message.get("interaction_metadata") or {}).get("user", {}).get("username")
        return self.discord.person(asked) if asked else self._person()

    def _person(self) -> Person:
        person = self.chance.choice(self.discord.people)
        person.locale = self.chance.choice(["en-US", "en-GB", "ja"])
        return person

    def _words(self) -> str:
        return f"{self.chance.choice(WORDS)} {self.chance.randrange(10_000)}"

    def _photo(self) -> bytes:
        side = self.chance.choice([64, 400, 1200])
        noise = Image.frombytes("RGB", (40, 30), self.chance.randbytes(3600))
        file = io.BytesIO()
        noise.resize((side, side * 3 // 4)).save(file, "JPEG")
        return file.getvalue()


@dataclasses.dataclass
class Trouble:
    """The faults that Discord has now and then, each at its next time."""

    discord: LoopbackDiscord
    chance: random.Random
    due: dict[str, float] = dataclasses.field(default_factory=dict)
    had: Counter[str] = dataclasses.field(default_factory=Counter)

    async def maybe(self) -> None:
        """Let whatever is due go wrong."""
        for name, every, act in (
            ("fault", FAULT_SECONDS, self._fault),
            ("dropped connection", DROP_SECONDS, self.discord.gateway.drop),
            ("lost session", INVALID_SECONDS, self.discord.gateway.invalidate),
        ):
            now = time.monotonic()
            if now < self.due.setdefault(name, now + every):
                continue
            self.due[name] = now + every * self.chance.uniform(0.5, 1.5)
            self.had[name] += 1
            await act()

    async def _fault(self) -> None:
        faults = self.discord.faults
        match self.chance.randrange(4):
            case 0:
                faults.answer("PATCH /channels/", 503)
            case 1:
                faults.answer("POST /channels/.*/messages$", 503)
            case 2:
                faults.limit_once("PATCH /channels/", 1.0)
            case 3:
                faults.lose_answer("PATCH /channels/")


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


def forget(discord: LoopbackDiscord) -> None:
    """Let the loopback forget what is long past, as it is not what is measured."""
    state = discord.state
    del discord.rest.calls[:-KEPT_CALLS]
    del discord.rest.fetched[:-KEPT_CALLS]
    for session in discord.gateway.sessions.values():
        del session.sent[:-KEPT_CALLS]
    del discord.gateway.heard[:-KEPT_CALLS]
    now = time.monotonic()
    for token, interaction in list(state.interactions.items()):
        if now - interaction.created > 900:
            del state.interactions[token]
    shown = [key for key, m in state.messages.items() if not m["flags"] & EPHEMERAL]
    private = [key for key, m in state.messages.items() if m["flags"] & EPHEMERAL]
    waiting = {m["id"] for m in unfinished(discord)}
    for key in (*shown[:-KEPT_MESSAGES], *private[:-KEPT_MESSAGES]):
        if key not in waiting:
            del state.messages[key]
            state.attachments.pop(key, None)
            state.reactions.pop(key, None)
    for path in list(state.files)[: -4 * KEPT_MESSAGES]:
        del state.files[path]


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
    if options.out is not None:
        options.out.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
