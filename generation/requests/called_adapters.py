"""Adapters that a prompt calls by the names of their files: `<lora:name:0.8>`, `embedding:name`.

As in A1111's web UI: without a number the strength is 1; of two numbers the first is for the text
encoders and the second for the UNet; `te=` and `unet=` name them.  The name of an embedding alone
is a word that stands for it.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from generation.protocol.problems import Code
from generation.protocol.requests import Adapter
from generation.requests.prompts import literal
from generation.requests.refused import Refused

TAG = re.compile(r"<(?:lora|lyco|lycoris):([^<>:]{0,200})((?::[^<>]{0,100})?)>", re.IGNORECASE)
"""A tag, with the name and the numbers in it; a tag without a name calls nothing there is."""

EMBEDDING = re.compile(r"\bembedding:([\w./\\-]+)", re.IGNORECASE)
"""ComfyUI's way to call an embedding."""

MOST_NEAR = 4
"""Names that are said in place of one that there is none of."""


@dataclasses.dataclass(frozen=True, slots=True)
class Tag:
    """An adapter that a prompt calls, and its strengths."""

    name: str
    strength: float
    text_strength: float


def tags_in(prompt: str) -> Iterator[Tag]:
    """Yield the tags in a prompt; raises `Refused` for strengths that are none."""
    for found in TAG.finditer(prompt):
        positional, named = [], {}
        for number in found[2].split(":")[1:]:
            key, equals, value = number.partition("=")
            if equals:
                named[key.strip().lower()] = value
            else:
                positional.append(number)
        text = named.get("te", positional[0] if positional else "1")
        unet = named.get("unet", positional[1] if len(positional) > 1 else text)
        strengths = _number(unet), _number(text)
        if not all(map(math.isfinite, strengths)):
            raise Refused(Code.ADAPTER_TAG, name=found[1].strip())
        yield Tag(found[1].strip(), *strengths)


def called(
    prompt: str, adapters: Sequence[Adapter], offered: Sequence[Adapter]
) -> tuple[Adapter, ...]:
    """Return the adapters that act, of those that act anyway and those that a prompt may call.

    One that is called acts at the strength that the prompt says; if more than once, at the sum.
    Raises `Refused` for a name that is neither's, or that is missing.
    """
    tags = list(tags_in(prompt))
    if not tags:
        return tuple(adapters)
    known = {key_of(adapter.name): adapter for adapter in (*offered, *adapters)}
    acting = {adapter.digest: adapter for adapter in adapters}
    again: set[str] = set()
    for tag in tags:
        if not tag.name:
            raise Refused(Code.ADAPTER_UNNAMED)
        adapter = known.get(key_of(tag.name))
        if adapter is None:
            raise unknown(tag.name, [each.name for each in known.values()])
        strength, text = tag.strength, tag.text_strength
        if adapter.digest in again:
            before = acting[adapter.digest]
            strength, text = strength + before.strength, text + before.strength_of_text
        again.add(adapter.digest)
        acting[adapter.digest] = dataclasses.replace(
            adapter, strength=strength, text_strength=None if text == strength else text
        )
    return tuple(acting.values())


def without_tags(prompt: str) -> str:
    """Take the tags out of a prompt, with the comma after each and the spaces around it."""
    left, count = re.subn(rf"\s*{TAG.pattern}(?:\s*,)?", " ", prompt, flags=re.IGNORECASE)
    return re.sub(r" {2,}", " ", left).strip() if count else prompt


def with_strength(prompt: str, strength: float) -> str:
    """Give all tags in a prompt this strength."""
    return TAG.sub(lambda tag: f"<lora:{tag[1]}:{strength:g}>", prompt)


def with_triggers(prompt: str, adapters: Iterable[Adapter], negative: str = "") -> str:
    """Put the trigger words of adapters in front of a prompt that lacks them, each once.

    negative: the negative prompt, which may be what an embedding is for.
    There, what a prompt ends in cannot swallow them, and the first words count most.  One without
    words is left so, to follow likes alone.
    """
    if not prompt:
        return prompt
    words = dict.fromkeys(word for each in adapters for word in _lacking(prompt, each, negative))
    return ", ".join([*map(literal, words), prompt])


def _lacking(prompt: str, adapter: Adapter, negative: str) -> list[str]:
    """Return the trigger words of an adapter that a prompt lacks; any one calls an embedding."""
    words = [word.strip() for word in adapter.trigger.split(",") if word.strip()]
    if adapter.embedding:
        both = f"{prompt}\n{negative}"
        known = [word for word in (adapter.name, *words) if has_word(both, word)]
        return [adapter.name] if words and adapter.strength and not known else []
    return [
        word for word in words if not (has_word(prompt, word) or has_word(prompt, literal(word)))
    ]


def has_word(prompt: str, word: str) -> bool:
    """Return True if a prompt has these words, whole and in letters of any case."""
    words = r"\s+".join(map(re.escape, word.split()))
    before = r"(?<![A-Za-z0-9_])" if re.match(r"\w", word) else ""
    after = r"(?![A-Za-z0-9_])" if re.search(r"\w$", word) else ""
    return bool(words) and re.search(before + words + after, prompt, re.IGNORECASE) is not None


def bare_embeddings(prompt: str, adapters: Iterable[Adapter]) -> str:
    """Write `embedding:name` as the name alone, of the embeddings among these."""
    words = {key_of(adapter.name): adapter.name for adapter in adapters if adapter.embedding}
    return EMBEDDING.sub(lambda call: words.get(key_of(call[1]), call[0]), prompt)


def names_in(prompt: str) -> set[str]:
    """Return the keys of all that a prompt calls."""
    found = (*(tag[1] for tag in TAG.finditer(prompt)), *EMBEDDING.findall(prompt))
    return {key_of(name) for name in found}


def whole_word(word: str) -> str:
    """Return the pattern of a word that is not a part of a longer one."""
    before = r"(?<![A-Za-z0-9_])" if re.match(r"\w", word) else ""
    after = r"(?![A-Za-z0-9_])" if re.search(r"\w$", word) else ""
    return before + re.escape(word) + after


def key_of(name: str) -> str:
    """Return what two names of one file have in common, as different programs write them."""
    stem = re.split(r"[/\\]", name.strip())[-1]
    stem = re.sub(r"\.safetensors$", "", stem, flags=re.IGNORECASE)
    return re.sub(r"[<>:,\s]+", "_", stem).casefold()


def unknown(name: str, names: Iterable[str]) -> Refused:
    """Return the refusal of a name that is none of `names`, which says those that come near."""
    keys = {key_of(each): each for each in names}
    near = get_close_matches(key_of(name), keys, n=MOST_NEAR, cutoff=0.5)
    shown = [keys[key] for key in near or sorted(keys)[:MOST_NEAR]]
    if not shown:
        return Refused(Code.ADAPTER_NONE, name=name)
    return Refused(Code.ADAPTER_UNKNOWN, name=name, near=", ".join(shown))


def _number(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return math.nan
