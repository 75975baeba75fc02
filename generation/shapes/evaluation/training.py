"""The study of training methods: each teaches the embedded model what it was never shown.

After DreamBooth's evaluation (Ruiz et al., arXiv 2208.12242, §4.2): subject fidelity, prompt
following, class drift and diversity against the untouched model, from the same prompts and seeds.
"""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch.multiprocessing.spawn import spawn

from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.options import WorkerOptions
from generation.protocol.training import DreamBooth
from generation.shapes.evaluation.ledger import StudyFolder
from generation.shapes.evaluation.teaching import (
    CLASS_PROMPT,
    Pupil,
    Taught,
    TeachingRecord,
    finish,
    teach_and_measure,
)
from generation.shapes.evaluation.training_plan import CLASS_SEED, TrainingPlan, Trial, picture_file
from generation.shapes.evaluation.training_report import report_training
from generation.training.evaluation.judges import judge_of
from generation.training.samples import paint


def evaluate_training(
    options: WorkerOptions, out: Path, plan: TrainingPlan, *, processes: int = 1
) -> None:
    """Run what is missing, in several processes if asked; can be stopped at any time."""
    StudyFolder(out, TeachingRecord).open(plan.about(options.model))
    paint_class(load_model(options), plan, out / "class")
    if processes == 1:
        _run_share(0, 1, options, out, plan)
    else:
        alone = dataclasses.replace(options, threads=1)
        spawn(_run_share, (processes, alone, out, plan), processes)


def _run_share(
    rank: int, processes: int, options: WorkerOptions, out: Path, plan: TrainingPlan
) -> None:
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    model = load_model(options)
    run_trials(model, plan, list(plan.trials())[rank::processes], out)


def run_trials(model: Model, plan: TrainingPlan, trials: Sequence[Trial], out: Path) -> None:
    """Run each trial that has no record yet, and save its record and its pictures at once."""
    judge = judge_of("shapes")
    folder = StudyFolder(out, TeachingRecord)
    kept = {(each.pupil, each.concept, each.seed) for each in folder.records()}
    for place, (seed, each, pupil) in enumerate(trials, 1):
        if (pupil.name, each.concept.name, seed) in kept:
            continue
        if pupil.prior:
            pupil = _with_class_pictures(pupil, out / "class")
        with TemporaryDirectory() as scratch:
            taught = teach_and_measure(
                model, pupil, each, plan.probes, judge, seed=seed, out=Path(scratch)
            )
        _save_pictures(taught, out)
        folder.write(taught.record)
        found = taught.record
        print(
            f"{place} of {len(trials)}: {found.pupil}, {found.concept}, seed {seed}: shown "
            f"{found.shown:.2f}, exact {found.exact:.2f}, named {found.named:.2f}, leaked "
            f"{found.leaked:.2f}, {found.seconds:.0f} s",
            file=sys.stderr,
            flush=True,
        )


def report_on(out: Path, plan: TrainingPlan) -> None:
    """Write the tables, the figures and the sheets of everything measured so far."""
    report_training(StudyFolder(out, TeachingRecord), plan, out)


def _with_class_pictures(pupil: Pupil, folder: Path) -> Pupil:
    method = pupil.method
    if not isinstance(method, DreamBooth):
        raise TypeError(f"{pupil.name} has no prior loss")
    told = dataclasses.replace(method, class_prompt=CLASS_PROMPT, class_data=folder)
    return dataclasses.replace(pupil, method=told)


def paint_class(model: Model, plan: TrainingPlan, folder: Path) -> None:
    """Paint the pictures of the class with the untouched model, once for all trainings."""
    if len(list(folder.glob("*.png"))) == plan.class_pictures:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    seeds = [CLASS_SEED + number for number in range(plan.class_pictures)]
    painted = finish(paint(model, [CLASS_PROMPT] * len(seeds), seeds, plan.probes.sampling))
    for number, picture in enumerate(painted):
        picture.save(folder / f"{number:03}.png")


def _save_pictures(taught: Taught, out: Path) -> None:
    (out / "pictures").mkdir(parents=True, exist_ok=True)
    record = taught.record
    for number, picture in enumerate((*taught.pictures, *taught.plain)):
        picture.save(picture_file(out, record.pupil, record.concept, record.seed, number))
