"""Benchmark of training: each method against the example script that diffusers has for it.

Both are run as programs, in turn, and timed by the same stopwatch.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import safetensors.torch

from benchmarks.easel import Setting
from benchmarks.figures import CannotMeasure, Figure, compared
from benchmarks.scripts import FOLDER, script
from generation.catalog.files import EMBEDDED
from generation.shapes.captions import caption, random_said
from generation.shapes.world import draw, random_scene

NAME = "training"
WARM_UP = 10
"""First steps, which are not counted."""
STEPS, PICTURES = 60, 8
RANK, VECTORS = 16, 4
WORD, CLASS = "<thing>", "circle"
PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")
"""Parts of a model that training reads."""
KONOMI, DIFFUSERS = "Konomi", "diffusers' script"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """A method of training, as words for Konomi and for diffusers' script; captioned: it reads
    captions."""

    name: str
    script: str
    theirs: Sequence[str]
    ours: Sequence[str]
    captioned: bool = False


METHODS = {
    "lora": Method(
        name="LoRA",
        script="examples/text_to_image/train_text_to_image_lora.py",
        theirs=["--rank", str(RANK), "--snr_gamma", "5", "--learning_rate", "1e-4"],
        ours=["lora", "--rank", str(RANK), "--snr-gamma", "5", "--rate", "1e-4"],
        captioned=True,
    ),
    "textual-inversion": Method(
        name="Textual Inversion",
        script="examples/textual_inversion/textual_inversion.py",
        theirs=[
            *("--placeholder_token", WORD, "--initializer_token", CLASS),
            *("--num_vectors", str(VECTORS), "--learning_rate", "5e-4", "--save_steps", "1000000"),
        ],
        ours=[
            *("textual-inversion", "--token", WORD, "--initializer", CLASS),
            *("--vectors", str(VECTORS), "--rate", "5e-4", "--snr-gamma", "0"),
        ],
    ),
    "dreambooth-lora": Method(
        name="DreamBooth, as a LoRA",
        script="examples/dreambooth/train_dreambooth_lora.py",
        theirs=[
            *("--instance_prompt", f"a sks {CLASS}"),
            *("--rank", str(RANK), "--learning_rate", "1e-4"),
        ],
        ours=[
            *("dreambooth", "--instance", f"a sks {CLASS}"),
            *("--rank", str(RANK), "--rate", "1e-4", "--snr-gamma", "0"),
        ],
    ),
    "finetune": Method(
        name="full fine-tuning",
        script="examples/text_to_image/train_text_to_image.py",
        theirs=["--use_ema", "--snr_gamma", "5", "--learning_rate", "1e-5"],
        ours=["finetune", "--snr-gamma", "5", "--rate", "1e-5"],
        captioned=True,
    ),
}


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """What both sides train on, a model and pictures, and where they write."""

    setting: Setting
    batch: int
    folder: Path
    scripts: Path

    @property
    def model(self) -> Path:
        """The model's folder."""
        return self.folder / "model"

    def pictures(self, method: Method) -> Path:
        """Folder of the pictures for a method."""
        return self.folder / ("captioned" if method.captioned else "bare")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Timed:
    """Milliseconds of a step, and the peak memory in MiB."""

    step: float
    peak: float


def measure(
    setting: Setting, names: Sequence[str], *, batch: int, scripts: Path = FOLDER
) -> Iterator[Figure]:
    """Measure each method's steps and memory, in `repeats` turns of both sides."""
    if setting.steps <= WARM_UP + 1:
        raise CannotMeasure(f"Ask for more than {WARM_UP + 1} steps: the first ones do not count.")
    files = {name: script(METHODS[name].script, scripts) for name in names}
    with tempfile.TemporaryDirectory(prefix="konomi-benchmark-") as folder:
        bench = Bench(setting=setting, batch=batch, folder=Path(folder), scripts=scripts)
        copy_model(setting.options.model, bench.model)
        draw_pictures(bench.folder, setting.pictures)
        for name in names:
            yield from _compare(bench, METHODS[name], files[name])


def _compare(bench: Bench, method: Method, file: Path) -> Iterator[Figure]:
    ours: list[Timed] = []
    theirs: list[Timed] = []
    for turn in range(bench.setting.repeats):
        sides = [(ours, words_of_konomi(bench, method)), (theirs, words_of_script(bench, method))]
        programs = ["generation", str(file)]
        order = list(zip(sides, programs, strict=True))
        for (found, words), program in order if turn % 2 else reversed(order):
            found.append(run(bench, program, words))
    for kind, unit in (("step", "ms"), ("peak", "MiB")):
        yield compared(
            [getattr(each, kind) for each in ours],
            [getattr(each, kind) for each in theirs],
            benchmark=NAME,
            case=f"{method.name}, {bench.batch} a step",
            kind=f"{KONOMI}: {'time of a step' if kind == 'step' else 'peak memory'}",
            baseline=DIFFUSERS,
            unit=unit,
        )


def words_of_konomi(bench: Bench, method: Method) -> list[str]:
    """Return the command line of Konomi's training."""
    name, *settings = method.ours
    steps = str(bench.setting.steps)
    side = [] if bench.setting.size is None else ["--side", str(bench.setting.size)]
    return [
        *("train", name, str(bench.pictures(method)), *settings, *side),
        *("--model", str(bench.model), "--out", str(bench.folder / "out" / "konomi")),
        *("--batch", str(bench.batch), "--steps", steps, "--every", steps),
        *("--device", bench.setting.options.device, "--precision", "float32"),
    ]


def words_of_script(bench: Bench, method: Method) -> list[str]:
    """Return the command line of diffusers' script."""
    data = "--train_data_dir" if "--instance_prompt" not in method.theirs else "--instance_data_dir"
    side = bench.setting.size or _native_side(bench.model)
    return [
        *("--pretrained_model_name_or_path", str(bench.model)),
        *(data, str(bench.pictures(method)), *method.theirs),
        *("--output_dir", str(bench.folder / "out" / "diffusers"), "--resolution", str(side)),
        *("--train_batch_size", str(bench.batch), "--max_train_steps", str(bench.setting.steps)),
        *("--lr_scheduler", "constant", "--seed", "0", "--checkpointing_steps", "1000000"),
    ]


def run(bench: Bench, program: str, words: Sequence[str]) -> Timed:
    """Run one side from scratch and return its times."""
    out, found = bench.folder / "out", bench.folder / "times.json"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    found.unlink(missing_ok=True)
    stopwatch = [sys.executable, "-m", "benchmarks.stopwatch", str(found)]
    ended = subprocess.run(  # noqa: S603 - our interpreter and a script that was checked
        [*stopwatch, str(bench.setting.steps), program, *words],
        env=_environment(bench),
        capture_output=True,
        text=True,
        check=False,
    )
    if not found.is_file():
        last = (ended.stderr.strip().splitlines() or [f"status {ended.returncode}"])[-1]
        raise CannotMeasure(f"{Path(program).name} ended before its last step: {last}")
    times: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
    clock = times["cpu" if bench.setting.cpu_time else "wall"][WARM_UP:]
    step = (clock[-1] - clock[0]) / (len(clock) - 1)
    return Timed(step=1000 * step, peak=times["peak"] / 2**20)


def _environment(bench: Bench) -> dict[str, str]:
    """The same threads for both, and no network."""
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(bench.folder / "cache"),
        "PYTHONPATH": os.pathsep.join(
            filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")])
        ),
    }
    if bench.setting.options.threads is not None:
        environment["OMP_NUM_THREADS"] = str(bench.setting.options.threads)
    if bench.setting.options.device == "cpu":
        environment["ACCELERATE_USE_CPU"] = "1"
    return environment


def copy_model(name: str, folder: Path) -> None:
    """Copy what training reads of a model in diffusers' folders, its text encoder in float32.

    Transformers loads that in the precision of its files, in which it could not be trained.
    """
    source = EMBEDDED if name == "shapes" else Path(name)
    if not (source / "model_index.json").is_file():
        raise CannotMeasure(f"{name} is no folder of a diffusers model, which the scripts need.")
    for part in PARTS:
        shutil.copytree(source / part, folder / part)
    shutil.copy(source / "model_index.json", folder)
    for file in (folder / "text_encoder").rglob("*.safetensors"):
        tensors = safetensors.torch.load_file(file)
        whole = {name: each.float() for name, each in tensors.items()}
        safetensors.torch.save_file(whole, file, {"format": "pt"})
    for file in folder.rglob("config.json"):
        config = json.loads(file.read_text(encoding="utf-8"))
        if "dtype" in config:
            file.write_text(json.dumps(config | {"dtype": "float32"}), encoding="utf-8")


def draw_pictures(folder: Path, count: int) -> None:
    """Draw pictures of shapes into two folders, of which one has their captions."""
    random, lines = Random(0), []
    for name in ("captioned", "bare"):
        (folder / name).mkdir()
    for number in range(count):
        scene = random_scene(random)
        draw(scene).save(folder / "captioned" / f"{number}.png")
        draw(scene).save(folder / "bare" / f"{number}.png")
        text = caption(scene, random_said(random), random)
        lines.append(json.dumps({"file_name": f"{number}.png", "text": text}))
    metadata = folder / "captioned" / "metadata.jsonl"
    metadata.write_text("\n".join(lines), encoding="utf-8")


def _native_side(model: Path) -> int:
    """Return the side in pixels that a model was trained at."""
    unet = json.loads((model / "unet" / "config.json").read_text(encoding="utf-8"))
    vae = json.loads((model / "vae" / "config.json").read_text(encoding="utf-8"))
    return int(unet["sample_size"]) * 2 ** (len(vae["block_out_channels"]) - 1)
