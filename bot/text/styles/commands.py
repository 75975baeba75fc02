"""Names and descriptions of /style and its options, in English and Japanese."""

from __future__ import annotations

from bot.text.phrases import Phrase

STYLE = Phrase("style", "スタイル")
STYLE_IS = Phrase(
    "Styles to paint with: LoRAs and embeddings", "描くときに使うスタイル：LoRA と埋め込み"
)
LIST = Phrase("list", "一覧")
LIST_IS = Phrase("Show the styles that you can use here", "ここで使えるスタイルを表示します")
SHOW = Phrase("show", "表示")
SHOW_IS = Phrase(
    "Show a style: preview, trigger words, licence, and more",
    "スタイルのプレビュー、トリガーワード、ライセンスなどを表示します",
)
ADD = Phrase("add", "追加")
ADD_IS = Phrase(
    "Add a style from a .safetensors file (only for trainers)",
    ".safetensors ファイルをスタイルとして追加します（学習担当者のみ）",
)
RENAME = Phrase("rename", "改名")
RENAME_IS = Phrase("Rename one of your styles", "自分のスタイルの名前を変えます")
SHARE = Phrase("share", "共有")
SHARE_IS = Phrase("Choose who can use one of your styles", "自分のスタイルを使える人を選びます")
DELETE = Phrase("delete", "削除")
DELETE_IS = Phrase("Delete a style and its file", "スタイルとそのファイルを削除します")
EXPORT = Phrase("export", "書き出し")
EXPORT_IS = Phrase(
    "Get the .safetensors file of a style", "スタイルの .safetensors ファイルを受け取ります"
)
SWEEP = Phrase("sweep", "強さ比較")
SWEEP_IS = Phrase(
    "Compare a style at several strengths on one sheet",
    "1 枚の比較シートでスタイルの強さを見比べます",
)
NAME = Phrase("name", "名前")
NAME_IS = Phrase("Which style", "どのスタイルか")
NEW_NAME = Phrase("new_name", "新しい名前")
NEW_NAME_IS = Phrase("Its new name, up to 40 characters", "新しい名前（40 文字まで）")
WHO = Phrase("who", "使える人")
WHO_IS = Phrase("Who can use it", "誰が使えるか")
FILE = Phrase("file", "ファイル")
FILE_IS = Phrase(
    "A .safetensors file: LoRA or embedding", ".safetensors ファイル（LoRA または埋め込み）"
)
SOURCE = Phrase("source", "取得元")
SOURCE_IS = Phrase(
    "For hosts: a path on the machine, or a hub id such as owner/name:file.safetensors",
    "運営者用：ボットが動くマシン上のパス、または owner/name:file.safetensors のようなハブの ID",
)
CALLED = Phrase("name", "名前")
CALLED_IS = Phrase(
    "What to call it, up to 40 characters (default: the file's name)",
    "名前（40 文字まで。省略時はファイル名）",
)
TRIGGER = Phrase("trigger", "トリガー")
TRIGGER_IS = Phrase(
    "Its trigger words (default: those in the file)",
    "トリガーワード（省略時はファイルの記載どおり）",
)
STRENGTH = Phrase("strength", "強さ")
STRENGTH_IS = Phrase(
    "Its usual strength, -2 to 2 (default: 1)", "ふだんの強さ、-2～2（省略時は 1）"
)
LICENCE = Phrase("licence", "ライセンス")
LICENCE_IS = Phrase(
    "Its licence, if the file doesn't name one", "ファイルに記載がない場合のライセンス"
)
PROMPT = Phrase("prompt", "プロンプト")
PROMPT_IS = Phrase(
    "What to paint (default: its trigger words)", "何を描くか（省略時はトリガーワード）"
)
STRENGTHS = Phrase("strengths", "強さの値")
STRENGTHS_IS = Phrase(
    "Strengths such as 0, 0.5, 1 (default: 0 to 1.25)", "例：0, 0.5, 1（省略時は 0～1.25）"
)
SEED = Phrase("seed", "シード")
SEED_IS = Phrase("The same seed gives the same pictures", "同じシードなら同じ画像になります")
