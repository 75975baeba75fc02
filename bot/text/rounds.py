"""Sentences on the message of a round and in its private panel, in English and Japanese."""

from __future__ import annotations

from bot.text.phrases import Phrase

# --- The header --------------------------------------------------------------------------

ROUND_OF = Phrase("{owner}'s round {number}", "{owner} さんのラウンド {number}")
GROUP_ROUND_OF = Phrase(
    "{owner}'s group board, round {number}", "{owner} さんのグループボード、ラウンド {number}"
)
COMPARISON_OF = Phrase(
    "{owner}'s comparison, round {number}", "{owner} さんの比較、ラウンド {number}"
)
FORKED = Phrase(
    "continues round {number} of {owner}'s board",
    "{owner} さんのボードのラウンド {number} の続き",
)

RECREATED = Phrase(
    "Recreated from the picture's saved settings", "画像に記録された設定から描き直し"
)
EDITED = Phrase("Edited {source}", "{source}編集")
EDITED_AS = Phrase("Edited: {instruction} · {source}", "編集：{instruction} · {source}")
FITTED = Phrase(
    "Painted with a model tuned to it, {source}", "{source}、その画像に合わせて調整したモデルで"
)
RESTYLED = Phrase("Restyled {source}", "{source}描き替え")
VARIED_SUBTLY = Phrase("Varied subtly {source}", "{source}少し変化")
VARIED_STRONGLY = Phrase("Varied strongly {source}", "{source}大きく変化")
ZOOMED_OUT = Phrase("Zoomed out {times:number}× {source}", "{source} {times:number} 倍ズームアウト")
EXTENDED_LEFT = Phrase("Extended to the left {source}", "{source}左へ拡張")
EXTENDED_RIGHT = Phrase("Extended to the right {source}", "{source}右へ拡張")
EXTENDED_UP = Phrase("Extended upwards {source}", "{source}上へ拡張")
EXTENDED_DOWN = Phrase("Extended downwards {source}", "{source}下へ拡張")
PARTLY_REPAINTED = Phrase("Partly repainted {source}", "{source}一部を描き直し")
UPSCALED = Phrase("Upscaled {times:number}× {source}", "{source} {times:number} 倍に拡大")
RESTORED = Phrase("Restored {source}", "{source}修復")
RESTORED_LARGER = Phrase(
    "Restored and upscaled {times:number}× {source}", "{source}修復、{times:number} 倍に拡大"
)

# --- What steered it ---------------------------------------------------------------------

THE_GROUPS = Phrase("the group's ", "みんなの ")
MEMBERS = Phrase("{member}'s ", "{member} さんの ")
LIKED_AND_DISLIKED = Phrase(
    "{whose}{liked:plural one=# like other=# likes} and "
    "{disliked:plural one=# dislike other=# dislikes}",
    "{whose}👍 {liked:number} 枚と 👎 {disliked:number} 枚",
)
LIKED = Phrase("{whose}{liked:plural one=# like other=# likes}", "{whose}👍 {liked:number} 枚")
DISLIKED = Phrase(
    "{whose}{disliked:plural one=# dislike other=# dislikes}", "{whose}👎 {disliked:number} 枚"
)
FOLLOWS_RATINGS = Phrase("Follows {ratings}", "{ratings}を反映")
AVOIDS_RATINGS = Phrase("Keeps away from {ratings}", "{ratings}を避けています")
NEWEST_FIRST = Phrase(", newest first", "（新しいものほど強く）")
WILDCARDS = Phrase(
    "; {numbers} {count:plural one=is a wildcard other=are wildcards}",
    "。ワイルドカード {count:number} 枚：{numbers}",
)
FROM_ANOTHER_BOARD = Phrase(
    r"\* from a board of {owners}", r"\* は {owners} さんのボードの画像です"
)
HOW_IT_GOES_ON = Phrase(
    "👍 what you like, then **Next round**. 🪄 varies, 🔍 enlarges, ⋯ has the rest.",
    "気に入った画像に 👍、それから **次のラウンド**。🪄 で変化、🔍 で拡大、ほかは ⋯ から。",
)
HOW_IT_GOES_ON_WITH_MANY = Phrase(
    "👍 what you like, then **Next round**. ⋯ has the rest.",
    "気に入った画像に 👍、それから **次のラウンド**。ほかは ⋯ から。",
)
WITHHELD = Phrase(
    "{count:plural one=Picture other=Pictures} {numbers} {count:plural one=isn't other=aren't} shown "
    "because the safety checker found adult content. The checker can be wrong; **Reroll** paints new "
    "pictures.",
    "安全フィルターが成人向けの内容を検出したため、{count:number} 枚を表示しません：{numbers}。"
    "誤検出のこともあります。**引き直す** を押すと、新しい画像を描きます。",
)

# --- Its buttons and its panel -----------------------------------------------------------

REROLL = Phrase("Reroll", "引き直す")
PANEL = Phrase("**Round {number}**", "**ラウンド {number}**")
OPENS_A_PICTURE = Phrase(
    "🖼️ opens a picture: edit, restyle, vary, zoom, extend, upscale, details.",
    "🖼️ で画像を開きます：編集、描き替え、変化、ズーム、拡張、拡大、詳細。",
)
SETTINGS = Phrase("Settings", "設定値")
BACK_TO_ROUND = Phrase("Back", "戻る")
SETTINGS_OF = Phrase(
    "Seed: `{seed}`\n"
    "Model: {model:code}\n"
    "Size: {width} × {height}\n"
    "Steps: {steps:number}\n"
    "Sampler: {scheduler}\n"
    "Guidance: {guidance:number}",
    "シード：`{seed}`\n"
    "モデル：{model:code}\n"
    "サイズ：{width} × {height}\n"
    "ステップ：{steps:number}\n"
    "サンプラー：{scheduler}\n"
    "ガイダンス：{guidance:number}",
)
NAME_ELSEWHERE = Phrase("{name} on {owner}'s board", "{owner} さんのボードの {name}")
WEIGHT = Phrase(
    "{mark} {name}, weight {weight:number}",
    "{mark} {name}、重み {weight:number}",
)
DELETE_ASKED = Phrase(
    "Delete round {number} and {count:plural one=its picture other=its # pictures}? "
    "This can't be undone.",
    "ラウンド {number} と画像 {count:number} 枚を削除しますか？ 元には戻せません。",
)
KEEP = Phrase("Keep", "削除しない")
