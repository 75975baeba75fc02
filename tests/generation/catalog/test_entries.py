"""The names by which models are known."""

import pytest

from generation.catalog.entries import ModelUnavailable, find, hub_id


@pytest.mark.parametrize("name", ["sd15", "stable-diffusion-v1-5/stable-diffusion-v1-5"])
def test_former_and_present_names_mean_one_model(name: str) -> None:
    assert find("runwayml/stable-diffusion-v1-5") == find(name)


def test_what_comes_along_need_not_be_fetched() -> None:
    with pytest.raises(ModelUnavailable, match="shapes comes with Konomi"):
        hub_id("shapes")
