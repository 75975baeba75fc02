"""Sentences of /admin about trainings, for whoever runs the bot, in English and Japanese."""

from __future__ import annotations

from bot.text.phrases import Phrase

ADMIN = Phrase("admin", "運営")
ADMIN_IS = Phrase("For whoever runs me", "運営者用のコマンド")
TRAININGS = Phrase("trainings", "学習")
TRAININGS_IS = Phrase(
    "Show what is training, for whom, and what it uses", "進行中の学習と使用量を見ます"
)
HOST_ONLY = Phrase(
    "Only whoever runs me can see that.", "これを見られるのはボットの運営者だけです。"
)
TITLE = Phrase("**Trainings in all servers**", "**全サーバーの学習**")
NONE = Phrase("Nothing is training right now.", "いま進行中の学習はありません。")
LINE = Phrase(
    "{mark} **{name}** · {method} · {state} · step {step:number} of {steps:number}\n"
    "-# {member} in {server} · since {since} · {size:number .2} GB of working files",
    "{mark} **{name}** · {method} · {state} · ステップ {step:number} / {steps:number}\n"
    "-# {server} の {member} · 開始 {since} · 作業ファイル {size:number .2} GB",
)
MODEL = Phrase(
    "📦 Whole model {folder:code} · {size:number .2} GB",
    "📦 モデル全体 {folder:code} · {size:number .2} GB",
)
LEFT = Phrase(
    "🧹 Leftovers of training {job}: {size:number .2} GB, removed at the first start after a day",
    "🧹 学習 {job} の残り：{size:number .2} GB（1 日たったあとの起動時に削除）",
)
MORE = Phrase(
    "… and {count:plural one=# more other=# more}; `python -m bot doctor` lists them all.",
    "…ほか {count:number} 件。`python -m bot doctor` ですべて確認できます。",
)
