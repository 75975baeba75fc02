from pathlib import Path

import pytest

from tests.tiny import build_tiny


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With two layers per block, as the files that others make count them."""
    return build_tiny(tmp_path_factory.mktemp("tiny"), unet_layers=2)
