"""Read adapters from .safetensors files; everything is checked before any of it is used."""

from __future__ import annotations

import io
from collections.abc import Mapping

from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from generation.adapter_files.kinds import check_kind, checked_header, is_embedding
from generation.adapter_files.metadata import metadata_of
from generation.adapter_files.names import Role
from generation.catalog.headers import Header, header_of
from generation.images.tensors import digest_of
from generation.models.adapters.checks import Parts, check_base, updates_of
from generation.models.adapters.embeddings import embedding_of, vectors_of
from generation.models.adapters.layouts import Layer
from generation.models.adapters.peft_layout import METADATA_KEY, PeftSettings
from generation.models.adapters.targets import Shape, Targets
from generation.models.adapters.weights import AdapterWeights, Embedding, LayerUpdate
from generation.protocol.problems import Code
from generation.protocol.requests import Adapter
from generation.requests.refused import Refused


def read_adapter(adapter: Adapter, targets: Targets) -> AdapterWeights | Embedding:
    """Read an adapter's file for a model with these targets; raises `Refused`."""
    name = adapter.name
    try:
        header = checked_header(adapter.path, name)
        check_kind(header, name)
        check_base(header, targets, name)
        embedding = is_embedding(header)
        vectors = vectors_of(header, targets, name) if embedding else {}
        updates: Mapping[Layer, Parts] = {} if embedding else updates_of(header, targets, name)
        data = adapter.path.read_bytes()
    except OSError as error:
        raise Refused(Code.ADAPTER_MISSING, name=name) from error
    if digest_of(data) != adapter.digest or header_of(io.BytesIO(data)) != header:
        raise Refused(Code.ADAPTER_CHANGED, name=name)
    tensors = _tensors(data, name)
    if embedding:
        return embedding_of(tensors, vectors, metadata_of(header.metadata))
    return _weights(tensors, updates, header, targets, name)


def _tensors(data: bytes, name: str) -> dict[str, Tensor]:
    """Load the tensors, which are all numbers."""
    try:
        tensors = load(data)
    except (SafetensorError, KeyError, ValueError) as error:
        raise Refused(Code.ADAPTER_NOT_SAFETENSORS, name=name) from error
    # The least and the greatest value, of which either is NaN if any value is.
    if not all(end.isfinite() for tensor in tensors.values() for end in tensor.aminmax()):
        raise Refused(Code.ADAPTER_NOT_FINITE, name=name)
    return tensors


def _weights(
    tensors: Mapping[str, Tensor],
    updates: Mapping[Layer, Parts],
    header: Header,
    targets: Targets,
    name: str,
) -> AdapterWeights:
    """Return the checked updates with their alphas."""
    settings = PeftSettings(header.metadata.get(METADATA_KEY), name)
    layers: dict[str, dict[str, LayerUpdate]] = {}
    for layer, parts in updates.items():
        if settings.is_dora(layer) and Role.MAGNITUDE not in parts:
            raise Refused(Code.ADAPTER_INCOMPLETE, name=name)
        down = tensors[parts[Role.DOWN]]
        if Role.ALPHA in parts:
            alpha = _alpha(tensors[parts[Role.ALPHA]], name)
        else:
            alpha = settings.alpha(layer, len(down))
        layers.setdefault(layer.part, {})[layer.path] = LayerUpdate(
            down=down,
            up=tensors[parts[Role.UP]],
            alpha=alpha,
            mid=tensors[parts[Role.MID]] if Role.MID in parts else None,
            magnitude=_magnitude(tensors, parts, targets.layers[layer.part][layer.path]),
        )
    return AdapterWeights(parts=layers, metadata=metadata_of(header.metadata))


def _alpha(tensor: Tensor, name: str) -> float:
    alpha = float(tensor.item())
    if not 0 < alpha < 1e6:
        raise Refused(Code.ADAPTER_ALPHA, name=name)
    return alpha


def _magnitude(tensors: Mapping[str, Tensor], parts: Parts, weight: Shape) -> Tensor | None:
    """Return DoRA's norms in a shape that broadcasts with the weight.

    LyCORIS' `dora_scale` has one already; peft has (out,), or (1, out, 1, 1) of a convolution.
    """
    if (key := parts.get(Role.MAGNITUDE)) is None:
        return None
    tensor = tensors[key]
    if key.endswith(".dora_scale") and tensor.ndim == len(weight):
        return tensor
    return tensor.reshape(weight[0], *(1 for _ in weight[1:]))
