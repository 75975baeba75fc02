"""Checks of an adapter's header against a model, before any tensor is loaded."""

from __future__ import annotations

from collections.abc import Mapping

from generation.adapter_files.kinds import ALPHA_DTYPES, DTYPES, MAX_RANK, base_of, shown
from generation.adapter_files.names import Role, split
from generation.catalog.bases import Base
from generation.catalog.headers import Header, TensorEntry
from generation.models.adapters.layouts import Layer, layers_by_name
from generation.models.adapters.targets import Shape, Targets
from generation.protocol.problems import Code
from generation.requests.refused import Refused

Parts = Mapping[Role, str]
"""Names of the tensors of a layer's update, by role."""


def check_base(header: Header, targets: Targets, name: str) -> None:
    """Raise `Refused` if the file says, or shows, that it was made for another base model."""
    made_for = base_of(header)
    if made_for is None or made_for in targets.bases:
        return
    title = made_for.title if isinstance(made_for, Base) else made_for
    raise Refused(Code.ADAPTER_OTHER_BASE, name=name, base=title, loaded=targets.base.title)


def updates_of(header: Header, targets: Targets, name: str) -> Mapping[Layer, Parts]:
    """Return the tensors of each layer that a LoRA changes; raises `Refused`."""
    updates = _grouped(header, layers_by_name(targets), name)
    for layer, parts in updates.items():
        if not {Role.DOWN, Role.UP} <= parts.keys():
            raise Refused(Code.ADAPTER_INCOMPLETE, name=name)
        shapes = {role: header.tensors[key].shape for role, key in parts.items()}
        if not _fits(shapes, targets.layers[layer.part][layer.path]):
            raise Refused(Code.ADAPTER_OTHER_MODEL, name=name)
        if not 1 <= shapes[Role.DOWN][0] <= MAX_RANK:
            raise Refused(Code.ADAPTER_RANK, name=name, most=MAX_RANK)
        if not all(_is_typed(header.tensors[key], role) for role, key in parts.items()):
            raise Refused(Code.ADAPTER_DTYPE, name=name)
    return updates


def _grouped(header: Header, layers: Mapping[str, Layer], name: str) -> Mapping[Layer, Parts]:
    """Return the tensors of each layer by role; raises `Refused` for those of no layer."""
    updates: dict[Layer, dict[Role, str]] = {}
    named = {key: split(key) for key in header.tensors}
    if unknown := [key for key, found in named.items() if found is None]:
        raise Refused(Code.ADAPTER_TENSOR, name=name, tensor=shown(unknown[0]))
    for key, found in named.items():
        if found is None or (layer := layers.get(found[0])) is None:
            raise Refused(Code.ADAPTER_OTHER_MODEL, name=name)
        parts = updates.setdefault(layer, {})
        if found[1] in parts:
            raise Refused(Code.ADAPTER_LAYER_TWICE, name=name, layer=shown(layer.path))
        parts[found[1]] = key
    if not updates:
        raise Refused(Code.ADAPTER_INCOMPLETE, name=name)
    return updates


def _fits(shapes: Mapping[Role, Shape], weight: Shape) -> bool:
    """Return True if an update's tensors fit a layer with a weight of this shape."""
    down, up, kernel = shapes[Role.DOWN], shapes[Role.UP], weight[2:]
    ones = (1,) * len(kernel)
    rank = down[0] if down else 0
    fits = up == (weight[0], rank, *ones)
    if (mid := shapes.get(Role.MID)) is not None:
        fits = fits and bool(kernel) and mid == (rank, rank, *kernel)
        fits = fits and down == (rank, weight[1], *ones)
    else:
        fits = fits and down == (rank, *weight[1:])
    if shapes.get(Role.ALPHA, ()) not in ((), (1,)):
        return False
    magnitude = shapes.get(Role.MAGNITUDE)
    return fits and (magnitude is None or magnitude in magnitude_shapes(weight))


def magnitude_shapes(weight: Shape) -> tuple[Shape, ...]:
    """Return the shapes that the norms of a weight's outputs, or inputs, may have in files."""
    out, into, ones = weight[0], weight[1], (1,) * len(weight[2:])
    return ((out,), (out, 1, *ones), (1, out, *ones) if ones else (out,), (1, into, *ones))


def _is_typed(tensor: TensorEntry, role: Role) -> bool:
    return tensor.dtype in (ALPHA_DTYPES if role is Role.ALPHA else DTYPES)
