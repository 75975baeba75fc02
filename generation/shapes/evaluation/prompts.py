"""Measure prompt following, in English and Japanese, on new combinations of attributes too."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from generation.shapes import captions
from generation.shapes.captions import Language, caption
from generation.shapes.evaluation.easel import Easel, Painter, Setup, in_batches
from generation.shapes.evaluation.reading import ATTRIBUTES
from generation.shapes.scorers import Reading, read
from generation.shapes.world import SIDE, Scene, random_scene

LANGUAGES: tuple[Language, ...] = ("en", "ja")

BARS = {"colour": 0.95, "background": 0.95, "shape": 0.90, "fill": 0.85}
"""Least shares of English prompts that must be followed, by attribute."""
JAPANESE_WITHIN = 0.05
"""Greatest shortfall of Japanese prompts behind English ones, in any attribute with a minimum."""

BATCH = 16
"""Number of prompts in one batch."""

FRAME = 2
"""Width in pixels of the frame on the contact sheet: red where something is wrong."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PromptReading:
    """A scene that was asked for, and the reading of the generated image."""

    scene: Scene
    language: Language
    prompt: str
    picture: Image.Image
    reading: Reading

    def right(self, attribute: str) -> bool:
        """Return True if the image shows the attribute as asked; what cannot be read is wrong."""
        return bool(getattr(self.reading, attribute) == getattr(self.scene, attribute))

    @property
    def all_right(self) -> bool:
        """True if every attribute is right."""
        return all(map(self.right, ATTRIBUTES))


Column = Callable[[PromptReading], bool]
COLUMNS: dict[str, Column] = {
    "all": lambda answer: answer.language == "en",
    "seen": lambda answer: answer.language == "en" and not answer.scene.held_out,
    "held out": lambda answer: answer.language == "en" and answer.scene.held_out,
    "one object": lambda answer: answer.language == "en" and answer.scene.count == 1,
    "two objects": lambda answer: answer.language == "en" and answer.scene.count == 2,
    "Japanese": lambda answer: answer.language == "ja",
}
"""Filter of answers for each column of the table; the first five are English."""

Shares = dict[str, dict[str, float]]
"""Shares by attribute, then by column; a column without answers is left out."""


def prompt_scenes(count: int, seed: int) -> list[Scene]:
    """Draw scenes from a stream of their own; every other one is a held-out combination."""
    random = Random(f"prompts/{seed}")
    scenes: list[Scene] = []
    while len(scenes) < count:
        scene = random_scene(random)
        if scene.held_out == (len(scenes) % 2 == 1):
            scenes.append(scene)
    return scenes


def paint_answers(
    paint: Painter, folder: Path, *, setup: Setup, count: int, seed: int
) -> list[PromptReading]:
    """Generate every scene twice from one seed: prompted in English, then in Japanese."""
    easel = Easel(paint, setup, folder)
    asked = []
    for index, scene in enumerate(prompt_scenes(count, seed)):
        for language in LANGUAGES:
            words = Random(f"words/{seed}/{index}/{language}")
            prompt = caption(scene, captions.ATTRIBUTES, words, language)
            asked.append((scene, language, prompt, 1000 * (seed + 1) + index))
    answers = []
    for some in in_batches(asked, BATCH, "prompts"):
        pictures = easel.paint_each([(prompt, own) for _, _, prompt, own in some])
        for (scene, language, prompt, _), picture in zip(some, pictures, strict=True):
            answers.append(
                PromptReading(
                    scene=scene,
                    language=language,
                    prompt=prompt,
                    picture=picture.image,
                    reading=read(picture.image),
                )
            )
    return answers


def right_shares(answers: Sequence[PromptReading]) -> Shares:
    """Return the share of right answers, by attribute and column."""
    columns = {
        name: chosen
        for name, belongs in COLUMNS.items()
        if (chosen := [answer for answer in answers if belongs(answer)])
    }
    shares = {
        attribute: {
            name: sum(answer.right(attribute) for answer in chosen) / len(chosen)
            for name, chosen in columns.items()
        }
        for attribute in ATTRIBUTES
    }
    shares["all of them"] = {
        name: sum(answer.all_right for answer in chosen) / len(chosen)
        for name, chosen in columns.items()
    }
    return shares


def bars(shares: Shares) -> dict[str, bool]:
    """Return each criterion as a phrase, and whether it is met."""
    met = {
        f"{attribute} at least {least:.0%}": shares[attribute]["all"] >= least
        for attribute, least in BARS.items()
    }
    behind = max(shares[attribute]["all"] - shares[attribute]["Japanese"] for attribute in BARS)
    met[f"Japanese within {100 * JAPANESE_WITHIN:.0f} points"] = behind <= JAPANESE_WITHIN
    return met


def contact_sheet(
    answers: Sequence[PromptReading], *, most: int = 256, columns: int = 16
) -> Image.Image:
    """Draw the first images on one sheet, with those that have something wrong framed in red."""
    shown = answers[:most]
    step = SIDE + 2 * FRAME
    columns = min(columns, len(shown))
    sheet = Image.new("RGB", (columns * step, -(-len(shown) // columns) * step), "white")
    pen = ImageDraw.Draw(sheet)
    for index, answer in enumerate(shown):
        x, y = index % columns * step, index // columns * step
        if not answer.all_right:
            pen.rectangle((x, y, x + step - 1, y + step - 1), fill="red")
        sheet.paste(answer.picture, (x + FRAME, y + FRAME))
    return sheet
