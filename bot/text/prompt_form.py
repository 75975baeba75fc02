"""The form in which a prompt is changed before the next round, or before a picture is varied."""

from __future__ import annotations

from bot.text.phrases import Phrase

CHANGE = Phrase("Change the prompt…", "プロンプトを変える…")
VARY = Phrase("Vary with other words…", "言葉を変えて描く…")
CHANGE_TITLE = Phrase("Next round with other words", "言葉を変えて次のラウンドへ")
VARY_TITLE = Phrase("Vary this picture with other words", "言葉を変えてこの画像から描く")
PROMPT = Phrase("What to paint", "何を描くか")
NEGATIVE = Phrase("What to leave out (optional)", "描いてほしくないもの（省略可）")
