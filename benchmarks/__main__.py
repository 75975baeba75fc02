"""Run a benchmark of Konomi: `python -m benchmarks plain`, `feedback`, `crowd` and so on."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn, TextIO

from benchmarks import (
    adapters,
    beside_training,
    crowd,
    devices,
    feedback,
    memory,
    plain,
    scripts,
    training,
)
from benchmarks.devices import Skipped
from benchmarks.easel import Setting, open_easel
from benchmarks.feedback import Steered
from benchmarks.figures import CannotMeasure, Figure, as_table, surroundings
from benchmarks.models import FOLDER, UNETS, located
from generation.catalog.entries import ModelUnavailable
from generation.engine.session import PaintingFailed
from generation.models.loading import choose_device
from generation.protocol.options import WorkerOptions

WRONG = 2
"""Exit status for a request that cannot be carried out here."""

WITHOUT_COMMUNITY = (
    "The community's FABRIC pipeline is left out: give its file with --community; "
    "docs/benchmarks/README.md says which to download."
)


class Parser(argparse.ArgumentParser):
    """Argument parser that reports a mistake in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and exit."""
        self.exit(WRONG, f"{self.prog}: {message}\n")


def build_parser() -> Parser:
    """Build the parser of all benchmarks and their options."""
    shared = Parser(add_help=False)
    shared.add_argument(
        "--model",
        default="shapes",
        help="shapes, sd15-sized or sdxl-sized (random weights), a hub id, a folder or a file",
    )
    shared.add_argument(
        "--build-in", type=Path, default=FOLDER, help="where models with random weights are kept"
    )
    shared.add_argument("--steps", type=_at_least_one, default=20)
    shared.add_argument("--pictures", type=_at_least_one, default=4, help="images per round")
    shared.add_argument(
        "--repeats", type=_at_least_one, help="runs of each kind (default: 7; memory: 1)"
    )
    shared.add_argument(
        "--size", type=int, help="pixels per side (default: the model's native size)"
    )
    shared.add_argument(
        "--threads", type=_at_least_one, help="CPU threads, the same for every kind"
    )
    shared.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    shared.add_argument(
        "--reference-cache-mb",
        type=_at_least_one,
        help="memory for hidden states of references (default: as usual)",
    )
    shared.add_argument(
        "--cpu-time", action="store_true", help="measure CPU time instead of wall time"
    )
    shared.add_argument("--json", type=Path, help="file to write the JSON lines to as well")
    parser = Parser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="BENCHMARK", dest="benchmark")

    for name, what in (
        (plain.NAME, "compare a round with diffusers' own pipeline"),
        (feedback.NAME, "compare rounds with likes and dislikes to rounds without"),
        (crowd.NAME, "compare many members at once with one after another"),
        (memory.NAME, "measure the memory that references take"),
        (devices.NAME, "compare each device option with the default"),
        (training.NAME, "compare training with diffusers' example scripts"),
        (adapters.NAME, "compare a call of the UNet with adapters to one without"),
        (
            beside_training.NAME,
            "compare rounds while a LoRA trains with rounds while it is paused",
        ),
    ):
        commands.add_parser(name, parents=[shared], help=what)
    steered, many = commands.choices[feedback.NAME], commands.choices[crowd.NAME]
    weighed = commands.choices[memory.NAME]
    for command in (commands.choices[plain.NAME], steered):
        command.add_argument(
            "--channels-last", action="store_true", help="run diffusers in channels_last, too"
        )
    for name in ("liked", "disliked"):
        steered.add_argument(f"--{name}", type=_count, default=1, help="references")
    steered.add_argument(
        "--community", type=Path, help="path of diffusers' community pipeline_fabric.py"
    )
    for name, usual, what in (
        ("members", crowd.MEMBERS, "numbers of members, with one image each"),
        ("rounds", crowd.ROUNDS, "numbers of members, with a whole round each"),
    ):
        many.add_argument(f"--{name}", type=_at_least_one, nargs="+", default=usual, help=what)
    weighed.add_argument(
        "--references", type=_at_least_one, nargs="+", default=memory.REFERENCES, help="how many"
    )
    commands.choices[devices.NAME].add_argument(
        "--options", nargs="+", choices=devices.OPTIONS, default=[*devices.OPTIONS], metavar="NAME"
    )
    _add_training(commands.choices[training.NAME])
    return parser


def _add_training(command: argparse.ArgumentParser) -> None:
    command.set_defaults(steps=training.STEPS, pictures=training.PICTURES)
    command.add_argument(
        "--methods", nargs="+", choices=training.METHODS, default=[*training.METHODS]
    )
    command.add_argument("--batch", type=_at_least_one, default=1, help="pictures a step")
    command.add_argument(
        "--scripts", type=Path, default=scripts.FOLDER, help="folder of diffusers' scripts"
    )


def main(words: Sequence[str] | None = None) -> int:
    """Run a benchmark, print its results, save them if asked, and return the exit status."""
    arguments = build_parser().parse_args(words)
    found: list[Figure] = []
    try:
        with _opened(arguments.json) as file:
            for record in _records(arguments):
                if isinstance(record, Figure):
                    found.append(record)
                elif isinstance(record, Skipped):
                    _complain(f"{record.option} is left out: {record.why}.")
                if not isinstance(record, dict):
                    record = record.as_record()
                line = json.dumps(record, ensure_ascii=False)
                print(line, flush=True)
                print(line, file=file, flush=True)
    except ModelUnavailable as error:
        if arguments.model in UNETS:
            return _complain(f"This version of Konomi cannot paint with {arguments.model}: {error}")
        return _complain(str(error))
    except (CannotMeasure, PaintingFailed) as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}.")
    print(f"\n{as_table(found)}")
    return 0


def _records(arguments: argparse.Namespace) -> Iterator[Figure | Skipped | dict[str, object]]:
    """Yield first the setting and machine, then the figures as they come."""
    setting = setting_of(arguments)
    name = Path(arguments.model).name
    about: dict[str, object] = {"benchmark": arguments.benchmark, "model": name}
    if arguments.benchmark == memory.NAME:
        yield about | surroundings(setting, choose_device(arguments.device))
        counts = sorted({1, arguments.pictures})
        yield from memory.measure(setting, arguments.references, counts)
        return
    if arguments.benchmark == beside_training.NAME:
        yield about | surroundings(setting, choose_device(arguments.device))
        yield from beside_training.measure(setting)
        return
    if arguments.benchmark == training.NAME:
        yield about | surroundings(setting, choose_device(arguments.device))
        yield from training.measure(
            setting, arguments.methods, batch=arguments.batch, scripts=arguments.scripts
        )
        return
    with open_easel(setting) as easel:
        yield about | surroundings(setting, easel.model.device)
        match arguments.benchmark:
            case plain.NAME:
                yield from plain.measure(easel, channels_last=arguments.channels_last)
            case feedback.NAME:
                steered = Steered(easel, arguments.liked, arguments.disliked)
                if arguments.community is None:
                    _complain(WITHOUT_COMMUNITY)
                yield from feedback.measure(
                    steered, arguments.community, channels_last=arguments.channels_last
                )
            case crowd.NAME:
                yield from crowd.measure(easel, arguments.members, arguments.rounds)
            case adapters.NAME:
                yield from adapters.measure(easel)
            case devices.NAME:
                yield from devices.measure(easel, arguments.options)


def setting_of(arguments: argparse.Namespace) -> Setting:
    """Return the setting that the options describe; build the model if it is one of ours."""
    options = WorkerOptions(
        model=located(arguments.model, arguments.build_in),
        device=arguments.device,
        threads=arguments.threads,
        reference_cache_mb=arguments.reference_cache_mb,
    )
    return Setting(
        options=options,
        steps=arguments.steps,
        pictures=arguments.pictures,
        size=arguments.size,
        repeats=arguments.repeats or (1 if arguments.benchmark == memory.NAME else 7),
        cpu_time=arguments.cpu_time,
    )


def _opened(path: Path | None) -> TextIO:
    return Path(path or os.devnull).open("w", encoding="utf-8")


def _at_least_one(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, not {number}")
    return number


def _count(word: str) -> int:
    number = int(word)
    if number < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or more, not {number}")
    return number


def _complain(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return WRONG


if __name__ == "__main__":
    sys.exit(main())
