"""Words of the command line about feedback, and what they come to: likes steer as the model is used
to, but for what is said."""

from __future__ import annotations

import argparse
import dataclasses

from generation.protocol.requests import Feedback
from generation.requests.feedback import PRESETS, named_feedback

OPTIONS = {
    "start": "when likes begin to steer, a share of the steps",
    "end": "when they stop, likewise",
    "strength": "how strongly they steer",
    "explore": "share of the pictures, the last ones, that leave likes aside",
    "drop": "chance that a picture which follows likes leaves the prompt aside",
}


def add_feedback(command: argparse.ArgumentParser) -> None:
    """--feedback, --start and the others; whoever adds them adds --model, too."""
    command.add_argument(
        "--feedback", choices=PRESETS, help="how likes steer; the options below change it"
    )
    for name, what in OPTIONS.items():
        command.add_argument(f"--{name}", type=float, help=f"{what}; else as suits the model")


def feedback_of(arguments: argparse.Namespace) -> Feedback:
    """What was said, and for the rest as the preset or the model has it."""
    wished = {name: getattr(arguments, name) for name in OPTIONS}
    said = {name: value for name, value in wished.items() if value is not None}
    return dataclasses.replace(named_feedback(arguments.feedback, arguments.model), **said)
