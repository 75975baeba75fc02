"""`python -m generation caption FOLDER`: describe pictures for training with a caption model."""

from __future__ import annotations

import argparse
from pathlib import Path

from generation.commands.run import DONE, complain, show_line
from generation.requests.refused import Refused

DESCRIPTION = """\
Writes a caption for each picture of a folder into a text file of the same name, for
python -m generation train to read. Pictures that have a caption keep it.

  python -m generation fetch --captioner microsoft/git-base-coco
  python -m generation caption pictures --captioner microsoft/git-base-coco \\
      --trigger rocky --class dog

Read the captions before you train: these models make mistakes. What a caption leaves out becomes
part of the trigger word."""


def add_words(caption: argparse.ArgumentParser) -> None:
    """Add the options: the folder, the model, and the words to put in."""
    caption.set_defaults(run=run)
    caption.description = DESCRIPTION
    caption.formatter_class = argparse.RawDescriptionHelpFormatter
    add = caption.add_argument
    add("folder", type=Path, help="folder of training pictures")
    add("--captioner", required=True, help="caption model (BLIP or GIT): a folder or hub id")
    add("--trigger", default="", help="words that call for what is learned, to put into each")
    add("--class", dest="kind", default="", help="what it is, such as dog; the trigger goes before")
    add("--overwrite", action="store_true", help="replace captions in text files, too")
    add("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    add("--models-dir", type=Path, help="folder of downloaded models")


def run(arguments: argparse.Namespace) -> int:
    """Describe the pictures one by one; Ctrl-C stops, and the same command goes on."""
    import torch

    from generation.models.captioners.captioner import load_captioner
    from generation.models.loading import choose_device, vae_dtype
    from generation.requests.captions import with_trigger
    from generation.training.data.folders import METADATA, read_folder

    if (arguments.folder / METADATA).is_file():
        return complain(f"{arguments.folder} has its captions in {METADATA}; change them there.")
    try:
        examples, _ = read_folder(arguments.folder)
    except Refused as refused:
        return complain(str(refused))
    wanted = [each for each in examples if arguments.overwrite or not each.caption]
    if not wanted:
        print("Every picture has a caption already; --overwrite replaces them.")
        return DONE
    device = choose_device(arguments.device)
    dtype = vae_dtype(torch.float16 if device.type == "cuda" else torch.float32, device)
    captioner = load_captioner(arguments.captioner, arguments.models_dir, device, dtype)
    for number, example in enumerate(wanted, 1):
        show_line(f"picture {number} of {len(wanted)}")
        try:
            picture = example.open()
        except Refused as refused:  # it was deleted or replaced meanwhile
            return complain(str(refused))
        said = with_trigger(captioner.describe(picture), arguments.trigger, arguments.kind)
        file = example.path.with_suffix(".txt")
        if said:
            try:
                file.write_text(f"{said}\n", encoding="utf-8")
            except OSError as error:
                return complain(f"{file} cannot be written: {error.strerror}.")
            show_line("")
            print(f"{file}: {said}")
        else:
            complain(f"The caption model has nothing to say about {example.name}.")
    show_line("")
    return DONE
