"""`python -m generation fetch MODEL`: download a model."""

from __future__ import annotations

import argparse
from pathlib import Path

from generation.catalog.entries import CATALOGUE
from generation.commands.run import DONE


def add_words(fetch: argparse.ArgumentParser) -> None:
    """Add the options: the model, or a part of it alone."""
    fetch.set_defaults(run=run)
    names = ", ".join(entry.name for entry in CATALOGUE if entry.repo)
    fetch.add_argument("model", help=f"{names}, or a hub id such as owner/name")
    fetch.add_argument(
        "--only-checker",
        action="store_true",
        help="download only the safety checker, for use with models that have none",
    )
    fetch.add_argument(
        "--only-editor",
        action="store_true",
        help="download only the UNet of an editing model, for use with another model's other parts",
    )
    fetch.add_argument(
        "--adapter",
        action="store_true",
        help="download a LoRA or an embedding: owner/name, or owner/name:file.safetensors",
    )
    fetch.add_argument(
        "--captioner",
        action="store_true",
        help="download a caption model for training pictures, such as microsoft/git-base-coco",
    )
    fetch.add_argument("--models-dir", type=Path, help="folder for downloaded models")


def run(arguments: argparse.Namespace) -> int:
    """Download a model, or a part of it alone, and print where it is."""
    from generation.catalog.download import (
        fetch,
        fetch_adapter,
        fetch_captioner,
        fetch_checker,
        fetch_editor,
    )

    work = fetch_checker if arguments.only_checker else fetch
    work = fetch_editor if arguments.only_editor else work
    work = fetch_adapter if arguments.adapter else work
    work = fetch_captioner if arguments.captioner else work
    print(work(arguments.model, arguments.models_dir))
    return DONE
