from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from generation.messages import WorkerOptions
from generation.models import Model, load_model
from tests.tiny import build_tiny


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


@pytest.fixture
def model(tiny_folder: Path) -> Model:
    return load_model(WorkerOptions(model=str(tiny_folder), device="cpu"))
