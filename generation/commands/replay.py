"""`python -m generation replay FILE`: generate an image again from the record in its file."""

from __future__ import annotations

import argparse
import dataclasses
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from generation.catalog.entries import public_name
from generation.commands.run import add_device, add_outcome, complain, paint
from generation.protocol.options import ModelCard
from generation.protocol.requests import Paint

if TYPE_CHECKING:
    from generation.metadata.a1111 import ForeignRecord
    from generation.metadata.record import Record


def add_words(replay: argparse.ArgumentParser) -> None:
    """Add the options: the file, and where its source and references may be."""
    replay.set_defaults(run=run)
    replay.add_argument(
        "file", type=Path, help="picture painted by Konomi, or PNG or JPEG with A1111 parameters"
    )
    replay.add_argument("--model", help="model to paint with (default: the one named in the file)")
    replay.add_argument(
        "--pictures-in",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="another folder to search for its source, references and adapters, besides the file's "
        "own; can be repeated",
    )
    replay.add_argument(
        "--anyway", action="store_true", help="paint without references that are not found"
    )
    add_device(replay)
    add_outcome(replay)


def run(arguments: argparse.Namespace) -> int:
    """Generate the image again from its record."""
    from generation.metadata.a1111 import ForeignRecord
    from generation.metadata.record import read_file
    from generation.requests.refused import Refused

    try:
        told = read_file(arguments.file)
        arguments.out.mkdir(parents=True, exist_ok=True)
        first = arguments.out / "0.png"
        if arguments.overwrite and first.resolve() == arguments.file.resolve():
            return complain("That would overwrite the picture itself. Choose another --out.")
        if isinstance(told, ForeignRecord):
            return _replay_elsewhere(arguments, told)
        return _replay(arguments, told)
    except Refused as error:
        return complain(str(error))
    except OSError as error:
        return complain(f"{error.filename}: {error.strerror}.")


def _replay(arguments: argparse.Namespace, record: Record) -> int:
    from generation.metadata.replay import MissingFiles, digests_of, found_in, request_of, without

    model = arguments.model or record.model
    wanted = digests_of(record)
    beside = arguments.file.absolute().parent.glob("*")
    further = (path for folder in arguments.pictures_in for path in folder.rglob("*"))
    files = found_in(chain(beside, further), wanted)
    if arguments.anyway:
        record = without(record, wanted - files.keys())
    try:
        request = request_of(record, model=model, files=files, out=arguments.out)
    except MissingFiles as missing:
        more = (
            "" if missing.source or missing.adapters else ", or use --anyway to paint without them"
        )
        return complain(f"{missing} Say where they are with --pictures-in{more}.")
    if public_name(model) != record.model:
        complain(
            f"This picture was painted with {record.model}, so it looks different with {model}."
        )
    request = dataclasses.replace(request, filter=arguments.filter)
    return paint(arguments, model, lambda _: request)


def _replay_elsewhere(arguments: argparse.Namespace, told: ForeignRecord) -> int:
    from generation.metadata.replay import request_like

    if arguments.model is None:
        by = f" with {told.model}" if told.model else ""
        return complain(
            f"This picture was painted by another program{by}. Choose a model for it with --model."
        )
    complain("This picture was painted by another program, so it can look quite different here.")

    def request(card: ModelCard) -> Paint:
        like = request_like(told, model=arguments.model, card=card, seed=0, out=arguments.out)
        return dataclasses.replace(like, filter=arguments.filter)

    return paint(arguments, arguments.model, request)
