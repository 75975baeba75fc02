"""The engine under measurement, and requests without anything it could have cached."""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.timing import Watch
from generation.engine.engine import Engine
from generation.engine.session import PaintingFailed, open_engine
from generation.images.tensors import digest_of
from generation.models.model import Model
from generation.protocol.events import Event, Failed, Finished
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Feedback, Influence, Paint, Reference, Source

WINDOW = Feedback(start=0.0, end=0.5, influence=Influence.EACH, explore=0.0)
"""Feedback over the first half of the steps; a reference's weight does not depend on how many there
are, and every image reads all of them."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """Settings shared by all benchmarks: model and device, size of a round, repeats."""

    options: WorkerOptions
    steps: int = 20
    pictures: int = 4
    size: int | None = None
    """Pixels per side; None for the model's native size."""
    repeats: int = 7
    cpu_time: bool = False


class Easel:
    """A loaded model with its engine, and a source of requests for it."""

    def __init__(self, setting: Setting, model: Model, engine: Engine, folder: Path) -> None:
        self.setting = setting
        self.model = model
        self.engine = engine
        self.watch = Watch(model.device, cpu_time=setting.cpu_time)
        self.width = setting.size or model.card.width
        self.height = setting.size or model.card.height
        self._folder = folder
        self._numbers = itertools.count(1)

    def request(self, **changes: Any) -> Paint:
        """Return a request for a round with a prompt and seeds never used before.

        The engine caches encoded prompts; nothing that it is compared with does.
        """
        number = next(self._numbers)
        out = self._folder / str(number)
        out.mkdir()
        usual: dict[str, Any] = {
            "job": str(number),
            "model": self.setting.options.model,
            "prompt": f"a red circle, {number}",
            "negative_prompt": f"blue, {number}",
            "seed": 1000 * number,
            "count": self.setting.pictures,
            "steps": self.setting.steps,
            "width": self.width,
            "height": self.height,
            "feedback": WINDOW,
            "previews": False,
            "out": out,
        }
        return Paint(**(usual | changes))

    def reference(self, colour: str) -> Reference:
        """Return a reference never used before."""
        path = self._drawing(colour)
        return Reference(path=path, digest=digest_of(path.read_bytes()))

    def source(self, colour: str, strength: float = 0.6) -> Source:
        """Return a source image never used before."""
        path = self._drawing(colour)
        return Source(path=path, digest=digest_of(path.read_bytes()), strength=strength)

    def paint(
        self, requests: Sequence[Paint], heard: Callable[[Event], object] = lambda _: None
    ) -> dict[str, float]:
        """Run all requests, and whatever was begun before; return when each ended, by the watch.

        `heard` receives every event as it comes.  Raises PaintingFailed.
        """
        for request in requests:
            self.engine.begin(request)
        ended: dict[str, float] = {}
        while True:
            worked = self.engine.advance()
            for event in self.engine.take_events():
                heard(event)
                match event:
                    case Failed():
                        raise PaintingFailed(event)
                    case Finished(job=job):
                        ended[job] = self.watch.read()
            if not self.engine.busy:
                return ended
            if not worked:
                time.sleep(0)  # lets the writer's thread run, and polls again at once

    def _drawing(self, colour: str) -> Path:
        number = next(self._numbers)
        picture = Image.new("RGB", (self.width, self.height), colour)
        picture.putpixel((0, 0), (number % 256, number // 256 % 256, 0))  # makes its digest unique
        path = self._folder / f"{colour}-{number}.png"
        picture.save(path)
        return path


@contextmanager
def open_easel(setting: Setting) -> Iterator[Easel]:
    """Load the model like the worker, without its safety checker, whose time is not measured.

    Raises ModelUnavailable.
    """
    with (
        tempfile.TemporaryDirectory(prefix="konomi-benchmark-") as folder,
        open_engine(setting.options) as (model, engine),
    ):
        model.safety = None
        yield Easel(setting, model, engine, Path(folder))
