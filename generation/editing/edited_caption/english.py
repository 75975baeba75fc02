"""English instructions of edits, applied to the prompt of the picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

QUALITIES: Sequence[Sequence[str]] = (
    (
        *("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "white", "black"),
        *("grey", "gray", "gold", "golden", "silver", "turquoise", "teal", "violet", "beige"),
        *("crimson", "cyan", "magenta", "navy", "blond", "blonde", "rainbow"),
    ),
    ("wooden", "stone", "glass", "metal", "metallic", "paper", "marble", "plastic", "leather"),
    (
        *("striped", "dotted", "spotted", "checked", "chequered", "hatched", "outlined", "hollow"),
        *("solid", "filled", "plain", "with stripes", "with dots", "with spots"),
    ),
    ("small", "little", "tiny", "large", "big", "huge", "giant"),
    ("spring", "summer", "autumn", "fall", "winter"),
    (
        *("at dawn", "at sunrise", "at noon", "at sunset", "at dusk", "at night", "by day"),
        *("by night", "dawn", "sunrise", "noon", "sunset", "dusk", "night", "daytime", "day"),
    ),
    ("sunny", "cloudy", "rainy", "snowy", "foggy", "stormy", "clear"),
    ("young", "old"),
    ("short", "long", "curly", "straight"),
    ("happy", "sad", "angry", "smiling", "crying"),
)
"""Qualities of which a thing has one of each row."""
OF_THE_SCENE = QUALITIES[4:7]
"""Those that a whole scene has: its season, its time and its weather."""

AS_ADJECTIVE = {
    "larger": "large",
    "bigger": "large",
    "smaller": "small",
    "tinier": "tiny",
    "older": "old",
    "younger": "young",
    "stripes": "striped",
    "dots": "dotted",
    "spots": "spotted",
    "polka dots": "dotted",
}
THINGS: Sequence[Sequence[str]] = (
    ("circle", "square", "triangle", "star", "heart", "cross", "crescent", "arrow"),
    ("cat", "dog", "horse", "cow", "sheep", "rabbit", "fox", "lion", "tiger", "bear"),
    ("man", "woman", "boy", "girl", "robot"),
    ("car", "bus", "truck", "bicycle", "boat"),
    ("house", "castle", "tower", "church", "temple", "lighthouse"),
)
"""Nouns that stand for each other in a sentence without naming what is replaced."""

MEDIA = (
    r"(?:oil |pencil |pastel )?(?:photo(?:graph)?|picture|image|painting|drawing|watercolou?r"
    r"(?: painting)?|sketch|cartoon|comic|engraving|mosaic|illustration|poster|sculpture)"
)
PRONOUNS = r"(?:it|them|this|that|these|those|everything|her|him|all of it)"
DETERMINERS = r"(?:the|this|that|these|those|his|her|its|their|my|our|your|both|all)"
GENERIC = re.compile(r"(?:shapes?|objects?|things?|figures?|pictures?|images?|scene|subject)")

_POLITE = re.compile(
    r"^(?:(?:please|pls|now|then|and|also|just|(?:can|could|would|will) you|i want you to|i'd like "
    r"you to|let's)\s+)+|[,\s]*\b(?:please|pls|thanks|thank you|instead)\b[\s.!?]*$|[.!?\s]+$",
    re.IGNORECASE,
)
_CLAUSES = re.compile(
    r"\s*[;,.]\s*(?:and |then )*(?=(?:make|turn|paint|change|add|remove|replace|put|give|delete|"
    r"erase)\b)|,?\s+(?:and|then)\s+(?:then\s+)?(?=(?:make|turn|paint|change|add|remove|replace|put|give"
    r"|delete|erase|(?:the|its|his|her|their) \w+ \w+$)\b)",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(
    r"[,;]|\.(?!\d)|\b(?:on|in|at|with|by|of|under|over|near|against|and|behind|beside|from|to|while|"
    r"wearing|holding|riding|between|above|below|through)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(rf"^(?:an? |the )?{MEDIA} of ", re.IGNORECASE)
_GROUND = re.compile(
    r"(?:on|against|in front of|with) (?:an? |the )?(?P<one>[^,;]+?) (?:background|backdrop)\b"
    r"|(?:background|backdrop) (?:of|is) (?P<two>[^,;]+)"
    rf"|(?:on|against) (?P<three>{'|'.join(QUALITIES[0])})\s*$"
    r"|\b(?P<four>[^\W\d]+) (?:background|backdrop)\b",
    re.IGNORECASE,
)
_IS_GROUND = re.compile(rf"(?:{DETERMINERS} )?(?:background|backdrop)", re.IGNORECASE)

_COLOUR_OF = re.compile(
    r"\bthe colou?r of (?P<thing>.+?)(?= (?:in)?to\b)"
    r"|\b(?P<other>\w{1,30}(?: \w{1,30})?)(?:'s|s')? colou?r(?= (?:in)?to\b)",
    re.IGNORECASE,
)
_REPLACE = re.compile(
    r"(?:replace|swap|switch|exchange|substitute) (?P<old>.+?) (?:with|by|for) (?P<new>.+)",
    re.IGNORECASE,
)
_INTO = re.compile(
    r"(?:turn|change|transform|convert|make|switch|morph|set) (?P<old>.+?) (?:in)?to (?:be )?"
    r"(?P<new>.+)",
    re.IGNORECASE,
)
_REMOVE = re.compile(
    r"(?:remove|erase|delete|get rid of|take (?:away|out|off)|without|no) (?P<old>.+)"
    r"|take (?P<away>.+) (?:away|out|off)",
    re.IGNORECASE,
)
_ADD = re.compile(
    rf"(?:add|put|place|draw|include|insert|give (?:{PRONOUNS}|{DETERMINERS} \w+)) (?:in )?"
    r"(?P<new>.+)",
    re.IGNORECASE,
)
_MAKE = re.compile(
    rf"(?:make|turn|paint|colou?r|recolou?r|dye|tint|render|change) (?P<rest>.+)"
    rf"|(?P<bare>{DETERMINERS} \w+ \w+)",
    re.IGNORECASE,
)
_ON = re.compile(
    r"(?:on|against|in front of|with) an? (?P<new>.+?) (?:background|backdrop)", re.IGNORECASE
)
_LOOKS = re.compile(
    r"^(?:to )?(?:look|be|become|appear)s? (?:as if |like (?=an? ))?", re.IGNORECASE
)
_NO_NOUN = re.compile(r"(?:an?|look|be|become|appear|to|into|in|on|at|very|more)", re.IGNORECASE)
_AS = re.compile(rf"(?:as|in the style of|into) (?P<new>an? {MEDIA})", re.IGNORECASE)


def rewritten(prompt: str, instruction: str) -> tuple[str, str]:
    """Return the prompt after the edit, and what the edit removed."""
    removed, before = [], prompt
    for clause in _clauses(instruction):
        if (found := _REMOVE.fullmatch(clause)) is not None:
            gone = _bare(found["old"] or found["away"])
            removed.append(gone)
            prompt = _without(prompt, gone)
        else:
            prompt = _after(prompt, clause)
    return _with_articles(prompt, before), ", ".join(removed)


def _clauses(instruction: str) -> list[str]:
    """Return the single wishes of an instruction, without courtesies."""
    clauses = [_POLITE.sub("", _POLITE.sub("", each)) for each in _CLAUSES.split(instruction)]
    return [" ".join(each.split()) for each in clauses if each.strip()]


def _after(prompt: str, clause: str) -> str:
    """Return the prompt after one wish that removes nothing."""
    if any(_quality(row).fullmatch(clause) for row in QUALITIES):
        return _altered(prompt, "it", clause, whole=False)
    clause = _COLOUR_OF.sub(lambda found: found["thing"] or found["other"], clause)
    if found := _ON.fullmatch(clause):
        return _on_ground(prompt, found["new"])
    if found := _AS.fullmatch(clause):
        return _in_medium(prompt, found["new"])
    if found := _REPLACE.fullmatch(clause) or _INTO.fullmatch(clause):
        return _altered(prompt, found["old"], found["new"], whole=True)
    if found := _ADD.fullmatch(clause):
        return _added(prompt, found["new"])
    if found := _MAKE.fullmatch(clause):
        thing, new = _thing_and_new((found["rest"] or found["bare"]).split(), prompt)
        if new:
            return _altered(prompt, thing, new, whole=False)
    return _first(clause, prompt)


def _thing_and_new(words: Sequence[str], prompt: str) -> tuple[str, str]:
    """Split "the star blue" or "it a heart" into what is changed and what it becomes."""
    if len(words) > 1 and re.fullmatch(PRONOUNS, words[0], re.IGNORECASE):
        owns = len(words) > 2 and re.fullmatch(DETERMINERS, words[0], re.IGNORECASE)
        named = _row(words[1]) is None and not _NO_NOUN.fullmatch(words[1])
        if not (owns and named and _row(words[-1]) is not None):
            return words[0], " ".join(words[1:])
    if re.fullmatch(DETERMINERS, words[0], re.IGNORECASE):
        words = words[1:]
    for most in range(len(words) - 1, 0, -1):
        if _noun(words[most - 1], prompt) or _IS_GROUND.fullmatch(words[most - 1]):
            return " ".join(words[:most]), " ".join(words[most:])
    for first in range(1, len(words)):
        if _row(" ".join(words[first:])) is not None:
            return " ".join(words[:first]), " ".join(words[first:])
    return " ".join(words[:1]), " ".join(words[1:])


def _altered(prompt: str, thing: str, new: str, *, whole: bool) -> str:
    """Return the prompt in which a thing has a new quality, or is another thing.

    whole: whether the thing itself is replaced, so that `new` need not be an adjective.
    """
    new = _LOOKS.sub("", new)
    value = _bare(new)
    value = AS_ADJECTIVE.get(value.lower(), value)
    if _IS_GROUND.fullmatch(thing):
        return _on_ground(prompt, value)
    if re.fullmatch(MEDIA, value, re.IGNORECASE):
        return _in_medium(prompt, new)
    bare = _bare(thing)
    unnamed = bool(re.fullmatch(PRONOUNS, thing, re.IGNORECASE) or GENERIC.fullmatch(bare.lower()))
    noun = _main_noun(prompt) if unnamed else _noun(bare.split()[-1], prompt)
    row = _row(value)
    if row is not None:
        if noun is None:
            return _first(value if unnamed else f"{value} {bare}", prompt)
        return _qualified(prompt, noun, value, row, unnamed=unnamed)
    named = _names_a_thing(new)
    if noun is not None and (whole or named) and len(value.split()) <= MOST_WORDS:
        return prompt[: noun.start()] + value + prompt[noun.end() :]
    if whole or (unnamed and named):
        return _first(value, prompt)
    return _first(value if unnamed else f"{bare} {value}", prompt)


MOST_WORDS = 6
"""Words of what stands in place of a noun; more are a sentence of their own."""


def _qualified(
    prompt: str, noun: re.Match[str], value: str, row: Sequence[str], *, unnamed: bool
) -> str:
    """Return the prompt with a noun's quality replaced, or put before it."""
    begin = 0
    for boundary in _BOUNDARY.finditer(prompt, 0, noun.start()):
        begin = boundary.end()
    after = next((each.start() for each in _BOUNDARY.finditer(prompt, noun.end())), len(prompt))
    if prompt[after : after + 4].lower() == "with":  # "a star with stripes"
        ending = _BOUNDARY.search(prompt, after + 4)
        after = len(prompt) if ending is None else ending.start()
    if unnamed and not _quality(row).search(prompt, begin, after):
        begin, ground = 0, _GROUND.search(prompt)  # "a sky of deep blue": wherever it is said
        after = len(prompt) if ground is None else ground.start()
        if row in OF_THE_SCENE and not _quality(row).search(prompt, begin, after):
            return _first(value, prompt)
    if old := _quality(row).search(prompt, begin, after):
        if old[0].lower().startswith("with "):
            without = _without_spaces(prompt[: old.start()] + prompt[old.end() :])
            return without[: noun.start()] + f"{value} " + without[noun.start() :]
        return prompt[: old.start()] + value + prompt[old.end() :]
    return f"{prompt[: noun.start()]}{value} {prompt[noun.start() :]}"


def _on_ground(prompt: str, value: str) -> str:
    """Return the prompt with another background."""
    value = _bare(value)
    if (found := _GROUND.search(prompt)) is None:
        if prompt and _row(value) is not None:
            return f"{prompt} on a {value} background"
        return _first(f"{value} background", prompt)
    name = next(name for name, said in found.groupdict().items() if said is not None)
    begin, end = found.span(name)
    colour = _quality(QUALITIES[0]).search(prompt, begin, end)
    if colour is not None and _row(value) is QUALITIES[0]:
        begin, end = colour.span()
    return prompt[:begin] + value + prompt[end:]


def _in_medium(prompt: str, new: str) -> str:
    """Return the prompt as that of a painting, a photo and the like."""
    showing = _OPENING.sub("", prompt)
    return f"{new} of {showing}" if showing else new


def _added(prompt: str, new: str) -> str:
    """Return the prompt with one more thing in it."""
    value = AS_ADJECTIVE.get(_bare(new).lower())
    noun = _main_noun(prompt)
    if value is not None and noun is not None and (row := _row(value)) is not None:
        return _qualified(prompt, noun, value, row, unnamed=True)
    return f"{prompt}, {new}" if prompt else new


def _without(prompt: str, gone: str) -> str:
    """Return the prompt without a thing, and without the words that tie it to the rest."""
    said = [gone, *(old for old, new in AS_ADJECTIVE.items() if new == gone)]
    adjective = AS_ADJECTIVE.get(gone.lower())
    for words in said:
        noun = re.escape(words.rstrip("s")) + r"(?:e?s)?"
        tied = (
            rf"(?:,? ?\b(?:and|with|wearing|holding|in) )?(?:an? |the |some )?(?:\w+ )?\b{noun}\b"
        )
        prompt = re.sub(rf"{tied}(?= *(?:$|[,.;]|and\b|with\b|on\b|in\b|at\b))", "", prompt)
    if adjective is not None:
        row = _row(adjective) or (adjective,)
        prompt = _quality([each for each in row if each.endswith(adjective)]).sub("", prompt)
    return _without_spaces(prompt)


def _first(outcome: str, prompt: str) -> str:
    return f"{outcome}, {prompt}" if prompt else outcome


def _row(value: str) -> Sequence[str] | None:
    """Return the row of qualities that a value is of: "dark blue" is a colour."""
    value = AS_ADJECTIVE.get(value.lower(), value.lower())
    for row in QUALITIES:
        if value in row or (len(value.split()) <= 3 and value.split()[-1] in row):
            return row
    return None


def _quality(row: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(row, key=len, reverse=True)
    shades = r"(?:(?:bright|dark|light|pale|deep|very) )?"
    return re.compile(rf"\b{shades}(?:{'|'.join(longest_first)})\b", re.IGNORECASE)


def _noun(word: str, prompt: str) -> re.Match[str] | None:
    """Find a noun in the prompt, in the singular or the plural; never an adjective's colour."""
    stem = re.sub(r"(?<=[sxh])es$|(?<!s)s$", "", word.lower())
    if not stem or _row(stem) is not None or not stem[0].isalnum():
        return None
    return re.search(rf"\b{re.escape(stem)}(?:e?s)?\b", prompt, re.IGNORECASE)


def _main_noun(prompt: str) -> re.Match[str] | None:
    """Find the thing that the prompt is about: a known one, else the first noun phrase's end."""
    opening = _OPENING.match(prompt)
    begin = 0 if opening is None else opening.end()
    known = "|".join(name for row in THINGS for name in (*row, "shape"))
    boundary = _BOUNDARY.search(prompt, begin)
    end = len(prompt) if boundary is None else boundary.start()
    if found := re.compile(rf"\b(?:{known})(?:e?s)?\b", re.IGNORECASE).search(prompt, begin, end):
        return found
    words = list(re.compile(r"[^\W\d_][\w'-]*").finditer(prompt, begin, end))
    return words[-1] if words and _row(words[-1][0]) is None else None


def _names_a_thing(new: str) -> bool:
    """Return True for "a heart", "hearts": not "look older"."""
    return bool(
        re.match(r"an? ", new, re.IGNORECASE)
        or any(re.sub(r"e?s$", "", new.lower()) in row or new.lower() in row for row in THINGS)
    )


def _bare(words: str) -> str:
    """Return words without their article or pronoun in front."""
    return re.sub(rf"^(?:(?:an?|some|{DETERMINERS}) )+", "", words.strip(), flags=re.IGNORECASE)


_TRIMMED: Sequence[tuple[str, str]] = ((r" {2,}", " "), (r" +(?=[,.;])", ""), (r",(?: *,)+", ","))


def _without_spaces(prompt: str) -> str:
    for pattern, better in _TRIMMED:
        prompt = re.sub(pattern, better, prompt)
    return prompt.strip(" ,")


def _with_articles(prompt: str, before: str) -> str:
    """Let "a" and "an" agree with a word that did not follow them before."""

    def agreeing(found: re.Match[str]) -> str:
        if re.search(rf"\b{re.escape(found[0])}\b", before):
            return found[0]
        article = "An" if found[1] == "A" else "an"
        return f"{article if found[2][0].lower() in 'aeio' else found[1]} {found[2]}"

    return re.sub(r"\b([Aa])n? ([a-zA-Z][\w'-]+)", agreeing, prompt)
