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
STARTING = Phrase("The training will start in a moment.", "まもなく学習を始めます。")
PLACE = Phrase(
    "Waiting for {ahead:plural one=# other training other=# other trainings} to finish.",
    "ほかの学習 {ahead:number} 件を待っています。",
)
NEXT = Phrase("This training is next.", "次に始まる学習です。")
TRYING_AGAIN = Phrase(
    "The generator crashed, so the training is continuing from its last checkpoint (attempt {attempt}).",
    "生成プロセスが異常終了したため、最後のチェックポイントから再開しています（{attempt} 回目）。",
)
STAGES: Mapping[Stage, Phrase] = {
    Stage.PREPARING: Phrase(
        "Preparing the pictures: {step:number} of {steps:number}",
        "画像を準備しています：{step:number} / {steps:number}",
    ),
    Stage.CLASS_PICTURES: Phrase(
        "Painting class pictures: {step:number} of {steps:number}",
        "クラス画像を描いています：{step:number} / {steps:number}",
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
    "⏸️ Paused until someone presses **Resume**.",
    "⏸️ 一時停止中です。**再開** を押すと続きます。",
)
PAUSED_UNGRANTED = Phrase(
    "⏸️ Paused, because training is no longer allowed in this server. Once whoever runs me allows it "
    "again, press **Resume**.",
    "⏸️ このサーバーでの学習が許可されなくなったため、一時停止中です。"
    "ボットの運営者がまた許可したら、**再開** を押してください。",
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
    "The checkpoint from step {step:number} will become the style.",
    "ステップ {step:number} のチェックポイントがスタイルになります。",
)
REMARK = Phrase("⚠️ {remark}", "⚠️ {remark}")
MORE_REMARKS = Phrase(
    "… and {count:plural one=# more remark other=# more remarks}", "…ほか {count:number} 件"
)
STARTED_BY = Phrase("Started by {member}", "開始：{member}")
REACT = Phrase(
    "React with 👍 to choose the checkpoint of the newest samples.",
    "このメッセージに 👍 を付けると、最新のサンプルのチェックポイントを選びます。",
)

# --- Buttons -------------------------------------------------------------------------------

PAUSE = Phrase("Pause", "一時停止")
RESUME = Phrase("Resume", "再開")
STOP = Phrase("Stop and keep", "ここで終える")
CANCEL = Phrase("Cancel", "中止")
CANCEL_NOW = Phrase("Cancel the training", "学習を中止する")
PAINT = Phrase("Paint with it", "これで描く")
SHOW = Phrase("Show the style", "スタイルを見る")
PICK = Phrase("Look at a checkpoint", "チェックポイントを見る")
STEP = Phrase("Step {step:number}", "ステップ {step:number}")
STEP_CHOSEN = Phrase("Step {step:number}, chosen", "ステップ {step:number}（選択中）")
STEP_SUGGESTED = Phrase("Step {step:number}, suggested", "ステップ {step:number}（おすすめ）")
SCORES = Phrase(
    "similarity to the pictures {fidelity:number .2}", "画像との近さ {fidelity:number .2}"
)
SCORED = Phrase(
    "similarity to the pictures {fidelity:number .2}, to the prompts {following:number .2}",
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
    "The training of **{name}** will end after this step, and what it has learned becomes the result.",
    "**{name}** の学習はこのステップで終わり、ここまでの学習が結果になります。",
)
PAUSED_NOW = Phrase(
    "The training of **{name}** is paused.", "**{name}** の学習を一時停止しました。"
)
RESUMED_NOW = Phrase("The training of **{name}** has resumed.", "**{name}** の学習を再開しました。")
WILL_BE_USED = Phrase(
    "When the training ends, the checkpoint from step {step:number} will become the style.",
    "学習が終わると、ステップ {step:number} のチェックポイントがスタイルになります。",
)
IS_USED = Phrase(
    "**{name}** now uses the checkpoint from step {step:number}.",
    "**{name}** には、これからステップ {step:number} のチェックポイントを使います。",
)

# --- The finished card ---------------------------------------------------------------------

FINISHED = Phrase(
    "✅ Trained for {steps:plural one=# step other=# steps} on "
    "{pictures:plural one=# picture other=# pictures} in {time}.",
    "✅ 画像 {pictures:number} 枚で {steps:number} ステップ学習しました（{time}）。",
)
STOPPED = Phrase(
    "✅ Stopped early: trained for {steps:plural one=# step other=# steps} on "
    "{pictures:plural one=# picture other=# pictures} in {time}.",
    "✅ 画像 {pictures:number} 枚で {steps:number} ステップ学習したところで終えました（{time}）。",
)
SECONDS = Phrase("{count:plural one=# second other=# seconds}", "{count:number} 秒")
MINUTES = Phrase("{count:plural one=# minute other=# minutes}", "{count:number} 分")
HOURS = Phrase("{count:plural one=# hour other=# hours}", "{count:number} 時間")
STYLE_IS = Phrase(
    "The style uses the checkpoint from step {step:number}.",
    "スタイルはステップ {step:number} のチェックポイントです。",
)
STYLE_NAMED = Phrase(
    "There was already a style with that name, so this one is called **{name}**.",
    "同じ名前のスタイルがあるため、**{name}** という名前にしました。",
)
STYLE_GONE = Phrase("The style was deleted.", "スタイルは削除されました。")
REVOKED = Phrase(
    "Someone took back their consent, so what this training had learned was deleted, along with its "
    "samples.",
    "画像の使用への同意が取り消されたため、この学習の結果とサンプルは削除されました。",
)
TRIGGER = Phrase("Trigger words: {trigger:code}", "トリガーワード：{trigger:code}")
SCOPES = {
    "mine": Phrase("{owner} can use it.", "{owner} が使えます。"),
    "private": Phrase(
        "{owner} and those whose pictures it was trained on can use it.",
        "{owner} と画像の提供者が使えます。",
    ),
    "server": Phrase("Everyone in this server can use it.", "サーバーの全員が使えます。"),
}
CONTRIBUTORS = Phrase("Pictures by {members}", "画像提供：{members}")
FIDELITY = Phrase(
    "• Similarity to the training pictures: **{after:number .2}** ({before:number .2} before)",
    "• 学習画像との近さ：**{after:number .2}**（学習前 {before:number .2}）",
)
FIDELITY_ALONE = Phrase(
    "• Similarity to the training pictures: **{after:number .2}**",
    "• 学習画像との近さ：**{after:number .2}**",
)
FOLLOWS_WELL = Phrase(
    "• Follows prompts as well as before", "• プロンプトには学習前と同じように従います"
)
FOLLOWS_LESS = Phrase(
    "• Follows prompts a little less than before", "• プロンプトへの従い方は学習前より少し弱いです"
)
FOLLOWS_BADLY = Phrase(
    "• Follows prompts much less than before: try a lower strength or an earlier checkpoint",
    "• プロンプトへの従い方が学習前よりかなり弱いです。"
    "強さを下げるか、前のチェックポイントを使ってください",
)
FOLLOWS_BADLY_AT_FIRST = Phrase(
    "• Follows prompts much less than before: try a lower strength",
    "• プロンプトへの従い方が学習前よりかなり弱いです。強さを下げてください",
)
STAYS = Phrase(
    "• Stays out of pictures whose prompts don't ask for it",
    "• 呼び出していないプロンプトには現れません",
)
SEEPS = Phrase(
    "• Shows up a little in pictures whose prompts don't ask for it",
    "• 呼び出していないプロンプトにも少し現れます",
)
DRIFTS = Phrase(
    "• Shows up in pictures whose prompts don't ask for it: an earlier checkpoint may be better",
    "• 呼び出していないプロンプトにも現れます。前のチェックポイントの方がよいかもしれません",
)
DRIFTS_AT_FIRST = Phrase(
    "• Shows up in pictures whose prompts don't ask for it: a lower strength may be better",
    "• 呼び出していないプロンプトにも現れます。強さを下げるとよいかもしれません",
)
UNJUDGED = Phrase(
    "• Not scored, because this machine has no model that can score pictures. Judge by the samples.",
    "• このマシンに画像を評価するモデルがないため、評価はありません。サンプルを見て判断してください。",
)
CHOOSE_ANOTHER = Phrase(
    "You can choose another checkpoint below for {days:plural one=# day other=# days}.",
    "{days:number} 日間は、下のメニューで別のチェックポイントを選べます。",
)
MODEL_IS = Phrase(
    "The result is a whole model, not a style. It is in my data folder, as {folder:code} under "
    "{place:code}. To use it, whoever runs me sets {setting:code} to that folder and restarts me.",
    "結果はスタイルではなくモデル全体です。データフォルダーの {place:code} に {folder:code} という名前で"
    "保存されています。使うには、ボットの運営者が {setting:code} にそのフォルダーを設定してボットを再起動します。",
)
RETRAINED = Phrase(
    "**{name}** has been retrained and can be used again.",
    "**{name}** を学習し直しました。また使えます。",
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

CANCELLED = Phrase("Cancelled. Nothing was kept.", "中止しました。何も残していません。")
FAILED = Phrase("❌ The training failed: {detail}", "❌ 学習に失敗しました：{detail}")
FAILED_CRASHED = Phrase(
    "❌ The training failed: the generator crashed on {attempts:plural one=# attempt "
    "other=# attempts} in a row. Whoever runs me can find out more in the log.",
    "❌ 学習に失敗しました。生成プロセスが {attempts:number} 回続けて異常終了しました。"
    "詳しいことはログに記録されているので、ボットの運営者が確認できます。",
)
FAILED_MODEL = Phrase(
    "❌ The training failed: there is no model to train. Whoever runs me can find out why in the log.",
    "❌ 学習に失敗しました。学習するモデルがありません。"
    "理由はログに記録されているので、ボットの運営者が確認できます。",
)
FAILED_MEMORY = Phrase(
    "❌ The training failed: it doesn't fit into this machine's memory.",
    "❌ 学習に失敗しました。このマシンのメモリに収まりません。",
)
FAILED_INTERNAL = Phrase(
    "❌ The training failed because something went wrong on my side. Whoever runs me can find it in "
    "the log as job {job}.",
    "❌ こちらの不具合で学習に失敗しました。ログにジョブ {job} として記録されているので、"
    "ボットの運営者が確認できます。",
)
RESULT_REFUSED = Phrase(
    "The training has finished, but Discord didn't accept its card. `/train list` shows the result.",
    "学習は終わりましたが、Discord がカードを受け付けませんでした。`/学習 一覧` で結果を見られます。",
)

# --- Refusals ------------------------------------------------------------------------------

GONE = Phrase(
    "This training was deleted, or it isn't available to you here. `/train list` shows the trainings "
    "in this server.",
    "この学習は、削除されたか、ここでは使えません。`/学習 一覧` でこのサーバーの学習を見られます。",
)
OVER = Phrase("This training has already ended.", "この学習はすでに終わっています。")
NOT_YOURS = Phrase(
    "Only the person who started this training, or someone who may train here, can do that.",
    "これができるのは、学習を始めた本人か、ここで学習できる人だけです。",
)
NOT_GRANTED = Phrase(
    "Training is no longer allowed in this server. You can still stop or cancel this one.",
    "このサーバーでの学習はもう許可されていません。この学習の終了と中止はできます。",
)
NOT_BEGUN = Phrase(
    "This training hasn't learned anything yet. Press **Cancel** to end it.",
    "この学習はまだ何も学習していません。やめるには **中止** を押してください。",
)
CHECKPOINT_GONE = Phrase(
    "This checkpoint was deleted. Checkpoints are kept for {days:plural one=# day other=# days} "
    "after a training.",
    "このチェックポイントは削除されました。学習の終了から {days:number} 日間保存されます。",
)
NOT_YOUR_STYLE = Phrase(
    "Only the owner of the style, or someone who may train here, can choose its checkpoint.",
    "チェックポイントを選べるのは、スタイルの持ち主か、ここで学習できる人だけです。",
)

# --- /train list and status ----------------------------------------------------------------

LIST_TITLE = Phrase("**Trainings in this server**", "**このサーバーの学習**")
LIST_EMPTY = Phrase(
    "There are no trainings in this server yet. `/train lora` starts one.",
    "このサーバーの学習はまだありません。`/学習 lora` で始められます。",
)
NONE_OPEN = Phrase(
    "No training is under way here. `/train list` shows earlier ones.",
    "いま進行中の学習はありません。`/学習 一覧` で過去の学習を見られます。",
)
NO_SUCH = Phrase(
    "There is no such training here. Choose one from the list.",
    "その学習はここにはありません。一覧から選んでください。",
)
LIST_LINE = Phrase(
    "{mark} **{name}** · {method} · {state} · {member}",
    "{mark} **{name}** · {method} · {state} · {member}",
)
PREPARED_LINE = Phrase(
    "📝 **{name}** · {method} · being prepared · {link}",
    "📝 **{name}** · {method} · 準備中 · {link}",
)
STATES = {
    "queued": Phrase("waiting", "待機中"),
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
STATUS_IS = Phrase("Show how a training is going", "学習の進み具合を見ます")
PAUSE_COMMAND = Phrase("pause", "一時停止")
PAUSE_IS = Phrase("Pause a training", "学習を一時停止します")
RESUME_COMMAND = Phrase("resume", "再開")
RESUME_IS = Phrase("Resume a paused training", "一時停止した学習を再開します")
STOP_COMMAND = Phrase("stop", "終了")
STOP_IS = Phrase(
    "Stop a training and keep what it has learned", "学習を終えて、ここまでの結果を残します"
)
LIST_COMMAND = Phrase("list", "一覧")
LIST_IS = Phrase("List the trainings in this server", "このサーバーの学習を一覧で見ます")
TRAINING = Phrase("training", "学習")
TRAINING_IS = Phrase(
    "Which training (default: the only one under way)", "対象の学習（省略時は進行中の 1 件）"
)
CHOICE = Phrase("{name} ({state})", "{name}（{state}）")

# --- Paint with it -------------------------------------------------------------------------

STYLE_NOT_READY = Phrase(
    "You can't paint with the style of this training: it was deleted or withdrawn, or it isn't shared "
    "with you.",
    "この学習のスタイルでは描けません。削除されたか、使用停止になったか、あなたには共有されていません。",
)
