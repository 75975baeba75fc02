"""Names and descriptions of the commands and their options, in English and Japanese.

Discord asks for names in lower case without spaces, and for descriptions of at most 100
characters.
"""

from __future__ import annotations

from discord import app_commands

from bot.text.phrases import Phrase

IMAGINE = Phrase("imagine", "描く")
IMAGINE_IS = Phrase("Paint pictures from a prompt", "プロンプトから画像を描きます")
PROMPT = Phrase("prompt", "プロンプト")
PROMPT_IS = Phrase("What to paint", "何を描くか")
NEGATIVE = Phrase("negative", "除外")
NEGATIVE_IS = Phrase("What to leave out of the pictures", "描いてほしくないもの")
COUNT = Phrase("count", "枚数")
COUNT_IS = Phrase("Number of pictures, 1 to 8 (default: 4)", "画像の枚数、1～8（省略時は 4）")
SEED = Phrase("seed", "シード")
SEED_IS = Phrase(
    "The same seed gives the same pictures (default: random)",
    "同じシードなら同じ画像になります（省略時はランダム）",
)
STEPS = Phrase("steps", "ステップ")
STEPS_IS = Phrase(
    "Number of steps, 1 to 150 (default: depends on the model)",
    "ステップ数、1～150（省略時はモデルに合わせます）",
)
GUIDANCE = Phrase("guidance", "ガイダンス")
GUIDANCE_IS = Phrase(
    "How closely to follow the prompt, 1 to 30 (default: depends on the model)",
    "プロンプトへの忠実さ、1～30（省略時はモデルに合わせます）",
)
SIZE = Phrase("size", "サイズ")
SIZE_IS = Phrase(
    "Pixels such as 512x768, an aspect ratio such as 3:2, or portrait, landscape, square",
    "ピクセル（512x768）、縦横比（3:2）、または縦長・横長・正方形",
)
WIDTH = Phrase("width", "幅")
WIDTH_IS = Phrase("Width in pixels, a multiple of 8", "幅（ピクセル、8 の倍数）")
HEIGHT = Phrase("height", "高さ")
HEIGHT_IS = Phrase("Height in pixels, a multiple of 8", "高さ（ピクセル、8 の倍数）")
SCHEDULER = Phrase("scheduler", "スケジューラ")
SCHEDULER_IS = Phrase(
    "Sampler (default: depends on the model)", "サンプラー（省略時はモデルに合わせます）"
)
FEEDBACK = Phrase("feedback", "フィードバック")
FEEDBACK_IS = Phrase(
    "How your likes steer the next rounds (default: balanced)",
    "次のラウンドへの好みの反映方法（省略時はバランス）",
)
PRESETS = {
    "ours": Phrase(
        "balanced: most pictures follow your likes, some are wildcards",
        "バランス：多くは好みに沿い、一部は新しいものを試す",
    ),
    "closer": Phrase(
        "closer: fewer wildcards once you have liked two pictures",
        "好み重視：2 枚気に入ったら、新しいものを試すのを控える",
    ),
    "paper": Phrase(
        "as in the FABRIC paper: only in the middle third of the steps",
        "FABRIC 論文どおり：中盤 3 分の 1 のステップだけ",
    ),
    "tutorial": Phrase(
        "as in the FABRIC tutorial: only in the first half of the steps",
        "FABRIC チュートリアルどおり：前半のステップだけ",
    ),
}
"""The feedback of `generation.requests.feedback.PRESETS`."""
FEEDBACK_START = Phrase("feedback_start", "フィードバック開始")
FEEDBACK_START_IS = Phrase(
    "Share of the steps after which likes start to steer, 0 to 1 (default: depends on the model)",
    "好みの反映を始める位置（全ステップに対する割合）、0～1（省略時はモデルに合わせます）",
)
FEEDBACK_END = Phrase("feedback_end", "フィードバック終了")
FEEDBACK_END_IS = Phrase(
    "Share of the steps after which likes stop steering, 0 to 1 (default: depends on the model)",
    "好みの反映を終える位置（全ステップに対する割合）、0～1（省略時はモデルに合わせます）",
)
FEEDBACK_STRENGTH = Phrase("feedback_strength", "フィードバックの強さ")
FEEDBACK_STRENGTH_IS = Phrase(
    "How strongly likes steer, 0 to 10 (default: depends on the model)",
    "好みを反映する強さ、0～10（省略時はモデルに合わせます）",
)
FEEDBACK_EXPLORE = Phrase("feedback_explore", "探索")
FEEDBACK_EXPLORE_IS = Phrase(
    "Share of pictures that ignore the likes to try something new, 0 to 1 (default: 0.25)",
    "好みを離れて新しいものを試す画像の割合、0～1（省略時は 0.25）",
)
FEEDBACK_DROP = Phrase("feedback_drop", "プロンプト省略")
FEEDBACK_DROP_IS = Phrase(
    "Chance that a picture ignores the prompt and follows only the likes, 0 to 1 (default: 0)",
    "プロンプトを使わず好みだけで描く確率、0～1（省略時は 0）",
)
GRID = Phrase("grid", "一覧画像")
GRID_IS = Phrase(
    "Also attach all pictures combined into one, to download",
    "全部を 1 枚にまとめた画像も添付します",
)
GROUP = Phrase("group", "グループ")
GROUP_IS = Phrase("Let everyone's ratings steer this board", "全員の評価をこのボードに反映します")

COMPARE = Phrase("compare", "比較")
COMPARE_IS = Phrase(
    "Compare settings side by side, painted from the same seed",
    "設定を変え、同じシードで描いた画像を並べて比べます",
)
ACROSS = Phrase("across", "横軸")
ACROSS_IS = Phrase("Setting that changes from left to right", "左から右へ変える設定")
ACROSS_VALUES = Phrase("across_values", "横軸の値")
ACROSS_VALUES_IS = Phrase(
    "Values, such as 10, 20, 30. For the prompt: a part of it, then what to put in its place",
    "値。例：10, 20, 30。プロンプトの場合は、その一部と、代わりに入れる言葉",
)
DOWN = Phrase("down", "縦軸")
DOWN_IS = Phrase("Setting that changes from top to bottom", "上から下へ変える設定")
DOWN_VALUES = Phrase("down_values", "縦軸の値")
COMPARE_PICTURE_IS = Phrase(
    "Picture to start from: PNG, JPEG, WebP or GIF, up to 20 MiB",
    "元になる画像：PNG、JPEG、WebP、GIF（20 MiB まで）",
)
DOWN_VALUES_IS = Phrase("Values, written the same way", "値（書き方は横軸と同じ）")

RESTYLE = Phrase("restyle", "描き替え")
RESTYLE_IS = Phrase(
    "Repaint your picture the way you describe", "お手持ちの画像を言葉で描き替えます"
)
INPAINT = Phrase("inpaint", "部分描き直し")
INPAINT_IS = Phrase(
    "Repaint part of a picture and keep the rest",
    "画像の一部だけを描き直し、残りはそのままにします",
)
OUTPAINT = Phrase("outpaint", "描き足し")
OUTPAINT_IS = Phrase("Extend a picture beyond its edges", "画像の外側を描き足します")
EDIT = Phrase("edit", "編集")
EDIT_IS = Phrase(
    "Edit your picture by saying what to change, such as: make the sky pink",
    "お手持ちの画像を言葉で編集します。例：空をピンクにして",
)
MENU = {"edit_this": Phrase("Edit this", "これを編集")}
"""Names in the menu of a message, which may be written like any words."""
INSTRUCTION = Phrase("instruction", "指示")
INSTRUCTION_IS = Phrase("What to change, in plain words", "何を変えるか、ふつうの言葉で")
MODE = Phrase("mode", "方式")
MODE_IS = Phrase(
    "How to edit (default: instruction). Imagic takes minutes to tune the model to your "
    "picture first",
    "編集の方式（省略時は指示）。Imagic は先にモデルを画像に合わせて調整します（数分）",
)
MODES = {
    "instruct": Phrase("Instruction: say what to change", "指示：何を変えるかを書く"),
    "imagic": Phrase(
        "Imagic: describe the result (can also change poses)",
        "Imagic：どんな画像にしたいかを書く（ポーズも変えられる）",
    ),
}
"""The ways of `bot.commands.edit`."""
OBEY = Phrase("obey", "従う")
OBEY_IS = Phrase(
    "How closely to follow the instruction; higher changes more (default: depends on the model)",
    "指示に従う強さ。高いほど大きく変わります（省略時はモデルに合わせます）",
)
KEEP = Phrase("keep", "保つ")
KEEP_IS = Phrase(
    "How much of the picture to keep, from 1; higher keeps more (default: depends on the model)",
    "元の画像を保つ強さ（1 以上）。高いほど元のままです（省略時はモデルに合わせます）",
)
EDIT_COUNT_IS = Phrase("Number of results, 1 to 4 (default: 2)", "結果の枚数、1～4（省略時は 2）")
VARIETY = Phrase("variety", "変化")
VARIETY_IS = Phrase(
    "Give each result a different balance of obey and keep",
    "結果ごとに、従う強さと保つ強さを変えます",
)
SHEET = Phrase("sheet", "一覧")
SHEET_IS = Phrase(
    "Nine results on one sheet, each with a different balance of obey and keep",
    "従う強さと保つ強さを変えた 9 枚を 1 枚に並べます",
)
UPSCALE = Phrase("upscale", "拡大")
UPSCALE_IS = Phrase(
    "Enlarge a picture and add fine detail",
    "画像を拡大し、細部を描き込みます",
)
REPLAY = Phrase("replay", "再現")
REPLAY_IS = Phrase(
    "Recreate a picture from the settings saved in its file",
    "ファイルに記録された設定から、同じ画像をもう一度描きます",
)
REPLAYED_PICTURE_IS = Phrase(
    "The original PNG from me, or a PNG or JPEG from another program",
    "このボットが描いた元の PNG（ほかのソフトの PNG や JPEG も使えます）",
)
ANYWAY = Phrase("anyway", "そのまま描く")
ANYWAY_IS = Phrase(
    "Paint even with a different model, or without pictures that steered the original",
    "モデルが違っても、反映された画像が足りなくても描きます",
)
RESTORE = Phrase("restore", "修復")
RESTORE_IS = Phrase(
    "Remove noise and scratches from your picture", "画像のノイズや傷を取り除きます"
)
SCRATCHES_MASK_IS = Phrase(
    "Picture of the same size with the scratches in white and the rest in black",
    "傷のある場所を白、ほかを黒に塗った、同じサイズの画像",
)
SCRATCHES = Phrase("scratches", "傷を探す")
SCRATCHES_IS = Phrase(
    "Find scratches (long, thin lines) automatically (default: off)",
    "細長い線の傷を自動で探します（省略時は探しません）",
)
NOISE = Phrase("noise", "ノイズ")
NOISE_IS = Phrase(
    "How much noise to remove (default: automatic, or none when removing scratches)",
    "取り除くノイズの量（省略時は自動。傷を直すときは取り除きません）",
)
RESTORE_TIMES_IS = Phrase(
    "How many times larger to make each side (default: 1)", "縦横の倍率（省略時は 1 倍）"
)
TIMES = Phrase("times", "倍率")
TIMES_IS = Phrase(
    "How many times larger to make each side (default: 2)", "縦横の倍率（省略時は 2 倍）"
)
UPSCALE_PROMPT_IS = Phrase("What the picture shows (optional)", "何が描かれているか（省略可）")
PICTURE = Phrase("picture", "画像")
PICTURE_IS = Phrase("PNG, JPEG, WebP or GIF, up to 20 MiB", "PNG、JPEG、WebP、GIF（20 MiB まで）")
MASK = Phrase("mask", "マスク")
MASK_IS = Phrase(
    "Picture with the part to repaint in white and the rest in black",
    "描き直す場所を白、ほかを黒に塗った画像",
)
AREA = Phrase("area", "場所")
AREA_IS = Phrase("Which part to repaint, if you have no mask", "描き直す場所（マスクがない場合）")
DIRECTION = Phrase("direction", "方向")
DIRECTION_IS = Phrase(
    "Where to extend the picture (default: on all sides)", "描き足す方向（省略時は全方向）"
)
WIDER_PROMPT_IS = Phrase(
    "What the extended picture shows (default: a wider view)",
    "描き足したあとの画像全体に何が描かれているか（省略可）",
)
STRENGTH = Phrase("strength", "強さ")
STRENGTH_IS = Phrase(
    "How much to change the picture: more than 0, up to 1",
    "元の画像からどれだけ変えるか（0 より大きく 1 まで）",
)

STYLE = Phrase("style", "スタイル")
STYLE_IS = Phrase(
    "Styles to paint with, such as `ink` or `ink:0.8, oil` (“none” for none)",
    "使うスタイル。例：`ink`、`ink:0.8, oil`（「なし」で使わない）",
)
USUAL_STYLE_IS = Phrase(
    "The style of your new boards, such as `ink:0.8` (“none” for none)",
    "新しいボードで使うスタイル。例：`ink:0.8`（「なし」で使わない）",
)
CHANNEL_STYLE_IS = Phrase(
    "The style it uses unless a member chooses another (“none” for none)",
    "ほかに指定がないときに使うスタイル（「なし」で使わない）",
)

QUEUE = Phrase("queue", "順番待ち")
QUEUE_IS = Phrase(
    "Show your waiting requests and cancel them",
    "あなたの依頼の一覧を表示します（取り消しもできます）",
)
MY_SETTINGS = Phrase("settings", "設定")
MY_SETTINGS_IS = Phrase(
    "Your own defaults for new boards: show them, change them, reset them",
    "新しいボードで使う、あなた専用の初期設定を表示・変更・リセットします",
)
HELP = Phrase("help", "ヘルプ")
HELP_IS = Phrase(
    "What I can do, and what the buttons and reactions mean",
    "できることと、ボタンやリアクションの説明",
)
ABOUT = Phrase("about", "情報")
ABOUT_IS = Phrase(
    "My model, its licence, and my version", "モデルとそのライセンス、ボットのバージョン"
)

KONOMI = Phrase("konomi", "このみ")
KONOMI_IS = Phrase("Settings of this server, for admins", "サーバーの設定（管理者用）")
SETTINGS = Phrase("settings", "設定")
SETTINGS_IS = Phrase("Show or change this server's settings", "サーバーの設定を表示・変更します")
GROUP_DEFAULT = Phrase("group_boards", "グループボード")
GROUP_DEFAULT_IS = Phrase(
    "Let everyone's ratings steer new boards", "新しいボードに全員の評価を反映します"
)
REACTIONS = Phrase("add_reactions", "リアクション")
REACTIONS_IS = Phrase(
    "Add number reactions under finished rounds", "完成したラウンドに番号リアクションを付けます"
)
WAITING = Phrase("waiting", "待ち数")
WAITING_IS = Phrase(
    "Number of requests a member can have waiting", "メンバーが同時に順番待ちにできる依頼の数"
)
PICTURES = Phrase("pictures_per_day", "一日の枚数")
PICTURES_IS = Phrase(
    "Number of pictures a member can ask for in 24 hours (0: no limit)",
    "メンバーが 24 時間に頼める枚数（0 は制限なし）",
)
FILTER = Phrase("content_filter", "コンテンツフィルター")
FILTER_IS = Phrase(
    "What to do with adult content in age-restricted channels; elsewhere it is never shown",
    "年齢制限チャンネルでの成人向け内容の扱い。ほかのチャンネルでは常に表示しません",
)
CHANNEL = Phrase("channel", "チャンネル")
CHANNEL_IS = Phrase(
    "Allow or stop painting in a channel; if no channel is chosen, I paint everywhere",
    "描くチャンネルを追加・削除します。1 つも選んでいなければ、どこでも描きます",
)
WHICH_CHANNEL_IS = Phrase("The channel", "対象のチャンネル")
PAINTS = Phrase("paint", "描く")
PAINTS_IS = Phrase("Yes to paint in this channel, no to stop", "このチャンネルで描くかどうか")


def of(phrase: Phrase) -> app_commands.locale_str:
    """A phrase for discord.py, which asks `bot.text.translation` for the other languages."""
    return app_commands.locale_str(phrase.en, ja=phrase.ja)
