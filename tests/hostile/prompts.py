"""Two thousand prompts that would be links, pings, headings and code if they were let."""

from __future__ import annotations

import functools
import random

BY_HAND = (
    "[a](b) [click me](https://evil.example)",
    "[click](<https://evil.example>)",
    "[nested [brackets]](https://evil.example/a_(b))",
    "\\[click](https://evil.example)",
    "\\\\[click](https://evil.example)",
    "[click]\\(https://evil.example)",
    "](https://evil.example) and [",
    "[a](b [c](d) e](f)",
    "https://evil.example/path?x=1#y",
    "see http://evil.example, https://evil.example.",
    "<https://evil.example>",
    "steam://run/1 discord://-/x",
    "discord.gg/abcdef https://discord.com/invite/abcdef",
    "www.evil.example",
    "<mail@evil.example> <+1234567890>",
    "@everyone @here \\@everyone @\u200beveryone",
    "<@123456789012345678> <@!123456789012345678> <@&123456789012345678>",
    "<#123456789012345678> </imagine:123456789012345678> <id:customize>",
    "<t:1700000000> <t:1700000000:R> <t:0:F>",
    "<:pepe:123456789012345678> <a:pepe:123456789012345678> :smile: :+1:",
    "```\nfence\n```",
    "```py\nimport os\n```",
    "``double `tick` code``",
    "`code` and `one more",
    "ends with a tick`",
    "# heading",
    "### heading",
    "a\n# heading on a line",
    "-# small",
    "> quote",
    ">>> quotes",
    "- item",
    "* item",
    "+ item",
    "1. item",
    "12. item\n13. item",
    "**bold** __under__ *it* _it_ ***all*** ~~gone~~ ||hidden||",
    "** ** __ __ ~~ ~~ |||| ****",
    "ends with a backslash\\",
    "ends with two\\\\",
    "\\",
    "*",
    "_",
    "|",
    "`",
    "[",
    "\\*\\_\\`",
    "¯\\_(ツ)_/¯",
    "snake_case_words and a*b*c",
    "a **b\\** c** d",
    "(masterpiece:1.3), [old], {red|blue} <lora:style_v2:0.8>",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200fy\u200e",
    "zero\u200bwidth ht\u200dtps://evil.example h\u2060ttps://evil.example \ufeff",
    "\x00\x07\x1b[31mred\x1b[0m\x7f\x85\x9b",
    "tab\tand\r\nnew\x0blines\u2028and\u2029more",
    "\u3164\u115f\u1160\uffa0",
    "👩\u200d👩\u200d👧 👍🏽 1\ufe0f\u20e3",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "می\u200cخواهم ക\u0d4d\u200dഷ 葛\U000e0100",
    "hidden\U000e0068\U000e0069 tags, a\ufe0f\ufe00\ufe01\ufe02 selectors",
    "Z̸̢a̷l̶g̵o̷",
    "赤い星、**太字** [押して](https://evil.example) @everyone ＠everyone",
    "مرحبا [x](https://evil.example) بالعالم",
    "{seed} {0} {prompt!r} %s $HOME",
    "x" * 400,
    "*" * 400,
    "\\" * 400,
    "[" * 200 + "](" * 100,
    "🎨" * 400,
    "",
    " \u200b ",
)

FRAGMENTS = (
    *("[", "]", "(", ")", "](", "<", ">", "<@", "<#", "</", "<t:", "<:", ":", ":1>", "@", "@here"),
    *("@everyone", "*", "**", "***", "_", "__", "~~", "||", "|", "`", "``", "```", "\\", "\\\\"),
    *("#", "# ", "## ", "- ", "-# ", "+ ", "> ", ">>> ", "1. ", "\n", "\n\n", " ", "  ", "\t"),
    *(
        "https://",
        "http://",
        "evil.example",
        "https://evil.example/a_b",
        "discord.gg/",
        "www.",
        "/",
    ),
    *("123456789012345678", "x", "a red star", "赤い星", "🎨", "é", "1", "!", "&", "~", "=", "."),
    *("\u200b", "\u200d", "\u200c", "\u202e", "\u2066", "\ufe0f", "\x00", "\x1b", "\xad", "\ufeff"),
)


@functools.cache
def hostile_prompts(count: int = 2000) -> tuple[str, ...]:
    """Those written by hand, and as many again from fragments, the same ones each time."""
    rng = random.Random(18)
    made = [
        "".join(rng.choice(FRAGMENTS) for _ in range(rng.choice((2, 3, 5, 8, 13, 40))))
        for _ in range(count - len(BY_HAND))
    ]
    return (*BY_HAND, *made)
