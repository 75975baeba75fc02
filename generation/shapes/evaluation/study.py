"""The study of likes: assign arms to trials, generate what is missing, write the report."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from torch.multiprocessing.spawn import spawn

from generation.catalog.entries import public_name
from generation.catalog.files import locate
from generation.protocol.options import WorkerOptions
from generation.shapes.evaluation import plots, tables
from generation.shapes.evaluation.arms import MAIN, TOPICS, Arm
from generation.shapes.evaluation.easel import Easel, Painter, Setup, painter, unchecked_engine
from generation.shapes.evaluation.ledger import Ledger
from generation.shapes.evaluation.protocol import Sitting
from generation.shapes.evaluation.results import StudyResults
from generation.shapes.evaluation.similarity import Embedder, clip_embedder
from generation.shapes.evaluation.trials import (
    COLOURS_OF,
    FILLS_OF,
    HALVES,
    KINDS,
    Half,
    Trial,
    trials,
)

Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True, kw_only=True)
class StudyPlan:
    """The arms and trials of one study."""

    main: Sequence[Arm] = MAIN
    others: Sequence[Arm] = tuple(arm for arms in TOPICS.values() for arm in arms)
    """Arms with fewer trials: the ablations, and arms given on the command line."""
    main_trials: int = 102
    other_trials: int = 42
    halves: Collection[Half] = HALVES
    kinds: Sequence[str] = KINDS
    seed: int = 0
    setup: Setup = dataclasses.field(default_factory=Setup)

    def trials(self) -> list[Trial]:
        """Return every trial that some arm runs."""
        most = max(self.main_trials, self.other_trials)
        return [
            trial
            for trial in trials(most, seed=self.seed, kinds=self.kinds)
            if trial.half in self.halves
        ]

    def arms(self, trial: Trial) -> list[Arm]:
        """Return the arms that run a trial, without duplicates."""
        arms = [
            *(self.main if trial.number < self.main_trials else ()),
            *(self.others if trial.number < self.other_trials else ()),
        ]
        return list({arm.key: arm for arm in arms}.values())

    def about(self) -> dict[str, Any]:
        """Return what must be equal for records to belong to the same study."""
        return {
            **dataclasses.asdict(self.setup),
            "model": public_name(self.setup.model),
            "weights": fingerprint(locate(self.setup.model)),
            "seed": self.seed,
            "kinds": list(self.kinds),
            "favourites": {half: [*COLOURS_OF[half], *FILLS_OF[half]] for half in HALVES},
        }


def fingerprint(model: Path) -> str:
    """Return a short digest of the weights in a diffusers folder that bear on the study."""
    whole = hashlib.sha256()
    for part in ("text_encoder", "unet", "vae", "clip"):
        for file in sorted((model / part).glob("*.safetensors")):
            whole.update(file.read_bytes())
    return whole.hexdigest()[:12]


def paint_study(plan: StudyPlan, options: WorkerOptions, out: Path, *, processes: int = 1) -> None:
    """Run what is missing, in several processes if asked; can be stopped at any time."""
    Ledger(out).open(plan.about())
    if processes == 1:
        _paint_share(0, 1, plan, options, out)
    else:
        alone = dataclasses.replace(options, threads=1)
        spawn(_paint_share, (processes, plan, alone, out), processes)


def _paint_share(
    rank: int, processes: int, plan: StudyPlan, options: WorkerOptions, out: Path
) -> None:
    embed = clip_embedder(locate(options.model))
    with unchecked_engine(options) as engine:

        def say(sentence: str) -> None:
            print(sentence, file=sys.stderr, flush=True)

        paint_trials(
            plan, plan.trials()[rank::processes], painter(engine), embed, Ledger(out), say=say
        )


def paint_trials(
    plan: StudyPlan,
    chosen: Sequence[Trial],
    paint: Painter,
    embed: Embedder,
    ledger: Ledger,
    *,
    say: Say = lambda _: None,
) -> None:
    """Run each trial with every arm that has not run it yet, and save each record at once."""
    done = ledger.done()
    for place, trial in enumerate(chosen, 1):
        arms = [arm for arm in plan.arms(trial) if (arm.key, trial.number) not in done]
        if not arms:
            continue
        began = time.perf_counter()
        with TemporaryDirectory() as scratch:
            easel = Easel(paint, plan.setup, Path(scratch))
            sitting = Sitting(easel, embed, trial)
            for arm in arms:
                ledger.write(sitting.play(arm))
        say(
            f"trial {trial.number} ({place} of {len(chosen)}): {len(arms)} arms, "
            f"{easel.painted} pictures, {time.perf_counter() - began:.0f} s"
        )


def report_study(out: Path) -> list[Path]:
    """Write tables and plots of everything measured so far, and return the files."""
    ledger = Ledger(out)
    about = ledger.about()
    results = StudyResults(ledger.records())
    path = out / "report.md"
    path.write_text(tables.report(results, about), encoding="utf-8")
    return [path, *plots.draw_all(results, out)]
