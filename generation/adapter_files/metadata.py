"""Metadata in the headers of adapter files: our own, modelspec's, and kohya's."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

from generation.catalog.bases import Base

Setting = bool | int | float | str

OWN_KEY = "konomi.adapter"
"""Key of everything as JSON, which is read before the others."""

MAX_TEXT = 1000
"""Characters of a text that is taken from a file."""
MAX_SETTINGS = 200

KEYS = {
    "title": ("modelspec.title", "ss_output_name"),
    "trigger": ("modelspec.trigger_phrase",),
    "base_model": ("ss_sd_model_name",),
    "base_hash": ("ss_new_sd_model_hash", "ss_sd_model_hash"),
    "licence": ("modelspec.license",),
    "method": ("ss_network_module",),
}
"""Keys of others for each field; the first that a file has is taken."""

KOHYA_BASES = {
    Base.SD1: {"ss_base_model_version": "sd_v1", "ss_v2": "False"},
    Base.SD2: {"ss_base_model_version": "sd_v2", "ss_v2": "True"},
    Base.SDXL: {"ss_base_model_version": "sdxl_base_v1-0", "ss_v2": "False"},
}
"""What A1111 tells the base model by."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class AdapterMetadata:
    """An adapter's account of itself, from its file; empty where the file says nothing."""

    title: str = ""
    trigger: str = ""
    """The words that call for what was trained."""
    base_model: str = ""
    base_hash: str = ""
    """SHA-256 of the base's weights in hex."""
    architecture: str = ""
    """Of the base, as modelspec names it, such as "stable-diffusion-v1" without "/lora"."""
    licence: str = ""
    method: str = ""
    """The method of training, such as "lora"."""
    settings: Mapping[str, Setting] = dataclasses.field(default_factory=dict)
    """The settings of training."""


def metadata_of(header: Mapping[str, str]) -> AdapterMetadata:
    """Return the metadata of a file; what is not readable is left out."""
    texts = {
        field: next((plain_text(header[key]) for key in keys if header.get(key)), "")
        for field, keys in KEYS.items()
    }
    architecture = plain_text(header.get("modelspec.architecture", "")).partition("/")[0]
    if not architecture:
        architecture = plain_text(header.get("ss_base_model_version", ""))
    settings: dict[str, Setting] = {
        key.removeprefix("ss_"): value
        for key, value in sorted(header.items())
        if key.startswith("ss_") and len(value) <= MAX_TEXT
    }
    own = _own(header.get(OWN_KEY, ""))
    texts = texts | {"architecture": architecture} | own
    if isinstance(said := _loaded(header.get(OWN_KEY, "")).get("settings"), dict):
        settings = {key: value for key, value in said.items() if isinstance(value, Setting)}
    return AdapterMetadata(**texts, settings=dict(list(settings.items())[:MAX_SETTINGS]))


def in_header(metadata: AdapterMetadata, kind: str) -> dict[str, str]:
    """Return the metadata for a file's header.

    kind: "lora" or "textual-inversion", as modelspec calls it.
    """
    fields = {field.name: getattr(metadata, field.name) for field in dataclasses.fields(metadata)}
    fields = {
        key: plain_text(value) if isinstance(value, str) else value for key, value in fields.items()
    }
    metadata = AdapterMetadata(**fields | {"settings": dict(metadata.settings)})
    header = {
        OWN_KEY: json.dumps(vars(metadata), sort_keys=True),
        "format": "pt",
        "modelspec.sai_model_spec": "1.0.0",
        "modelspec.implementation": "diffusers",
        "modelspec.title": metadata.title,
        "modelspec.trigger_phrase": metadata.trigger,
        "modelspec.license": metadata.licence,
        "ss_output_name": metadata.title,
        "ss_sd_model_name": metadata.base_model,
        "ss_new_sd_model_hash": metadata.base_hash,
    }
    if (base := Base.named(metadata.architecture)) is not None:
        header |= KOHYA_BASES[base]
    if metadata.architecture:
        header["modelspec.architecture"] = f"{metadata.architecture}/{kind}"
    return {key: value for key, value in header.items() if value}


def _own(text: str) -> dict[str, str]:
    """Return the texts of our own JSON."""
    names = {field.name for field in dataclasses.fields(AdapterMetadata)} - {"settings"}
    said = {key: value for key, value in _loaded(text).items() if isinstance(value, str)}
    return {key: plain_text(said[key]) for key in names & said.keys()}


def _loaded(text: str) -> dict[str, object]:
    try:
        said = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def plain_text(text: str) -> str:
    """Return a text from a file in one line, without characters that cannot be shown."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text[:MAX_TEXT])
    return plain.strip()
