"""Rows about styles as frozen dataclasses."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any


class StyleKind(enum.Enum):
    """The kinds of files that a style is made of."""

    LORA = "lora"
    EMBEDDING = "embedding"


class StyleScope(enum.Enum):
    """Who may paint with a style."""

    MINE = "mine"
    """Its owner."""
    PRIVATE = "private"
    """Its owner and its contributors."""
    SERVER = "server"
    """Every member of the server."""


class StyleState(enum.Enum):
    """The states of a style."""

    READY = "ready"
    WITHDRAWN = "withdrawn"
    """Nobody may paint with it: a contributor took their consent back."""


class StyleOrigin(enum.Enum):
    """Where a style came from."""

    TRAINED = "trained"
    UPLOADED = "uploaded"
    HOST = "host"
    """The host took it from a file on this machine or from the hub."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class NewStyle:
    """A style to store; its files are in the store or arrive in the same transaction."""

    server_id: int
    owner_id: int
    name: str
    kind: StyleKind
    digest: str
    """SHA-256 of the adapter's file; empty while a withdrawn style is made anew."""
    base_model: str = ""
    """Public name of the model that it was trained on; empty if its file does not say."""
    base_hash: str = ""
    """SHA-256 of that model's weights, likewise."""
    architecture: str = ""
    trigger: str = ""
    """The words that call for it in a prompt."""
    strength: float = 1.0
    scope: StyleScope = StyleScope.MINE
    origin: StyleOrigin
    licence: str = ""
    evaluation: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    preview_digest: str | None = None
    job_id: int | None = None
    """The training that made it."""
    contributors: tuple[int, ...] = ()
    """The members whose pictures it was trained on, in ascending order."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Style(NewStyle):
    """An adapter that members paint with."""

    id: int
    state: StyleState
    created_at: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ChannelStyle:
    """The style that a channel's pictures have unless their member says otherwise."""

    style: Style
    strength: float
