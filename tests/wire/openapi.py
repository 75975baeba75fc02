"""Discord's own OpenAPI description, held against every request and every answer."""

from __future__ import annotations

import functools
import json
import os
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import best_match  # type: ignore[import-untyped]
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
        # Literal paths (@me, @original) come before those with a parameter in their place.
        self._operations.sort(key=lambda entry: entry[1].count("{"))

    def wrong_request(self, call: Call) -> list[str]:
        """What the description forbids in a request."""
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
        """What the description forbids in this loopback's own answer."""
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
        error = best_match(validator.iter_errors(instance))
        if error is None:
            return []
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"]

    @functools.cache  # noqa: B019 - lives as long as the tests do
    def _validator(self, pointer: tuple[str, ...]) -> Draft202012Validator:
        escaped = "".join("/" + p.replace("~", "~0").replace("/", "~1") for p in pointer)
        return Draft202012Validator({"$ref": f"urn:discord#{escaped}"}, registry=self._registry)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template)))


def _with_text_ids(form: Any) -> Any:
    """The form with attachments' ids as text: discord.py numbers new files with integers,
    which Discord takes though its description does not say so.
    """
    form = json.loads(json.dumps(form))
    if isinstance(form, dict):
        for holder in (form, form.get("data")):
            for attachment in (holder or {}).get("attachments") or []:
                attachment["id"] = str(attachment["id"])
    return form
