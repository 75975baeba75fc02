"""Buttons and menus on messages as SimCord's page names them: by the place where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MESSAGE = re.compile(r"message:(\d+):component:")
INTERACTIVE = frozenset({2, 3, 5, 6, 7, 8})
"""Discord's types of components that have a custom id outside of forms."""


def message_of(control_key: object) -> int | None:
    """Return the id of the message that a control stands on."""
    found = MESSAGE.match(control_key) if isinstance(control_key, str) else None
    return None if found is None else int(found[1])


def published_controls(snapshot: Mapping[str, Any]) -> dict[str, str]:
    """Return the custom ids of everything that can be pressed in a snapshot, by control key."""
    return {
        node["control_key"]: str(node["custom_id"])
        for message in snapshot.get("messages", {}).values()
        for root in message.get("components") or ()
        for _, node in _walk(root, "")
        if isinstance(node.get("control_key"), str) and node.get("custom_id")
    }


def control_key(message_id: int, components: Sequence[Any], custom_id: str) -> str | None:
    """Return the control key of a custom id on a message as it is now; None: it is gone."""
    for place, root in enumerate(components):
        for path, node in _walk(root, str(place)):
            if node.get("type") not in INTERACTIVE or node.get("custom_id") != custom_id:
                continue
            number = node.get("id")
            numbered = isinstance(number, int) and number > 0
            return f"message:{message_id}:component:{number if numbered else path}"
    return None


def _walk(node: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(node, Mapping):
        return
    yield path, node
    for place, child in enumerate(node.get("components") or ()):
        yield from _walk(child, f"{path}.components.{place}")
    for name in ("accessory", "component"):
        yield from _walk(node.get(name), f"{path}.{name}")
