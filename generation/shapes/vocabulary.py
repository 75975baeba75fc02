"""Words for the attributes of a scene in English and Japanese; the first is the usual one."""

from __future__ import annotations

Words = dict[str, tuple[str, ...]]

ENGLISH_SIZES: Words = {"small": ("small", "little"), "large": ("large", "big")}
ENGLISH_FILLS: Words = {
    "solid": ("solid", "filled"),
    "striped": ("striped",),
    "dotted": ("dotted", "spotted"),
    "outlined": ("outlined", "hollow"),
    "checked": ("checked", "chequered"),
    "hatched": ("hatched",),
}
ENGLISH_FILLS_AFTER: Words = {"striped": ("with stripes",), "dotted": ("with dots",)}
"""Fills that can also follow the shape."""
ENGLISH_PLACES: Words = {
    "middle": ("in the middle", "in the centre"),
    "left": ("on the left",),
    "right": ("on the right",),
    "top": ("at the top",),
    "bottom": ("at the bottom",),
    "beside": ("side by side", "next to each other"),
    "above": ("one above the other",),
}
ENGLISH_PLURALS = {"cross": "crosses"}
"""Irregular plurals."""

JAPANESE_SIZES: Words = {"small": ("小さな", "小さい"), "large": ("大きな", "大きい")}
JAPANESE_FILLS: Words = {
    "solid": ("塗りつぶしの",),
    "striped": ("縞模様の", "ストライプの"),
    "dotted": ("水玉模様の", "水玉の"),
    "outlined": ("輪郭だけの", "線だけの"),
    "checked": ("市松模様の",),
    "hatched": ("斜線の",),
}
JAPANESE_COLOURS: Words = {
    "red": ("赤い", "赤の"),
    "orange": ("オレンジ色の", "オレンジの"),
    "yellow": ("黄色い", "黄色の"),
    "green": ("緑の", "緑色の"),
    "blue": ("青い", "青の"),
    "purple": ("紫の", "紫色の"),
    "pink": ("ピンクの", "ピンク色の"),
    "white": ("白い", "白の"),
    "black": ("黒い", "黒の"),
}
JAPANESE_GROUNDS: Words = {
    "red": ("赤",),
    "orange": ("オレンジ",),
    "yellow": ("黄色",),
    "green": ("緑",),
    "blue": ("青",),
    "purple": ("紫",),
    "pink": ("ピンク",),
    "white": ("白",),
    "black": ("黒",),
}
JAPANESE_SHAPES: Words = {
    "circle": ("丸", "円"),
    "square": ("四角", "四角形"),
    "triangle": ("三角", "三角形"),
    "star": ("星",),
    "heart": ("ハート",),
    "cross": ("十字",),
    "crescent": ("三日月",),
    "arrow": ("矢印",),
    "shape": ("形", "図形"),
}
JAPANESE_PLACES: Words = {
    "middle": ("真ん中に", "中央に"),
    "left": ("左に", "左側に"),
    "right": ("右に", "右側に"),
    "top": ("上に", "上の方に"),
    "bottom": ("下に", "下の方に"),
    "beside": ("横に並んだ", "左右に並んだ"),
    "above": ("縦に並んだ", "上下に並んだ"),
}


def known_words() -> frozenset[str]:
    """Return every English word for an attribute of a scene, and every Japanese phrase for one."""
    said = [
        *(ENGLISH_SIZES, ENGLISH_FILLS, ENGLISH_FILLS_AFTER, ENGLISH_PLACES),
        *(JAPANESE_SIZES, JAPANESE_FILLS, JAPANESE_COLOURS, JAPANESE_GROUNDS),
        *(JAPANESE_SHAPES, JAPANESE_PLACES),
    ]
    phrases = [phrase for words in said for forms in words.values() for phrase in forms]
    named = [*JAPANESE_COLOURS, *JAPANESE_SHAPES, *ENGLISH_PLURALS.values()]
    return frozenset(word for phrase in (*phrases, *named) for word in phrase.split())
