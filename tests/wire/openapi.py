"""Discord's own OpenAPI description, held against every request and every answer."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import relevance  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from .call import Call

ROOT = Path(__file__).resolve().parents[2]
PLACES = (
    ROOT / "discord-openapi.json",
    ROOT.parent / "discord-openapi.json",
    ROOT.parent / "shared" / "discord-openapi.json",
)
"""Where the description may lie, unless DISCORD_OPENAPI says where it is."""

ABSENT = (
    "Discord's OpenAPI description is not here: requests were NOT held against it. "
    "Get openapi.json from https://github.com/discord/discord-api-spec and set DISCORD_OPENAPI."
)


def place() -> Path | None:
    """The file of the description, if there is one."""
    named = os.environ.get("DISCORD_OPENAPI")
    places = (Path(named),) if named else PLACES
    return next((path for path in places if path.is_file()), None)


class Description:
    """Finds the operation of a call and validates what was sent and what was answered."""

    def __init__(self, path: Path) -> None:
        document = json.loads(path.read_bytes())
        resource = DRAFT202012.create_resource(document)
        self._registry: Registry[Any] = Registry().with_resource("urn:discord", resource)
        self._operations = [
            (method.upper(), template, _pattern(template), operation)
            for template, item in document["paths"].items()
            for method, operation in item.items()
            if method != "parameters"
        ]
        self._lawful: set[str] = set()
        # Literal paths (@me, @original) come before those with a parameter in their place.
        self._operations.sort(key=lambda entry: entry[1].count("{"))

    def wrong(self, calls: Iterable[Call]) -> list[str]:
        """Everything that the description forbids in requests and answers, in their order.

        Calls that are like a lawful one in all but words and ids are not looked at again.
        """
        found: list[str] = []
        for call in calls:
            likeness = _likeness(call)
            if likeness in self._lawful:
                continue
            wrong = [*self.wrong_request(call), *self.wrong_answer(call)]
            found += wrong
            if not wrong:
                self._lawful.add(likeness)
        return found

    def wrong_request(self, call: Call) -> list[str]:
        """Return the errors in a request by the description."""
        found = self._operation(call)
        if found is None:
            return [f"{call.line}: not in the description"]
        template, operation = found
        asked = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
        wrong = [
            f"query {name}: not in the description" for name in call.query if name not in asked
        ]
        body = operation.get("requestBody")
        if call.form is None:
            if body and body.get("required"):
                wrong.append("a body is required")
        elif body is None:
            wrong.append("a body was sent, none is described")
        else:
            pointer = ("paths", template, call.method.lower(), "requestBody")
            wrong += self._mismatch(_with_text_ids(call.form), *pointer)
        return [f"{call.line}: {line}" for line in wrong]

    def wrong_answer(self, call: Call) -> list[str]:
        """Return the errors in this loopback's own answer by the description."""
        found = self._operation(call)
        if found is None or call.status is None or call.status >= 400:
            return []
        template, operation = found
        status = str(call.status)
        if status not in operation["responses"]:
            return [f"{call}: the description knows {list(operation['responses'])}"]
        if call.answer is None:
            return []
        pointer = ("paths", template, call.method.lower(), "responses", status)
        return [f"{call}: {line}" for line in self._mismatch(call.answer, *pointer)]

    def _operation(self, call: Call) -> tuple[str, dict[str, Any]] | None:
        for method, template, pattern, operation in self._operations:
            if method == call.method and pattern.fullmatch(call.path):
                return template, operation
        return None

    def _mismatch(self, instance: Any, *pointer: str) -> list[str]:
        validator = self._validator((*pointer, "content", "application/json", "schema"))
        error = min(validator.iter_errors(instance), key=relevance, default=None)
        if error is None:
            return []
        error = _inmost(error)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"]

    @functools.cache  # noqa: B019 - lives as long as the tests do
    def _validator(self, pointer: tuple[str, ...]) -> Draft202012Validator:
        escaped = "".join("/" + p.replace("~", "~0").replace("/", "~1") for p in pointer)
        return Draft202012Validator({"$ref": f"urn:discord#{escaped}"}, registry=self._registry)


def _likeness(call: Call) -> str:
    """Return the part of a call that is the same in others with other words and ids."""
    path = re.sub(r"\d{5,}", "…", call.path)
    if "/reactions/" in path:
        path = path.partition("/reactions/")[0] + "/reactions/…"
    parts = [call.method, path, sorted(call.query), call.status, call.form, call.answer]
    return json.dumps(_shape(parts))


def _shape(value: Any) -> Any:
    """A value with texts by their length, in powers of two, as only extremes are unlawful."""
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner) for inner in value]
    return len(value).bit_length() if isinstance(value, str) else value


def _inmost(error: Any) -> Any:
    """Of an error in a choice between types, the error in the type that was meant."""
    while error.context:
        choices: dict[Any, list[Any]] = {}
        for inner in error.context:
            choices.setdefault(inner.schema_path[0], []).append(inner)
        meant = [
            errors
            for errors in choices.values()
            if not any(list(inner.path) == ["type"] for inner in errors)
        ]
        if not meant:
            break
        error = max(meant[0], key=relevance)
    return error


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template)))


def _with_text_ids(form: Any) -> Any:
    """The form with ids as text where discord.py writes integers.

    Discord takes both, though its description does not say so: the numbers of new files, and
    the ids in a reply's reference.
    """
    form = json.loads(json.dumps(form))
    if not isinstance(form, dict):
        return form
    for holder in (form, form.get("data")):
        for attachment in (holder or {}).get("attachments") or []:
            attachment["id"] = str(attachment["id"])
    reference = form.get("message_reference") or {}
    for key in ("message_id", "channel_id", "guild_id"):
        if key in reference:
            reference[key] = str(reference[key])
    return form
