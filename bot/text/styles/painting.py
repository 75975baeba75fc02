"""Sentences about painting with styles."""

from __future__ import annotations

from bot.text.phrases import Phrase

STYLE = Phrase("Style: {style}", "スタイル：{style}")
STYLES = Phrase("Styles: {styles}", "スタイル：{styles}")
AT_STRENGTH = Phrase("{name} ({strength:number})", "{name}（{strength:number}）")
RENAMED = Phrase(
    "-# The style {before} is now called {name}.",
    "-# スタイル「{before}」の名前は「{name}」に変わりました。",
)
CHANGED = Phrase(
    "-# The style {name} has been replaced by a newer version since the last round.",
    "-# スタイル「{name}」は、前のラウンドのあとで新しいものに置き換えられました。",
)
EDITED_WITHOUT = Phrase(
    "-# Edits can't use styles, so this was edited without them.",
    "-# 編集ではスタイルを使えないため、スタイルなしで編集しました。",
)

UNKNOWN = Phrase(
    "There is no style {name:code} that you can use here. Did you mean {near}?",
    "ここで使えるスタイルに {name:code} はありません。次のどれかですか：{near}",
)
UNKNOWN_NONE_NEAR = Phrase(
    "There is no style {name:code} that you can use here. Start typing in the option `style` to see "
    "which there are.",
    "ここで使えるスタイルに {name:code} はありません。オプション `スタイル` に入力すると候補が表示されます。",
)
NO_STYLES = Phrase(
    "There are no styles here that you can use yet. Trainers can add one with `/style add`.",
    "ここで使えるスタイルはまだありません。学習担当者は `/スタイル 追加` で追加できます。",
)
WITHDRAWN = Phrase(
    "The style {name} can't be used any more: someone took back their consent. Start a new board with "
    "`/imagine`.",
    "スタイル「{name}」は、画像の使用への同意が取り消されたため、使えません。`/描く` で新しく始めてください。",
)
NOT_USABLE = Phrase(
    "This was painted with a style that you can't use, or that no longer exists. Start a new board "
    "with `/imagine` and styles of your choice.",
    "これには、あなたが使えないスタイルか、もうないスタイルが使われています。`/描く` "
    "で、使えるスタイルを選んで新しく始めてください。",
)
GONE_WHILE_PAINTED = Phrase(
    "A style of this request was withdrawn or deleted before the pictures were done, so I stopped. "
    "Start again with `/imagine`.",
    "描き終わる前にこの依頼のスタイルが使用停止または削除されたため、中止しました。"
    "`/描く` でもう一度始めてください。",
)
GONE_WHILE_QUEUED = Phrase(
    "A style of this request was withdrawn, deleted or changed before its turn came, so I didn't "
    "paint it. Start again with `/imagine`.",
    "順番を待つあいだに、この依頼のスタイルが使用停止・削除・変更されたため、描きませんでした。"
    "`/描く` でもう一度始めてください。",
)
OTHER_BASE = Phrase(
    "The style {name} was made for {base}, but {model} is loaded here. Choose a style that was made "
    "for this model.",
    "スタイル「{name}」は {base} 用ですが、ここで使われているモデルは {model} です。"
    "このモデル用のスタイルを選んでください。",
)
NOT_FOR_EDITS = Phrase(
    "Edits can't use styles. Leave them out of the instruction, or use `/restyle` with a style.",
    "編集ではスタイルを使えません。指示から除くか、`/描き替え` でスタイルを選んでください。",
)
COMPARE_NO_STYLE = Phrase(
    "To compare style strengths, choose a `style`.",
    "スタイルの強さを比べるには、`スタイル` を選んでください。",
)
CHANNEL_NEEDS_SHARED = Phrase(
    "A channel's usual style must be one that everyone here can use. Share {name} with the server "
    "first.",
    "チャンネルの標準にできるのは、サーバーの全員が使えるスタイルだけです。"
    "先に「{name}」をサーバーで共有してください。",
)
CHANNEL_ONE_STYLE = Phrase(
    "A channel can have one usual style. Name just one, or `none`.",
    "チャンネルの標準のスタイルは 1 つだけです。1 つだけ指定するか、`なし` と書いてください。",
)
CHANNEL_STYLE_LEFT_OUT = Phrase(
    "This channel's usual style can't be used right now, so I started without it.",
    "このチャンネルの標準のスタイルは今使えないため、スタイルなしで描きます。",
)
CHANNEL_STYLE_SET = Phrase(
    "{channel} now paints with {style} unless a member chooses otherwise.",
    "{channel} では、ほかに指定がなければ {style} で描きます。",
)
CHANNEL_STYLE_NONE = Phrase(
    "{channel} has no usual style.", "{channel} には標準のスタイルがありません。"
)

# --- Problems that the generator finds ----------------------------------------------------

ADAPTERS = Phrase(
    "You can use up to {most:plural one=# style other=# styles} at once, not {given:number}.",
    "同時に使えるスタイルは {most:number} 個までです（{given:number} 個は不可）。",
)
ADAPTER_STRENGTH = Phrase(
    "A style's strength must be between -{most:number} and {most:number}, not {given:number}.",
    "スタイルの強さは -{most:number}～{most:number} です（{given:number} は不可）。",
)
ADAPTER_TWICE = Phrase(
    "Use each style only once. To make it act more or less, change its strength.",
    "同じスタイルは一度だけ指定し、効き方は強さで調整してください。",
)
ADAPTERS_IMAGIC = Phrase(
    "Styles can't be used with a model tuned to one picture (Imagic).",
    "1 枚の画像に合わせて調整したモデル（Imagic）では、スタイルを使えません。",
)
ADAPTERS_EDIT = Phrase(
    "Styles work when pictures are painted, not when they are edited by instruction.",
    "スタイルは画像を描くときに使えます。言葉での編集には使えません。",
)
ADAPTER_EMBEDDING_STRENGTH = Phrase(
    "{name} works like a word of the prompt, so it takes no strength. To weight it, put the word into brackets with a number, as in `(word:0.8)`.",
    "{name} はプロンプトの言葉として働くため、強さは指定できません。強さを変えるには、プロンプトで `(単語:0.8)` のように括弧と数字を付けてください。",
)
ADAPTER_MISSING = Phrase(
    "The file of the style {name} can't be read.",
    "スタイル {name} のファイルを読み込めません。",
)
ADAPTER_CHANGED = Phrase(
    "The file of the style {name} has changed.",
    "スタイル {name} のファイルが元のものと違います。",
)
ADAPTER_OTHER_BASE = Phrase(
    "The style {name} was made for {base}, but {loaded} is loaded. Choose one made for {loaded}.",
    "スタイル {name} は {base} 用ですが、読み込まれているのは {loaded} です。{loaded} 用のものを選んでください。",
)
ADAPTER_OTHER_MODEL = Phrase(
    "The style {name} was made for another kind of model than the one I use here.",
    "スタイル {name} は、ここで使っているモデルとは別の種類のモデル用です。",
)

# --- What autocomplete says of a style ---------------------------------------------------

NO_STYLE = Phrase("none", "なし")
NO_STYLE_HERE = Phrase(
    "none (not even this channel's usual style)", "なし（チャンネルの標準も使わない）"
)
CHANNELS_STYLE = Phrase("default (the channel's usual style)", "標準（チャンネルの標準のスタイル）")
FOR_OTHER_BASE = Phrase("only for {base}", "{base} 専用")
