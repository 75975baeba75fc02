from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from benchmarks.easel import Easel, Setting, open_easel
from generation.protocol.options import WorkerOptions
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
    return build_tiny(tmp_path_factory.mktemp("tiny"), unet_widths=(32, 32))


@pytest.fixture(scope="session")
def setting(tiny_folder: Path) -> Setting:
    options = WorkerOptions(model=str(tiny_folder), device="cpu")
    return Setting(options=options, steps=2, pictures=2, size=64, repeats=1)


@pytest.fixture(scope="module")
def easel(setting: Setting) -> Iterator[Easel]:
    with open_easel(setting) as easel:
        yield easel
