"""The sections of /help; a test compares the commands that they name with those that there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from bot.text.phrases import Phrase

PAINT_TITLE = Phrase("Paint", "描く")
PAINT = Phrase(
    "**I paint pictures and learn what you like.**\n"
    "`/imagine` paints a round of pictures from your words. Mentioning me with a few words does the "
    "same, and so does a direct message.\n"
    "`size` takes `512x768`, `3:2` or `portrait`; `count` is the number of pictures; `negative` says what "
    "to leave out. The same `seed` gives the same pictures.\n"
    "`style` paints with a style, such as `ink:0.8`; type a part of its name.\n"
    "In a prompt, `(word:1.3)` counts more and `(word:0.7)` less; from `{{red|blue}}`, each picture takes "
    "one.\n"
    "`/queue` shows your waiting requests and cancels them. `/about` names the model and its licence.",
    "**あなたの好みを学びながら画像を描きます。**\n"
    "`/描く` で、言葉から 1 ラウンド分の画像を描きます。"
    "メンションに言葉を添えても、ダイレクトメッセージでも描けます。\n"
    "`サイズ` は `512x768`、`3:2`、`縦長` など、`枚数` は画像の数、`除外` は描いてほしくないものです。"
    "同じ `シード` なら同じ画像になります。\n"
    "`スタイル` に名前の一部を入力すると、`ink:0.8` のようにスタイルを選べます。\n"
    "プロンプトでは `(言葉:1.3)` で強く、`(言葉:0.7)` で弱くなり、`{{赤|青}}` からは画像ごとに 1 つを選びます。\n"
    "`/順番待ち` は依頼の一覧と取り消し、`/情報` はモデルとライセンスです。",
)
STEER_TITLE = Phrase("Steer", "好み")
STEER = Phrase(
    "**Say what you like, and the next round comes closer.**\n"
    "👍 1, 👍 2, … like that picture; press again to take it back. Then press **Next round**.\n"
    "🪄 1, 🪄 2, … vary a picture, 🔍 enlarges it, and 🔄 **Reroll** paints the same again with new seeds. "
    "⋯ has the rest: 🖼️ opens a picture, 👎, other words for the next round, the round without your "
    "likes, how the pictures were made, Reset, Delete. With five pictures or more, 🪄 is there, too, "
    "and 🔍 behind 🖼️.\n"
    "On someone else's round, **Next round** starts a board of your own from there. On a group board, "
    "everyone's ratings count.\n"
    "Reactions work too: 1️⃣ … 8️⃣ like that picture, 👍 ❤️ 🔥 like all the others, 👎 dislikes them, 🔁 "
    "paints the next round, 🎲 the same with new seeds, ✏️ edits, ❌ deletes your own.",
    "**好みを伝えると、次のラウンドが近づきます。**\n"
    "👍 1、👍 2 … は、その番号の画像が好きという意味です。もう一度押すと取り消せます。"
    "付けたら **次のラウンド** を押します。\n"
    "🪄 1、🪄 2 … はその画像を変えて描き、🔍 は拡大し、🔄 **引き直す** は同じものを新しいシードで描きます。"
    "ほかは ⋯ にあります：画像を開く 🖼️、👎、次のラウンドの言葉の変更、好みなしの描き直し、設定値、"
    "リセット、削除。5 枚以上のラウンドでは 🪄 も ⋯ の中、🔍 は 🖼️ の先です。\n"
    "ほかの人のラウンドで **次のラウンド** を押すと、そこから自分のボードが始まります。"
    "グループボードには全員の評価が反映されます。\n"
    "リアクションも使えます：1️⃣ … 8️⃣ はその画像、👍 ❤️ 🔥 は残り全部が好き、👎 は残り全部が苦手、"
    "🔁 は次のラウンド、🎲 は新しいシード、✏️ は編集、❌ は自分の画像を削除。",
)
EDIT_TITLE = Phrase("Edit", "編集")
EDIT = Phrase(
    "**Start from a picture, yours or mine.**\n"
    "`/edit` changes your picture the way you say, such as *make the sky pink*. For one of mine, reply "
    "to it with the words (`2: make it blue` for the second), or open its menu: **Apps**, then **Edit "
    "this**.\n"
    "`/restyle` repaints your picture the way you describe; `/inpaint` only a part of it; `/outpaint` "
    "paints what lies beyond its edges.\n"
    "`/upscale` enlarges a picture. `/restore` removes noise and scratches.\n"
    "For more with a picture of mine, press ⋯ under its round, then 🖼️ with its number: edit, restyle, "
    "vary (with other words, too), zoom out, extend, upscale, repaint, and its details.",
    "**お手持ちの画像や、描いた画像から始めます。**\n"
    "`/編集` は「空をピンクにして」のような言葉で画像を変えます。描いた画像なら、言葉を添えて返信するか"
    "（2 枚目なら `2: 青くして`）、"
    "メニューの **アプリ** から **これを編集** を選びます。\n"
    "`/描き替え` は説明どおりに全体を、`/部分描き直し` は一部だけを描き直し、`/描き足し` は外側を描きます。\n"
    "`/拡大` は画像を大きくし、`/修復` はノイズや傷を取り除きます。\n"
    "描いた画像でほかのことをするには、ラウンドの下の ⋯ から、番号の付いた 🖼️ を押します：編集、描き替え、"
    "変えて描く（言葉を変えても）、ズームアウト、拡張、拡大、描き直し、詳細。",
)
COMPARE_TITLE = Phrase("Compare", "比較")
COMPARE = Phrase(
    "**See what a setting does.**\n"
    "`/compare` paints one seed with different values, side by side: `across: steps`, "
    "`across_values: 10, 20, 30`; `down` adds a second setting. It can compare how likes steer, too.\n"
    "**Single pictures** under a comparison shows four at a time. Like just one, and **Next round** "
    "goes on with its values.\n"
    "`/replay` recreates a picture from the settings in its file: mine, and those of many other "
    "programs.",
    "**設定の効果を見比べます。**\n"
    "`/比較` は、同じシードで値を変えた画像を並べて描きます。"
    "例：`横軸` にステップ、`横軸の値` に `10, 20, 30`。"
    "`縦軸` で 2 つ目の設定も変えられます。好みの反映方法も比べられます。\n"
    "比較の下の **1 枚ずつ見る** で、画像を 4 枚ずつ表示します。1 枚だけに 👍 を付けると、"
    "**次のラウンド** はその値で続きます。\n"
    "`/再現` は、画像ファイルに記録された設定から同じ画像を描きます。ほかの多くのソフトの画像も使えます。",
)
SETTINGS_TITLE = Phrase("Settings", "設定")
SETTINGS = Phrase(
    "**Choose what you always want.**\n"
    "`/settings` shows and changes your own defaults here: size, number of pictures, style, sampler, steps, "
    "guidance, what to leave out, and how your likes steer. Your new boards start with them.\n"
    "For admins, `/konomi settings` changes how I work in this server, and `/konomi channel` the "
    "channels where I paint and their usual style.\n"
    "`/privacy` shows which trainings use your pictures, and lets you take back your consent.\n"
    "`/admin trainings` shows whoever runs me what is training in all servers.\n"
    "`/help` is this page.",
    "**いつも使う設定を決めておけます。**\n"
    "`/設定` は、サイズ、枚数、スタイル、サンプラー、ステップ、ガイダンス、除外、好みの反映方法など、"
    "あなた専用の初期設定を表示・変更します。新しいボードはこの設定で始まります。\n"
    "管理者は、`/このみ 設定` でサーバーの設定を、`/このみ チャンネル` で描くチャンネルとその標準のスタイルを変えられます。\n"
    "`/プライバシー` では、学習への同意を確認し、取り消せます。\n"
    "`/運営 学習` は、全サーバーで進行中の学習を運営者に表示します。\n"
    "`/ヘルプ` はこのページです。",
)
STYLES_TITLE = Phrase("Styles", "スタイル")
STYLES = Phrase(
    "**Paint in the look of a LoRA or an embedding.**\n"
    "`/style list` shows the styles that you can use here, and `/style show` one of them: a preview, its "
    "trigger words, its licence, and buttons to paint with it.\n"
    "`/style sweep` compares its strengths on one sheet.\n"
    "`/style rename`, `/style share`, `/style export` and `/style delete` are for its owner; admins can "
    "unshare and delete what is shared with their server.\n"
    "`/style add` takes a `.safetensors` file. It is for trainers: admins, and members with a trainer "
    "role, in servers where whoever runs me has allowed training.",
    "**LoRA や埋め込みの画風で描きます。**\n"
    "`/スタイル 一覧` はここで使えるスタイルを、`/スタイル 表示` はその 1 つのプレビュー、トリガーワード、"
    "ライセンス、描くためのボタンを表示します。\n"
    "`/スタイル 強さ比較` は 1 枚のシートで強さを見比べます。\n"
    "`/スタイル 改名`、`/スタイル 共有`、`/スタイル 書き出し`、`/スタイル 削除` は持ち主用です。"
    "管理者は、サーバーで共有中のスタイルの共有解除と削除ができます。\n"
    "`/スタイル 追加` は `.safetensors` ファイルを追加します。使えるのは、"
    "運営者が学習を許可したサーバーの管理者と学習担当ロールのメンバーです。",
)
TRAIN_TITLE = Phrase("Train", "学習")
TRAIN = Phrase(
    "**Teach me something new, from your own pictures.**\n"
    "`/train lora` learns a style or a subject, `/train dreambooth` one subject closely, `/train "
    "embedding` a new word. A form takes the pictures and your consent; then a card sums them up, "
    "and **Start** starts the training. With `from: thread`, members hand over their own pictures in a thread; "
    "with `from: likes`, I learn from what you liked.\n"
    "`/train taste` learns your taste from your likes and dislikes.\n"
    "`/train status`, `/train pause`, `/train resume` and `/train stop` look after a training, "
    "`/train list` shows them all.\n"
    "Training works in servers where whoever runs me has allowed it, for admins and for the roles that "
    "they choose with `/train rights`. `/train finetune` and `/train edit` make whole models; they are for "
    "whoever runs me.",
    "**自分の画像から、新しいことを教えられます。**\n"
    "`/学習 lora` は画風やモチーフ、`/学習 dreambooth` は 1 つのモチーフ、`/学習 埋め込み` は新しい言葉を学習します。"
    "フォームで画像を渡して同意すると、内容を示すカードが出ます。**開始** を押すと始まります。"
    "`画像元: スレッド` ではみんながスレッドで自分の画像を渡し、`画像元: 好み` では 👍 を付けた画像から学習します。\n"
    "`/学習 好み` は 👍 と 👎 からあなたの好みを学習します。\n"
    "`/学習 状況`、`/学習 一時停止`、`/学習 再開`、`/学習 終了` で学習を管理し、`/学習 一覧` で一覧を見られます。\n"
    "学習できるのは、運営者が許可したサーバーの管理者と、管理者が `/学習 権限` で選んだロールのメンバーです。"
    "`/学習 全体学習` と `/学習 編集` はモデル全体を作ります（運営者用）。",
)


@dataclasses.dataclass(frozen=True, slots=True)
class HelpSection:
    """A section: what its button says, and its text."""

    title: Phrase
    body: Phrase


SECTIONS: Mapping[int, HelpSection] = MappingProxyType(
    {
        1: HelpSection(PAINT_TITLE, PAINT),
        2: HelpSection(STEER_TITLE, STEER),
        3: HelpSection(EDIT_TITLE, EDIT),
        4: HelpSection(COMPARE_TITLE, COMPARE),
        5: HelpSection(SETTINGS_TITLE, SETTINGS),
        6: HelpSection(STYLES_TITLE, STYLES),
        7: HelpSection(TRAIN_TITLE, TRAIN),
    }
)
"""The sections by the numbers that their buttons carry, which never change."""
FIRST = 1
