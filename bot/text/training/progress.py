"""Sentences about a training under way and its result, in English and Japanese."""

from __future__ import annotations

from collections.abc import Mapping

from bot.text.phrases import Phrase
from generation.protocol.events import Stage

# --- The card while it trains --------------------------------------------------------------

TITLE = Phrase("**{name}** · {method}", "**{name}** · {method}")
BASE_METHODS: Mapping[str, Phrase] = {
    "lora": Phrase("LoRA", "LoRA"),
    "textual-inversion": Phrase("embedding", "埋め込み"),
    "dreambooth": Phrase("DreamBooth", "DreamBooth"),
    "finetune": Phrase("the whole model", "モデル全体"),
    "edit": Phrase("editing", "編集"),
    "taste": Phrase("taste", "好み"),
}
"""Methods by the names that requests have them under."""
STARTING = Phrase("The training begins in a moment.", "まもなく学習を始めます。")
PLACE = Phrase(
    "Waits for {ahead:plural one=# other training other=# other trainings} before it.",
    "ほかの学習 {ahead:number} 件を待っています。",
)
NEXT = Phrase("The next training to begin.", "次に始まる学習です。")
TRYING_AGAIN = Phrase(
    "The generator stopped, so the training goes on from its last checkpoint (attempt {attempt}).",
    "生成プロセスが停止したため、最後のチェックポイントから再開しています（{attempt} 回目）。",
)
STAGES: Mapping[Stage, Phrase] = {
    Stage.PREPARING: Phrase(
        "Preparing the pictures: {step:number} of {steps:number}",
        "画像を準備しています：{step:number} / {steps:number}",
    ),
    Stage.CLASS_PICTURES: Phrase(
        "Painting pictures of the class: {step:number} of {steps:number}",
        "種類の画像を描いています：{step:number} / {steps:number}",
    ),
    Stage.SAMPLING: Phrase("Painting samples…", "サンプルを描いています…"),
    Stage.EVALUATING: Phrase("Scoring the samples…", "サンプルを評価しています…"),
}
"""What is said of the stages beside training itself."""
STEPS = Phrase(
    "{percent}%, step {step:number} of {steps:number}",
    "{percent}%、ステップ {step:number} / {steps:number}",
)
SECONDS_LEFT = Phrase("less than a minute left", "残り 1 分未満")
MINUTES_LEFT = Phrase(
    "about {count:plural one=# minute other=# minutes} left", "残り約 {count:number} 分"
)
HOURS_LEFT = Phrase(
    "about {count:plural one=# hour other=# hours} left", "残り約 {count:number} 時間"
)
WAITS_FOR_MODEL = Phrase(
    "⏳ Waiting for the model {model}, which it was begun with; {loaded} is loaded now. It goes on once "
    "whoever runs me loads {model} again.",
    "⏳ 学習を始めたときのモデル {model} を待っています（今は {loaded} です）。"
    "ボットの運営者が {model} に戻すと続きます。",
)
PAUSED = Phrase(
    "⏸️ Paused. It goes on when somebody presses Resume.",
    "⏸️ 一時停止中です。「再開」を押すと続きます。",
)
STOPPING = Phrase(
    "⏹️ Stopping: what it has learned so far becomes the result.",
    "⏹️ 終了しています。ここまでの学習が結果になります。",
)
LOSSES = Phrase(
    "🔵 Loss {loss:number .3} · 🟠 on fixed pictures {validation:number .3}",
    "🔵 損失 {loss:number .3} · 🟠 固定画像での損失 {validation:number .3}",
)
LOSS = Phrase("🔵 Loss {loss:number .3}", "🔵 損失 {loss:number .3}")
CURVE = Phrase("Loss over the steps", "ステップごとの損失")
GRID = Phrase("Samples at step {step}", "ステップ {step} のサンプル")
GRID_OF = Phrase("Samples at step {step:number}", "ステップ {step:number} のサンプル")
CHOSEN = Phrase(
    "The checkpoint of step {step:number} was chosen to become the style.",
    "ステップ {step:number} のチェックポイントがスタイルになります。",
)
REMARK = Phrase("⚠️ {remark}", "⚠️ {remark}")
MORE_REMARKS = Phrase(
    "… and {count:plural one=# more remark other=# more remarks}", "…ほか {count:number} 件"
)
STARTED_BY = Phrase("Started by {member}", "開始：{member}")
REACT = Phrase(
    "👍 on this message chooses the newest samples.",
    "このメッセージに 👍 を付けると、最新のサンプルを選びます。",
)

# --- Buttons -------------------------------------------------------------------------------

PAUSE = Phrase("Pause", "一時停止")
RESUME = Phrase("Resume", "再開")
STOP = Phrase("Stop and keep", "ここで終える")
CANCEL = Phrase("Cancel", "中止")
CANCEL_NOW = Phrase("Cancel the training", "学習を中止する")
PAINT = Phrase("Paint with it", "使って描く")
SHOW = Phrase("Show the style", "スタイルを見る")
PICK = Phrase("Look at a checkpoint", "チェックポイントを見る")
STEP = Phrase("Step {step:number}", "ステップ {step:number}")
STEP_CHOSEN = Phrase("Step {step:number}, chosen", "ステップ {step:number}（選択中）")
STEP_SUGGESTED = Phrase("Step {step:number}, suggested", "ステップ {step:number}（おすすめ）")
SCORES = Phrase("like the pictures {fidelity:number .2}", "画像との近さ {fidelity:number .2}")
SCORED = Phrase(
    "like the pictures {fidelity:number .2}, like the prompts {following:number .2}",
    "画像との近さ {fidelity:number .2}、プロンプトとの近さ {following:number .2}",
)
VALIDATED = Phrase("loss on fixed pictures {validation:number .3}", "損失 {validation:number .3}")
USE = Phrase("Use this one", "これを使う")

# --- Questions and private answers ---------------------------------------------------------

CANCEL_ASKED = Phrase(
    "Cancel the training of **{name}**? Its checkpoints are deleted. "
    "To keep what it has learned so far, press **Stop and keep**.",
    "**{name}** の学習を中止しますか？チェックポイントは削除されます。"
    "ここまでの学習を残すには **ここで終える** を押してください。",
)
CANCELLED_NOW = Phrase("The training is cancelled.", "学習を中止しました。")
STOP_NOW = Phrase(
    "The training of **{name}** ends after this step; what it has learned becomes the result.",
    "**{name}** の学習はこのステップで終わり、ここまでの学習が結果になります。",
)
PAUSED_NOW = Phrase(
    "The training of **{name}** is paused.", "**{name}** の学習を一時停止しました。"
)
RESUMED_NOW = Phrase("The training of **{name}** goes on.", "**{name}** の学習を再開しました。")
WILL_BE_USED = Phrase(
    "When the training ends, the checkpoint of step {step:number} becomes the style.",
    "学習が終わると、ステップ {step:number} のチェックポイントがスタイルになります。",
)
IS_USED = Phrase(
    "**{name}** now paints with the checkpoint of step {step:number}.",
    "**{name}** はこれからステップ {step:number} のチェックポイントで描きます。",
)

# --- The finished card ---------------------------------------------------------------------

FINISHED = Phrase(
    "✅ Trained for {steps:plural one=# step other=# steps} on "
    "{pictures:plural one=# picture other=# pictures} in {time}.",
    "✅ 画像 {pictures:number} 枚で {steps:number} ステップ学習しました（{time}）。",
)
STOPPED = Phrase(
    "✅ Stopped after {steps:plural one=# step other=# steps} on "
    "{pictures:plural one=# picture other=# pictures} and {time}.",
    "✅ 画像 {pictures:number} 枚で {steps:number} ステップ学習して終えました（{time}）。",
)
SECONDS = Phrase("{count:plural one=# second other=# seconds}", "{count:number} 秒")
MINUTES = Phrase("{count:plural one=# minute other=# minutes}", "{count:number} 分")
HOURS = Phrase("{count:plural one=# hour other=# hours}", "{count:number} 時間")
STYLE_IS = Phrase(
    "The style is the checkpoint of step {step:number}.",
    "スタイルはステップ {step:number} のチェックポイントです。",
)
STYLE_NAMED = Phrase(
    "There was a style of that name already, so this one is called **{name}**.",
    "同じ名前のスタイルがあるため、**{name}** という名前にしました。",
)
STYLE_GONE = Phrase("The style was deleted.", "スタイルは削除されました。")
STYLE_WITHDRAWN = Phrase(
    "The style is not in use: somebody took back their consent. Its samples were removed.",
    "同意が取り消されたため、スタイルは使われていません。サンプルは削除されました。",
)
REVOKED = Phrase(
    "Somebody took back their consent, so what this training had learned was deleted, and its samples "
    "with it.",
    "同意が取り消されたため、この学習の結果とサンプルは削除されました。",
)
TRIGGER = Phrase("Words that call for it: {trigger:code}", "呼び出す言葉：{trigger:code}")
SCOPES = {
    "mine": Phrase("{owner} may paint with it.", "{owner} が使えます。"),
    "private": Phrase(
        "{owner} and those who gave pictures may paint with it.",
        "{owner} と画像の提供者が使えます。",
    ),
    "server": Phrase("Everyone here may paint with it.", "サーバーの全員が使えます。"),
}
CONTRIBUTORS = Phrase("Pictures by {members}", "画像提供：{members}")
FIDELITY = Phrase(
    "• Like the training pictures: **{after:number .2}** ({before:number .2} before)",
    "• 学習画像との近さ：**{after:number .2}**（学習前 {before:number .2}）",
)
FIDELITY_ALONE = Phrase(
    "• Like the training pictures: **{after:number .2}**",
    "• 学習画像との近さ：**{after:number .2}**",
)
FOLLOWS_WELL = Phrase(
    "• Follows prompts as well as before", "• プロンプトには学習前と同じように従います"
)
FOLLOWS_LESS = Phrase(
    "• Follows prompts a little less than before", "• プロンプトへの従い方は学習前より少し弱いです"
)
FOLLOWS_BADLY = Phrase(
    "• Follows prompts much less than before: use it at a lower strength, or an earlier checkpoint",
    "• プロンプトへの従い方が学習前よりかなり弱いです。"
    "強さを下げるか、前のチェックポイントを使ってください",
)
FOLLOWS_BADLY_AT_FIRST = Phrase(
    "• Follows prompts much less than before: use it at a lower strength",
    "• プロンプトへの従い方が学習前よりかなり弱いです。強さを下げてください",
)
STAYS = Phrase(
    "• Other prompts paint what they did before", "• ほかのプロンプトの絵は学習前と変わりません"
)
SEEPS = Phrase(
    "• Shows a little in prompts that do not ask for it",
    "• 呼び出していないプロンプトにも少し現れます",
)
DRIFTS = Phrase(
    "• Shows in prompts that do not ask for it: an earlier checkpoint may be better",
    "• 呼び出していないプロンプトにも現れます。前のチェックポイントの方がよいかもしれません",
)
DRIFTS_AT_FIRST = Phrase(
    "• Shows in prompts that do not ask for it: a lower strength may be better",
    "• 呼び出していないプロンプトにも現れます。強さを下げるとよいかもしれません",
)
UNJUDGED = Phrase(
    "• Not scored: there is no model on this machine that judges pictures. Look at the samples.",
    "• 画像を評価するモデルがないため、評価はありません。サンプルを見てください。",
)
CHOOSE_ANOTHER = Phrase(
    "For {days:plural one=# day other=# days} you can choose another checkpoint below.",
    "{days:number} 日間は、下から別のチェックポイントを選べます。",
)
MODEL_IS = Phrase(
    "The result is a whole model, not a style. The host finds it in my data folder, as {folder:code} "
    "under {place:code}; to use it, they set {setting:code} to that folder and restart me.",
    "結果はスタイルではなくモデル全体です。データフォルダーの {place:code} に {folder:code} として"
    "あります。使うには、運営者が {setting:code} にそのフォルダーを設定してボットを再起動します。",
)
RETRAINED = Phrase(
    "**{name}** was made anew and can be used again.",
    "**{name}** を作り直しました。また使えます。",
)

# --- What whoever started it is told --------------------------------------------------------

READY = Phrase("{member} **{name}** is ready.", "{member} **{name}** ができました。")
MODEL_READY = Phrase(
    "{member} The model **{name}** is ready.", "{member} モデル **{name}** ができました。"
)
MADE_ANEW = Phrase(
    "{member} **{name}** was made anew and can be used again.",
    "{member} **{name}** を作り直しました。また使えます。",
)
ENDED_BADLY = Phrase(
    "{member} The training of **{name}** failed. Its card says why.",
    "{member} **{name}** の学習に失敗しました。理由はカードにあります。",
)

# --- Endings -------------------------------------------------------------------------------

CANCELLED = Phrase("Cancelled. Nothing of it was kept.", "中止しました。何も残していません。")
FAILED = Phrase("❌ The training failed: {detail}", "❌ 学習に失敗しました：{detail}")
FAILED_CRASHED = Phrase(
    "❌ The training failed: the generator stopped during {attempts:plural one=# attempt "
    "other=# attempts} in a row. The host's log says more.",
    "❌ 学習に失敗しました。生成プロセスが {attempts:number} 回続けて停止しました。"
    "詳しくは運営者のログにあります。",
)
FAILED_MODEL = Phrase(
    "❌ The training failed: there is no model to train. The host's log says why.",
    "❌ 学習に失敗しました。学習するモデルがありません。理由は運営者のログにあります。",
)
FAILED_MEMORY = Phrase(
    "❌ The training failed: it does not fit into the device's memory.",
    "❌ 学習に失敗しました。デバイスのメモリに収まりません。",
)
FAILED_INTERNAL = Phrase(
    "❌ The training failed because of an internal error (job {job}). The host's log says more.",
    "❌ 内部エラーのため学習に失敗しました（ジョブ {job}）。詳しくは運営者のログにあります。",
)
RESULT_REFUSED = Phrase(
    "The training has ended, but Discord does not take its card. `/train list` shows the result.",
    "学習は終わりましたが、Discord がカードを受け付けません。`/train list` で結果を見られます。",
)

# --- Refusals ------------------------------------------------------------------------------

GONE = Phrase(
    "This training is gone, or not here. `/train list` shows those of this server.",
    "この学習はここにはありません。`/train list` でこのサーバーの学習を見られます。",
)
OVER = Phrase("This training is over.", "この学習は終わっています。")
NOT_YOURS = Phrase(
    "Only whoever started this training, and those who may train here, can do that.",
    "これができるのは、学習を始めた人と、ここで学習できる人だけです。",
)
NOT_GRANTED = Phrase(
    "The host no longer allows training in this server. You can still stop or cancel it.",
    "運営者はこのサーバーでの学習を許可していません。終了と中止はできます。",
)
NOT_BEGUN = Phrase(
    "This training has learned nothing yet. Press **Cancel** to end it.",
    "この学習はまだ何も覚えていません。終えるには **中止** を押してください。",
)
CHECKPOINT_GONE = Phrase(
    "This checkpoint was deleted. Checkpoints are kept for {days:plural one=# day other=# days} "
    "after a training.",
    "このチェックポイントは削除されました。学習の終了から {days:number} 日間保存されます。",
)
NOT_YOUR_STYLE = Phrase(
    "Only the owner of the style, and those who may train here, can choose its checkpoint.",
    "チェックポイントを選べるのは、スタイルの持ち主と、ここで学習できる人だけです。",
)

# --- /train list and status ----------------------------------------------------------------

LIST_TITLE = Phrase("**Trainings in this server**", "**このサーバーの学習**")
LIST_EMPTY = Phrase(
    "There are no trainings in this server yet. `/train lora` starts one.",
    "このサーバーの学習はまだありません。`/train lora` で始められます。",
)
NONE_OPEN = Phrase(
    "No training is under way here. `/train list` shows earlier ones.",
    "いま進行中の学習はありません。`/train list` で過去の学習を見られます。",
)
NO_SUCH = Phrase(
    "There is no such training here. Choose one from the list.",
    "その学習はここにはありません。一覧から選んでください。",
)
LIST_LINE = Phrase(
    "{mark} **{name}** · {method} · {state} · {member}",
    "{mark} **{name}** · {method} · {state} · {member}",
)
STATES = {
    "queued": Phrase("waits", "待機中"),
    "running": Phrase("training, {percent}%", "学習中 {percent}%"),
    "paused": Phrase("paused", "一時停止中"),
    "done": Phrase("finished", "完了"),
    "failed": Phrase("failed", "失敗"),
    "dead": Phrase("failed", "失敗"),
    "cancelled": Phrase("cancelled", "中止"),
}
MARKS = {
    "queued": "🕓",
    "running": "▶️",
    "paused": "⏸️",
    "done": "✅",
    "failed": "❌",
    "dead": "❌",
    "cancelled": "⚪",
}

# --- Names and descriptions of the commands ------------------------------------------------

STATUS_COMMAND = Phrase("status", "状況")
STATUS_IS = Phrase("How a training is getting on", "学習の進み具合を見ます")
PAUSE_COMMAND = Phrase("pause", "一時停止")
PAUSE_IS = Phrase("Have a training wait", "学習を一時停止します")
RESUME_COMMAND = Phrase("resume", "再開")
RESUME_IS = Phrase("Have a paused training go on", "一時停止した学習を再開します")
STOP_COMMAND = Phrase("stop", "終了")
STOP_IS = Phrase(
    "End a training and keep what it has learned", "学習を終えて、ここまでの結果を残します"
)
LIST_COMMAND = Phrase("list", "一覧")
LIST_IS = Phrase("The trainings of this server", "このサーバーの学習を一覧で見ます")
TRAINING = Phrase("training", "学習")
TRAINING_IS = Phrase(
    "Which one (default: the only one under way)", "対象の学習（省略時は進行中の 1 件）"
)
CHOICE = Phrase("{name} ({state})", "{name}（{state}）")

# --- Paint with it -------------------------------------------------------------------------

PAINT_TITLE = Phrase("Paint with {name}", "{name} で描く")
PROMPT = Phrase("Prompt", "プロンプト")
PROMPT_IS = Phrase(
    "The words that call for it are put in front if they are missing",
    "呼び出す言葉がなければ、先頭に入ります",
)
STYLE_NOT_READY = Phrase(
    "There is no style of this training to paint with: it was deleted, withdrawn, or is not yours "
    "to use.",
    "この学習のスタイルは使えません。削除されたか、取り下げられたか、あなたには使えないものです。",
)
