"""Japanese instructions of edits, applied to the prompt of the picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

COLOURS: Mapping[str, tuple[str, str]] = {
    "黄緑": ("黄緑の", "yellow-green"),
    "水色": ("水色の", "light blue"),
    "灰色": ("灰色の", "grey"),
    "茶色": ("茶色い", "brown"),
    "黄色": ("黄色い", "yellow"),
    "金色": ("金色の", "golden"),
    "銀色": ("銀色の", "silver"),
    "オレンジ": ("オレンジ色の", "orange"),
    "ピンク": ("ピンクの", "pink"),
    "赤": ("赤い", "red"),
    "青": ("青い", "blue"),
    "緑": ("緑の", "green"),
    "紫": ("紫の", "purple"),
    "白": ("白い", "white"),
    "黒": ("黒い", "black"),
}
"""Colours by their stems: as an adjective, and in English."""
FILLS: Mapping[str, tuple[str, str]] = {
    "縞模様": ("縞模様の", "striped"),
    "ストライプ": ("ストライプの", "striped"),
    "水玉模様": ("水玉模様の", "dotted"),
    "水玉": ("水玉の", "dotted"),
    "市松模様": ("市松模様の", "checked"),
    "塗りつぶし": ("塗りつぶしの", "solid"),
    "輪郭だけ": ("輪郭だけの", "outlined"),
    "線だけ": ("線だけの", "outlined"),
    "無地": ("無地の", "plain"),
}
SIZES: Mapping[str, tuple[str, str]] = {
    "大き": ("大きな", "large"),
    "小さ": ("小さな", "small"),
}
TIMES: Mapping[str, tuple[str, str]] = {
    "夜明け": ("夜明けの", "at dawn"),
    "夕方": ("夕方の", "at sunset"),
    "夕焼け": ("夕焼けの", "at sunset"),
    "朝": ("朝の", "in the morning"),
    "昼": ("昼の", "by day"),
    "夜": ("夜の", "at night"),
    "春": ("春の", "spring"),
    "夏": ("夏の", "summer"),
    "秋": ("秋の", "autumn"),
    "冬": ("冬の", "winter"),
}
QUALITIES: Sequence[Mapping[str, tuple[str, str]]] = (COLOURS, FILLS, SIZES, TIMES)
THINGS: Mapping[str, str] = {
    "三日月": "crescent",
    "三角形": "triangle",
    "四角形": "square",
    "三角": "triangle",
    "四角": "square",
    "十字": "cross",
    "ハート": "heart",
    "矢印": "arrow",
    "丸": "circle",
    "円": "circle",
    "星": "star",
    "犬": "dog",
    "猫": "cat",
    "空": "sky",
    "海": "sea",
    "花": "flower",
    "木": "tree",
    "髪": "hair",
    "目": "eyes",
    "家": "house",
    "車": "car",
    "図形": "shape",
    "形": "shape",
    "背景": "background",
}

PRONOUNS = ("", "それ", "これ", "全部", "全体", "図形", "形")
"""Names of whatever the picture shows."""

_CLAUSES = re.compile(r"[、。；;,]|(?<=して)(?=[^ほくもか])|(?<=[変替]えて)(?=[^ほくもか])")
_POLITE = re.compile(
    r"(?:ください|下さい|ほしい(?:です)?|お願い(?:します)?|くれ(?:る|ますか)?|もらえ(?:る|ますか)?)?[!?！？。\s]*$"
)
_ENDS = r"(?:して|する|変えて|変更(?:して)?|塗って|塗り替えて|替えて|なって)?"
_CHANGE = re.compile(
    r"(?P<thing>.+?)(?:の色)?(?:を|は|が)(?:もっと|少し|すこし|ちょっと)?(?P<new>.+?)"
    rf"(?:[にへ]{_ENDS}|(?<=[^にへ])[くな](?:{_ENDS}))"
)
_BARE = re.compile(rf"(?:もっと|少し|すこし|ちょっと)?(?P<new>.+?)(?:に{_ENDS}|く{_ENDS}|で)")
_REMOVE = re.compile(
    r"(?P<old>.+?)(?:を|は)?(?:消して|消す|なくして|取って|取り除いて|除いて|削除(?:して)?|外して)"
)
_ADD = re.compile(
    r"(?P<new>.+?)を(?:追加(?:して)?|足して|加えて|描いて|入れて|付けて|つけて|かぶせて)"
)
_GROUND = re.compile(r"背景は(?P<after>[^、。]+)|(?P<before>[^、。]*?)背景")
_BOUNDARY = re.compile(r"[、。,]|背景に|背景で|[にで](?=[^きげ])")


def rewritten(prompt: str, instruction: str) -> tuple[str, str]:
    """Return the prompt after the edit, and what the edit removed."""
    removed = []
    for clause in _clauses(instruction):
        if found := _REMOVE.fullmatch(clause):
            removed.append(found["old"])
            prompt = _without(prompt, found["old"])
        elif found := _ADD.fullmatch(clause):
            prompt = f"{prompt}{_comma(prompt)}{found['new']}" if prompt else found["new"]
        elif found := _CHANGE.fullmatch(clause):
            prompt = _altered(prompt, found["thing"], found["new"])
        elif found := _BARE.fullmatch(clause):
            prompt = _altered(prompt, "", found["new"])
        else:
            prompt = _first(clause, prompt)
    return prompt, "、".join(removed)


def in_english(instruction: str) -> str | None:
    """Return an instruction of known words in English; None if it has others."""
    clauses = []
    for clause in _clauses(instruction):
        if found := _REMOVE.fullmatch(clause):
            wish, parts = "remove the {}", [found["old"]]
        elif found := _CHANGE.fullmatch(clause):
            wish, parts = "make the {} {}", [found["thing"], found["new"]]
        elif found := _BARE.fullmatch(clause):
            wish, parts = "make it {}", [found["new"]]
        else:
            return None
        words = [_translated(part) for part in parts]
        if None in words:
            return None
        if parts[-1] in THINGS and len(parts) == 2:
            wish = "turn the {} into a {}"
        clauses.append(wish.format(*words))
    return " and ".join(clauses) or None


def _translated(words: str) -> str | None:
    if words in THINGS:
        return THINGS[words]
    row = _row(words)
    return None if row is None else row[_stem(words, row)][1]


def _clauses(instruction: str) -> list[str]:
    said = [_POLITE.sub("", each.replace(" ", "")) for each in _CLAUSES.split(instruction)]
    return [each for each in said if each]


def _altered(prompt: str, thing: str, new: str) -> str:
    """Return the prompt in which a thing has a new quality, or is another thing."""
    row = _row(new)
    if thing == "背景":
        return _on_ground(prompt, new)
    names = sorted(THINGS, key=len, reverse=True)
    noun = re.search(re.escape(thing), prompt) if thing not in PRONOUNS else None
    same = _synonym(thing, prompt)
    noun = noun or same
    unnamed = thing in PRONOUNS
    if noun is None and unnamed:
        found = [each for each in re.finditer("|".join(names), prompt) if each[0] != "背景"]
        noun = found[-1] if found else None
    if row is None:
        if noun is None:
            return _first(new if unnamed else f"{thing}は{new}", prompt)
        return prompt[: noun.start()] + new + prompt[noun.end() :]
    adjective = row[_stem(new, row)][0]
    if noun is None:
        return _first(adjective.removesuffix("の") if unnamed else adjective + thing, prompt)
    begin = max((each.end() for each in _BOUNDARY.finditer(prompt, 0, noun.start())), default=0)
    if old := _quality(row).search(prompt, begin, noun.start()):
        return prompt[: old.start()] + adjective + prompt[old.end() :]
    return prompt[: noun.start()] + adjective + prompt[noun.start() :]


def _synonym(thing: str, prompt: str) -> re.Match[str] | None:
    """Find a thing in the prompt by another of its names: 丸 and 円."""
    others = [name for name, english in THINGS.items() if english == THINGS.get(thing)]
    if not others or THINGS[thing] == "shape":
        return None
    return re.search("|".join(sorted(others, key=len, reverse=True)), prompt)


def _on_ground(prompt: str, new: str) -> str:
    row = _row(new)
    stem = new if row is None else _stem(new, row)
    adjective = f"{new}の" if row is None else row[stem][0]
    if found := _GROUND.search(prompt):
        if found["after"] is not None:
            return prompt[: found.start("after")] + stem + prompt[found.end("after") :]
        return prompt[: found.start("before")] + adjective + prompt[found.end("before") :]
    return f"{adjective}背景に{prompt}" if prompt else f"{adjective}背景"


def _without(prompt: str, gone: str) -> str:
    """Return the prompt without a thing or a pattern."""
    row = _row(gone)
    if row is not None and row is not COLOURS:
        english = row[_stem(gone, row)][1]
        stems = [stem for stem, (_, other) in row.items() if other == english]
        return _quality({stem: row[stem] for stem in stems}).sub("", prompt)
    tied = rf"[とや、]?(?:[^とや、。に]{{0,6}}の)?{re.escape(gone)}"
    tied += r"(?:のある|のついた|付きの|を(?:かぶっ|着|付け|つけ|持っ|かけ)た|と|や|、|$)"
    return re.sub(tied, "", prompt).strip("、")


def _first(outcome: str, prompt: str) -> str:
    return f"{outcome}{_comma(prompt)}{prompt}" if prompt else outcome


def _comma(prompt: str) -> str:
    return ", " if prompt.isascii() else "、"


def _row(words: str) -> Mapping[str, tuple[str, str]] | None:
    """Return the row of qualities that words are of."""
    return next((row for row in QUALITIES if _stem(words, row)), None)


def _stem(words: str, row: Mapping[str, tuple[str, str]]) -> str:
    """Return the stem of a quality such as 赤い, 赤色 or オレンジ色の; empty for others."""
    stems = sorted(row, key=len, reverse=True)
    return next(
        (stem for stem in stems if re.fullmatch(rf"{stem}(?:色)?(?:[いなのく]|っぽい)?", words)), ""
    )


def _quality(row: Mapping[str, tuple[str, str]]) -> re.Pattern[str]:
    stems = "|".join(sorted(row, key=len, reverse=True))
    return re.compile(rf"(?:{stems})(?:色)?[いなの]?")
