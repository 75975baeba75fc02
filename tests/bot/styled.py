"""Styles in the store for tests: rows whose files hold no more than their names."""

from __future__ import annotations

from typing import Any

from storage.store import Store
from storage.style_records import NewStyle, Style, StyleKind, StyleOrigin, StyleScope

WORD = StyleKind.EMBEDDING
SHARED = StyleScope.SERVER


def kept(store: Store, content: str) -> str:
    """Adopt a file with this content and return its digest."""
    path = store.files.work / "style to adopt"
    path.write_bytes(content.encode())
    digest = store.files.settle(path)
    store.files.adopt(path, digest)
    path.unlink()  # The adopted file is a link to it.
    return digest


async def add_style(
    store: Store, server_id: int, owner_id: int, name: str, **changes: Any
) -> Style:
    """Store a style; its file's content is its name and owner unless `digest` is given."""
    fields: dict[str, Any] = {
        "server_id": server_id,
        "owner_id": owner_id,
        "name": name,
        "kind": StyleKind.LORA,
        "origin": StyleOrigin.TRAINED,
    }
    if "digest" not in changes:
        fields["digest"] = kept(store, f"{name} of {owner_id}")
    return await store.styles.add(NewStyle(**(fields | changes)))
