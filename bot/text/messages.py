"""Every sentence that a person reads on Discord, in English and Japanese.

Names and descriptions of commands are in `commands.py`, refusals and failures in
`refusals.py`.
"""

from __future__ import annotations

from bot.text.phrases import Phrase
from generation.protocol.requests import Filter

# --- Progress ----------------------------------------------------------------------------

STARTING = Phrase("Starting …", "開始しています…")
PLACE_IN_QUEUE = Phrase("Place in the queue: {position}", "順番待ち：{position} 番目")
PAINTING = Phrase("Painting … {percent} %", "描いています… {percent} %")
TRYING_AGAIN = Phrase("Trying again …", "再試行しています…")
ASKED_BY = Phrase("for {member}", "{member} さんの依頼")

# --- A round -----------------------------------------------------------------------------

ROUND_LINE = Phrase(
    "{board} of {owner}, round {number} · seed {seed} · {width} × {height} · {steps} steps · "
    "{scheduler} · guidance {guidance:g}",
    "{owner} さんの{board}、ラウンド {number} · シード {seed} · {width} × {height} · {steps} ステップ · "
    "{scheduler} · ガイダンス {guidance:g}",
)
BOARD = Phrase("Board", "ボード")
GROUP_BOARD = Phrase("Group board", "グループボード")
NEGATIVE = Phrase("without: {negative}", "除外：{negative}")
FROM_PICTURE = Phrase(
    "from round {number}, picture {position} · {how}",
    "ラウンド {number} の {position} 枚目から · {how}",
)
FROM_ANOTHERS_PICTURE = Phrase(
    "from round {number}, picture {position} of {owner}'s board · {how}",
    "{owner} さんのボードのラウンド {number} の {position} 枚目から · {how}",
)
FROM_UPLOAD = Phrase(
    "from an uploaded picture · {how}",
    "アップロードされた画像から · {how}",
)
FROM_DELETED = Phrase(
    "from a picture that has been deleted since · {how}",
    "その後削除された画像から · {how}",
)
BY_STRENGTH = Phrase("strength {amount:g}", "強さ {amount:g}")
BY_EDITING = Phrase("edited, keeping {amount:g}", "編集、保持 {amount:g}")
BY_FITTING = Phrase("by a model fitted to it", "その画像に合わせたモデルで")
CHOSEN = Phrase(
    "Words reached and picture kept best: **{number}**, {values}",
    "言葉と元の画像の両方にいちばん近いもの：**{number}**、{values}",
)
BY_EDITING_VARIED = Phrase("edited, keeping more or less", "編集、保持はさまざま")
WORDLESS = Phrase("(without words)", "（言葉なし）")
REPLAYED = Phrase(
    "Repainted from a picture's parameters.", "画像に記録された情報から描き直しました。"
)
REPLAYED_ELSEWHERE = Phrase(
    "Repainted from a picture's parameters. Another program painted it, so it can look quite "
    "different here.",
    "画像に記録された情報から描き直しました。ほかのソフトで描かれた画像のため、かなり違って見えることがあります。",
)
REPLAYED_ELSEWHERE_WITH = Phrase(
    "Repainted from a picture's parameters. Another program painted it with {model}, so it can "
    "look quite different here.",
    "画像に記録された情報から描き直しました。ほかのソフトとモデル {model} で描かれた画像のため、かなり違って見えることがあります。",
)
REPLAYED_OTHERWISE = Phrase(
    "Repainted from a picture's parameters, with another model than {model}: it looks different.",
    "画像に記録された情報から、{model} とは別のモデルで描き直しました。見た目は変わります。",
)
REPLAYED_WITHOUT = Phrase(
    "Without {count} of the pictures that steered it: gone, or not theirs to use here.",
    "反映されていた画像のうち {count} 枚なしで描きました（削除されたか、ここでは使えないため）。",
)
STEERED_BY = Phrase(
    "Steered by {liked} liked and {disliked} disliked: {weights}",
    "好み {liked} 枚・苦手 {disliked} 枚に沿って：{weights}",
)
EXPLORED = Phrase(
    "Left the likes aside, to show something new: {numbers}", "好みを離れて描いたもの：{numbers}"
)
EXPLORED_AWAY = Phrase(
    "Kept away from all that was rated, to show something new: {numbers}",
    "評価された画像とは違うものを探して描いたもの：{numbers}",
)
STEERED_BY_NOTHING = Phrase(
    "Not steered yet: press 👍 and 👎, then **Next round**.",
    "まだ好みは反映されていません。👍 と 👎 を押してから **次のラウンド** へ。",
)
PLAIN_REPAINT = Phrase(
    "The same seeds without feedback, to compare.", "比較用：同じシードでフィードバックなし。"
)
DROPPED = Phrase(
    "Left the prompt aside, to follow the likes alone: {numbers}",
    "プロンプトを使わず、好みだけで描いたもの：{numbers}",
)
WITHHELD = Phrase(
    "Picture {number} was withheld: the safety checker found adult content in it. It can be "
    "mistaken; **Try another seed** paints another.",
    "{number} 枚目は、安全フィルターが成人向けの内容を検出したため表示しません。"
    "誤検出のこともあります。**別のシードで試す** で別の画像を描けます。",
)
BEHIND_SPOILER = Phrase(
    "Behind a spoiler, as the safety checker found adult content: {numbers}",
    "安全フィルターが成人向けの内容を検出したため、スポイラーで隠しています：{numbers}",
)
COPIED = Phrase(
    "As a JPEG, because the PNG is larger than Discord takes: {numbers}. Konomi keeps the PNG, and "
    "whatever you make from it begins there.",
    "PNG が Discord の上限を超えるため JPEG で表示しています：{numbers}。PNG は Konomi が保管し、"
    "続きの画像はそこから作ります。",
)
LEFT_OUT = Phrase(
    "Liked, but not followed here, as the safety checker found adult content in them: {count}. "
    "In an age-restricted channel they are.",
    "安全フィルターが成人向けの内容を検出したため、ここでは反映しなかった好みの画像：{count} 枚。"
    "年齢制限チャンネルでは反映されます。",
)
OUTSIDE_ITS_WORLD = Phrase(
    "-# This small model has only ever seen coloured shapes, never “{word}”. For everything else, "
    "my host can set `KONOMI_MODEL=sd15` and run `python -m generation fetch sd15`.",
    "-# この小さなモデルは色つきの図形しか知らず、「{word}」は見たことがありません。"
    "ほかのものを描くには、ホストが `KONOMI_MODEL=sd15` を設定し、`python -m generation fetch sd15` を実行します。",
)
READS_ENGLISH_ONLY = Phrase(
    "-# This model reads English only; a prompt in English will be followed better.",
    "-# このモデルが読めるのは英語だけです。英語のプロンプトのほうがよく伝わります。",
)
SIZE_LARGE = Phrase(
    "-# This model was made for {native}. At {size} it tends to repeat itself; "
    "{better} suits it better.",
    "-# このモデルの得意なサイズは {native} です。{size} では同じものが繰り返されがちです。{better} がおすすめです。",
)
SIZE_SMALL = Phrase(
    "-# This model was made for {native}. At {size} it loses detail; {better} suits it better.",
    "-# このモデルの得意なサイズは {native} です。{size} では細部が失われます。{better} がおすすめです。",
)
PICTURE = Phrase("Picture {number}: {prompt}", "{number} 枚目：{prompt}")
PREVIEW = Phrase("What it is becoming", "途中経過")
STEERING_STRIP = Phrase("What steered this round, with weights", "このラウンドに反映した画像と重み")

NEXT = Phrase("Next round", "次のラウンド")
PLAIN = Phrase("Repaint without feedback", "フィードバックなしで描き直す")
RESET = Phrase("Reset", "リセット")
DELETE = Phrase("Delete", "削除")
CANCEL = Phrase("Cancel", "取り消す")
RETRY = Phrase("Try another seed", "別のシードで試す")
CANCEL_JOB = Phrase("Cancel {number}", "{number} を取り消す")

# --- A comparison ------------------------------------------------------------------------

COMPARISON_LINE = Phrase(
    "Comparison by {owner}, round {number} · seed {seed} · {width} × {height} · "
    "otherwise {steps} steps · {scheduler} · guidance {guidance:g}",
    "{owner} さんの比較、ラウンド {number} · シード {seed} · {width} × {height} · "
    "ほかは {steps} ステップ · {scheduler} · ガイダンス {guidance:g}",
)
ACROSS = Phrase("Across, {parameter}: {values}", "横、{parameter}：{values}")
DOWN = Phrase("Down, {parameter}: {values}", "縦、{parameter}：{values}")
COMPARISON_NEXT = Phrase(
    "**Single pictures** shows each with 👍 and 👎. Like one, and **Next round** goes on with its "
    "values.",
    "**1 枚ずつ見る** で 👍 と 👎 を付けられます。1 枚だけ好きにすると、**次のラウンド** はその値で続きます。",
)
SHEET = Phrase("All pictures of the comparison: {prompt}", "比較の全画像：{prompt}")
CELL = Phrase("**{number}** · {values}", "**{number}** · {values}")
SINGLE = Phrase("Single pictures", "1 枚ずつ見る")
CELLS_FROM = Phrase("{first} to {last}", "{first}～{last}")

PARAMETERS = {
    "steps": Phrase("steps", "ステップ"),
    "guidance": Phrase("guidance", "ガイダンス"),
    "scheduler": Phrase("scheduler", "スケジューラ"),
    "prompt": Phrase("a piece of the prompt", "プロンプトの一部"),
    "seed": Phrase("seed", "シード"),
    "feedback_strength": Phrase("feedback strength", "フィードバックの強さ"),
    "feedback_start": Phrase("feedback start", "フィードバック開始"),
    "feedback_end": Phrase("feedback end", "フィードバック終了"),
    "image_guidance": Phrase("keep the picture", "元の画像の保持"),
    "eta": Phrase("way from the picture to the words", "画像から言葉への近づけ方"),
    "source_strength": Phrase("strength of the picture to begin from", "元の画像から変える強さ"),
}
"""What members can compare, by the names of `generation.protocol.requests.COMPARABLE`."""
OBEYING = Phrase("obey the words", "言葉への忠実さ")
"""What guidance is where a picture is edited by words."""

RESET_DONE = Phrase(
    "Reset: the next round of this board starts without references. "
    "What you liked stays in your taste.",
    "リセットしました。このボードの次のラウンドは参照なしで始まります。好みの記録は残ります。",
)
DELETED = Phrase("Deleted.", "削除しました。")

# --- Editing by words ---------------------------------------------------------------------

TREE = Phrase("**How it came about**", "**できるまで**")
TREE_MORE = Phrase("and {count} more", "ほか {count} 件")
BACK = Phrase("Back to what it was", "元の画像に戻る")
EDIT_THIS = Phrase("Edit this…", "これを編集…")
EDIT_NUMBERED = Phrase("Edit picture {number}…", "{number} 枚目を編集…")
EDIT_OFFER = Phrase(
    "Which picture shall I edit? Press its button and say what to change.",
    "どの画像を編集しますか。ボタンを押して、何を変えるか書いてください。",
)
EDIT_TITLE = Phrase("Edit this picture", "この画像を編集")
EDIT_WHICH = Phrase("Which picture", "どの画像")
EDIT_PICTURE = Phrase("Picture {number}", "{number} 枚目")
EDIT_INSTRUCTION = Phrase("What to change", "変えること")
EDIT_INSTRUCTION_IS = Phrase("Such as: make the sky pink", "例：空をピンクにして")
EDIT_KEEP = Phrase("Keep the picture", "元の画像を保つ")
EDIT_KEEP_IS = Phrase(
    "1 to 5; higher changes less. Empty: what suits the model",
    "1～5。高いほど変わりません。空欄ならモデルに合わせます",
)

# --- A picture's panel -------------------------------------------------------------------

DETAILS = Phrase(
    "**Picture {number} of round {round}**\n"
    "Seed: `{seed}`\nModel: `{model}`\nSize: {width} × {height}\nSteps: {steps}\n"
    "Scheduler: {scheduler}\nGuidance: {guidance:g}\n"
    "Feedback: {start:g} to {end:g} of the steps, strength {strength:g}",
    "**ラウンド {round} の {number} 枚目**\n"
    "シード：`{seed}`\nモデル：`{model}`\nサイズ：{width} × {height}\nステップ：{steps}\n"
    "スケジューラ：{scheduler}\nガイダンス：{guidance:g}\n"
    "フィードバック：ステップの {start:g}～{end:g}、強さ {strength:g}",
)
PROMPT = Phrase("Prompt: {prompt}", "プロンプト：{prompt}")
NEGATIVE_PROMPT = Phrase("Negative prompt: {negative}", "ネガティブプロンプト：{negative}")
FOLLOWS = Phrase("Follows round {number}.", "ラウンド {number} の続きです。")
FOLLOWS_ANOTHER = Phrase(
    "Grew from round {number} of {owner}'s board.",
    "{owner} さんのボードのラウンド {number} から分岐しました。",
)
MADE_FROM = Phrase("Made {origin}", "元の画像：{origin}")
RATED = Phrase("Ratings: 👍 {likes}  👎 {dislikes}", "評価：👍 {likes}  👎 {dislikes}")
STEERED_IN_DETAIL = Phrase("Steered by:", "反映した画像：")
STEER_LINE = Phrase(
    "{mark} picture {position} of round {number}, weight {weight:g}",
    "{mark} ラウンド {number} の {position} 枚目、重み {weight:g}",
)
FLAGGED = Phrase(
    "The safety checker found adult content in it.",
    "安全フィルターが成人向けの内容を検出しました。",
)
DOWNLOAD = Phrase(
    "To keep it, open the picture and save the original: the PNG carries all of this.",
    "保存するには画像を開いて元のファイルを保存してください。PNG にこれらの情報が含まれています。",
)

DOWNLOAD_COPY = Phrase(
    "To keep it, open the picture and save the original: the JPEG carries all of this. The PNG, too "
    "large for Discord, is with Konomi.",
    "保存するには画像を開いて元のファイルを保存してください。JPEG にこれらの情報が含まれています。"
    "PNG は Discord には大きすぎるため、Konomi が保管しています。",
)

# --- What options offer to choose from ---------------------------------------------------

LEFT_HALF = Phrase("left half", "左半分")
RIGHT_HALF = Phrase("right half", "右半分")
UPPER_HALF = Phrase("upper half", "上半分")
LOWER_HALF = Phrase("lower half", "下半分")
MIDDLE_PART = Phrase("middle", "中央")
AROUND_MIDDLE = Phrase("all but the middle", "中央以外")
TO_THE_LEFT = Phrase("left", "左")
TO_THE_RIGHT = Phrase("right", "右")
UPWARDS = Phrase("up", "上")
DOWNWARDS = Phrase("down", "下")
ALL_ROUND = Phrase("all round: zoom out × 1.5", "全方向：ズームアウト × 1.5")
ALL_ROUND_FAR = Phrase("all round: zoom out × 2", "全方向：ズームアウト × 2")
AS_FOUND = Phrase("as much as I find", "検出した量だけ取り除く")
NO_NOISE = Phrase("none", "取り除かない")
LITTLE_NOISE = Phrase("a little", "弱いノイズ")
SOME_NOISE = Phrase("some", "中くらいのノイズ")
MUCH_NOISE = Phrase("much", "強いノイズ")

# --- Going on from a picture -------------------------------------------------------------

GO_ON = Phrase("**Go on from this picture**", "**この絵から描く**")
VARY_SUBTLE = Phrase("Vary (subtle)", "少し変える")
VARY_STRONG = Phrase("Vary (strong)", "大きく変える")
RESTYLE = Phrase("Restyle…", "描き替える…")
ZOOM_OUT = Phrase("Zoom out × {times:g}", "ズームアウト × {times:g}")
UPSCALE = Phrase("Upscale × {times:g}", "{times:g} 倍に拡大")
REPAINT = Phrase("Repaint", "もう一度描く")
PAINT_ANYWAY = Phrase("Paint anyway", "そのまま描く")
EXTEND_LEFT = Phrase("Extend left", "左へ広げる")
EXTEND_RIGHT = Phrase("Extend right", "右へ広げる")
EXTEND_UP = Phrase("Extend up", "上へ広げる")
EXTEND_DOWN = Phrase("Extend down", "下へ広げる")
RESTYLE_TITLE = Phrase("Restyle this picture", "この絵を描き替える")
RESTYLE_PROMPT = Phrase("What to make of it", "どんな絵にするか")
RESTYLE_STRENGTH = Phrase("Strength, above 0 to 1", "強さ（0 より大きく 1 まで）")
RESTYLE_STRENGTH_IS = Phrase(
    "0.4 keeps nearly everything, 0.7 little but the composition.",
    "0.4 はほぼ元のまま、0.7 は構図だけを残します。",
)

# --- /queue ------------------------------------------------------------------------------

QUEUE_EMPTY = Phrase(
    "You have nothing waiting. In all, {waiting} are.",
    "順番待ちはありません。全体では {waiting} 件です。",
)
QUEUE_TITLE = Phrase(
    "**Yours** (of {waiting} waiting in all)", "**あなたの依頼**（全体の順番待ち {waiting} 件）"
)
QUEUE_WAITING = Phrase(
    "`{number}` place {position}: {prompt}", "`{number}` {position} 番目：{prompt}"
)
QUEUE_PAINTING = Phrase("`{number}` being painted: {prompt}", "`{number}` 描いています：{prompt}")

# --- The playground ----------------------------------------------------------------------

PLAYGROUND_TOPIC = Phrase(
    "Try /imagine a red star, press 👍, press Next round",
    "/imagine a red star を試し、👍、次に「次のラウンド」を押してください",
)
WELCOME = Phrase(
    "**Welcome to Konomi's playground.** This is the bot itself, on a Discord that exists only "
    "in this page.\n"
    "1. Write `/imagine`, choose *prompt*, write `a red star`, and send.\n"
    "2. Press 👍 under what you like, and 👎 under what you do not.\n"
    "3. Press **Next round**: it paints the same words, closer to what you like.",
    "**Konomi の遊び場へようこそ。** `/imagine` で描き、👍 👎 を押してから **Next round** を押すと、好みに近づきます。",
)
WELCOME_MEMBERS = Phrase(
    "**Viewing as**, at the top, makes you somebody else. Press **Next round** on another's "
    "pictures, and you go on from there in your own name.",
    "上の **Viewing as** で別のメンバーになれます。",
)
WELCOME_SHAPES = Phrase(
    "The model here is tiny and knows coloured shapes alone: `a shape on a white background` "
    "leaves the most to your taste.",
    "ここの小さなモデルが知っているのは色つきの図形だけです。",
)
WELCOME_MODEL = Phrase("**{model}** paints here.", "**{model}** が描きます。")

# --- /help and /about --------------------------------------------------------------------

HELP = Phrase(
    "**I paint, and learn what you like.**\n"
    "`/imagine` paints a round of pictures. You can also mention me with a few words, or write "
    "me a direct message.\n"
    "👍 👎 under a picture say what you like; pressing again takes it back. **Next round** paints "
    "closer to that. On somebody else's round it starts a board of your own, steered by your "
    "ratings alone.\n"
    "**Repaint without feedback** shows what your likes did. **Reset** starts the references "
    "anew. ⋯ shows a picture's seed and what steered it.\n"
    "Reactions work too: 1️⃣ … 8️⃣ like that picture, 👍 ❤️ 🔥 like all others, 👎 dislikes them, "
    "🔁 paints the next round, 🎲 the same with new seeds and no feedback, ❌ deletes your own.\n"
    "`/compare` paints values side by side, such as steps 10, 20, 30.\n"
    "`/restyle`, `/inpaint`, `/outpaint`, `/upscale` and `/restore` begin from a picture of yours; under ⋯ every picture "
    "of mine has buttons to vary, restyle, extend and zoom out of it.\n"
    "`/replay` paints a picture again from what its file says.\n"
    "`/queue` shows what you have waiting. `/about` says which model paints and under which "
    "licence.",
    "**あなたの好みを学びながら絵を描きます。**\n"
    "`/imagine` で 1 ラウンド分の画像を描きます。メンションに言葉を添えたり、ダイレクトメッセージを送っても描きます。\n"
    "画像の下の 👍 👎 で好みを伝えます。もう一度押すと取り消します。**次のラウンド** で好みに近づけて描きます。"
    "ほかの人のラウンドで押すと、あなたの評価だけに沿う自分のボードが始まります。\n"
    "**フィードバックなしで描き直す** で、好みの効果を見比べられます。**リセット** は参照を新しく始めます。"
    "⋯ でシードや反映した画像が見られます。\n"
    "リアクションも使えます：1️⃣ … 8️⃣ はその画像、👍 ❤️ 🔥 は残り全部が好き、👎 は残り全部が苦手、"
    "🔁 は次のラウンド、🎲 は新しいシードでフィードバックなし、❌ は自分の依頼を削除。\n"
    "`/compare` は、ステップ 10、20、30 のように値を並べて描きます。\n"
    "`/restyle`、`/inpaint`、`/outpaint`、`/upscale`、`/restore` はお手持ちの画像から描きます。"
    "⋯ には、その絵を変える・描き替える・広げるボタンがあります。\n"
    "`/replay` は、画像ファイルに記録された情報から同じ絵を描きます。\n"
    "`/queue` は順番待ち、`/about` はモデルとライセンスを表示します。",
)
ABOUT = Phrase(
    "**Konomi {version}**\nModel: **{model}**, {width} × {height} pixels, on {device}\n"
    "Licence of the model: {licence}\nSafety checker: {checker}",
    "**Konomi {version}**\nモデル：**{model}**、{width} × {height} ピクセル、{device}\n"
    "モデルのライセンス：{licence}\n安全フィルター：{checker}",
)
ABOUT_NO_NEGATIVES = Phrase(
    "Its guidance is built in: `negative` cannot be used, and 👎 does not steer it; 👍 does.",
    "ガイダンスを内蔵したモデルのため、`除外` は使えず、👎 も反映されません。👍 は反映されます。",
)
ABOUT_UNGUIDED = Phrase(
    "It paints without guidance unless you say otherwise: until then `negative` and 👎 change "
    "nothing; 👍 does.",
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
    "**Settings of this server**\nChannels: {channels}\nNew boards are group boards: {group}\n"
    "I add number reactions under a round: {reactions}\n"
    "Requests a member may have waiting: {waiting}\nPictures a member may have a day: {pictures}\n"
    "Content filter in age-restricted channels: {filter}\n"
    "-# In all other channels adult content is withheld.",
    "**このサーバーの設定**\nチャンネル：{channels}\n新しいボードはグループボード：{group}\n"
    "ラウンドの下に番号リアクションを付ける：{reactions}\n"
    "メンバーの順番待ちの上限：{waiting}\nメンバーの 1 日の枚数：{pictures}\n"
    "年齢制限チャンネルのコンテンツフィルター：{filter}\n"
    "-# ほかのチャンネルでは、成人向けの内容は表示しません。",
)
NO_CHECKER = Phrase(
    "-# The model {model} has no safety checker, so the content filter changes nothing.",
    "-# モデル {model} には安全フィルターがないため、コンテンツフィルターは働きません。",
)
FILTER_OFF = Phrase("off: shown openly", "オフ：そのまま表示")
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
