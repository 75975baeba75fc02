"""The page of /settings, a member's own defaults, and its forms."""

from __future__ import annotations

from bot.text.phrases import Phrase

TITLE = Phrase("**Your settings**", "**あなたの設定**")
TITLE_IS = Phrase(
    "-# Boards that you start here with `/imagine` begin with these. What you say in `/imagine` "
    "itself comes first.",
    "-# ここで `/描く` から始めるボードに使います。`/描く` で指定した値が優先されます。",
)
STEERING = Phrase("**How your likes steer**", "**好みの反映**")
YOURS = Phrase("{name}: **{value}** · yours", "{name}：**{value}** · あなたの設定")
MODELS = Phrase("{name}: {value} · the model's", "{name}：{value} · モデルの値")
PRESETS = Phrase("{name}: {value} · from the preset", "{name}：{value} · プリセットの値")
USUAL = Phrase("{name}: {value} · the usual", "{name}：{value} · 標準")
CHANNELS = Phrase("{name}: {value} · this channel's", "{name}：{value} · チャンネルの標準")
NOT_NOW = Phrase(
    "{name}: {value} · yours, **{wanted}**, doesn't work here right now",
    "{name}：{value} · あなたの設定 **{wanted}** は、今ここでは使えません",
)
NOTHING = Phrase("nothing", "なし")
NATIVE = Phrase("native", "モデル本来のサイズ")

NAMES = {
    "size": Phrase("Size", "サイズ"),
    "count": Phrase("Pictures", "枚数"),
    "style": Phrase("Style", "スタイル"),
    "scheduler": Phrase("Sampler", "サンプラー"),
    "steps": Phrase("Steps", "ステップ"),
    "guidance": Phrase("Guidance", "ガイダンス"),
    "negative_prompt": Phrase("Leave out", "除外"),
    "feedback_preset": Phrase("Preset", "プリセット"),
    "feedback_start": Phrase("From this share of the steps", "反映を始める位置（割合）"),
    "feedback_end": Phrase("Up to this share of the steps", "反映を終える位置（割合）"),
    "feedback_strength": Phrase("Strength", "反映の強さ"),
    "feedback_explore": Phrase("Share of wildcards", "ワイルドカードの割合"),
    "feedback_drop": Phrase("Chance to ignore the prompt", "プロンプトを省く確率"),
}
"""Labels of a member's settings, by the names of `bot.actions.member_settings`."""

HINTS = {
    "size": Phrase(
        "512x768, 3:2, portrait, landscape or square", "512x768、3:2、縦長、横長、正方形"
    ),
    "count": Phrase("1 to 8", "1～8"),
    "steps": Phrase("1 to 150", "1～150"),
    "guidance": Phrase(
        "1 to 30; higher follows the prompt more closely", "1～30。高いほどプロンプトに忠実です"
    ),
    "negative_prompt": Phrase(
        "What should never be in your pictures", "どの画像にも描いてほしくないもの"
    ),
    "style": Phrase(
        "Such as ink:0.8, or none for none in any channel",
        "例：ink:0.8。「なし」なら、どのチャンネルでも使いません",
    ),
    "feedback_start": Phrase("0 to 1", "0～1"),
    "feedback_end": Phrase("0 to 1, more than the start", "0～1（始める位置より後）"),
    "feedback_strength": Phrase("0 (off) to 10", "0（なし）～10"),
    "feedback_explore": Phrase("0 to 1; 0.25 is one in four", "0～1。0.25 なら 4 枚に 1 枚"),
    "feedback_drop": Phrase("0 (never) to 1", "0（省かない）～1"),
}
"""Hints in the forms, whose empty fields stand for the model's values."""

CHANGE_PICTURES = Phrase("Pictures…", "画像の設定…")
CHANGE_STYLE = Phrase("Style…", "スタイル…")
CHANGE_STEERING = Phrase("Likes…", "好みの設定…")
RESET = Phrase("Reset all", "すべてリセット")
PICTURES_TITLE = Phrase("Your pictures (empty: the model's)", "画像の設定（空欄はモデルの値）")
STYLE_TITLE = Phrase(
    "Your style (empty: the channel's)", "スタイルの設定（空欄はチャンネルの標準）"
)
STEERING_TITLE = Phrase("Your likes (empty: the model's)", "好みの設定（空欄はモデルの値）")
MODELS_SAMPLER = Phrase("Sampler: the model's", "サンプラー：モデルに合わせる")
SAMPLER = Phrase("Sampler: {name}", "サンプラー：{name}")

LEFT_OUT = Phrase(
    "Some of your settings don't work here right now ({names}), so I started without them. "
    "`/settings` shows and changes them.",
    "あなたの設定のうち、今ここでは使えないもの（{names}）は使わずに描きます。`/設定` で確認・変更できます。",
)
WHOLE_NUMBER_NOT_UNDERSTOOD = Phrase(
    "I don't understand the number {given:code}. Write a whole number, such as `20`.",
    "数値 {given:code} が読み取れません。`20` のように整数で書いてください。",
)
