from pathlib import Path

import pytest
from PIL import Image

from generation.images.tensors import digest_of
from generation.protocol.requests import Reference


@pytest.fixture
def red(tmp_path: Path) -> Reference:
    Image.new("RGB", (96, 96), "red").save(tmp_path / "red.png")
    return Reference(
        path=tmp_path / "red.png", digest=digest_of((tmp_path / "red.png").read_bytes())
    )
