"""Second copies of a network: twins, which share every weight with it, and copies to train whole.

Whatever is added to a twin, or trained in a copy, leaves the network itself as it is, to the bit.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

import torch
from diffusers.models.attention_processor import AttnProcessor2_0
from torch import Tensor, nn

from generation.models.adapters.prompt_words import PromptWords
from generation.models.model import Model
from generation.models.text_encoders import Encoder

Network = TypeVar("Network", bound=nn.Module)


def twin_of(network: Network) -> Network:
    """Return a second network that shares every tensor with `network`; none is trained.

    Adapters of the network stay behind, as do its attention processors.
    """
    twin = _empty(network)
    tensors = dict(_plain(network.state_dict(keep_vars=False)))
    twin.load_state_dict(tensors, strict=False, assign=True)
    _adopt_buffers(twin, network)
    lacking = [name for name, tensor in _tensors(twin) if tensor.is_meta]
    if lacking:
        raise RuntimeError(f"a twin lacks {', '.join(lacking[:3])}")
    if hasattr(twin, "set_attn_processor"):
        network_of_diffusers: Any = twin
        network_of_diffusers.set_attn_processor(AttnProcessor2_0())
    return twin.requires_grad_(False).train()


def copy_of(network: Network) -> Network:
    """Return a second network with weights of its own in float32, to be trained."""
    whole = twin_of(network)
    for parameter in whole.parameters():
        # contiguous_format would undo channels_last
        parameter.data = parameter.data.clone(memory_format=torch.preserve_format).float()
    return whole.requires_grad_(True)


def model_with(
    model: Model, *, unet: nn.Module | None = None, encoders: list[Encoder] | None = None
) -> Model:
    """Return a model that paints with these networks, and otherwise shares the parts of `model`."""
    texts = model.text_encoders if encoders is None else model.text_encoders.with_encoders(encoders)
    return dataclasses.replace(
        model,
        unet=model.unet if unet is None else unet,
        text_encoders=texts,
        editor=None,
        compiled=None,
    )


def encoder_with(encoder: Encoder, network: nn.Module, tokenizer: Any = None) -> Encoder:
    """Return a text encoder that reads with another network of the same kind."""
    other = copy.copy(encoder)
    other.__dict__.pop("_provider", None)  # which holds the network that it had
    other.network = network
    other.tokenizer = encoder.tokenizer if tokenizer is None else tokenizer
    other.words = PromptWords(other.tokenizer, network)
    return other


def shares_weights(twin: nn.Module, network: nn.Module) -> bool:
    """Return True if every weight of `network` is the same memory in its twin."""
    theirs = dict(_plain(dict(network.named_parameters())))
    own = dict(_plain(dict(twin.named_parameters())))
    return all(
        name in own and own[name].data_ptr() == tensor.data_ptr() for name, tensor in theirs.items()
    )


def _empty(network: Network) -> Network:
    """Return a network of the same configuration without memory for its weights."""
    config: Any = network.config
    kind: Any = type(network)
    with torch.device("meta"):
        made: Network = kind.from_config(config) if _of_diffusers(kind) else kind(config)
        return made


def _of_diffusers(kind: Any) -> bool:
    return hasattr(kind, "from_config")


def _plain(tensors: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors that a network has without adapters and without fused projections."""
    for name, tensor in tensors.items():
        if ".lora_" not in name and ".to_qkv." not in name:
            yield name.replace(".base_layer.", "."), tensor


def _adopt_buffers(twin: nn.Module, network: nn.Module) -> None:
    """Share the buffers that are not saved with the weights."""
    for path, module in network.named_modules():
        for name, buffer in module.named_buffers(recurse=False):
            setattr(twin.get_submodule(path.replace(".base_layer", "")), name, buffer)


def _tensors(network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    yield from network.named_parameters()
    yield from network.named_buffers()
