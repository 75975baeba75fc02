"""Drawing while a LoRA trains: rounds beside it, against rounds while it is paused.

The generator is a child process, as in the bot, and the rounds take turns.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image

from benchmarks.easel import Setting
from benchmarks.figures import CannotMeasure, Figure, compared
from generation.process.supervisor import Generator
from generation.protocol.events import Failed, Finished, Stage, TrainProgress
from generation.protocol.options import ModelCard
from generation.protocol.requests import Paint
from generation.protocol.training import Action, Checkpoints, Lora, Recipe, Train

NAME = "beside-training"
BESIDE, PAUSED = "while a LoRA trains", "while it is paused"
ALLOWED = 1.3
"""Multiple of a round's time that one beside a training may take, and one training step more."""
ENDLESS = 100_000
"""Steps of the training, which is cancelled in the end."""
EVERY = 25
"""Steps between its checkpoints, so that some fall into the rounds."""
ALONE = 20
"""Steps that are timed while nothing is painted."""


def measure(setting: Setting) -> Iterator[Figure]:
    """Measure `repeats` pairs of rounds, one beside the training and one while it is paused."""
    with tempfile.TemporaryDirectory(prefix="konomi-benchmark-") as folder:
        found = asyncio.run(_measured(setting, Path(folder)))
    beside, paused = [each.seconds for each in found.beside], found.paused
    yield compared(beside, paused, benchmark=NAME, case="a round", kind=BESIDE, baseline=PAUSED)
    late, idle = latest(beside), latest(paused)
    allowed = ALLOWED * idle + found.step
    yield compared(
        [late],
        [idle],
        benchmark=NAME,
        case="95 % of the rounds",
        kind=BESIDE,
        baseline=PAUSED,
        remark=f"allowed are 1.3 times as long and a step of {found.step:.3f} s: {allowed:.3f} s",
    )
    given = 1 - sum(paused) / sum(beside)
    alone = sum(each.steps for each in found.beside) * found.step / sum(beside)
    yield Figure(
        benchmark=NAME,
        case="training",
        kind="steps in a round",
        baseline=None,
        unit="steps",
        value=statistics.fmean(each.steps for each in found.beside),
        against=None,
        ratio=None,
        repeats=len(beside),
        remark=(
            f"{given:.1%} of a round's time goes to training; its steps alone, at the pace of one "
            f"while nothing is painted, make up {alone:.1%}"
        ),
    )


def latest(seconds: Sequence[float]) -> float:
    """Return the time that 95 % do not exceed, by nearest rank."""
    return sorted(seconds)[-(-95 * len(seconds) // 100) - 1]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """How long a round beside the training took, and its steps meanwhile."""

    seconds: float
    steps: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Rounds by kind, and the seconds of a training step while nothing is painted."""

    beside: list[Round]
    paused: list[float]
    step: float


class Training:
    """The training in the child: its steps as they are heard."""

    def __init__(self, generator: Generator, request: Train) -> None:
        self.steps: list[float] = []
        """When each was heard."""
        self._generator = generator
        self._request = request
        self._heard = asyncio.Event()
        self._last: object = None

    async def follow(self) -> None:
        """Hear the training until it is cancelled."""
        async for event in self._generator.submit(self._request):
            if isinstance(event, Failed):
                raise CannotMeasure(event.detail)
            if isinstance(event, TrainProgress) and event.stage is Stage.TRAINING:
                self.steps.append(time.monotonic())
            self._last = event
            self._heard.set()

    async def take(self, steps: int) -> None:
        """Wait for so many more steps."""
        before = len(self.steps)
        while len(self.steps) < before + steps:
            await self._next()

    async def pause(self) -> None:
        """Pause it, and wait until it is."""
        await self._generator.control(self._request.job, Action.PAUSE)
        while not (isinstance(self._last, TrainProgress) and self._last.stage is Stage.PAUSED):
            await self._next()

    async def resume(self) -> None:
        """Let it go on, and wait until it does."""
        await self._generator.control(self._request.job, Action.RESUME)
        await self.take(1)

    async def alone(self) -> float:
        """Return the median seconds of a step while nothing is painted."""
        await self.take(ALONE)
        return statistics.median(
            after - before for before, after in itertools.pairwise(self.steps[-ALONE:])
        )

    async def _next(self) -> None:
        self._heard.clear()
        await self._heard.wait()


async def _measured(setting: Setting, folder: Path) -> Found:
    async with Generator(setting.options) as generator:
        card = await generator.ready()
        requests = _rounds(setting, card, folder)
        async with _training(generator, _request(card, folder)) as training:
            await training.take(3)  # the first ones set libraries up
            step = await training.alone()
            beside, paused = [], []
            for turn in range(setting.repeats + 1):
                before, began = len(training.steps), time.monotonic()
                await _paint(generator, next(requests))
                seconds, steps = time.monotonic() - began, len(training.steps) - before
                await training.pause()
                began = time.monotonic()
                await _paint(generator, next(requests))
                if turn > 0:  # the first turn warms up
                    beside.append(Round(seconds=seconds, steps=steps))
                    paused.append(time.monotonic() - began)
                await training.resume()
            return Found(beside=beside, paused=paused, step=step)


@asynccontextmanager
async def _training(generator: Generator, request: Train) -> AsyncIterator[Training]:
    training = Training(generator, request)
    following = asyncio.create_task(training.follow())
    try:
        yield training
    finally:
        await generator.cancel(request.job)
        await following


async def _paint(generator: Generator, request: Paint) -> None:
    async for event in generator.submit(request):
        if isinstance(event, Failed):
            raise CannotMeasure(event.detail)
        if isinstance(event, Finished):
            return


def _rounds(setting: Setting, card: ModelCard, folder: Path) -> Iterator[Paint]:
    """Yield rounds with a prompt and seeds never used before."""
    for number in itertools.count():
        out = folder / f"round-{number}"
        out.mkdir()
        yield Paint(
            job=out.name,
            model=card.name,
            prompt=f"a red circle, {number}",
            seed=1000 * number,
            count=setting.pictures,
            steps=setting.steps,
            width=setting.size,
            height=setting.size,
            previews=False,
            out=out,
        )


def _request(card: ModelCard, folder: Path) -> Train:
    data, out = folder / "pictures", folder / "training"
    data.mkdir()
    out.mkdir()
    for colour in ("red", "green", "blue", "yellow"):
        Image.new("RGB", (card.width, card.height), colour).save(data / f"{colour}.png")
        (data / f"{colour}.txt").write_text(f"a {colour} picture", encoding="utf-8")
    return Train(
        job="training",
        model=card.name,
        method=Lora(),
        data=data,
        out=out,
        recipe=Recipe(steps=ENDLESS),
        checkpoints=Checkpoints(every=EVERY),
    )
