"""Names and descriptions of the commands and their options, in English and Japanese.

Discord asks for names in lower case without spaces, and for descriptions of at most 100
characters.
"""

from __future__ import annotations

from discord import app_commands

from bot.text.phrases import Phrase

IMAGINE = Phrase("imagine", "描く")
IMAGINE_IS = Phrase("Paint a round of pictures from words", "言葉から画像を描きます")
PROMPT = Phrase("prompt", "プロンプト")
PROMPT_IS = Phrase("What to paint", "何を描くか")
NEGATIVE = Phrase("negative", "除外")
NEGATIVE_IS = Phrase("What to keep out", "描いてほしくないもの")
COUNT = Phrase("count", "枚数")
COUNT_IS = Phrase("How many pictures, 1 to 8 (usually 4)", "画像の枚数、1～8（通常は 4）")
SEED = Phrase("seed", "シード")
SEED_IS = Phrase("The same seed paints the same pictures", "同じシードは同じ画像になります")
STEPS = Phrase("steps", "ステップ")
STEPS_IS = Phrase(
    "How many steps, 1 to 150 (usually what suits the model)",
    "ステップ数、1～150（通常はモデルに合わせます）",
)
GUIDANCE = Phrase("guidance", "ガイダンス")
GUIDANCE_IS = Phrase(
    "How closely to follow the prompt, 1 to 30 (usually what suits the model)",
    "プロンプトへの忠実さ、1～30（通常はモデルに合わせます）",
)
SIZE = Phrase("size", "サイズ")
SIZE_IS = Phrase(
    "Pixels such as 512x768, an aspect such as 3:2, or portrait, landscape, square",
    "ピクセル（512x768）、縦横比（3:2）、または 縦長・横長・正方形",
)
WIDTH = Phrase("width", "幅")
WIDTH_IS = Phrase("Width in pixels, a multiple of 8", "幅（ピクセル、8 の倍数）")
HEIGHT = Phrase("height", "高さ")
HEIGHT_IS = Phrase("Height in pixels, a multiple of 8", "高さ（ピクセル、8 の倍数）")
SCHEDULER = Phrase("scheduler", "スケジューラ")
SCHEDULER_IS = Phrase(
    "The sampler (usually what suits the model)", "サンプラー（通常はモデルに合わせます）"
)
FEEDBACK = Phrase("feedback", "フィードバック")
FEEDBACK_IS = Phrase(
    "How likes steer, by name; the options below change it (else as suits the model)",
    "好みの反映方法（名前で選択）。下の項目で変更できます（省略時はモデルに合わせます）",
)
PRESETS = {
    "ours": Phrase("Konomi: as suits the model", "Konomi：モデルに合わせる"),
    "closer": Phrase(
        "Konomi, closer: few pictures explore once you have liked two",
        "Konomi（好み重視）：2 つ気に入ったら探索を控える",
    ),
    "paper": Phrase("FABRIC, as published: the middle third", "FABRIC 論文：中盤の 3 分の 1"),
    "tutorial": Phrase("FABRIC tutorial: the first half", "FABRIC チュートリアル：前半"),
}
"""The feedback of `generation.requests.feedback.PRESETS`."""
FEEDBACK_START = Phrase("feedback_start", "フィードバック開始")
FEEDBACK_START_IS = Phrase(
    "Share of the steps at which likes begin to steer, 0 to 1 (else as suits the model)",
    "好みの反映を始めるステップの割合、0～1（省略時はモデルに合わせます）",
)
FEEDBACK_END = Phrase("feedback_end", "フィードバック終了")
FEEDBACK_END_IS = Phrase(
    "Share of the steps at which likes stop steering, 0 to 1 (else as suits the model)",
    "好みの反映を終えるステップの割合、0～1（省略時はモデルに合わせます）",
)
FEEDBACK_STRENGTH = Phrase("feedback_strength", "フィードバックの強さ")
FEEDBACK_STRENGTH_IS = Phrase(
    "How strongly likes steer, 0 to 10 (else as suits the model)",
    "好みを反映する強さ、0～10（省略時はモデルに合わせます）",
)
FEEDBACK_EXPLORE = Phrase("feedback_explore", "探索")
FEEDBACK_EXPLORE_IS = Phrase(
    "Share of the pictures that leave likes aside to show something new, 0 to 1 (usually 0.25)",
    "好みを離れて新しいものを描く絵の割合、0～1（通常は 0.25）",
)
FEEDBACK_DROP = Phrase("feedback_drop", "プロンプト省略")
FEEDBACK_DROP_IS = Phrase(
    "Chance that a picture follows the likes without the prompt, 0 to 1 (usually 0)",
    "プロンプトを使わず好みだけで描く確率、0～1（通常は 0）",
)
GRID = Phrase("grid", "一覧画像")
GRID_IS = Phrase("All pictures in one as well, to download", "全部を 1 枚にまとめた画像も付けます")
GROUP = Phrase("group", "グループ")
GROUP_IS = Phrase("Everyone's ratings steer this board", "全員の評価をこのボードに反映します")

COMPARE = Phrase("compare", "比較")
COMPARE_IS = Phrase(
    "Paint one seed with different values, side by side on a sheet",
    "同じシードで値を変えた画像を並べて比べます",
)
ACROSS = Phrase("across", "横軸")
ACROSS_IS = Phrase("What changes from left to right", "左から右へ変えるもの")
ACROSS_VALUES = Phrase("across_values", "横軸の値")
ACROSS_VALUES_IS = Phrase(
    "Its values, such as 10, 20, 30; for the prompt: a piece of it, then what replaces it",
    "値。例：10, 20, 30。プロンプトの場合は、その一部と、置き換える言葉",
)
DOWN = Phrase("down", "縦軸")
DOWN_IS = Phrase("What changes from top to bottom", "上から下へ変えるもの")
DOWN_VALUES = Phrase("down_values", "縦軸の値")
COMPARE_PICTURE_IS = Phrase(
    "A picture to begin from: PNG, JPEG, WebP or GIF, up to 20 MiB",
    "元になる画像：PNG、JPEG、WebP、GIF（20 MiB まで）",
)
DOWN_VALUES_IS = Phrase("Its values, likewise", "その値。書き方は横軸と同じ")

RESTYLE = Phrase("restyle", "描き替え")
RESTYLE_IS = Phrase(
    "Paint a picture of yours anew, as you say", "お手持ちの画像を言葉で描き替えます"
)
INPAINT = Phrase("inpaint", "部分描き直し")
INPAINT_IS = Phrase(
    "Paint a part of a picture anew, and keep the rest",
    "画像の一部だけを描き直し、残りはそのままにします",
)
OUTPAINT = Phrase("outpaint", "描き足し")
OUTPAINT_IS = Phrase("Paint on beyond a picture's edges", "画像の外側を描き足します")
EDIT = Phrase("edit", "編集")
EDIT_IS = Phrase(
    "Change a picture of yours by words, such as: make the sky pink",
    "お手持ちの画像を言葉で編集します。例：空をピンクにして",
)
MENU = {"edit_this": Phrase("Edit this", "これを編集")}
"""Names in the menu of a message, which may be written like any words."""
INSTRUCTION = Phrase("instruction", "指示")
INSTRUCTION_IS = Phrase("What to change, in plain words", "何を変えるか、ふつうの言葉で")
MODE = Phrase("mode", "方式")
MODE_IS = Phrase(
    "Usually an instruction; Imagic fits the model to your picture first (minutes)",
    "通常は指示による編集。Imagic は画像に合わせてモデルを調整します（数分）",
)
MODES = {
    "instruct": Phrase("Instruction: say what to change", "指示：何を変えるかを書く"),
    "imagic": Phrase(
        "Imagic: say what the result shows, also poses",
        "Imagic：結果がどんな画像かを書く（ポーズも可）",
    ),
}
"""The ways of `bot.commands.edit`."""
OBEY = Phrase("obey", "従う")
OBEY_IS = Phrase(
    "Obey the words: higher changes more (usually what suits the model)",
    "言葉に従う強さ。高いほど大きく変わります（通常はモデルに合わせます）",
)
KEEP = Phrase("keep", "保つ")
KEEP_IS = Phrase(
    "Keep the picture, from 1: higher keeps more (usually what suits the model)",
    "元の画像を保つ強さ（1 以上）。高いほど元のままです（通常はモデルに合わせます）",
)
EDIT_COUNT_IS = Phrase("How many results, 1 to 4 (usually 2)", "結果の枚数、1～4（通常は 2）")
VARIETY = Phrase("variety", "変化")
VARIETY_IS = Phrase(
    "Each result obeys and keeps differently", "結果ごとに、従う強さと保つ強さを変えます"
)
SHEET = Phrase("sheet", "一覧")
SHEET_IS = Phrase(
    "Nine results on one sheet, from obeying more to keeping more",
    "従う強さと保つ強さを変えた 9 枚を 1 枚に並べます",
)
UPSCALE = Phrase("upscale", "拡大")
UPSCALE_IS = Phrase(
    "Paint a picture larger, with what was blurred drawn anew",
    "画像を大きくし、ぼやけた部分を描き直します",
)
REPLAY = Phrase("replay", "再現")
REPLAY_IS = Phrase(
    "Paint a picture again, from what its file says of how it was made",
    "ファイルに記録された情報から、同じ絵をもう一度描きます",
)
REPLAYED_PICTURE_IS = Phrase(
    "The original PNG, mine or another program's; a JPEG of theirs works, too",
    "元の PNG（ほかのソフトの PNG や JPEG も使えます）",
)
ANYWAY = Phrase("anyway", "そのまま描く")
ANYWAY_IS = Phrase(
    "Also with another model, and without pictures that steered it and are gone",
    "モデルが違っても、反映した画像がなくても描きます",
)
RESTORE = Phrase("restore", "修復")
RESTORE_IS = Phrase(
    "Free a picture of yours from noise and scratches", "画像のノイズや傷を取り除きます"
)
SCRATCHES_MASK_IS = Phrase(
    "A picture of the same size, white where it is scratched and black elsewhere",
    "傷のある場所を白、ほかを黒に塗った、同じサイズの画像",
)
SCRATCHES = Phrase("scratches", "傷を探す")
SCRATCHES_IS = Phrase(
    "Whether I look for scratches myself: long, thin lines (usually not)",
    "細長い線の傷を自動で探すかどうか（通常は探しません）",
)
NOISE = Phrase("noise", "ノイズ")
NOISE_IS = Phrase(
    "How much noise to take away (usually what I find; where there are scratches, none)",
    "取り除くノイズの量（通常は検出した量。傷を直すときは取り除きません）",
)
RESTORE_TIMES_IS = Phrase(
    "How many times as wide and high (usually 1)", "縦横の倍率（通常は 1 倍）"
)
TIMES = Phrase("times", "倍率")
TIMES_IS = Phrase("How many times as wide and high (usually 2)", "縦横の倍率（通常は 2 倍）")
UPSCALE_PROMPT_IS = Phrase("What the picture shows, if that helps", "何が描かれているか（省略可）")
PICTURE = Phrase("picture", "画像")
PICTURE_IS = Phrase("PNG, JPEG, WebP or GIF, up to 20 MiB", "PNG、JPEG、WebP、GIF（20 MiB まで）")
MASK = Phrase("mask", "マスク")
MASK_IS = Phrase(
    "A picture, white where it is to be painted anew and black elsewhere",
    "描き直す場所を白、ほかを黒に塗った画像",
)
AREA = Phrase("area", "場所")
AREA_IS = Phrase(
    "Which part to paint anew, if you have no mask", "描き直す場所（マスクがない場合）"
)
DIRECTION = Phrase("direction", "方向")
DIRECTION_IS = Phrase("Where to paint on (usually all round)", "描き足す方向（通常は全方向）")
WIDER_PROMPT_IS = Phrase(
    "What the whole picture shows (usually: a wider view)", "全体に何が描かれているか（省略可）"
)
STRENGTH = Phrase("strength", "強さ")
STRENGTH_IS = Phrase(
    "How far to go from the picture, above 0 to 1",
    "元の画像からどれだけ変えるか、0 より大きく 1 まで",
)

QUEUE = Phrase("queue", "順番待ち")
QUEUE_IS = Phrase("Your requests, with a button to cancel each", "自分の依頼の一覧と取り消し")
HELP = Phrase("help", "ヘルプ")
HELP_IS = Phrase("What I can do, and what the gestures mean", "できることと操作の説明")
ABOUT = Phrase("about", "情報")
ABOUT_IS = Phrase(
    "Which model paints, its licence, and my version", "モデルとライセンス、バージョン"
)

KONOMI = Phrase("konomi", "このみ")
KONOMI_IS = Phrase("Settings of this server, for its admins", "サーバーの設定（管理者用）")
SETTINGS = Phrase("settings", "設定")
SETTINGS_IS = Phrase(
    "Show this server's settings, or change some", "サーバーの設定を表示・変更します"
)
GROUP_DEFAULT = Phrase("group_boards", "グループボード")
GROUP_DEFAULT_IS = Phrase(
    "New boards are steered by everyone's ratings", "新しいボードに全員の評価を反映する"
)
REACTIONS = Phrase("add_reactions", "リアクション")
REACTIONS_IS = Phrase(
    "I add number reactions under finished rounds", "完成したラウンドに番号リアクションを付ける"
)
WAITING = Phrase("waiting", "待ち数")
WAITING_IS = Phrase(
    "Requests that a member may have waiting", "メンバーが同時に待たせられる依頼の数"
)
PICTURES = Phrase("pictures_per_day", "一日の枚数")
PICTURES_IS = Phrase(
    "Pictures that a member may ask for within 24 hours; 0: no limit",
    "メンバーが 24 時間に頼める枚数。0 は制限なし",
)
FILTER = Phrase("content_filter", "コンテンツフィルター")
FILTER_IS = Phrase(
    "What becomes of adult content in age-restricted channels; elsewhere it is always withheld",
    "年齢制限チャンネルでの成人向け内容の扱い。ほかのチャンネルでは常に表示しません",
)
CHANNEL = Phrase("channel", "チャンネル")
CHANNEL_IS = Phrase(
    "Let me paint in a channel, or no longer; with none chosen I paint everywhere",
    "描くチャンネルを追加・削除します。指定がなければどこでも描きます",
)
WHICH_CHANNEL_IS = Phrase("The channel", "対象のチャンネル")
PAINTS = Phrase("paint", "描く")
PAINTS_IS = Phrase("Whether I paint there", "そこで描くかどうか")


def of(phrase: Phrase) -> app_commands.locale_str:
    """A phrase for discord.py, which asks `bot.text.translation` for the other languages."""
    return app_commands.locale_str(phrase.en, ja=phrase.ja)
