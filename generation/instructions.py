"""Instructions that editing by words cannot follow, told apart by how people put them.

InstructPix2Pix learned from pairs that Prompt-to-Prompt made, in which nearly everything stays
where it is: so it changes neither the viewpoint nor where things are, swaps no two things, and
isolates none (Brooks, Holynski and Efros, arXiv 2211.09800, §5).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType


class Beyond(enum.Enum):
    """What is asked of an edit that cannot be done."""

    VIEWPOINT = "viewpoint"
    MOVING = "moving"
    SWAPPING = "swapping"
    ISOLATING = "isolating"


ALL_THE_SAME = "!"
"""Before an instruction: it is to be tried whatever we think of it."""

_PLACE = (
    r"(?:(?:to|on|at|in|into|toward|towards|over to|near|nearer) (?:\w+ )?(?:the |its |his |her )?"
    r"(?:\w+ )?(?:left|right|top|bottom|middle|cent(?:er|re)|corner|side|edge|front|back|"
    r"foreground|background|end|window)|"
    r"\b(?:left|right|up|upwards?|down|downwards?|sideways|closer|nearer|further|farther|forward|"
    r"forwards|backwards?|apart|together|higher|lower|away|over|behind|beside|beneath|under|"
    r"underneath|next to|in front of|on top of|opposite|between)\b)"
)
_KNOWN = r"(?:the|this|that|these|those|his|her|its|their|my|our|him|her|it|them|both|everyone)"
_SIDE = (
    r"(?:above|below|behind|beneath|overhead|underneath|far away|up close|afar|"
    r"(?:the |its |his |her |their |an?(?:other)? |different |opposite )+(?:\w+[- ])?"
    r"(?:side|back|front|rear|top|bottom|left|right|air|sky|ground|ceiling|floor|angle|view|"
    r"viewpoint|perspective|direction|distance|window|corner|vantage point))\b"
)

_ENGLISH: Mapping[Beyond, Sequence[str]] = {
    Beyond.ISOLATING: (
        r"\b(?:keep|leave|show|save|want|retain)\b.{0,20}\b(?:only|just|nothing but)\b"
        r"(?! .*\b(?:colou?r|black and white)\b)",
        r"\b(?:only|just) (?:keep|leave|show|save|retain|the \w+ (?:should )?(?:remain|stay))",
        r"\bnothing (?:but|else|except)\b",
        r"(?<!leave )(?<!keep )"
        r"\b(?:everything|everyone|anything|all(?: of it)?|the rest|every other \w+)\b.{0,24}"
        r"\b(?:else|but|except|apart|around|other than)\b(?!.*\b(?:gr[ae]y|black and white|blur\w*)\b)",
        r"\b(?:remove|delete|erase|drop|lose|discard|get rid of) (?:all )?(?:of )?the rest\b",
        r"\b(?:only|just) (?:need|want)\b",
        r"\b(?:cut(?:ting)?|crop|clip|trim|mask|lift)\b[^,.]{0,40}\bout\b(?! of (?:wood|paper))",
        r"\bcut-?outs?\b(?! (?:style|art))",
        r"\bcrop\b",
        r"\b(?:isolate|extract|single out|separate)\b",
        r"\b(?:transparent|no|without (?:a|any|the)|alpha) (?:back ?gr?ound|bg|backdrop)\b",
        r"\b(?:background|bg|backdrop)\b.{0,16}\b(?:transparent|removed|gone|deleted)\b",
        r"\b(?:remove|delete|erase|get rid of|strip|take away|drop|lose)\b (?:\w+ ){0,2}"
        r"(?:background|bg|backdrop)\b(?! (?:\w*people|person|crowd|noise|\w+s)\b)",
        r"\bturn .{1,30} into a sticker with nothing\b",
    ),
    Beyond.SWAPPING: (
        r"\b(?:swap|switch|trade|exchange|change|reverse|interchange)\b.{0,40}"
        r"\b(?:places|positions|seats|sides|spots|locations|each other|one another)\b",
        r"\b(?:swap|switch|exchange|interchange|trade|flip)\b (?:\w+ ){0,5}"
        r"(?:and|with) " + _KNOWN + r"\b",
        r"\b(?:swap|switch|exchange|interchange|trade)\b.{0,30}"
        r"\b(?:between|around|round|the (?:two|colou?rs of|heads|faces|clothes|outfits))\b",
        r"\b(?:swap|switch|exchange|interchange|trade)\b (?:\w+ ){0,2}(?:\w+s|faces|heads)\b"
        r"(?! (?:for|to|into|with an?)\b)$",
        r"\b(?:in|into|to|take) each other'?s?'? (?:places?|positions?|spots?)\b",
        r"\bthe other way (?:a)?round\b",
        r"\bwhere the \w+ (?:is|was|are)\b.{0,30}\band\b.{0,30}\bwhere\b",
        r"\bgive .{1,25} (?:the|his|her|its|their) .{1,25} and (?:give )?.{1,25} "
        r"(?:the|his|hers?|its|their)\b",
        # The red ball blue and the blue ball red: two words that come back in the other order.
        r"\b(?P<one>\w{3,})\b.{1,12}\b(?P<other>\w{3,})\b.{0,4}\band\b.{0,10}"
        r"\b(?P=other)\b.{1,12}\b(?P=one)\b",
    ),
    Beyond.VIEWPOINT: (
        r"\b(?:zoom(?:ed|ing)?(?: (?:in|out|way|further|closer|back|on|into))\b|zoom$)",
        r"\b(?:from|seen from|viewed from|shot from|look from) " + _SIDE + r"(?! lights?| lit)",
        r"\b(?:rotate|tilt|pan|swing|orbit|spin|move|turn|lower|raise|pull|push|step|bring|shift)\b"
        r"(?: \w+){0,2} (?:camera|view|viewpoint|lens|shot|perspective)\b",
        r"\b(?:change|shift|alter|adjust|use|try|give|different|another|new|other|wider|lower|higher)\b"
        r".{0,16}\b(?:angle|perspective|viewpoint|point of view|pov|vantage point|camera)\b",
        r"\b(?:turn|spin|rotate|swivel|flip)\b.{1,40}\b(?:around|round|away|sideways|over|"
        r"to face|to the (?:left|right|side|camera|front|back)|\d+ ?(?:degrees|°)|upside down)"
        r"(?! (?:the|a|his|her) (?:mood|story|season))",
        r"\b(?:turn|tilt|rotate)\b (?:his|her|its|their|the \w+'?s?) (?:head|face|body|gaze)\b",
        r"\b(?:rotate|revolve)\b (?!.*\b(?:hue|colou?rs?)\b)",
        r"\b(?:fac(?:e|ing)|look(?:s|ing)?)\b (?:straight |directly |back |toward |towards |at |to |in )*"
        r"(?:the )?(?:other (?:way|direction|side)|opposite (?:way|direction)|camera|viewer|lens|us|"
        r"me|away|left|right|sideways|backwards?|forwards?|up|down|behind|front)\b"
        r"(?! (?:on|beat|to earth))",
        r"\b(?:show|see|reveal)\b(?: \w+){0,3} (?:back|rear|reverse|underside|other side|far side|"
        r"inside|profile)\b(?: of| side|$| view)?",
        r"\b(?:top[- ]down|bird'?s?[- ]eye|worm'?s?[- ]eye|aerial|overhead|side|back|rear|front|"
        r"profile|eye[- ]level|low[- ]angle|high[- ]angle|wide[- ]angle|drone|first[- ]person)"
        r"(?: angle)?[- ](?:view|shot|perspective|angle|photo|lens)\b",
        r"\b(?:close[- ]?up|wide shot|long shot|headshot)\b",
        r"\b(?:walk|step|stand|come|get|go|fly) (?:closer|further|farther|back)(?: back)?\b",
    ),
    Beyond.MOVING: (
        r"\b(?:move|shift|slide|drag|scoot|nudge|relocate|reposition|push|pull|budge)\b "
        r"(?:\w+[' -]){0,6}?" + _PLACE,
        r"\b(?:put|place|set|stand|seat|hang|bring|lift|raise|lower|carry|take|send|get|have|make|"
        r"let)\b " + _KNOWN + r"\b.{0,40}?\b(?:to|on|at|in|into) (?:the )?(?:very |far |other |"
        r"opposite |upper |lower |top |bottom |left |right |\w+ )?(?:left|right|corner|side|middle|"
        r"cent(?:er|re)|edge|foreground|front|bottom|top|end)\b(?! (?:hand|ear|eye|arm|leg|sleeve))",
        r"\b(?:put|place|set|bring|stand|seat|carry|hang)\b (?:the|that|this|him|her|it|them|his|"
        r"my)\b.{0,30}\b(?:next to|beside|behind|in front of|closer|nearer|further|farther|under|"
        r"underneath|above|below|opposite|between|away from|near|across|over by|by the|forward)\b",
        r"\b(?:cent(?:er|re)|recent(?:er|re))\b (?:the|it|him|her|them|this|that)\b",
        r"\b(?:closer|nearer|further|farther) (?:together|apart|to (?:the|each|one|us|him|her)|away|from)\b",
        r"\b(?:relocate|reposition|rearrange)\b",
        r"\bgather\b.{0,30}\btogether\b",
    ),
}

_WHERE = (
    r"(?:左|右|上|下|中央|中心|真ん中|まんなか|端|隅|すみ|角|手前|奥|前|後ろ|うしろ|隣|となり|横|そば|脇|近く|"
    r"反対|向こう|窓際|外|内|間|あいだ)"
)
_JAPANESE: Mapping[Beyond, Sequence[str]] = {
    Beyond.ISOLATING: (
        r"(?:だけ|のみ)を?(?:画像に|絵に|画面に|その場に)?(?:残|切り|きり|くり抜|取り出|抜き|抽出|写|にし(?:て|たい)|が写|映)",
        r"(?:以外|ほか|他|残り|周り|まわり).{0,12}(?:消|削除|取り除|除い|なくし|無くし|除去|カット|いらな|要らな|排除)",
        r"切り抜|切り取|きりぬ|くり抜|トリミング|抽出|切り出",
        r"背景(?:だけ)?(?:を|は)?(?:全部|すべて|完全に)?(?:透明|透過|消|削除|なくし|無くし|無しに|なしに|抜|除去|取り除|取っ|カット)(?!.*(?:人|通行))",
    ),
    Beyond.SWAPPING: (
        r"(?:場所|位置|立ち位置|順番|席|左右|前後|上下|色|服|顔|柄|帽子|配置)(?:同士)?(?:だけ)?(?:を|が|は)?(?:お互い|互い|逆|そっくり|そのまま)?.{0,6}"
        r"(?:入れ替|入れかえ|いれかえ|交換|取り替え|取りかえ|逆に|反対に|チェンジ)",
        r"と(?!.*(?:を|も).{1,10}に(?:入れ替|交換|取り替)).{1,16}(?:を|の.{1,6}を?)(?:お互いに|互いに|逆に|全部|そっくり)?"
        r"(?:入れ替|入れかえ|いれかえ|交換|取り替え|取りかえ|取っかえ|スワップ|逆)",
        r"互い(?:の|に).{0,14}(?:入れ|交換|替|取り)",
        r"(?:左右|前後|上下)(?:の.{1,8})?(?:を|が)?(?:入れ|逆|反対)",
    ),
    Beyond.VIEWPOINT: (
        r"(?:上|下|横|よこ|後ろ|うしろ|裏|表|正面|斜め|ななめ|真上|真下|真横|背後|背中側|前|角度|方向|側|空|遠く|近く|地面|天井|足元|床|視点|アングル|位置)"
        r"(?:の(?:ほう|方))?から(?:の)?(?:見|みた|眺|撮|写|とった|描|視点|角度|アングル|構図|景|ショット|写真|写し|映)",
        r"(?:アングル|視点|角度|カメラ|目線|構図|画角)(?:の.{1,4})?(?:を|に|で|が|から|へ)(?!.*(?:持た|首から))",
        r"ズーム|俯瞰|鳥瞰|見下ろ|見おろ|見上げ|クローズアップ|ドアップ|(?:の|を|もっと)アップ(?:に|で)|引き(?:で|の|に)|寄って(?:撮|写)|拡大して(?:写|映|見)",
        r"(?:後ろ|うしろ|横|こっち|こちら|左|右|上|下|反対|逆|カメラ|正面|前|あっち|向こう)(?:側|の方|のほう)?(?:を|に|へ|の方を|のほうを)?"
        r"(?:向|むい|むか|振り|見(?:て|る|ている|つめ)(?:い|よう|ように|ほし|姿|さ))",
        r"振り(?:向|返)|後ろ姿|裏側(?:を|が)|背中(?:を|が)見|横顔に|横向き|後ろ向き|正面向き|前向きに(?!な気)",
        r"(?:顔|頭|体|首|車|机|椅子|像|向き)(?:の向き)?を.{0,10}(?:回し|回転|ひねっ|傾け|反転)|回転|度回|向きを(?:変|逆|反)",
    ),
    Beyond.MOVING: (
        _WHERE
        + r"(?:側|の方|のほう|寄り|端|隅|上|下|の(?:端|隅|角|そば|隣|横|前|奥|上|下|近く|ほう|方))*"
        r"(?:に|へ|まで)(?:もっと|もう少し|少し|ちょっと)?(?:動か|移|ずら|寄せ|置|配置|下げ|上げ|持って|近づ|遠ざ|運|並べ|立たせ|座らせ|やって|もってき)",
        r"(?:移動|ずらし|ずらす|動かし|動かす|どかし|寄せて|近づけ|近寄せ|遠ざけ|引き離|離して|離す|中央寄せ|持ってき|並べ替え|置き直|配置し直)",
        r"(?:を|は)"
        + _WHERE
        + r"(?:側|の方|のほう|の端|の隅|寄り|上|下|端|隅)*(?:に|へ)(?:して|し$|お願い|やって|来|持)",
    ),
}

_NOT_BEYOND = (
    # What sounds like one of these and is something else.
    r"\bview (?:from|of) the \d|\bmove (?:it|the (?:scene|setting|action|story))? ?(?:in)?to (?!the )",
    r"\bturn(?:ed)? (?:\w+ ){0,4}into\b|\bturn around the mood\b|\bturn back time\b",
    r"\blook(?:s|ing)? (?:up)?to date\b|\bsetting\b|\bupside\b(?! down)",
    r"に(?:入れ替|取り替|差し替|置き換|交換)え?(?!.*(?:場所|位置|お互い|互い))",
    r"背景の(?:人|通行人|車|電線|建物|看板|ゴミ|文字)",
    r"色だけ|だけ(?:を)?(?:赤|青|緑|白|黒|黄|ピンク|紫|金|銀|変|別の|もっと|少し|明る|暗)",
)

PATTERNS: Mapping[Beyond, re.Pattern[str]] = MappingProxyType(
    {
        kind: re.compile("|".join(f"(?:{one})" for one in (*_ENGLISH[kind], *_JAPANESE[kind])))
        for kind in Beyond
    }
)
_EXCEPTIONS = re.compile("|".join(f"(?:{one})" for one in _NOT_BEYOND))


def beyond(instruction: str) -> Beyond | None:
    """What an instruction in English or Japanese asks that no edit can do; None: nothing."""
    said = " ".join(instruction.lower().replace("’", "'").split())
    if said.startswith(ALL_THE_SAME) or _EXCEPTIONS.search(said):
        return None
    for kind in (Beyond.ISOLATING, Beyond.SWAPPING, Beyond.VIEWPOINT, Beyond.MOVING):
        if PATTERNS[kind].search(said):
            return kind
    return None
