"""Programs that train are timed from outside, and only diffusers' own scripts are run."""

from __future__ import annotations

import importlib.util
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from benchmarks import scripts
from benchmarks.easel import Setting
from benchmarks.figures import CannotMeasure
from benchmarks.training import (
    METHODS,
    Bench,
    copy_model,
    draw_pictures,
    words_of_konomi,
    words_of_script,
)
from generation.__main__ import build_parser
from generation.commands.train import request_of
from generation.protocol.training import DreamBooth, Finetune, Lora, TextualInversion
from generation.training.data.folders import read_folder

TRAINER = """
import sys, torch
weight = torch.nn.Parameter(torch.ones(2))
optimizer = torch.optim.AdamW([weight])
while True:
    weight.grad = torch.ones(2)
    optimizer.step()
    print(sys.argv[1], flush=True)
"""


@pytest.fixture
def bench(setting: Setting, tiny_folder: Path, tmp_path: Path) -> Bench:
    copy_model(str(tiny_folder), tmp_path / "model")
    draw_pictures(tmp_path, 3)
    return Bench(setting=setting, batch=2, folder=tmp_path, scripts=tmp_path)


def test_a_program_is_timed_by_its_optimizer_steps_and_ended_after_the_last(tmp_path: Path) -> None:
    file, program = tmp_path / "times.json", tmp_path / "trainer.py"
    program.write_text(TRAINER)
    words = ["-m", "benchmarks.stopwatch", str(file), "3", str(program), "word"]
    ended = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["word", "word"]
    times = json.loads(file.read_text())
    assert len(times["wall"]) == len(times["cpu"]) == 3
    assert times["wall"] == sorted(times["wall"])
    assert times["peak"] > 2**24


def test_both_sides_are_given_the_same_settings(bench: Bench) -> None:
    kinds = (Lora, TextualInversion, DreamBooth, Finetune)
    for method, kind in zip(METHODS.values(), kinds, strict=True):
        ours = request_of(build_parser().parse_args(words_of_konomi(bench, method)))
        theirs = words_of_script(bench, method)
        given = dict(itertools.pairwise(theirs))
        assert isinstance(ours.method, kind)
        assert str(ours.data) in theirs
        assert given["--pretrained_model_name_or_path"] == ours.model
        assert float(given["--learning_rate"]) == ours.recipe.rate
        assert int(given["--train_batch_size"]) == ours.recipe.batch
        assert int(given["--resolution"]) == ours.recipe.side
        assert float(given.get("--snr_gamma", 0)) == (ours.recipe.snr_gamma or 0)


def test_captions_are_where_both_look_for_them(bench: Bench) -> None:
    lora, dreambooth = METHODS["lora"], METHODS["dreambooth-lora"]
    assert all(each.caption for each in read_folder(bench.pictures(lora))[0])
    for file in bench.pictures(dreambooth).iterdir():  # the scripts open every file
        with Image.open(file) as picture:
            assert picture.size == (96, 96)


def test_no_script_is_run_but_the_one_of_that_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "NEEDED", ())
    (path, *_) = scripts.SCRIPTS
    (tmp_path / Path(path).name).write_text("print('something else')")
    with pytest.raises(CannotMeasure, match="is not diffusers' script of commit"):
        scripts.script(path, tmp_path)


@pytest.mark.skipif(importlib.util.find_spec("datasets") is not None, reason="it is installed")
def test_what_the_scripts_need_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="datasets"):
        scripts.script(next(iter(scripts.SCRIPTS)), tmp_path)
