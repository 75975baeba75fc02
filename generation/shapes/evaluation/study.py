"""The study of likes: which arms play which trials, painting what is missing, the report."""

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

from generation.catalog.entries import locate
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
    """Everything that one study paints."""

    main: Sequence[Arm] = MAIN
    others: Sequence[Arm] = tuple(arm for arms in TOPICS.values() for arm in arms)
    """Arms of fewer trials: the ablations, and what is tried."""
    main_trials: int = 102
    other_trials: int = 42
    halves: Collection[Half] = HALVES
    kinds: Sequence[str] = KINDS
    seed: int = 0
    setup: Setup = dataclasses.field(default_factory=Setup)

    def trials(self) -> list[Trial]:
        """Every trial that some arm plays."""
        most = max(self.main_trials, self.other_trials)
        return [
            trial
            for trial in trials(most, seed=self.seed, kinds=self.kinds)
            if trial.half in self.halves
        ]

    def arms(self, trial: Trial) -> list[Arm]:
        """The arms that play a trial, each once however often it is named."""
        arms = [
            *(self.main if trial.number < self.main_trials else ()),
            *(self.others if trial.number < self.other_trials else ()),
        ]
        return list({arm.key: arm for arm in arms}.values())

    def about(self) -> dict[str, Any]:
        """What has to be the same for records to belong together."""
        return {
            **dataclasses.asdict(self.setup),
            "weights": fingerprint(locate(self.setup.model)),
            "seed": self.seed,
            "kinds": list(self.kinds),
            "favourites": {half: [*COLOURS_OF[half], *FILLS_OF[half]] for half in HALVES},
        }


def fingerprint(model: Path) -> str:
    """Short for the weights of a diffusers folder, as far as they bear on the study."""
    whole = hashlib.sha256()
    for part in ("text_encoder", "unet", "vae", "clip"):
        for file in sorted((model / part).glob("*.safetensors")):
            whole.update(file.read_bytes())
    return whole.hexdigest()[:12]


def paint_study(plan: StudyPlan, options: WorkerOptions, out: Path, *, processes: int = 1) -> None:
    """Paint what is missing, in as many processes as asked; can be stopped at any time."""
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
    """Let every arm that has not yet played a trial play it; each record is kept at once."""
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
    """Make the tables and figures of what has been painted so far; the files."""
    ledger = Ledger(out)
    about = ledger.about()
    results = StudyResults(ledger.records())
    path = out / "report.md"
    path.write_text(tables.report(results, about), encoding="utf-8")
    return [path, *plots.draw_all(results, out)]
