"""Command line of `python -m generation evaluate`; imports nothing heavy until a command runs."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from generation.catalog.entries import usual
from generation.commands.feedback import add_feedback, feedback_of
from generation.commands.run import DONE, WRONG, complain
from generation.protocol.options import WorkerOptions
from generation.shapes.evaluation.arms import MAIN, OTHER_MODELS, PLAIN, RIVALS, TOPICS, tried

if TYPE_CHECKING:
    from generation.shapes.evaluation.easel import Setup
    from generation.shapes.evaluation.study import StudyPlan


def add_words(evaluate: argparse.ArgumentParser) -> None:
    """Add a subcommand, with its options, for each kind of evaluation."""
    what = evaluate.add_subparsers(required=True, metavar="WHAT")

    world = what.add_parser("world", help="measure how well the model follows prompts")
    world.set_defaults(run=run_world)
    world.add_argument(
        "--count",
        type=int,
        default=512,
        help="number of prompts, and of drawings for checking the scorers",
    )

    likes = what.add_parser(
        "likes", help="measure how much likes raise the share of a hidden colour (short study)"
    )
    likes.set_defaults(run=run_likes)
    likes.add_argument("--count", type=int, default=40, help="number of hidden favourites")
    add_feedback(likes)

    study = what.add_parser("feedback", help="run the full study of likes and dislikes")
    study.set_defaults(run=run_feedback)
    study.add_argument("--trials", type=int, default=102, help="trials of the main comparison")
    study.add_argument("--ablation-trials", type=int, default=42, help="trials of everything else")
    study.add_argument(
        "--half", choices=("choose", "report"), help="half of the favourites (default: both)"
    )
    study.add_argument(
        "--only",
        nargs="*",
        choices=("main", "rivals", "other-models", *TOPICS),
        help="parts of the study to run (default: all)",
    )
    study.add_argument(
        "--try",
        dest="tried",
        type=_tried,
        action="append",
        default=[],
        metavar="SETTINGS",
        help='add an arm of your own, such as "end=0.4 strength=1.2 explore=0"; can be repeated',
    )
    study.add_argument(
        "--report-only", action="store_true", help="report on existing results without painting"
    )

    others = what.add_parser(
        "other-models", help="report on studies of likes with models that nobody tuned for"
    )
    others.set_defaults(run=run_other_models)
    others.add_argument(
        "studies", nargs="+", type=Path, help="folders of `evaluate feedback`, one a model"
    )
    others.add_argument("--out", type=Path, required=True, help="folder for the report")

    restore = what.add_parser("restore", help="measure how well damaged pictures are restored")
    restore.set_defaults(run=run_restore)
    restore.add_argument(
        "--count", type=int, default=40, help="number of scenes, each damaged in several ways"
    )

    edits = what.add_parser("edits", help="measure editing by instruction")
    edits.set_defaults(run=run_edits)
    edits.add_argument("--count", type=int, default=300, help="number of instructions")
    edits.add_argument(
        "--curve",
        type=int,
        default=100,
        help="edits per point of the trade-off curve; 0 to leave it out",
    )
    edits.add_argument(
        "--follow-ups",
        type=int,
        default=24,
        help="edits that are varied, restyled and zoomed out of; 0 to leave that out",
    )

    imagic = what.add_parser(
        "imagic", help="measure Imagic: editing by tuning the model to a picture"
    )
    imagic.set_defaults(run=run_imagic)
    imagic.add_argument(
        "--count", type=int, default=30, help="number of pictures, each with a description"
    )

    training = what.add_parser(
        "edit-training", help="train an editing model on pairs that the model painted itself"
    )
    training.set_defaults(run=run_edit_training)
    training.add_argument(
        "--prompts", type=int, default=600, help="number of edits, with four pairs painted for each"
    )
    training.add_argument("--train-steps", type=int, default=2000, help="optimizer steps")
    training.add_argument("--count", type=int, default=200, help="number of instructions")
    training.add_argument("--steps", type=int, default=20, help="sampling steps of an edit")

    methods = what.add_parser(
        "training", help="measure how well each training method teaches a new thing"
    )
    methods.set_defaults(run=run_training)
    methods.add_argument(
        "--seeds", type=int, default=3, help="number of trainings for each new shape and fill"
    )
    methods.add_argument(
        "--report-only", action="store_true", help="report on existing results without training"
    )

    taste = what.add_parser(
        "taste-training", help="measure training on a member's ratings, with each objective"
    )
    taste.set_defaults(run=run_taste)
    taste.add_argument("--members", type=int, default=6, help="number of simulated members")
    taste.add_argument("--rounds", type=int, default=160, help="rounds of four that they rate")
    taste.add_argument("--prompts", type=int, default=6, help="new prompts for each member")
    taste.add_argument(
        "--half",
        choices=("choose", "report"),
        default="report",
        help="which members: those for choosing settings, or those for the report",
    )
    taste.add_argument("--train-steps", type=int, default=100, help="optimizer steps")
    taste.add_argument("--beta", type=float, default=100.0)
    taste.add_argument("--scheduler", default="euler_a", help="sampler to measure with")
    taste.add_argument(
        "--report-only", action="store_true", help="report on existing results without training"
    )

    for command in (world, likes, study, restore, edits, imagic, training, methods, taste):
        command.add_argument("--out", type=Path, required=True, help="folder for the report")
        command.add_argument("--seed", type=int, default=0)
        command.add_argument(
            "--model",
            default="shapes",
            help="shapes, or the folder of another model trained on shapes",
        )
        command.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    for command in (likes, study, methods):
        command.add_argument(
            "--processes",
            type=int,
            default=1,
            help="number of processes; if more than one, each uses one thread",
        )
    for command, steps, guidance in (
        (world, 25, 5.0),
        (likes, 20, None),
        (study, 20, 6.0),
        (taste, 20, None),
    ):
        command.add_argument("--steps", type=int, default=steps)
        command.add_argument("--guidance", type=float, default=guidance)


def run_world(arguments: argparse.Namespace) -> int:
    """Measure prompt following, and the accuracy of the scorers that read the images."""
    from generation.shapes.evaluation.world import evaluate_world

    evaluate_world(
        _options(arguments),
        arguments.out,
        setup=_setup(arguments),
        count=arguments.count,
        seed=arguments.seed,
    )
    return DONE


def run_likes(arguments: argparse.Namespace) -> int:
    """Measure how often a hidden favourite colour appears with likes and without."""
    if not _can_draw():
        return WRONG
    from generation.shapes.evaluation.likes import evaluate_likes

    evaluate_likes(
        _options(arguments),
        arguments.out,
        setup=_setup(arguments),
        feedback=feedback_of(arguments),
        count=arguments.count,
        seed=arguments.seed,
        processes=arguments.processes,
    )
    return DONE


def run_feedback(arguments: argparse.Namespace) -> int:
    """Run what the study still lacks, then report on everything measured so far."""
    if not _can_draw():
        return WRONG
    from generation.shapes.evaluation.study import paint_study, report_study

    if not arguments.report_only:
        paint_study(
            _plan(arguments), _options(arguments), arguments.out, processes=arguments.processes
        )
    for path in report_study(arguments.out):
        print(path)
    return DONE


def run_other_models(arguments: argparse.Namespace) -> int:
    """Report on the studies of several models together."""
    from generation.shapes.evaluation.other_models import report_other_models

    print(report_other_models(arguments.studies, arguments.out))
    return DONE


def run_restore(arguments: argparse.Namespace) -> int:
    """Measure how well damaged drawings are restored."""
    from generation.shapes.evaluation.restoring import evaluate_restoring

    evaluate_restoring(
        _options(arguments), arguments.out, count=arguments.count, seed=arguments.seed
    )
    return DONE


def run_edits(arguments: argparse.Namespace) -> int:
    """Measure editing by instruction, and its trade-off against preservation."""
    if not _can_draw():
        return WRONG
    from generation.shapes.evaluation.editing import evaluate_editing

    evaluate_editing(
        _options(arguments),
        arguments.out,
        count=arguments.count,
        curve=arguments.curve,
        follow_ups=arguments.follow_ups,
        seed=arguments.seed,
    )
    return DONE


def run_imagic(arguments: argparse.Namespace) -> int:
    """Measure how often Imagic makes the described change and keeps the rest."""
    from generation.shapes.evaluation.imagic import evaluate_imagic

    evaluate_imagic(_options(arguments), arguments.out, count=arguments.count, seed=arguments.seed)
    return DONE


def run_edit_training(arguments: argparse.Namespace) -> int:
    """Paint pairs, train on them with and without the filter, and measure the editing models."""
    if not _can_draw():
        return WRONG
    from generation.shapes.evaluation.edit_training import EditStudy, evaluate_edit_training

    study = EditStudy(
        prompts=arguments.prompts,
        steps=arguments.train_steps,
        count=arguments.count,
        sampling=arguments.steps,
        seed=arguments.seed,
    )
    # Tensors as small as these gain nothing from more threads.
    options = dataclasses.replace(_options(arguments), threads=1)
    evaluate_edit_training(options, arguments.out, study)
    return DONE


def run_training(arguments: argparse.Namespace) -> int:
    """Run the trainings that are missing, then report on all of them."""
    from generation.shapes.evaluation.training import evaluate_training, report_on
    from generation.shapes.evaluation.training_plan import TeachingPlan

    plan = TeachingPlan(seeds=range(arguments.seed, arguments.seed + arguments.seeds))
    if not arguments.report_only:
        evaluate_training(_options(arguments), arguments.out, plan, processes=arguments.processes)
    report_on(arguments.out, plan)
    return DONE


def run_taste(arguments: argparse.Namespace) -> int:
    """Train on what simulated members rated, and measure what they see on new prompts."""
    from generation.shapes.evaluation.taste import RECIPE, TastePlan, study_taste
    from generation.shapes.evaluation.taste_report import report_taste

    setup = dataclasses.replace(_setup(arguments), scheduler=arguments.scheduler)
    plan = TastePlan(
        half=arguments.half,
        count=arguments.members,
        rounds=arguments.rounds,
        prompts=arguments.prompts,
        seed=arguments.seed,
        setup=setup,
        recipe=dataclasses.replace(RECIPE, steps=arguments.train_steps),
        beta=arguments.beta,
    )
    if not arguments.report_only:
        study_taste(plan, _options(arguments), arguments.out)
    report_taste(plan, arguments.out)
    return DONE


def _plan(arguments: argparse.Namespace) -> StudyPlan:
    from generation.shapes.evaluation.study import StudyPlan
    from generation.shapes.evaluation.trials import HALVES

    parts = ("main", *TOPICS) if arguments.only is None else arguments.only
    return StudyPlan(
        main=MAIN if "main" in parts else (),
        others=(
            PLAIN,
            *(RIVALS if "rivals" in parts else ()),
            *(OTHER_MODELS if "other-models" in parts else ()),
            *(arm for topic in parts if topic in TOPICS for arm in TOPICS[topic]),
            *arguments.tried,
        ),
        main_trials=arguments.trials,
        other_trials=arguments.ablation_trials,
        halves=[arguments.half] if arguments.half else HALVES,
        seed=arguments.seed,
        setup=_setup(arguments),
    )


def _setup(arguments: argparse.Namespace) -> Setup:
    from generation.shapes.evaluation.easel import Setup

    guidance = arguments.guidance
    if guidance is None:
        guidance = usual(arguments.model).guidance
    return Setup(model=arguments.model, steps=arguments.steps, guidance=guidance)


def _options(arguments: argparse.Namespace) -> WorkerOptions:
    return WorkerOptions(model=arguments.model, device=arguments.device)


def _tried(words: str) -> object:
    try:
        return tried(words)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _can_draw() -> bool:
    """Check that matplotlib is installed, before hours of painting rather than after."""
    try:
        import matplotlib.figure  # noqa: F401
    except ModuleNotFoundError:
        complain("The plots need matplotlib: pip install matplotlib")
        return False
    return True
