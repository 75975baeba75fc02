"""Prompts pasted from other programs: their syntax turned into ours, or named as what it is here.

A1111 and ComfyUI load files by tags in the prompt, Midjourney takes flags, and a Japanese keyboard
types brackets, colons and digits at full width.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from generation.protocol.problems import Code, Problem
from generation.protocol.requests import Adapter, Paint
from generation.requests.called_adapters import bare_embeddings
from generation.requests.prompts import has_breaks

_TAGS = re.compile(
    r"\s*(?:<(?:lora|lyco|lycoris|hypernet|hypernetwork):[^<>]{0,200}>"
    r"|\bembedding:[\w./\\-]+)(?:\s*,)?",
    re.IGNORECASE,
)
"""Files that A1111 and ComfyUI load, and a comma after them."""
_TAGS_BUT_LORAS = re.compile(
    r"\s*(?:<(?:hypernet|hypernetwork):[^<>]{1,200}>|\bembedding:[\w./\\-]+)(?:\s*,)?",
    re.IGNORECASE,
)

_FLAG = r"(?:(?<=\s)|^)(?:--|[—–])"
_EXCLUDED = re.compile(rf"{_FLAG}no\s+((?:(?!\s(?:--|[—–])).)+)", re.DOTALL)
"""Midjourney's `--no`: what should not be in the picture, up to the next flag."""
_FLAGS = re.compile(
    rf"""{_FLAG}(?:
        (?:ar|aspect)\s+[\d.]+[:x/][\d.]+
      | (?:v|version|s|stylize|c|chaos|q|quality|seed|iw|sw|cw|ow|w|weird|exp|stop|r|repeat|niji
          |steps|cfg|cfg_scale|width|height)(?:\s+[\d.]+)?
      | (?:sref|cref|oref|p|profile|personalize)(?:\s+(?:https?://\S+|random|\w*\d\w*))*
      | style\s+\w+
      | (?:tile|hd|turbo|fast|relax|draft|raw|video|stealth|public|testp?|creative|upbeta)
    )(?=\s|,|$),?""",
    re.VERBOSE,
)

_NEGATIVE = re.compile(r"(?:^|(?<=[\s,.]))Negative prompt:\s*")
_SETTINGS = re.compile(
    r"(?:^|(?<=[\s,.]))Steps: *\d+, *(?:Sampler|Schedule type|CFG scale|Seed|Size)\b.*", re.DOTALL
)
"""The parts of A1111's parameters after the prompt; pasting into Discord joins its lines."""

_FULL_WIDTH_WEIGHT = re.compile(r"[:：]\s*[0-9０-９]+(?:[.．][0-9０-９]*)?\s*$")
_HALF_WIDTH = str.maketrans("｛｝｜", "{}|")

_AND = re.compile(r"(?:^|\s)AND(?=\s)")
_SCHEDULED = re.compile(r"(?<!\\)\[[^\[\]]*:\s*(?:\d+\.?\d*|\.\d+)\s*\]")
_ALTERNATED = re.compile(r"(?<!\\)\[[^\[\]{}]*\|[^\[\]{}]*\]")
_WILDCARD = re.compile(r"(?<!\w)__[\w/*-]+?__(?!\w)")
_ASIDE = re.compile(r"[^\x00-\x7f，、。（）：；！？]")
"""Whatever a keyboard that is set to full width does not type into an English prompt."""


def prompts_of(request: Paint) -> tuple[str, str]:
    """Return the prompt and the negative prompt that a request is painted by.

    The prompt still says which adapters act if there are any.
    """
    prompt, negative = request.prompt, request.negative_prompt
    if request.literal:
        return prompt, negative
    adapters = (*request.adapters, *request.offered)
    if not adapters:
        return adopted(prompt, negative)
    prompt, negative = (bare_embeddings(each, adapters) for each in (prompt, negative))
    return adopted(prompt, negative, _TAGS_BUT_LORAS)


def adopted(prompt: str, negative: str, files: re.Pattern[str] = _TAGS) -> tuple[str, str]:
    """Return both prompts in our own syntax; those that hold no other are what they were.

    Files are left out, in the prompt those that `files` matches, and flags, but for `--no`;
    `Negative prompt:` and what follows goes to the negative prompt.  Adopting again changes
    nothing.
    """
    prompt, *below = _NEGATIVE.split(_without(_SETTINGS, prompt))
    if below:
        prompt, below = prompt.strip(), [each.strip() for each in below]
    excluded = [each.strip() for each in _EXCLUDED.findall(prompt)]
    negative = _without(_NEGATIVE, _without(_SETTINGS, negative))
    words = [_in_our_syntax(each) for each in (*below, *excluded, negative)]
    return _in_our_syntax(_without(_EXCLUDED, prompt), files), ", ".join(filter(None, words))


def is_foreign(prompt: str, negative: str) -> bool:
    """Return True if the prompts mean something else than when they are read as they stand."""
    changed = adopted(prompt, negative) != (prompt, negative)
    return changed or has_breaks(prompt) or has_breaks(negative)


def remarks_on(prompt: str, adapters: Sequence[Adapter] = ()) -> Iterator[Problem]:
    """Yield a remark for everything in a pasted prompt that means nothing here, or less.

    adapters: those that it may call.
    """
    files = _TAGS_BUT_LORAS if adapters else _TAGS
    if files.search(bare_embeddings(prompt, adapters)):
        yield Problem(Code.PROMPT_FILES)
    if _SETTINGS.search(prompt):
        yield Problem(Code.PROMPT_SETTINGS)
    if _FLAGS.search(prompt):
        yield Problem(Code.PROMPT_FLAGS)
    if _AND.search(prompt) and prompt != prompt.upper():
        yield Problem(Code.PROMPT_AND)
    if _SCHEDULED.search(prompt):
        yield Problem(Code.PROMPT_SCHEDULED)
    if _ALTERNATED.search(prompt):
        yield Problem(Code.PROMPT_ALTERNATED)
    if _WILDCARD.search(prompt):
        yield Problem(Code.PROMPT_WILDCARD)
    if re.search("[，、]", prompt) and not _ASIDE.search(prompt):
        yield Problem(Code.PROMPT_COMMAS)


def _in_our_syntax(prompt: str, files: re.Pattern[str] = _TAGS) -> str:
    prompt = _without(_FLAGS, _without(files, prompt))
    return _choices(_weights(prompt))


def _without(syntax: re.Pattern[str], prompt: str) -> str:
    """Take what matches out, and the spaces that are then too many."""
    left, count = syntax.subn(" ", prompt)
    return re.sub(r" {2,}", " ", left).strip() if count else prompt


def _weights(prompt: str) -> str:
    """Write `（word：1.3）` and `（（word））` as `(word:1.3)` and `((word))`.

    Full-width brackets that weigh nothing are text, as are they in Japanese.
    """
    if not re.search("[（）：]", prompt):
        return prompt
    letters = list(prompt)
    opened: list[int] = []
    plain: set[tuple[int, int]] = set()
    """Pairs of full-width brackets without a weight."""
    for place, letter in enumerate(prompt):
        if place and prompt[place - 1] == "\\":
            continue
        if letter in "(（":
            opened.append(place)
        elif letter in ")）" and opened:
            begin = opened[-1]
            if weight := _FULL_WIDTH_WEIGHT.search(prompt, begin + 1, place):
                letters[begin], letters[place] = "(", ")"
                letters[weight.start() : place] = unicodedata.normalize("NFKC", weight[0])
            elif (prompt[begin] == "(") != (letter == ")"):
                continue  # of two widths, without a weight: no pair
            elif letter != ")":
                plain.add((begin, place))
            opened.pop()
    for begin, end in plain:
        if (begin - 1, end + 1) in plain:
            letters[begin - 1 : begin + 1] = "(("
            letters[end : end + 2] = "))"
    return "".join(letters)


def _choices(prompt: str) -> str:
    """Write `｛red｜blue｝` as `{red|blue}`, also where only some of it is of full width."""
    if not re.search("[｛｜｝]", prompt):
        return prompt
    letters = list(prompt)
    opened: list[list[int]] = []
    for place, letter in enumerate(prompt):
        if letter in "{｛":
            opened.append([place])
        elif letter in "|｜" and opened:
            opened[-1].append(place)
        elif letter in "}｝" and opened:
            begin, *bars = opened.pop()
            for sign in (begin, *bars, place) if bars else ():
                letters[sign] = letters[sign].translate(_HALF_WIDTH)
    return "".join(letters)
