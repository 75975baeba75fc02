"""What Konomi says about itself: /about, /konomi and the playground's first words."""

from __future__ import annotations

from bot.text.phrases import Phrase
from generation.protocol.requests import Filter

# --- The playground ----------------------------------------------------------------------

PLAYGROUND_TOPIC = Phrase(
    "Try /imagine a red star, press 👍, then press Next round",
    "/imagine a red star を試し、👍、次に「次のラウンド」を押してください",
)
WELCOME = Phrase(
    "**Welcome to Konomi's playground.** This is the real bot, on a Discord that exists only in this "
    "page.\n"
    "1. Type `/imagine a red star` and press Enter.\n"
    "2. Press 👍 with the number of each picture you like.\n"
    "3. Press **Next round** to paint the same prompt again, closer to what you like.",
    "**Konomi の遊び場へようこそ。** このページの中だけにある Discord で、本物のボットが動いています。"
    "`/imagine` で描き、好きな画像の番号の 👍 を押してから **次のラウンド**（Next round）を押すと、好みに近づきます。",
)
WELCOME_MEMBERS = Phrase(
    "**Viewing as**, at the top, lets you become someone else. Press **Next round** on another "
    "member's pictures to continue from them on a board of your own.",
    "上の **Viewing as** で別のメンバーになれます。"
    "ほかのメンバーの画像で **次のラウンド**（Next round）を押すと、そこから自分のボードで続きを描けます。",
)
WELCOME_SHAPES = Phrase(
    "The model here is tiny and only knows coloured shapes: `a shape on a white background` leaves "
    "the most room for your taste.",
    "ここの小さなモデルが知っているのは色つきの図形だけです。"
    "`a shape on a white background` なら、好みがいちばんよく表れます。",
)
WELCOME_MODEL = Phrase("**{model}** paints here.", "**{model}** が描きます。")
TYPED_COMMAND = Phrase(
    "I can't run that as it stands. Type `/`, choose the command from the list, and fill in what it "
    "asks for; to paint, `/imagine a red star` is enough.",
    "このままでは実行できません。`/` を入力して一覧からコマンドを選び、項目を入力してください。"
    "描くだけなら `/描く 赤い星` で十分です。",
)

# --- /about ------------------------------------------------------------------------------

ABOUT = Phrase(
    "**Konomi {version}**\n"
    "Model: **{model}**, {width} × {height} pixels, on {device}\n"
    "Model licence: {licence}\n"
    "Safety checker: {checker}",
    "**Konomi {version}**\nモデル：**{model}**、{width} × {height} ピクセル、{device}\n"
    "モデルのライセンス：{licence}\n安全フィルター：{checker}",
)
ABOUT_NO_NEGATIVES = Phrase(
    "This model's guidance is built in, so `negative` can't be used and 👎 has no effect. 👍 works.",
    "ガイダンスを内蔵したモデルのため、`除外` は使えず、👎 も反映されません。👍 は反映されます。",
)
ABOUT_UNGUIDED = Phrase(
    "This model paints without guidance by default, so `negative` and 👎 have no effect unless you "
    "set `guidance`. 👍 works.",
    "通常はガイダンスなしで描くモデルのため、`ガイダンス` を指定しない限り、`除外` と 👎 は効きません。👍 は反映されます。",
)
ABOUT_LOADING = Phrase(
    "**Konomi {version}**\nThe model **{model}** is still loading. Requests wait until it is ready.",
    "**Konomi {version}**\nモデル **{model}** を読み込み中です。依頼は準備ができるまで待ちます。",
)
YES = Phrase("yes", "あり")
NO = Phrase("none", "なし")

# --- /konomi -----------------------------------------------------------------------------

SETTINGS = Phrase(
    "**Settings of this server**\n"
    "Channels: {channels}\n"
    "New boards are group boards: {group}\n"
    "Number reactions under rounds: {reactions}\n"
    "Requests a member can have waiting: {waiting}\n"
    "Pictures a member can ask for per day: {pictures}\n"
    "Content filter in age-restricted channels: {filter}\n"
    "-# In all other channels, adult content is withheld.",
    "**このサーバーの設定**\n"
    "チャンネル：{channels}\n"
    "新しいボードはグループボード：{group}\n"
    "ラウンドの下の番号リアクション：{reactions}\n"
    "メンバーの順番待ちの上限：{waiting}\n"
    "メンバーの 1 日の枚数の上限：{pictures}\n"
    "年齢制限チャンネルのコンテンツフィルター：{filter}\n"
    "-# ほかのチャンネルでは、成人向けの内容は表示しません。",
)
NO_CHECKER = Phrase(
    "-# The model {model} has no safety checker, so the content filter has no effect.",
    "-# モデル {model} には安全フィルターがないため、コンテンツフィルターは働きません。",
)
FILTER_OFF = Phrase("off: shown normally", "オフ：そのまま表示")
FILTER_SPOILER = Phrase("spoiler: hidden until clicked", "スポイラー：クリックするまで隠す")
FILTER_WITHHOLD = Phrase("withhold: not shown", "非表示：表示しない")
FILTERS = {
    Filter.OFF: FILTER_OFF,
    Filter.SPOILER: FILTER_SPOILER,
    Filter.WITHHOLD: FILTER_WITHHOLD,
}
EVERYWHERE = Phrase("everywhere I can post", "投稿できるすべての場所")
ON = Phrase("yes", "はい")
OFF = Phrase("no", "いいえ")
NO_LIMIT = Phrase("no limit", "制限なし")
