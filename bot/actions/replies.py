"""Words of replies to our messages: which picture they mean, and whether they ask for anything."""

from __future__ import annotations

import re

_NUMBERED = re.compile(
    r"\s*(?:picture |image |no\.? ?|#)?(?P<number>[1-8１-８])(?:枚目)?\s*[:：.、,)](?!\d)\s*(?=\S)",
    re.IGNORECASE,
)
"""The beginning of a reply that says which of several pictures it means: 2: make it blue."""

_REMARKS = (
    "a about absolutely adorable agree ah aha ahah all always amazing and are art aw awesome aww "
    "awww bad beautiful best better bot brilliant bro but cheers cool creepy cute damn dope epic "
    "ew excellent fantastic favorite favourite fire first fun funny goat good gorgeous got great "
    "ha hah haha hahaha happy hate hehe here hilarious hm hmm holy how i i'd i'll i'm im "
    "impressive in incredible insane interesting is it it's its job just kinda konomi like lmao "
    "lmfao lol looking looks love loved lovely magnificent masterpiece me mine much my neat nice "
    "nicely no nope not of oh ok okay omg one ones ooh our perfect perfection picture pictures "
    "please pretty quite rad really rofl same second seriously shit sick so stunning such super "
    "sweet terrible thank thanks that that's thats the these third this those to too true ty ugly "
    "um very want was we weird well were wonderful work works wow wtf ya yay yeah yep yes you "
    "your yup"
)
"""English words of which remarks about a picture are made, and no wish for another one."""
_JAPANESE_REMARK = re.compile(
    r"(?:(?:とても|すごく|めっちゃ|めちゃ|超|本当に|ほんとに|これ|それ|わあ|わー|うわ)"
    r"|いいえ|(?:かわいい|可愛い|すごい|凄い|いい|良い|よい|素敵|すてき|綺麗|きれい|最高|好き|上手|完璧|面白い|"
    r"おもしろい|やばい|ヤバい|怖い|こわい|神)(?:です|だ|ね|な|よ|わ|ー)*+"
    r"|ありがとう(?:ございます)?|ありがと|どうも|なるほど|了解|うん|はい|お|草|笑|w|ｗ|ね|よ"
    r"|[!！。、.,~〜ー♪☆★…\s])++"
)


def words_in(content: str, me: int) -> str:
    """Return what a message says besides the mention of the bot, whose id `me` is."""
    return " ".join(re.sub(rf"<@!?{me}>", " ", content).split())


def numbered(words: str) -> tuple[int | None, str]:
    """Return the number of the picture that a reply means, if it says one, and the rest."""
    found = _NUMBERED.match(words)
    return (None, words) if found is None else (int(found["number"]), words[found.end() :])


def is_remark(words: str) -> bool:
    """Return True if a reply only says how somebody likes a picture, or asks something.

    Nobody expects an edit from it: thanks, laughter, emoji, "how did you do that?".
    """
    words = re.sub(r"<a?:\w+:\d+>|<[@#][!&]?\d+>|https?://\S+", " ", words)
    if not re.search(r"[^\W\d_]", words):
        return True
    if re.search(r"[?？]\s*$", words) and not _ASKS_FOR_AN_EDIT.match(words):
        return True
    if _JAPANESE_REMARK.fullmatch(words.strip()):
        return True
    said = re.findall(r"[a-z]+(?:['’][a-z]+)?", words.lower())
    only_latin = not re.search(r"[^\W\d_a-zA-Z]", words)
    remarks = frozenset(_REMARKS.split())
    return only_latin and all(
        re.sub(r"(.)\1{2,}", r"\1", word.replace("’", "'")) in remarks or word in remarks
        for word in said
    )


_ASKS_FOR_AN_EDIT = re.compile(
    r"\s*(?:please |and |now )*(?:can|could|would|will) (?:you|we|it)\b|.*(?:して|にできる|変えて|"
    r"ください|くれ|もらえ)",
    re.IGNORECASE,
)
