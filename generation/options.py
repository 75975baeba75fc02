"""The command line's words for feedback, shared by what paints and what measures."""

from __future__ import annotations

import argparse
import dataclasses

from generation.catalog import usual_feedback
from generation.messages import Feedback

OPTIONS_OF_FEEDBACK = {
    "start": "when likes begin to steer, a share of the steps",
    "end": "when they stop, likewise",
    "strength": "how strongly they steer",
    "explore": "share of the pictures, the last ones, that leave likes aside",
}


def add_feedback(command: argparse.ArgumentParser) -> None:
    """Let a command be told how references steer; it has a `--model` as well."""
    for name, what in OPTIONS_OF_FEEDBACK.items():
        command.add_argument(f"--{name}", type=float, help=f"{what}; else as suits the model")


def feedback_of(arguments: argparse.Namespace) -> Feedback:
    """As said, and for the rest as usual with the model."""
    wished = {name: getattr(arguments, name) for name in OPTIONS_OF_FEEDBACK}
    said = {name: value for name, value in wished.items() if value is not None}
    return dataclasses.replace(usual_feedback(arguments.model), **said)
