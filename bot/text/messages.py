"""Every sentence that a person reads on Discord, in English and Japanese.

Names and descriptions of commands are in `commands.py`, refusals and failures in
`refusals.py`.
"""

from __future__ import annotations

from bot.text.phrases import Phrase

# --- Progress ----------------------------------------------------------------------------

STARTING = Phrase("Starting…", "開始しています…")
PLACE_IN_QUEUE = Phrase("Place in the queue: {position:number}", "順番待ち：{position:number} 番目")
PAINTING = Phrase("Painting… {percent}%", "描いています… {percent}%")
TRYING_AGAIN = Phrase("Trying again…", "再試行しています…")
ASKED_BY = Phrase("for {member}", "{member} さんの依頼")

# --- A round -----------------------------------------------------------------------------

FROM_PICTURE = Phrase(
    "from round {number}, picture {position}",
    "ラウンド {number} の {position} 枚目から",
)
FROM_ANOTHERS_PICTURE = Phrase(
    "from round {number}, picture {position} of {owner}'s board",
    "{owner} さんのボードのラウンド {number} の {position} 枚目から",
)
FROM_UPLOAD = Phrase(
    "from an uploaded picture",
    "アップロードされた画像から",
)
FROM_DELETED = Phrase(
    "from a picture that has since been deleted",
    "その後削除された画像から",
)
BY_STRENGTH = Phrase("strength {amount:number}", "強さ {amount:number}")
BY_EDITING = Phrase("edited, keep {amount:number}", "編集、保持 {amount:number}")
BY_FITTING = Phrase("with a model tuned to it", "その画像に合わせて調整したモデルで")
CHOSEN = Phrase(
    "Best balance between your description and the original picture: **{number}**, {values}",
    "説明と元の画像とのバランスがいちばん良い画像：**{number}**、{values}",
)
BY_EDITING_VARIED = Phrase("edited, keep varies", "編集、保持はさまざま")
WORDLESS = Phrase("(no prompt)", "（プロンプトなし）")
REPLAYED_ELSEWHERE = Phrase(
    "Recreated from the picture's saved settings. It was made with another program, so it can look "
    "quite different here.",
    "画像に記録された設定から描き直しました。ほかのソフトで作られた画像のため、かなり違って見えることがあります。",
)
REPLAYED_ELSEWHERE_WITH = Phrase(
    "Recreated from the picture's saved settings. It was made with another program and the model "
    "{model}, so it can look quite different here.",
    "画像に記録された設定から描き直しました。ほかのソフトとモデル {model} で作られた画像のため、"
    "かなり違って見えることがあります。",
)
REPLAYED_OTHERWISE = Phrase(
    "Recreated from the picture's saved settings. The original was made with the model "
    "{model}, which I don't use here, so this one looks different.",
    "画像に記録された設定から描き直しました。元の画像は、ここでは使っていないモデル {model} "
    "で描かれたため、見た目は変わります。",
)
REPLAYED_WITHOUT = Phrase(
    "{count:plural one=# picture that steered the original is other=# pictures that "
    "steered the original are} missing, either deleted or not available here.",
    "元の画像に反映された画像のうち {count:number} 枚は、削除されたか、"
    "ここでは使えないため、使わずに描きました。",
)
EXPLORED = Phrase(
    "Wildcards (likes ignored): {numbers}",
    "ワイルドカード（好みを反映しない画像）：{numbers}",
)
EXPLORED_AWAY = Phrase(
    "Wildcards (steered away from all rated pictures): {numbers}",
    "ワイルドカード（評価した画像から離した画像）：{numbers}",
)
PLAIN_REPAINT = Phrase(
    "The same seeds, painted without likes and dislikes for comparison.",
    "比較用に、同じシードで好みを反映せずに描きました。",
)
DROPPED = Phrase(
    "Painted from the likes alone, without the prompt: {numbers}",
    "プロンプトを使わず、好みだけで描いた画像：{numbers}",
)
HIDDEN_HERE = Phrase(
    "Picture {number} can't be shown here because the safety checker found adult content in it.",
    "{number} 枚目は、安全フィルターが成人向けの内容を検出したため、ここでは表示しません。",
)
BEHIND_SPOILER = Phrase(
    "Hidden behind a spoiler because the safety checker found adult content: {numbers}",
    "安全フィルターが成人向けの内容を検出したため、スポイラーで隠しています：{numbers}",
)
COPIED = Phrase(
    "Shown as a JPEG because the PNG is too large for Discord: {numbers}. I keep the PNG, "
    "and use it for anything you make from it.",
    "PNG が Discord の上限を超えるため、JPEG で表示しています：{numbers}。PNG は Konomi "
    "が保管し、この画像から続きを描くときに使います。",
)
LEFT_OUT = Phrase(
    "{count:plural one=# liked picture is other=# liked pictures are} not used here "
    "because the safety checker found adult content in {count:plural one=it other=them}. "
    "In age-restricted channels, {count:plural one=it is other=they are}.",
    "安全フィルターが成人向けの内容を検出したため、好きな画像のうち {count:number} 枚は、"
    "ここでは反映していません。年齢制限チャンネルでは反映されます。",
)
OUTSIDE_ITS_WORLD = Phrase(
    "-# This small model only knows coloured shapes and has never seen “{word}”. To paint "
    "anything else, whoever runs me can set `KONOMI_MODEL=sd15` and run `python -m "
    "generation fetch sd15`.",
    "-# この小さなモデルは色つきの図形しか知らず、「{word}」は見たことがありません。"
    "ほかのものを描けるようにするには、ボットの運営者が `KONOMI_MODEL=sd15` を設定し、"
    "`python -m generation fetch sd15` を実行します。",
)
READS_ENGLISH_ONLY = Phrase(
    "-# This model only understands English. A prompt in English works better.",
    "-# このモデルは英語しか理解できません。プロンプトは英語で書くとうまく伝わります。",
)
PROMPT_FILES = Phrase(
    "-# `<lora:…>` and `embedding:…` name files that I don't have, so I left them out of the prompt.",
    "-# `<lora:…>` や `embedding:…` のファイルは使えないため、プロンプトから除きました。",
)
PROMPT_SETTINGS = Phrase(
    "-# I left out the settings after the prompt (`Steps: …, Sampler: …`). Use the "
    "options instead, or attach the original picture to `/replay`.",
    "-# プロンプトに続く設定（`Steps: …, Sampler: …`）は除きました。"
    "オプションで指定するか、元の画像ファイルを `/再現` に添付してください。",
)
PROMPT_FLAGS = Phrase(
    "-# Flags such as `--ar 16:9` don't work here, so I left them out. Use the options "
    "instead: `size: 16:9`, `seed`, `steps`.",
    "-# `--ar 16:9` のような指定は使えないため除きました。オプションの `サイズ: 16:9`、"
    "`シード`、`ステップ` を使ってください。",
)
PROMPT_AND = Phrase(
    "-# `AND` doesn't combine prompts here. I read it as the word “and”.",
    "-# `AND` でプロンプトを合成することはできません。ただの単語「and」として読みます。",
)
PROMPT_SCHEDULED = Phrase(
    "-# `[a:b:0.5]` doesn't switch the prompt halfway here. Square brackets only lower "
    "the weight; to set one, write `(word:0.8)`.",
    "-# `[a:b:0.5]` で途中から内容を変えることはできません。"
    "角括弧は重みを下げるだけです。重みは `(言葉:0.8)` のように書いてください。",
)
PROMPT_ALTERNATED = Phrase(
    "-# `[a|b]` doesn't alternate here. Write `{{a|b}}`, and each picture uses one of the two.",
    "-# `[a|b]` で交互に描くことはできません。`{{a|b}}` と書くと、画像ごとにどちらかを選びます。",
)
PROMPT_WILDCARD = Phrase(
    "-# I have no word lists, so `__name__` stays in the prompt as it is. Write out the "
    "choices instead: `{{red|blue}}`.",
    "-# 単語リストはないため、`__name__` はそのままプロンプトに残ります。代わりに "
    "`{{赤|青}}` のように書いてください。",
)
PROMPT_COMMAS = Phrase(
    "-# To a model, a full-width comma is not a comma. A plain `,` works better.",
    "-# 全角の読点やカンマは、モデルには `,` とは別の記号です。半角の `,` のほうがよく伝わります。",
)
SIZE_LARGE = Phrase(
    "-# This model was made for {native}. At {size}, it tends to paint things twice; "
    "{better} works better.",
    "-# このモデルの得意なサイズは {native} です。{size} では同じものが繰り返されがちです。{better} がおすすめです。",
)
SIZE_SMALL = Phrase(
    "-# This model was made for {native}. At {size}, it loses detail; {better} works better.",
    "-# このモデルの得意なサイズは {native} です。{size} では細部が失われます。{better} がおすすめです。",
)
PICTURE = Phrase("Picture {number}: {prompt}", "{number} 枚目：{prompt}")
PREVIEW = Phrase("Preview of the pictures", "途中経過のプレビュー")
STEERING_STRIP = Phrase(
    "Pictures that steered this round, newest first", "このラウンドに反映した画像（新しい順）"
)

NEXT = Phrase("Next round", "次のラウンド")
PLAIN = Phrase("Repaint without feedback", "フィードバックなしで描き直す")
RESET = Phrase("Reset", "リセット")
DELETE = Phrase("Delete", "削除")
CANCEL = Phrase("Cancel", "取り消す")
RETRY = Phrase("Try another seed", "別のシードで試す")
SHOW_AGAIN = Phrase("Show again", "もう一度表示")
CANCEL_JOB = Phrase("Cancel {number}", "{number} を取り消す")

# --- A comparison ------------------------------------------------------------------------

ACROSS = Phrase("Across ({parameter}): {values}", "横（{parameter}）：{values}")
DOWN = Phrase("Down ({parameter}): {values}", "縦（{parameter}）：{values}")
COMPARISON_NEXT = Phrase(
    "Press **Single pictures** to rate them with 👍 and 👎. If you like just one, **Next "
    "round** continues with its settings.",
    "**1 枚ずつ見る** を押すと、👍 と 👎 で評価できます。1 枚だけに 👍 を付けると、"
    "**次のラウンド** はその設定で続きます。",
)
SHEET = Phrase("All pictures of the comparison: {prompt}", "比較の全画像：{prompt}")
CELL = Phrase("**{number}** · {values}", "**{number}** · {values}")
SINGLE = Phrase("Single pictures", "1 枚ずつ見る")
CELLS_FROM = Phrase("{first} to {last}", "{first}～{last}")

PARAMETERS = {
    "steps": Phrase("steps", "ステップ"),
    "guidance": Phrase("guidance", "ガイダンス"),
    "scheduler": Phrase("scheduler", "スケジューラ"),
    "prompt": Phrase("part of the prompt", "プロンプトの一部"),
    "seed": Phrase("seed", "シード"),
    "feedback_strength": Phrase("feedback strength", "フィードバックの強さ"),
    "feedback_start": Phrase("feedback start", "フィードバック開始"),
    "feedback_end": Phrase("feedback end", "フィードバック終了"),
    "image_guidance": Phrase("keeping the picture", "元の画像を保つ強さ"),
    "eta": Phrase("edit strength (η)", "編集の強さ（η）"),
    "source_strength": Phrase("strength of the change", "元の画像から変える強さ"),
    "adapter_strength": Phrase("style strength", "スタイルの強さ"),
}
"""Labels of comparable parameters, by the names of `generation.protocol.requests.COMPARABLE`."""
OBEYING = Phrase("following the instruction", "指示に従う強さ")
"""Names of the guidance scale when a picture is edited by words."""

RESET_DONE = Phrase(
    "Done. The next round of this board starts fresh, without likes and dislikes. Your "
    "ratings are kept.",
    "リセットしました。このボードの次のラウンドは、好みを反映せずに始まります。評価は残ります。",
)
DELETED = Phrase("Deleted.", "削除しました。")

# --- Editing by words ---------------------------------------------------------------------

TREE = Phrase("**History**", "**履歴**")
TREE_MORE = Phrase("and {count:number} more", "ほか {count:number} 件")
BACK = Phrase("Original", "元の画像")
EDIT_THIS = Phrase("Edit…", "編集…")
EDIT_NUMBERED = Phrase("Edit picture {number}…", "{number} 枚目を編集…")
EDIT_OFFER = Phrase(
    "Which picture should I edit? Press its button and say what to change.",
    "どの画像を編集しますか？ ボタンを押して、何を変えるか書いてください。",
)
EDIT_WHICH_ONE = Phrase(
    "Which picture should I edit? Next time, put its number first: `2: make it blue`.",
    "どの画像を編集しますか？ 次からは、`2: 青くして` のように番号を先に書いてもかまいません。",
)
EDIT_UNREADABLE = Phrase(
    "Discord doesn't show me what your reply says. To edit a picture, press its button, or mention me "
    "in the reply.",
    "返信の内容が Discord から届きません。画像を編集するには、ボタンを押すか、返信でメンションしてください。",
)
EDIT_TITLE = Phrase("Edit this picture", "この画像を編集")
EDIT_WHICH = Phrase("Which picture", "どの画像")
EDIT_PICTURE = Phrase("Picture {number}", "{number} 枚目")
EDIT_INSTRUCTION = Phrase("What to change", "変えること")
EDIT_INSTRUCTION_IS = Phrase("For example: make the sky pink", "例：空をピンクにして")
EDIT_KEEP = Phrase("How much of the picture to keep", "元の画像を保つ強さ")
EDIT_KEEP_IS = Phrase(
    "1 to 5; higher values change less. Leave it empty for the model's default.",
    "1～5。高いほど元の画像に近くなります。空欄ならモデルに合わせます。",
)

# --- A picture's panel -------------------------------------------------------------------

PANEL = Phrase("**Picture {number} of round {round}**", "**ラウンド {round} の {number} 枚目**")
DETAILS = Phrase(
    "Seed: `{seed}`\n"
    "Model: {model:code}\n"
    "Size: {width} × {height}\n"
    "Steps: {steps:number}\n"
    "Sampler: {scheduler}\n"
    "Guidance: {guidance:number}\n"
    "Feedback: {start:number} to {end:number} of the steps, strength {strength:number}",
    "シード：`{seed}`\n"
    "モデル：{model:code}\n"
    "サイズ：{width} × {height}\n"
    "ステップ：{steps:number}\n"
    "サンプラー：{scheduler}\n"
    "ガイダンス：{guidance:number}\n"
    "フィードバック：ステップの {start:number}～{end:number}、"
    "強さ {strength:number}",
)
PROMPT = Phrase("Prompt: {prompt}", "プロンプト：{prompt}")
NEGATIVE_PROMPT = Phrase("Negative prompt: {negative}", "ネガティブプロンプト：{negative}")
FOLLOWS = Phrase("Follows round {number}.", "ラウンド {number} の続きです。")
FOLLOWS_ANOTHER = Phrase(
    "Branched off from round {number} of {owner}'s board.",
    "{owner} さんのボードのラウンド {number} から分岐しました。",
)
MADE_FROM = Phrase("Made {origin}", "元の画像：{origin}")
STEERED_IN_DETAIL = Phrase("Steered by:", "反映した画像：")
FLAGGED = Phrase(
    "The safety checker found adult content in this picture.",
    "この画像には、安全フィルターが成人向けの内容を検出しました。",
)
DOWNLOAD = Phrase(
    "To keep this picture, open it and save the original. The PNG contains all of these details.",
    "保存するには、画像を開いて元のファイルを保存してください。PNG "
    "にはこれらの情報がすべて含まれています。",
)

DOWNLOAD_COPY = Phrase(
    "To keep this picture, open it and save the original. The JPEG contains all of these "
    "details. I keep the PNG, which is too large for Discord.",
    "保存するには、画像を開いて元のファイルを保存してください。JPEG "
    "にはこれらの情報がすべて含まれています。PNG は Discord には大きすぎるため、Konomi "
    "が保管しています。",
)

# --- What options offer to choose from ---------------------------------------------------

LEFT_HALF = Phrase("left half", "左半分")
RIGHT_HALF = Phrase("right half", "右半分")
UPPER_HALF = Phrase("upper half", "上半分")
LOWER_HALF = Phrase("lower half", "下半分")
MIDDLE_PART = Phrase("middle", "中央")
AROUND_MIDDLE = Phrase("everything but the middle", "中央以外")
TO_THE_LEFT = Phrase("left", "左")
TO_THE_RIGHT = Phrase("right", "右")
UPWARDS = Phrase("up", "上")
DOWNWARDS = Phrase("down", "下")
ALL_ROUND = Phrase("all sides: zoom out × 1.5", "全方向：ズームアウト × 1.5")
ALL_ROUND_FAR = Phrase("all sides: zoom out × 2", "全方向：ズームアウト × 2")
AS_FOUND = Phrase("automatic", "自動")
NO_NOISE = Phrase("none", "なし")
LITTLE_NOISE = Phrase("a little", "弱め")
SOME_NOISE = Phrase("some", "中くらい")
MUCH_NOISE = Phrase("a lot", "強め")

# --- Going on from a picture -------------------------------------------------------------

SHOW_DETAILS = Phrase("Details", "詳細")
FOLD_DETAILS = Phrase("Hide details", "詳細を隠す")
VARY_SUBTLE = Phrase("Vary (subtle)", "少し変える")
VARY_STRONG = Phrase("Vary (strong)", "大きく変える")
RESTYLE = Phrase("Restyle…", "描き替える…")
ZOOM_OUT = Phrase("Zoom out {times:number}×", "ズームアウト {times:number}×")
UPSCALE = Phrase("Upscale {times:number}×", "拡大 {times:number}×")
REPAINT = Phrase("Repaint", "もう一度描く")
PAINT_ANYWAY = Phrase("Paint anyway", "そのまま描く")
EXTEND_LEFT = Phrase("Extend ←", "広げる ←")
EXTEND_RIGHT = Phrase("→", "→")
EXTEND_UP = Phrase("↑", "↑")
EXTEND_DOWN = Phrase("↓", "↓")
RESTYLE_TITLE = Phrase("Restyle this picture", "この画像を描き替える")
RESTYLE_PROMPT = Phrase("What to turn it into", "どんな画像にするか")
RESTYLE_STRENGTH = Phrase("Strength: more than 0, up to 1", "強さ（0 より大きく 1 まで）")
RESTYLE_STRENGTH_IS = Phrase(
    "0.4 keeps nearly everything; 0.7 keeps little more than the composition.",
    "0.4 はほぼ元のまま、0.7 は構図くらいしか残りません。",
)
RESTYLE_STYLE = Phrase("Style", "スタイル")
RESTYLE_STYLE_IS = Phrase(
    "Such as ink or ink:0.8, oil. Leave it empty for none.",
    "例：ink、ink:0.8, oil。空欄なら使いません。",
)

# --- /queue ------------------------------------------------------------------------------

NOBODY_WAITS = Phrase(
    "You have no requests waiting, and nobody else does.", "順番待ちの依頼は 1 件もありません。"
)
QUEUE_EMPTY = Phrase(
    "You have no requests waiting. Altogether, {waiting:plural one=# request is other=# "
    "requests are} waiting.",
    "順番待ちの依頼はありません。全体では {waiting:number} 件が待っています。",
)
QUEUE_TITLE = Phrase(
    "**Your requests** ({waiting:number} waiting in total)",
    "**あなたの依頼**（全体の順番待ち {waiting:number} 件）",
)
QUEUE_WAITING = Phrase(
    "`{number}` place {position:number}: {prompt}", "`{number}` {position:number} 番目：{prompt}"
)
QUEUE_PAINTING = Phrase("`{number}` painting now: {prompt}", "`{number}` 描いています：{prompt}")
