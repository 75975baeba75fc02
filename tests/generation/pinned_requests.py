"""Requests of every kind whose pictures `pinned` pins, small and with few steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from generation.catalog.entries import ENLARGED, ENLARGING, RESTORED, RESTORING
from generation.images.tensors import digest_of
from generation.protocol.requests import (
    Axis,
    Box,
    Feedback,
    Filter,
    Imagic,
    Paint,
    Reference,
    Restoration,
    Source,
)
from generation.protocol.samplers import SCHEDULERS
from generation.requests.feedback import PRESETS, named_feedback

SHAPES, OPTIONS = "shapes", "shapes with other options"
TINY, VELOCITY, XL, SINGLE_FILE = "tiny", "tiny-velocity", "tiny-xl", "tiny.safetensors"
STRICT, LENIENT = "tiny-strict", "tiny-lenient"

LONG_PROMPT = "a large red star on a blue background, " * 12 + "(green:1.3) circle"
"""Several times as many tokens as a text encoder reads at once."""
FITTING = Imagic(embedding_steps=6, tuning_steps=5, rank=2, batch=2)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pinned:
    """Requests that a model is asked for together, by what they differ in from the usual one."""

    name: str
    model: str = SHAPES
    asked: Mapping[str, Any]
    beside: tuple[Mapping[str, Any], ...] = ()
    """Other requests that are painted in the same steps."""
    replayed: bool = False
    """True if its first picture is painted again from its file's record."""

    def requests(self, model: str, folder: Path) -> list[Paint]:
        """The requests, each with a folder of its own in `folder` to paint into."""
        requests = []
        for place, asked in enumerate((self.asked, *self.beside)):
            job = f"{self.name} {place}" if self.beside else self.name
            out = folder / job
            out.mkdir(parents=True)
            usual = {"prompt": "a red star", "count": 1, "steps": 4, "guidance": 2.0, "seed": 11}
            usual |= {"previews": False, "out": out}
            requests.append(Paint(job=job, model=model, **(usual | asked)))
        return requests


class Drawn:
    """The pictures that requests begin from and that steer, drawn alike every time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        circle = Image.new("RGB", (96, 96), (36, 84, 220))
        ImageDraw.Draw(circle).ellipse((20, 30, 70, 80), fill=(214, 32, 36))
        wide = Image.new("RGB", (150, 100), (240, 200, 40))
        ImageDraw.Draw(wide).polygon([(20, 90), (75, 10), (130, 90)], fill=(30, 140, 60))
        mask = Image.new("L", (96, 96))
        mask.paste(255, (16, 24, 60, 75))
        scratch = Image.new("L", (93, 106))
        scratch.paste(255, (40, 10, 43, 90))
        self.circle = self._save("circle", circle)
        self.wide = self._save("wide", wide)
        self.mask = self._save("mask", mask)
        self.black = self._save("black", Image.new("L", (96, 96)))
        self.damaged = self._save("damaged", damaged((93, 106)))
        self.scratch = self._save("scratch", scratch)
        self.small = self._save("small", damaged((60, 52)))

    def _save(self, name: str, picture: Image.Image) -> Path:
        path = self._folder / f"{name}.png"
        picture.save(path)
        return path

    def reference(self, path: Path, weight: float = 1.0, *, flagged: bool = False) -> Reference:
        """A rating of one of the pictures."""
        digest = digest_of(path.read_bytes())
        return Reference(path=path, digest=digest, weight=weight, flagged=flagged)

    def source(self, path: Path | None = None, **change: Any) -> Source:
        """One of the pictures to begin from, the circle if no other."""
        path = path or self.circle
        return Source(path=path, digest=digest_of(path.read_bytes()), **change)

    def rated(self) -> dict[str, Any]:
        """Two likes of different weights and a dislike."""
        return {
            "liked": (self.reference(self.circle), self.reference(self.wide, 0.5)),
            "disliked": (self.reference(self.damaged, 0.7),),
        }


def damaged(size: tuple[int, int]) -> Image.Image:
    """A soft ramp with a white scratch and specks that look like noise."""
    picture = Image.new("RGB", size)
    width, height = size
    for x in range(width):
        for y in range(height):
            speck = (x * 37 + y * 91 + x * y * 13) % 29 - 14
            picture.putpixel((x, y), (60 + x + speck, 200 - y + speck, 90 + (x + y) // 2 - speck))
    picture.paste((255, 255, 255), (width * 40 // 93, 10, width * 43 // 93, height - 16))
    return picture


def pinned_requests(drawn: Drawn) -> Iterator[Pinned]:
    """All of them, those of one model in a row."""
    yield from of_text()
    yield from of_schedulers()
    yield from of_feedback(drawn)
    yield from of_sources(drawn)
    yield from of_parts(drawn)
    yield from of_edits(drawn)
    yield from of_fitted_models(drawn)
    yield from of_repairs(drawn)
    yield from of_comparisons(drawn)
    yield from in_batches(drawn)
    yield from refused(drawn)
    yield Pinned(name="other options", model=OPTIONS, asked=drawn.rated() | {"count": 2})
    size = {"width": 128, "height": 112}
    yield Pinned(name="other options, large", model=OPTIONS, asked=size)
    yield from of_families(drawn)
    yield from of_filters(drawn)


def of_text() -> Iterator[Pinned]:
    yield Pinned(name="text", asked={"count": 4, "steps": 8}, replayed=True)
    yield Pinned(name="text, weighted", asked={"prompt": "a ((red)) star on [blue] (green:0.4)"})
    yield Pinned(
        name="text, alternatives", asked={"prompt": "a {red|blue|green} {star|circle}", "count": 3}
    )
    negative = {"negative_prompt": "a (green:1.2) circle", "guidance": 5.0}
    yield Pinned(name="text, negative", asked=negative)
    yield Pinned(name="text, long", asked={"prompt": LONG_PROMPT, "negative_prompt": LONG_PROMPT})
    yield Pinned(name="text, unguided", asked={"guidance": 1.0, "prompt": ""})
    yield Pinned(name="text, other size", asked={"width": 128, "height": 80, "count": 2})
    yield Pinned(name="text, aspect", asked={"aspect": 1.5})
    yield Pinned(name="text, grid", asked={"count": 5, "steps": 3, "grid": True})
    yield Pinned(name="text, preview", asked={"count": 3, "steps": 8, "previews": True})


def of_schedulers() -> Iterator[Pinned]:
    for scheduler in SCHEDULERS:
        asked = {"scheduler": scheduler, "steps": 6, "seed": 5}
        yield Pinned(name=f"scheduler {scheduler}", asked=asked)


def of_feedback(drawn: Drawn) -> Iterator[Pinned]:
    rated = drawn.rated() | {"steps": 6}
    for preset in PRESETS:
        feedback = named_feedback(preset, SHAPES)
        yield Pinned(name=f"feedback {preset}", asked=rated | {"feedback": feedback, "count": 4})
    settings = {
        "dropped prompt": Feedback(drop=1.0, explore=0.0),
        "all explore": Feedback(explore=1.0, explore_guidance=0.5, explore_avoid=1.0),
        "floor": Feedback(start=0.3, end=0.7, strength=0.5, floor=0.2, dislike_end=0.5),
        "off": Feedback(strength=0.0, floor=0.0),
    }
    for name, feedback in settings.items():
        asked = rated | {"feedback": feedback, "count": 2}
        yield Pinned(name=f"feedback, {name}", asked=asked, replayed=name == "floor")
    yield Pinned(name="feedback, likes", asked={"liked": rated["liked"], "count": 4})
    yield Pinned(name="feedback, dislikes", asked={"disliked": rated["disliked"], "count": 2})
    masked = {"source": drawn.source(mask=drawn.mask, strength=0.9), "width": 96, "height": 96}
    yield Pinned(name="feedback, masked", asked=rated | masked, replayed=True)


def of_sources(drawn: Drawn) -> Iterator[Pinned]:
    for strength in (0.3, 0.6, 1.0):
        asked = {"source": drawn.source(drawn.wide, strength=strength), "steps": 6}
        yield Pinned(name=f"source {strength:g}", asked=asked, replayed=strength == 0.6)
    asked = {"source": drawn.source(strength=0.5), "steps": 6, "count": 4}
    yield Pinned(name="source, varied in four", asked=drawn.rated() | asked)


def of_parts(drawn: Drawn) -> Iterator[Pinned]:
    inpaint = {"source": drawn.source(mask=drawn.mask, strength=0.8), "count": 2}
    yield Pinned(name="inpaint", asked=inpaint)
    for scheduler in ("ddim", "heun", "dpmpp_2m_karras"):
        yield Pinned(name=f"inpaint {scheduler}", asked=inpaint | {"scheduler": scheduler})
    corner = Box(left=0.5, top=0.0, right=1.0, bottom=0.4)
    strip = Box(left=0.0, top=0.8, right=1.0, bottom=1.0)
    anew = drawn.source(anew=(corner, strip), strength=1.0)
    yield Pinned(name="painted anew in boxes", asked={"source": anew})
    inside = Box(left=0.2, top=0.1, right=0.9, bottom=0.75)
    within = drawn.source(drawn.wide, within=inside, strength=1.0)
    yield Pinned(name="outpaint", asked={"source": within, "steps": 5}, replayed=True)
    both = drawn.source(within=inside, anew=(corner,), mask=drawn.mask, strength=0.7)
    yield Pinned(name="outpaint, all parts", asked={"source": both, "width": 128, "height": 96})


def of_edits(drawn: Drawn) -> Iterator[Pinned]:
    words = {"prompt": "make the circle green", "source": drawn.source()}
    for obey, keep in ((2.0, 1.5), (6.0, 1.0), (1.0, 2.5)):
        asked = words | {"guidance": obey, "image_guidance": keep}
        name = f"edit, obey {obey:g} keep {keep:g}"
        yield Pinned(name=name, asked=asked, replayed=obey == 2.0)
    asked = words | {"image_guidance": 1.5, "varied": True, "count": 3}
    yield Pinned(name="edit, varied", asked=asked)
    masked = words | {"image_guidance": 1.5, "source": drawn.source(mask=drawn.mask)}
    yield Pinned(name="edit, masked and steered", asked=masked | drawn.rated())


def of_fitted_models(drawn: Drawn) -> Iterator[Pinned]:
    asked = {"prompt": "a blue circle", "source": drawn.source(), "imagic": FITTING}
    yield Pinned(name="imagic", asked=asked | {"eta": 0.8, "count": 2}, replayed=True)
    etas = Axis(parameter="eta", values=(0.5, 0.7, 0.9))
    yield Pinned(name="imagic along eta", asked=asked | {"axes": (etas,), "count": 3})


def of_repairs(drawn: Drawn) -> Iterator[Pinned]:
    usual = dataclasses.asdict(RESTORING) | {"prompt": "", "tiled": True}

    def source(path: Path, **change: Any) -> Source:
        return drawn.source(path, strength=RESTORED, **change)

    repairs = {
        "restore": source(drawn.damaged, mend=Restoration(noise=None)),
        "restore, masked": source(drawn.damaged, mend=Restoration(), mask=drawn.scratch),
        "restore, scratches found": source(
            drawn.damaged, mend=Restoration(noise=0.05, scratches=True)
        ),
        "restore, twice as large": source(drawn.small, mend=Restoration(noise=None), times=2),
    }
    for name, repaired in repairs.items():
        yield Pinned(name=name, asked=usual | {"source": repaired}, replayed="masked" in name)
    large = dataclasses.asdict(ENLARGING) | {"tiled": True}
    enlarged = drawn.source(drawn.wide, strength=ENLARGED, times=2)
    yield Pinned(name="upscale", asked=large | {"source": enlarged})
    steered = {"source": drawn.source(strength=0.3, times=2), "guidance": 2.0, "steps": 8}
    yield Pinned(name="upscale, steered", asked=large | drawn.rated() | steered)


def of_comparisons(drawn: Drawn) -> Iterator[Pinned]:
    strength = Axis(parameter="feedback_strength", values=(0, 1.5), label="強さ")
    words = {"prompt": "make the circle green", "source": drawn.source(), "image_guidance": 1.5}
    sets: dict[str, tuple[dict[str, Any], tuple[Axis, ...]]] = {
        "steps, guidance": (
            {},
            (
                Axis(parameter="steps", values=(2, 4), label="Steps"),
                Axis(parameter="guidance", values=(1.0, 2.5, 6)),
            ),
        ),
        "scheduler, prompt": (
            {},
            (
                Axis(parameter="scheduler", values=("euler_a", "ddim", "dpmpp_2m_karras")),
                Axis(parameter="prompt", values=("red", "blue")),
            ),
        ),
        "seed, strength": (drawn.rated(), (Axis(parameter="seed", values=(3, 7)), strength)),
        "window": (
            drawn.rated(),
            (
                Axis(parameter="feedback_start", values=(0.0, 0.3)),
                Axis(parameter="feedback_end", values=(0.5, 1.0)),
            ),
        ),
        "source": (
            {"source": drawn.source()},
            (Axis(parameter="source_strength", values=(0.3, 0.8)),),
        ),
        "keep": (words, (Axis(parameter="image_guidance", values=(1.2, 2.0)),)),
    }
    for name, (asked, axes) in sets.items():
        count = len(axes[0].values) * (len(axes[1].values) if len(axes) > 1 else 1)
        yield Pinned(name=f"compare {name}", asked=asked | {"axes": axes, "count": count})


def in_batches(drawn: Drawn) -> Iterator[Pinned]:
    steered = drawn.rated() | {"prompt": "a blue circle", "steps": 5}
    edited = {"prompt": "make it green", "source": drawn.source(), "image_guidance": 1.5}
    yield Pinned(
        name="company", asked={"count": 2}, beside=(steered, {"scheduler": "heun", "seed": 3})
    )
    fitted = {"prompt": "a blue circle", "source": drawn.source(), "imagic": FITTING}
    yield Pinned(name="company of others", asked=edited, beside=(fitted, {"width": 128}))


def refused(drawn: Drawn) -> Iterator[Pinned]:
    wrong: dict[str, dict[str, Any]] = {
        "steps": {"steps": 0},
        "size": {"width": 2000, "height": 2000},
        "odd size": {"width": 101},
        "scheduler": {"scheduler": "none"},
        "strength": {"source": drawn.source(strength=0.01)},
        "braces": {"prompt": "{a|b}" * 30},
        "window": {"feedback": Feedback(start=0.8, end=0.2)},
        "black mask": {"source": drawn.source(mask=drawn.black)},
        "missing picture": {"source": Source(path=Path("no-such.png"), digest="")},
        "another picture": {"source": dataclasses.replace(drawn.source(), path=drawn.wide)},
        "instruction": {"source": drawn.source(), "image_guidance": 1.5, "prompt": " "},
    }
    for name, asked in wrong.items():
        yield Pinned(name=f"refused {name}", asked=asked)


def of_families(drawn: Drawn) -> Iterator[Pinned]:
    for model in (TINY, VELOCITY, XL):
        yield Pinned(name=f"{model} text", model=model, asked={"count": 2, "guidance": 6.0})
        yield Pinned(name=f"{model} steered", model=model, asked=drawn.rated() | {"count": 2})
        source = drawn.source(mask=drawn.mask, strength=0.7)
        yield Pinned(name=f"{model} inpaint", model=model, asked={"source": source})
        upscale = {"source": drawn.source(times=2, strength=0.5), "tiled": True}
        yield Pinned(name=f"{model} upscale", model=model, asked=upscale)
        words = {"prompt": LONG_PROMPT, "negative_prompt": "b", "aspect": 0.7}
        yield Pinned(name=f"{model} long prompt", model=model, asked=words)
        if model == TINY:
            edited = {"source": drawn.source(), "image_guidance": 1.5, "prompt": "make it blue"}
            yield Pinned(name=f"{model} edit", model=model, asked=edited)
    yield Pinned(name="single file", model=SINGLE_FILE, asked={"count": 2}, replayed=True)


def of_filters(drawn: Drawn) -> Iterator[Pinned]:
    flagged = {"liked": (drawn.reference(drawn.circle, flagged=True),), "previews": True}
    for model in (STRICT, LENIENT):
        for kept in Filter:
            asked = flagged | {"filter": kept, "count": 2, "steps": 8, "grid": True}
            yield Pinned(name=f"{model} filter {kept.value}", model=model, asked=asked)
