"""`python -m generation train METHOD FOLDER`: train an adapter or a model on pictures."""

from __future__ import annotations

import argparse
import dataclasses
import enum
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generation.commands.run import (
    BROKEN,
    DONE,
    WRONG,
    add_device,
    complain,
    device_options,
    show_line,
)
from generation.protocol.events import (
    CheckpointSaved,
    Event,
    Failed,
    Reason,
    Trained,
    TrainProgress,
    TrainRemark,
)
from generation.protocol.options import WorkerOptions
from generation.protocol.training import (
    Checkpoints,
    DreamBooth,
    EditTraining,
    Finetune,
    Lora,
    Method,
    Objective,
    Optimizer,
    RateSchedule,
    Recipe,
    Taste,
    TextualInversion,
    Train,
)
from generation.requests.recipes import NAMES, USUAL, usual_recipe

LEAST_EVERY = 100
"""Least steps between two checkpoints, unless somebody says otherwise."""

RECIPES = {
    Lora: """\
A small file that teaches a style or a subject. Use 10 to 30 pictures, each with a caption that
describes everything except what is to be learned, and a rare word to call for it later.

  python -m generation train lora pictures --trigger "rocky the dog" --out rocky

Rank 16 is enough for a subject; a style may need 32. With more steps, the result follows the
pictures more closely and the prompt less. The report says which checkpoint was best.""",
    TextualInversion: """\
The smallest file: a new word for something that the model can almost paint already. Use 3 to 10
pictures of one thing; captions are optional.

  python -m generation train textual-inversion pictures --token "<rocky>" --initializer dog

More vectors capture more detail but follow prompts less well; 2 to 4 are usual.""",
    DreamBooth: """\
A subject from 3 to 5 pictures, named by a rare word and its class.

  python -m generation train dreambooth pictures --instance "a photo of sks dog" \\
      --class "a photo of a dog"

Choose the class carefully: nothing harms the result more than a wrong one. With --class, the model
first paints pictures of the class, so that it does not forget what else belongs to it.""",
    Finetune: """\
The whole model, on at least hundreds of captioned pictures. The result is not an adapter but a
model, as large as the original.

  python -m generation train finetune pictures --steps 5000

An average of the weights is saved (--ema-decay); it paints more cleanly than the last weights.""",
    EditTraining: """\
An editing model, from pairs of pictures with instructions. Each line of metadata.jsonl in the
folder names an input_image, an edited_image and an edit_prompt; python -m generation pairs makes
such a folder.

  python -m generation pairs captions.txt pairs
  python -m generation train edit pairs --out editing
  python -m generation imagine "make it blue" --source a.png --edit --editor RESULT

Use thousands of pairs at least. The result is a UNet, to use with --editor or KONOMI_EDITOR.""",
    Taste: """\
A small file that paints what somebody likes, from pictures that they rated. Use about 40 liked and
40 disliked ones. metadata.jsonl needs a line for each, with its file_name, rating (1 or -1),
prompt, seed and round; pictures painted by Konomi already contain their prompt and seed.

  python -m generation train taste rated --out my-taste

Objectives: liked learns from the liked pictures alone; kto from every rating; pairs from a liked
and a disliked picture of the same round; prior-pairs from these and their starting noise.""",
}
"""How each method is used, as `train METHOD --help` says it."""


def add_words(train: argparse.ArgumentParser) -> None:
    """Add a command for each method."""
    methods = train.add_subparsers(required=True, metavar="METHOD")
    for kind, recipe in RECIPES.items():
        method = methods.add_parser(
            NAMES[kind],
            help=re.split(r"\.\s", recipe)[0],
            description=recipe,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        method.set_defaults(run=run, method=METHODS[kind])
        method.add_argument("folder", type=Path, help="folder of training pictures")
        OPTIONS[kind](method)
        _add_recipe(method, USUAL[kind])
        _add_result(method)
        add_device(method)


def _add_lora(method: argparse.ArgumentParser) -> None:
    method.add_argument("--rank", type=int, default=Lora().rank, help="default: %(default)s")
    method.add_argument("--mlp", action="store_true", help="also adapt the feed-forward layers")
    method.add_argument("--conv", action="store_true", help="also adapt the convolutions (LoCon)")
    method.add_argument("--text-encoder", action="store_true", help="also adapt the text encoder")


def _add_textual_inversion(method: argparse.ArgumentParser) -> None:
    method.add_argument("--token", required=True, help="the new word, such as <rocky>")
    method.add_argument("--vectors", type=int, default=4, help="1 to 8 (default: %(default)s)")
    method.add_argument(
        "--initializer", default="", help="known word with a similar meaning, to start from"
    )


def _add_dreambooth(method: argparse.ArgumentParser) -> None:
    defaults = DreamBooth()
    method.add_argument(
        "--instance", default="", help="prompt for all pictures (default: their captions)"
    )
    method.add_argument("--class", dest="kind", default="", help="prompt for the class")
    method.add_argument(
        "--class-pictures",
        type=int,
        default=defaults.class_pictures,
        help="class pictures that the model paints first (default: %(default)s)",
    )
    method.add_argument("--class-data", type=Path, help="folder of class pictures to use instead")
    method.add_argument("--prior-weight", type=float, default=defaults.prior_weight)
    method.add_argument("--full", action="store_true", help="train the whole model, not a LoRA")
    _add_lora(method)


def _add_finetune(method: argparse.ArgumentParser) -> None:
    _add_ema_decay(method, Finetune().ema_decay)


def _add_edit(method: argparse.ArgumentParser) -> None:
    defaults = EditTraining()
    for what, share in (
        ("text", defaults.drop_text),
        ("image", defaults.drop_image),
        ("both", defaults.drop_both),
    ):
        method.add_argument(
            f"--drop-{what}",
            type=float,
            default=share,
            help=f"share of the pairs trained without the {SEEN[what]} (default: %(default)s)",
        )
    _add_ema_decay(method, defaults.ema_decay)


def _add_ema_decay(method: argparse.ArgumentParser, usual: float) -> None:
    method.add_argument(
        "--ema-decay",
        type=float,
        default=usual,
        help=f"decay of the average of the weights; 0 saves the last weights (default: {usual})",
    )


SEEN = {"text": "instruction", "image": "picture to edit", "both": "instruction and the picture"}
"""What each chance of edit training leaves out."""


def _add_taste(method: argparse.ArgumentParser) -> None:
    defaults = Taste()
    method.add_argument(
        "--objective",
        choices=[each.value for each in Objective],
        default=defaults.objective.value,
        help="what is learned from the ratings (default: %(default)s)",
    )
    method.add_argument(
        "--beta",
        type=float,
        default=defaults.beta,
        help="how close to the original model to stay, except with liked (default: %(default)g)",
    )
    method.add_argument("--rank", type=int, default=defaults.rank, help="default: %(default)s")


OPTIONS: dict[type[Method], Callable[[argparse.ArgumentParser], None]] = {
    Lora: _add_lora,
    TextualInversion: _add_textual_inversion,
    DreamBooth: _add_dreambooth,
    Finetune: _add_finetune,
    EditTraining: _add_edit,
    Taste: _add_taste,
}


def _lora(arguments: argparse.Namespace) -> Lora:
    return Lora(
        rank=arguments.rank,
        mlp=arguments.mlp,
        conv=arguments.conv,
        text_encoder=arguments.text_encoder,
    )


def _textual_inversion(arguments: argparse.Namespace) -> TextualInversion:
    return TextualInversion(
        token=arguments.token, vectors=arguments.vectors, initializer=arguments.initializer
    )


def _dreambooth(arguments: argparse.Namespace) -> DreamBooth:
    return DreamBooth(
        instance_prompt=arguments.instance,
        class_prompt=arguments.kind,
        class_pictures=arguments.class_pictures,
        class_data=arguments.class_data,
        prior_weight=arguments.prior_weight,
        lora=None if arguments.full else _lora(arguments),
        text_encoder=arguments.full and arguments.text_encoder,
    )


def _finetune(arguments: argparse.Namespace) -> Finetune:
    return Finetune(ema_decay=arguments.ema_decay)


def _edit(arguments: argparse.Namespace) -> EditTraining:
    return EditTraining(
        drop_text=arguments.drop_text,
        drop_image=arguments.drop_image,
        drop_both=arguments.drop_both,
        ema_decay=arguments.ema_decay,
    )


def _taste(arguments: argparse.Namespace) -> Taste:
    return Taste(objective=Objective(arguments.objective), beta=arguments.beta, rank=arguments.rank)


METHODS: dict[type[Method], Callable[[argparse.Namespace], Method]] = {
    Lora: _lora,
    TextualInversion: _textual_inversion,
    DreamBooth: _dreambooth,
    Finetune: _finetune,
    EditTraining: _edit,
    Taste: _taste,
}


def _add_recipe(method: argparse.ArgumentParser, usual: Recipe) -> None:
    """Add the options of every method; what is left out is chosen for the model."""
    add = method.add_argument
    add("--steps", type=int, help=f"optimizer steps (default: {usual.steps}; shapes: fewer)")
    add("--rate", type=float, help=f"learning rate (default: {usual.rate:g}; shapes: more)")
    add("--batch", type=int, help=f"batch size (default: {usual.batch}; shapes: more)")
    add("--accumulation", type=int, help="batches per optimizer step (default: 1)")
    add("--rate-schedule", type=RateSchedule, metavar=_names(RateSchedule))
    add("--warmup", type=int, help="steps over which the learning rate rises (default: 0)")
    add("--optimizer", type=Optimizer, metavar=_names(Optimizer))
    add(
        "--snr-gamma",
        type=float,
        help=f"γ of min-SNR weighting; 0 turns it off (default: {usual.snr_gamma or 0})",
    )
    add("--side", type=int, help="resolution in pixels (default: the model's)")
    for option, what in (
        ("--flip", "mirror half of the pictures"),
        ("--crop", "crop at random places"),
        ("--colour", "vary brightness, contrast and saturation a little"),
        ("--gradient-checkpointing", "use less memory, a third slower"),
    ):
        add(option, action="store_true", default=None, help=what)
    add("--seed", type=int, help="default: 0")


def _names(kind: type[enum.Enum]) -> str:
    return "{" + ",".join(each.value for each in kind) + "}"


def _add_result(method: argparse.ArgumentParser) -> None:
    add = method.add_argument
    add("--out", type=Path, help="folder for the result; a training already there continues")
    add("--name", default="adapter", help="name of the result's file (default: %(default)s)")
    add("--trigger", default="", help="words that call for it in a prompt, noted in the file")
    add("--every", type=int, help="steps between checkpoints (default: a tenth, at least 100)")
    add("--sample", action="append", default=[], help="prompt of a sample; can be repeated")
    add("--model", default="shapes", help="name, hub id, folder or file of the model")
    add("--models-dir", type=Path, help="folder of downloaded models")


def request_of(arguments: argparse.Namespace) -> Train:
    """Return the request that the words ask for."""
    fields = {field.name for field in dataclasses.fields(Recipe)} & vars(arguments).keys()
    said: dict[str, Any] = {name: getattr(arguments, name) for name in fields}
    said = {name: value for name, value in said.items() if value is not None}
    if said.get("snr_gamma") == 0:
        said["snr_gamma"] = None
    out = arguments.out or Path(f"{arguments.folder.name or 'training'}-{arguments.name}")
    request = Train(
        job="train",
        model=arguments.model,
        method=arguments.method(arguments),
        data=arguments.folder,
        out=out,
        name=arguments.name,
        trigger=arguments.trigger,
    )
    recipe = dataclasses.replace(usual_recipe(request), **said)
    every = arguments.every or max(LEAST_EVERY, (recipe.steps or 0) // 10)
    checkpoints = Checkpoints(every=every, prompts=tuple(arguments.sample))
    return dataclasses.replace(request, recipe=recipe, checkpoints=checkpoints)


def run(arguments: argparse.Namespace) -> int:
    """Train; Ctrl-C stops at once, and the same command goes on from the last checkpoint."""
    from generation.engine.session import local_engine

    request = request_of(arguments)
    request.out.mkdir(parents=True, exist_ok=True)
    options = WorkerOptions(
        model=arguments.model, models_dir=arguments.models_dir, **device_options(arguments)
    )
    with local_engine(options) as engine:
        ended = engine.train(request, watch=_tell)
    show_line("")
    if isinstance(ended, Failed):
        return complain(ended.detail, BROKEN if ended.reason is Reason.INTERNAL else WRONG)
    if isinstance(ended, Trained):
        print(ended.result)
        if ended.report is not None:
            complain(f"step {ended.step} of {ended.steps} was the best; see {ended.report}")
    return DONE


def _tell(event: Event) -> None:
    """Print what a person who waits wants to know."""
    match event:
        case TrainProgress(stage=stage, step=step, steps=steps):
            loss = "" if event.loss is None else f", loss {event.loss:.4f}"
            left = "" if event.seconds_left is None else f", {_minutes(event.seconds_left)} left"
            show_line(f"{stage.value}: {step} of {steps}{loss}{left}")
        case TrainRemark(remark=remark):
            complain(str(remark))
        case CheckpointSaved():
            show_line("")
            print(
                f"step {event.step}: validation {event.validation:.4f}, samples in {event.sheet}",
                file=sys.stderr,
            )
        case _:
            pass


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
