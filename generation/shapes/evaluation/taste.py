"""The study of trained tastes: do pictures of new prompts show more of what a member likes?

Simulated members with hidden favourites rate rounds of pictures.  A LoRA is trained on the ratings
by each objective, and paints prompts that none of the rounds had.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from generation.catalog.entries import usual, usual_feedback
from generation.catalog.files import locate
from generation.engine.session import LocalEngine
from generation.images.tensors import digest_of
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Adapter, Paint, Reference
from generation.protocol.training import Checkpoints, Objective, Recipe, Taste, Train
from generation.shapes.evaluation.easel import PLAIN, Setup, painter, unchecked_engine
from generation.shapes.evaluation.favourites import Favourite, preference
from generation.shapes.evaluation.similarity import Embedder, clip_embedder, diversity
from generation.shapes.evaluation.taste_rounds import (
    BATCH,
    NAMED,
    TasteRound,
    paint_rounds,
    rate_rounds,
    rounds,
)
from generation.shapes.scorers import read
from generation.training.controls import Controls
from generation.training.run import run

MEMBERS: dict[str, tuple[Favourite, ...]] = {
    "choose": (Favourite(colour="orange"), Favourite(colour="green"), Favourite(fill="striped")),
    "report": (
        Favourite(colour="yellow"),
        Favourite(fill="dotted"),
        Favourite(colour="purple"),
        Favourite(colour="blue"),
        Favourite(colour="pink"),
        Favourite(colour="black"),
    ),
}
"""Favourites of the members in each half: settings are chosen on one and reported on the other."""
NEW = 1000
"""Added to the study's seed for the prompts that the trained LoRA paints."""

USUAL = Setup(guidance=usual("shapes").guidance)
RECIPE = Recipe(steps=100, batch=8, rate=5e-4)
PLAIN_RATE = 1e-3
"""Learning rate of plain LoRA, which has no reference model to stay close to."""
BETA = 100.0
LONGER = 1.5
"""Steps of plain LoRA in the time that the others take for one, which run the base beside it."""
OBJECTIVES = {
    "liked": Objective.LIKED,
    "kto": Objective.KTO,
    "pairs": Objective.PAIRS,
    "prior-pairs": Objective.PRIOR_PAIRS,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class TastePlan:
    """Members, rounds and settings of one study."""

    half: str = "report"
    count: int = 6
    rounds: int = 160
    likes: int = 40
    prompts: int = 6
    seed: int = 0
    rounds_setup: Setup = USUAL
    setup: Setup = USUAL
    """Of the pictures that are measured."""
    recipe: Recipe = RECIPE
    plain_rate: float = PLAIN_RATE
    beta: float = BETA
    objectives: Sequence[str] = tuple(OBJECTIVES)
    together: str = "liked"
    """The objective whose LoRA is tried together with likes; empty for none."""

    def about(self) -> dict[str, Any]:
        """Return everything that the figures depend on, in JSON types."""
        values = dataclasses.asdict(self)
        recipe = {name: str(value) for name, value in values["recipe"].items()}
        return {**values, "recipe": recipe}

    def new_prompts(self, favourite: Favourite) -> list[TasteRound]:
        """Return the prompts to be measured on, which can show the favourite."""
        fitting = (each for each in rounds(1000, seed=self.seed + NEW) if each.suits(favourite))
        return [each for each, _ in zip(fitting, range(self.prompts), strict=False)]


def study_taste(plan: TastePlan, options: WorkerOptions, out: Path) -> list[dict[str, Any]]:
    """Run what is missing of a study in `out`, and return all its measurements."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "study.json").write_text(json.dumps(plan.about(), indent=2) + "\n", encoding="utf-8")
    embed = clip_embedder(locate(options.model))
    chosen = list(rounds(plan.rounds, seed=plan.seed))
    with unchecked_engine(options) as engine:
        paint_rounds(painter(engine), plan.rounds_setup, out / "rounds", chosen)
        for favourite in MEMBERS[plan.half][: plan.count]:
            data = out / "ratings" / str(favourite)
            if not (data / "metadata.jsonl").exists():
                rate_rounds(out / "rounds", chosen, favourite, most=plan.likes, out=data)
            TasteTrial(plan, engine, embed, favourite, out).play()
    return measurements(out)


def measurements(out: Path) -> list[dict[str, Any]]:
    """Return what has been measured so far, one row a member and arm."""
    file = out / "measured.jsonl"
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


class TasteTrial:
    """One member: trains on their ratings by each objective, and measures what is painted."""

    def __init__(
        self,
        plan: TastePlan,
        engine: LocalEngine,
        embed: Embedder,
        favourite: Favourite,
        out: Path,
    ) -> None:
        self._plan = plan
        self._engine = engine
        self._embed = embed
        self._favourite = favourite
        self._out = out
        self._prompts = plan.new_prompts(favourite)
        self._done = {
            row["arm"] for row in measurements(out) if row["member"] == str(self._favourite)
        }

    def play(self) -> None:
        """Measure every arm that is not measured yet."""
        plan = self._plan
        self._measure("no feedback", None)
        for name in plan.objectives:
            arms = [name]
            if OBJECTIVES[name] is Objective.LIKED:
                arms.append("liked, as long")
            if self._done.issuperset(arms):
                continue
            files, seconds = self._train(name)
            for arm, file in zip(arms, files, strict=True):
                self._measure(arm, file, seconds=seconds)
        if plan.together:
            files, _ = self._train(plan.together)
            self._measure("likes", None, liked=True)
            self._measure("trained and likes", files[0], liked=True)

    def _train(self, name: str) -> tuple[list[Path], float]:
        """Train by an objective; return its checkpoints' files, and the CPU seconds that it took.

        Plain LoRA goes on to a second checkpoint, after as much time as the others take.
        """
        plan, recipe = self._plan, self._plan.recipe
        steps = [recipe.steps or 0]
        if OBJECTIVES[name] is Objective.LIKED:
            recipe = dataclasses.replace(recipe, rate=plan.plain_rate)
            steps.append(round(LONGER * steps[0]))
        out = self._out / "trained" / str(self._favourite) / name
        out.mkdir(parents=True, exist_ok=True)
        request = Train(
            job=name,
            model=plan.setup.model,
            method=Taste(objective=OBJECTIVES[name], beta=plan.beta),
            data=self._out / "ratings" / str(self._favourite),
            out=out,
            recipe=dataclasses.replace(recipe, steps=steps[-1]),
            checkpoints=Checkpoints(every=steps[0], prompts=("",), sample_steps=1),
        )
        began = time.process_time()
        for _ in run(self._engine.model, request, Controls()):
            pass
        seconds = time.process_time() - began
        folders = (out / "checkpoints" / f"step-{step:06}" for step in steps)
        return [folder / "adapter.safetensors" for folder in folders], seconds

    def _measure(
        self, arm: str, file: Path | None, *, seconds: float = 0.0, liked: bool = False
    ) -> None:
        """Paint the new prompts, and write down what is seen."""
        if arm in self._done:
            return
        adapters = () if file is None else (_adapter(file),)
        with TemporaryDirectory() as scratch:
            folder = Path(scratch)
            pictures = self._paint(folder / "1", adapters)
            if liked:
                pictures = self._paint(folder / "2", adapters, steered_by=pictures)
            images = [[_opened(path) for path in group] for group in pictures]
        sheet = Image.new("RGB", (96 * len(images), 96))
        for place, group in enumerate(images):
            sheet.paste(group[0], (96 * place, 0))
        sheets = self._out / "sheets"
        sheets.mkdir(exist_ok=True)
        sheet.save(sheets / f"{self._favourite}, {arm}.png")
        row = {"member": str(self._favourite), "arm": arm, "seconds": round(seconds, 1)}
        row |= self._seen(images)
        with (self._out / "measured.jsonl").open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row) + "\n")
        print(json.dumps(row), file=sys.stderr, flush=True)

    def _paint(
        self,
        folder: Path,
        adapters: tuple[Adapter, ...],
        steered_by: Sequence[Sequence[Path]] = (),
    ) -> list[list[Path]]:
        """Paint a round of each prompt; if it is steered, by the best and worst of the one before.

        Rounds that are not steered have the same seeds in every arm, and steered ones others.
        """
        setup, requests = self._plan.setup, []
        for place, each in enumerate(self._prompts):
            own = folder / f"{place}"
            own.mkdir(parents=True)
            request = Paint(
                job=f"{place}",
                model=setup.model,
                prompt=each.prompt,
                count=BATCH,
                seed=each.seed + (BATCH * 1000 if steered_by else 0),
                steps=setup.steps,
                guidance=setup.guidance,
                scheduler=setup.scheduler,
                feedback=PLAIN,
                adapters=adapters,
                previews=False,
                out=own,
            )
            if steered_by:
                ranked = sorted(steered_by[place], key=self._preference)
                request = dataclasses.replace(
                    request,
                    liked=(_reference(ranked[-1]),),
                    disliked=(_reference(ranked[0]),),
                    feedback=usual_feedback(setup.model),
                )
            requests.append(request)
        finished = self._engine.paint_together(requests)
        return [[each.path for each in one.pictures if each.path] for one in finished]

    def _preference(self, path: Path) -> float:
        return preference(_opened(path), self._favourite)

    def _seen(self, images: Sequence[Sequence[Image.Image]]) -> dict[str, float]:
        """Return the means over all pictures of what is measured."""
        shown: list[float] = []
        named: list[float] = []
        liking: list[float] = []
        varied: list[float] = []
        for each, group in zip(self._prompts, images, strict=True):
            varied.append(diversity(self._embed(group)))
            for image in group:
                reading = read(image)
                shown.append(self._favourite.shown_by(reading))
                liking.append(preference(image, self._favourite))
                named += [getattr(reading, name) == getattr(each.scene, name) for name in NAMED]
        means = {"favourite": shown, "preference": liking, "named": named, "diversity": varied}
        return {name: round(fmean(values), 4) for name, values in means.items()}


def _adapter(file: Path) -> Adapter:
    return Adapter(path=file, digest=digest_of(file.read_bytes()), name="taste")


def _reference(path: Path) -> Reference:
    return Reference(path=path, digest=digest_of(path.read_bytes()))


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")
