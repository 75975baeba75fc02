"""Low-rank updates on the outputs of a network's layers, in each row of a call its own.

The network itself is never changed: forward hooks, which are there for one call alone, add each
row's updates to what the untouched layer computed.  So rows under different adapters, and rows
under none, share a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby

import torch
import torch.nn.functional as F
from diffusers.models.attention_processor import Attention
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from generation.models.adapters.acting import Strengths
from generation.models.adapters.weights import LayerUpdate

EVERY_ROW = slice(0, None)

Hook = Callable[[str, nn.Module, tuple[Tensor, ...], Tensor], Tensor]
"""A forward hook that is also given the path of the layer."""

FUSED = {"to_q": 0, "to_k": 1, "to_v": 2}
"""The projections of an attention that may be fused into `to_qkv`, with their thirds of it."""


class AdaptedLayers:
    """The layers of one network, and the adapters that act on them within `acting`."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        self._updates: dict[str, dict[str, _Update]] = {}
        self._bytes: dict[str, int] = {}
        self._runs: list[tuple[slice, Strengths]] = []
        """Neighbouring rows of the current call with the same adapters; none without any."""

    @property
    def nbytes(self) -> int:
        """Size of all adapters in bytes."""
        return sum(self._bytes.values())

    def has(self, digest: str) -> bool:
        """Return True if this adapter changes any layer."""
        return digest in self._updates

    def add(self, digest: str, layers: Mapping[str, LayerUpdate]) -> None:
        """Keep an adapter's updates by the paths of their layers, where the layers are now."""
        if layers:
            updates = {
                path: _Update(update, self._network.get_submodule(path))
                for path, update in layers.items()
            }
            self._updates[digest] = updates
            self._bytes[digest] = sum(update.nbytes for update in updates.values())

    def remove(self, digest: str) -> None:
        """Forget an adapter."""
        self._updates.pop(digest, None)
        self._bytes.pop(digest, None)

    @contextmanager
    def acting(self, rows: Sequence[Strengths]) -> Iterator[None]:
        """Let adapters act on calls of the network within the context.

        rows: the adapters of each row of the calls; those of one element act on every row.
        """
        if self._runs:
            raise RuntimeError("adapters act on this network already")
        if not any(rows):
            yield
            return
        hooks: list[RemovableHandle] = []
        try:
            self._runs = _runs(rows)
            for path, layer, hook in self._hooks():
                hooks.append(layer.register_forward_hook(partial(hook, path)))
            yield
        finally:
            for handle in hooks:
                handle.remove()
            self._runs = []

    @contextmanager
    def only(self, row: int) -> Iterator[None]:
        """Within `acting`, let the adapters of one row act on every row of what is computed."""
        runs = self._runs
        self._runs = [(EVERY_ROW, acting) for rows, acting in runs if _is_in(row, rows)]
        try:
            yield
        finally:
            self._runs = runs

    def _hooks(self) -> Iterator[tuple[str, nn.Module, Hook]]:
        """Yield the layers that the acting adapters change, each with its hook."""
        digests = {digest: None for _, acting in self._runs for digest, _ in acting}
        paths = dict.fromkeys(path for digest in digests for path in self._updates[digest])
        fused: dict[str, nn.Module] = {}
        for path in paths:
            yield path, self._network.get_submodule(path), self._after_layer
            parent, _, name = path.rpartition(".")
            if name in FUSED and parent not in fused:
                attention = self._network.get_submodule(parent)
                if isinstance(attention, Attention) and attention.fused_projections:
                    fused[parent] = attention.to_qkv
        for parent, layer in fused.items():
            yield parent, layer, self._after_fused

    def _after_layer(
        self, path: str, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor
    ) -> Tensor:
        """Add the updates of the layer at this path to its output."""
        output = output.contiguous() if output.ndim < 4 else output
        self._update(path, layer, inputs[0], output)
        return output

    def _after_fused(
        self, parent: str, _: nn.Module, inputs: tuple[Tensor, ...], output: Tensor
    ) -> Tensor:
        """Add the updates of an attention's three projections to the product of all three."""
        output = output.contiguous()
        attention = self._network.get_submodule(parent)
        thirds = output.chunk(3, dim=-1)
        for name, third in FUSED.items():
            project = attention.get_submodule(name)
            self._update(f"{parent}.{name}", project, inputs[0], thirds[third])
        return output

    def _update(self, path: str, layer: nn.Module, given: Tensor, output: Tensor) -> None:
        for rows, acting in self._runs:
            updates = [
                (update, strength)
                for digest, strength in acting
                if (update := self._updates[digest].get(path)) is not None
            ]
            if not updates:
                continue
            part = output[rows]
            # DoRA scales what the layer itself computed, whatever others have added to it since.
            own = part.clone() if any(update.scales_output for update, _ in updates) else part
            for update, strength in updates:
                update.add(strength, layer, given[rows], own, part)


class _Update:
    """One layer's update, in the layer's own precision and place; linear in its strength.

    DoRA (arXiv 2402.09353) divides the new weight by its norms and multiplies it by others.  Both
    are known beforehand, so that at strength s the weight is W + s · (W' − W), with W' the weight
    as it was trained; the product of that factor and `up · down` is kept in these.
    """

    def __init__(self, update: LayerUpdate, layer: nn.Module) -> None:
        weight = _base(layer).weight
        up, down = update.up.float() * update.scale, update.down.float()
        self._output_change: Tensor | None = None
        self._input_change: Tensor | None = None
        if update.magnitude is not None:
            factor = _factor(update, weight).to(up.device)
            change = (factor - 1).to(weight)
            if factor.shape[1] == 1:
                up = up * factor
                self._output_change = change.flatten()
            else:
                down = down * factor
                self._input_change = change.flatten()
        self._down, self._up = down.to(weight), up.to(weight)
        self._mid = None if update.mid is None else update.mid.to(weight)

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        tensors = (self._down, self._up, self._mid, self._output_change, self._input_change)
        return sum(tensor.nbytes for tensor in tensors if tensor is not None)

    @property
    def scales_output(self) -> bool:
        """True if it depends on the output of the layer itself."""
        return self._output_change is not None

    def add(
        self, strength: float, layer: nn.Module, given: Tensor, own: Tensor, output: Tensor
    ) -> None:
        """Add to `output` what it changes; `own` is the output of the layer itself."""
        base = _base(layer)
        axes = 1 if isinstance(base, nn.Conv2d) else -1
        if self._output_change is not None:
            bias = 0 if base.bias is None else _along(base.bias, own, axes)
            output.add_((own - bias) * _along(self._output_change, own, axes), alpha=strength)
        if isinstance(base, nn.Conv2d):
            if self._input_change is not None:
                changed = given * _along(self._input_change, given, axes)
                output.add_(_convolved(changed, base.weight, base), alpha=strength)
            output.add_(self._convolution(given, base), alpha=strength)
            return
        if self._input_change is not None:
            output.add_(F.linear(given * self._input_change, base.weight), alpha=strength)
        low = F.linear(given.reshape(-1, given.shape[-1]), self._down)
        output.view(-1, output.shape[-1]).addmm_(low, self._up.T, alpha=strength)

    def _convolution(self, given: Tensor, base: nn.Conv2d) -> Tensor:
        if self._mid is None:
            return F.conv2d(_convolved(given, self._down, base), self._up)
        return F.conv2d(_convolved(F.conv2d(given, self._down), self._mid, base), self._up)


def _runs(rows: Sequence[Strengths]) -> list[tuple[slice, Strengths]]:
    if len(rows) == 1:
        return [(EVERY_ROW, rows[0])]
    runs, first = [], 0
    for acting, alike in groupby(rows):
        end = first + len(list(alike))
        if acting:
            runs.append((slice(first, end), acting))
        first = end
    return runs


def _is_in(row: int, rows: slice) -> bool:
    return row >= rows.start and (rows.stop is None or row < rows.stop)


def _base(layer: nn.Module) -> nn.Linear | nn.Conv2d:
    """Return the layer within one that peft has wrapped, else the layer itself."""
    base = getattr(layer, "base_layer", layer)
    if not isinstance(base, nn.Linear | nn.Conv2d):
        raise TypeError(f"no adapter acts on {type(base).__name__}")
    return base


def _factor(update: LayerUpdate, weight: Tensor) -> Tensor:
    """Return what DoRA multiplies the new weight by: its magnitude over the norms."""
    magnitude = update.magnitude
    if magnitude is None:
        raise ValueError("not a DoRA")
    new = weight.float() + update.scale * _product(update).to(weight.device).reshape(weight.shape)
    magnitude = magnitude.float().to(weight.device)
    axes = [axis for axis, size in enumerate(magnitude.shape) if size == 1]
    factor: Tensor = magnitude / torch.linalg.vector_norm(new, dim=axes, keepdim=True)
    return factor


def _product(update: LayerUpdate) -> Tensor:
    """Return up · down as one weight."""
    up, down = update.up.float().flatten(1), update.down.float()
    if update.mid is None:
        return torch.einsum("or,r...->o...", up, down)
    return torch.einsum("or,rs...,si->oi...", up, update.mid.float(), down.flatten(1))


def _along(vector: Tensor, like: Tensor, axis: int) -> Tensor:
    """Return a vector shaped so that it runs along one axis of `like`."""
    shape = [1] * like.ndim
    shape[axis] = -1
    return vector.view(shape)


def _convolved(given: Tensor, weight: Tensor, base: nn.Conv2d) -> Tensor:
    return F.conv2d(given, weight, None, base.stride, base.padding, base.dilation)
