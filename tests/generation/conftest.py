import shutil
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.models.model import Model
from generation.process.queue import Queue
from generation.protocol.requests import Paint
from tests.generation.queue_scene import Attempts, Easel, Scene
from tests.tiny import build_tiny, build_unet, load_tiny


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Tiny tensors gain nothing from threads, and other tests run beside these."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def velocity_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny(tmp_path_factory.mktemp("velocity"), prediction_type="v_prediction")


@pytest.fixture(scope="session")
def distilled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A UNet that is told its guidance, as latent consistency models are."""
    folder = build_tiny(tmp_path_factory.mktemp("distilled"))
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(1)
        build_unet(time_cond_proj_dim=32).save_pretrained(folder / "unet")
    return folder


@pytest.fixture(scope="session")
def strict_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose checker flags every picture."""
    return build_tiny(tmp_path_factory.mktemp("strict"), safety_threshold=-2.0)


@pytest.fixture
def checker_folder(strict_folder: Path, tmp_path: Path) -> Path:
    """A checker in a folder of its own, as it has one on the hub."""
    folder = Path(shutil.copytree(strict_folder / "safety_checker", tmp_path / "checker"))
    shutil.copy(strict_folder / "feature_extractor" / "preprocessor_config.json", folder)
    return folder


@pytest.fixture
def model(tiny_folder: Path) -> Model:
    return load_tiny(tiny_folder)


@pytest.fixture
def engine(model: Model) -> Iterator[Engine]:
    with Writer() as writer:
        yield Engine(model, writer, name=model.card.name, reference_budget=2**28)


@pytest.fixture
def request_(model: Model, tmp_path: Path) -> Callable[..., Paint]:
    def make(job: str = "job", **change: Any) -> Paint:
        out = tmp_path / job
        out.mkdir(exist_ok=True)
        paint = {"prompt": "x", "count": 2, "steps": 3, "previews": False, "out": out}
        return Paint(job=job, model=model.card.name, **(paint | change))

    return make


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    easel, attempts = Easel(), Attempts()
    async with Queue(easel, begin=attempts.begin, pictures_together=4) as queue:
        yield Scene(queue, easel, attempts)


@pytest.fixture
async def giving() -> AsyncGenerator[Scene]:
    """A queue that gives attempts back."""
    easel, attempts = Easel(), Attempts()
    async with Queue(easel, begin=attempts.begin, give_back=attempts.give_back) as queue:
        yield Scene(queue, easel, attempts)


@pytest.fixture
def request_of(tmp_path: Path) -> Callable[..., Paint]:
    """Makes requests that write into the test's folder."""

    def make(job: str = "job", prompt: str = "a red circle", **more: object) -> Paint:
        out = tmp_path / job
        out.mkdir(exist_ok=True)
        return Paint(job=job, model="shapes", prompt=prompt, out=out, **more)  # type: ignore[arg-type]

    return make
