"""The rules of message components: what Discord refuses, and what it makes of the rest."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .objects import JSON
from .refusals import invalid, too_long


class Kind(enum.IntEnum):
    """Discord's numbers for the types of component."""

    ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT = 10
    THUMBNAIL = 11
    GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18


SELECTS = {
    Kind.STRING_SELECT,
    Kind.USER_SELECT,
    Kind.ROLE_SELECT,
    Kind.MENTIONABLE_SELECT,
    Kind.CHANNEL_SELECT,
}

MOST_COMPONENTS = 40
MOST_TEXT = 4000
LINK_STYLE = 5

ANSWERED_WITH: dict[Kind, JSON] = {
    Kind.STRING_SELECT: {"min_values": 1, "max_values": 1},
    Kind.USER_SELECT: {"min_values": 1, "max_values": 1},
    Kind.THUMBNAIL: {"description": None, "spoiler": False},
    Kind.FILE: {"spoiler": False},
    Kind.SEPARATOR: {"spacing": 1, "divider": True},
    Kind.CONTAINER: {"accent_color": None, "spoiler": False},
}
"""Defaults that Discord adds if the bot left them out."""


def walk(components: Sequence[JSON]) -> Iterator[JSON]:
    """Every component, outer before inner, in the order of their reading."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        for single in ("accessory", "component"):
            if single in component:
                yield from walk([component[single]])


def texts(components: Sequence[JSON]) -> list[str]:
    """Return the text that a reader sees, text display by text display."""
    return [c["content"] for c in walk(components) if c["type"] == Kind.TEXT]


def media(components: Sequence[JSON]) -> Iterator[JSON]:
    """Every picture or file that components show, as `{"url": …}`."""
    for component in walk(components):
        match component["type"]:
            case Kind.GALLERY:
                yield from (item["media"] for item in component["items"])
            case Kind.THUMBNAIL:
                yield component["media"]
            case Kind.FILE:
                yield component["file"]


def check(components: Sequence[JSON], *, v2: bool) -> None:
    """Refuse what Discord refuses; `v2` is whether the message has the V2 flag."""
    every = list(walk(components))
    if v2:
        if len(every) > MOST_COMPONENTS:
            raise invalid("components", "COMPONENT_MAX_COUNT", "At most 40 in a message.")
        if sum(map(len, texts(components))) > MOST_TEXT:
            raise invalid("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "At most 4000.")
    else:
        if any(c["type"] != Kind.ROW for c in components):
            raise invalid("components", "UNION_TYPE_CHOICES", 'Value of field "type" must be 1.')
        if len(components) > 5:
            raise too_long("components", 5)
    ids = [c["custom_id"] for c in every if "custom_id" in c]
    if len(set(ids)) != len(ids):
        raise invalid(
            "components",
            "COMPONENT_CUSTOM_ID_DUPLICATED",
            "Component custom id cannot be duplicated",
        )
    for component in every:
        _check_one(component)


def _check_one(component: JSON) -> None:
    if not 1 <= len(component.get("custom_id", "x")) <= 100:
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "custom_id: 1 to 100 in length.")
    inside = component.get("components", [])
    match component["type"]:
        case Kind.ROW:
            selects = sum(c["type"] in SELECTS for c in inside)
            if not inside or len(inside) > 5 or (selects and len(inside) > 1):
                raise invalid("components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "Too wide.")
        case Kind.BUTTON:
            _check_button(component)
        case Kind.STRING_SELECT:
            if not 1 <= len(component.get("options", [])) <= 25:
                raise invalid("components", "BASE_TYPE_BAD_LENGTH", "options: 1 to 25.")
        case Kind.SECTION:
            if not 1 <= len(inside) <= 3 or "accessory" not in component:
                raise invalid("components", "BASE_TYPE_BAD_LENGTH", "1 to 3 texts, one accessory.")
        case Kind.GALLERY:
            if not 1 <= len(component["items"]) <= 10:
                raise invalid("components", "BASE_TYPE_BAD_LENGTH", "items: 1 to 10.")
        case Kind.CONTAINER:
            if not inside:
                raise invalid("components", "BASE_TYPE_REQUIRED", "A container holds something.")


def _check_button(button: JSON) -> None:
    if len(button.get("label") or "") > 80:
        raise too_long("components.label", 80)
    if not button.get("label") and not button.get("emoji"):
        raise invalid("components", "BUTTON_COMPONENT_INVALID", "A button needs a label or emoji.")
    named = "url" if button["style"] == LINK_STYLE else "custom_id"
    if not button.get(named):
        raise invalid("components", "BASE_TYPE_REQUIRED", f"{named}: This field is required.")


def answered(components: Sequence[JSON], attachments: Mapping[str, JSON]) -> list[JSON]:
    """Components as Discord gives them back: numbered, completed, media resolved.

    `attachments` are those of the message by filename; an `attachment://` reference to
    anything else is refused, as Discord does.
    """
    taken = {c["id"] for c in walk(components) if c.get("id")}
    numbers = (n for n in range(1, 1000) if n not in taken)
    return [_answered(component, attachments, numbers) for component in components]


def _answered(component: JSON, attachments: Mapping[str, JSON], numbers: Iterator[int]) -> JSON:
    kind = Kind(component["type"])
    given = {key: value for key, value in component.items() if value is not None}
    answer: JSON = {**ANSWERED_WITH.get(kind, {}), **given}
    answer["id"] = component.get("id") or next(numbers)
    if "emoji" in answer:
        answer["emoji"] = {
            key: value for key, value in answer["emoji"].items() if value is not None
        }
    if "components" in component:
        answer["components"] = [_answered(c, attachments, numbers) for c in component["components"]]
    if "accessory" in component:
        answer["accessory"] = _answered(component["accessory"], attachments, numbers)
    match kind:
        case Kind.GALLERY:
            answer["items"] = [
                {
                    "description": item.get("description"),
                    "spoiler": bool(item.get("spoiler")),
                    "media": unfurled(item["media"], attachments),
                }
                for item in component["items"]
            ]
        case Kind.THUMBNAIL:
            answer["media"] = unfurled(component["media"], attachments)
        case Kind.FILE:
            answer["file"] = unfurled(component["file"], attachments)
            of = attachments[component["file"]["url"].removeprefix("attachment://")]
            answer |= {"name": of["filename"], "size": of["size"]}
    return answer


def unfurled(item: JSON, attachments: Mapping[str, JSON]) -> JSON:
    """A media item with its picture's true address, size and type."""
    url: str = item["url"]
    if not url.startswith("attachment://"):
        known: dict[str, Any] = next(
            (a for a in attachments.values() if a["url"].split("?")[0] == url.split("?")[0]), {}
        )
        if not known:
            return {"id": "0", "url": url, "proxy_url": url, "width": None, "height": None}
    elif (name := url.removeprefix("attachment://")) in attachments:
        known = attachments[name]
    else:
        raise invalid(
            "components",
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
            f"The referenced attachment was not found: {url}",
        )
    return {
        "id": known["id"],
        "attachment_id": known["id"],
        "url": known["url"],
        "proxy_url": known["proxy_url"],
        "width": known.get("width"),
        "height": known.get("height"),
        "content_type": known["content_type"],
    }
