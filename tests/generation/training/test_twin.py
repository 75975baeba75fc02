"""Twins share every weight with a model, and leave its pictures as they are to the bit."""

import torch

from generation.models.model import Model
from generation.training.low_rank import add_lora
from generation.training.twin import copy_of, shares_weights, twin_of


def output(unet: torch.nn.Module) -> torch.Tensor:
    with torch.inference_mode():
        states = torch.ones(1, 77, unet.config.cross_attention_dim)
        return unet(torch.ones(1, 4, 12, 12), 500, states).sample


def test_a_twin_shares_every_weight(model: Model) -> None:
    twin = twin_of(model.unet)

    assert shares_weights(twin, model.unet)
    assert not any(parameter.requires_grad for parameter in twin.parameters())


def test_twins_of_text_encoders_share_every_weight(model: Model) -> None:
    network = model.text_encoders.encoders[0].network

    twin = twin_of(network)

    assert shares_weights(twin, network)
    ids = torch.arange(77)[None]
    assert torch.equal(twin(ids)[0], network(ids)[0])


def test_an_adapter_of_a_twin_is_not_the_models(model: Model) -> None:
    before = output(model.unet)
    twin = twin_of(model.unet)
    parameters = add_lora("unet", twin, ["to_q"], 2, 0)
    with torch.no_grad():
        for parameter in parameters.values():
            parameter.fill_(0.5)

    assert not torch.equal(output(twin), before)
    assert torch.equal(output(model.unet), before)


def test_a_twin_of_a_model_with_an_adapter_has_none(model: Model) -> None:
    before = output(twin_of(model.unet))
    add_lora("unet", model.unet, ["to_q"], 2, 0)

    assert torch.equal(output(twin_of(model.unet)), before)


def test_a_copy_shares_nothing_and_is_trained(model: Model) -> None:
    copy = copy_of(model.unet)

    assert not shares_weights(copy, model.unet)
    assert all(parameter.requires_grad for parameter in copy.parameters())
    assert torch.equal(output(copy), output(model.unet))
