"""An account of an adapter's file, and whether it fits the loaded model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from generation.catalog.bases import TITLES, Base
from generation.protocol.options import ModelCard
from generation.protocol.problems import Code
from generation.requests.refused import Refused


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class AdapterAccount:
    """What a checked file says, and shows, of itself; texts are one line, empty where unknown."""

    embedding: bool
    title: str = ""
    trigger: str = ""
    """The words that call for it in a prompt."""
    base: str = ""
    """The base that it was made for: a value of `Base`, or the name of one Konomi does not run."""
    base_model: str = ""
    base_hash: str = ""
    architecture: str = ""
    licence: str = ""
    rank: int = 0
    """Greatest rank of a LoRA's layers, or number of an embedding's vectors."""
    context_width: int = 0
    """Width of the texts that its cross-attention reads; 0 if it has none."""
    text_widths: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Widths of an embedding's vectors, by text encoder."""

    @property
    def base_title(self) -> str:
        """The usual name of its base."""
        return title_of(self.base)


def title_of(base: str) -> str:
    """Return the usual name of a base model."""
    known = {each.value: title for each, title in TITLES.items()}
    return known.get(base, base)


def check_fits(account: AdapterAccount, card: ModelCard, name: str) -> None:
    """Raise `Refused` if an adapter is known not to fit the loaded model.

    Its single layers are compared when it is loaded.
    """
    if not card.bases:
        return
    if account.base and account.base not in card.bases:
        loaded = Base(card.bases[0]).title
        raise Refused(Code.ADAPTER_OTHER_BASE, name=name, base=account.base_title, loaded=loaded)
    others = account.context_width and account.context_width != card.context_width
    if others or (account.text_widths and dict(account.text_widths) != dict(card.text_widths)):
        raise Refused(Code.ADAPTER_OTHER_MODEL, name=name)


def as_stored(account: AdapterAccount) -> dict[str, Any]:
    """Return an account as JSON to store with a style."""
    return dataclasses.asdict(account)


def of_stored(stored: Any) -> AdapterAccount | None:
    """Return the account that was stored with a style; None if there is none."""
    if not isinstance(stored, dict):
        return None
    known = {field.name for field in dataclasses.fields(AdapterAccount)}
    try:
        return AdapterAccount(**{key: value for key, value in stored.items() if key in known})
    except TypeError:
        return None
