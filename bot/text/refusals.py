"""Refusals and failures as members read them, in English and Japanese."""

from __future__ import annotations

from bot.text.phrases import Phrase

# --- Who may do what, where --------------------------------------------------------------

SERVER_NOT_ALLOWED = Phrase(
    "I can't paint in this server because it isn't on my list of allowed servers. Ask "
    "whoever runs me to add its id `{server}` to KONOMI_ALLOWED_SERVERS.",
    "このサーバーは許可リストにないため、ここでは描けません。ボットの運営者に、ID "
    "`{server}` を KONOMI_ALLOWED_SERVERS に加えるよう頼んでください。",
)
DIRECT_NOT_ALLOWED = Phrase(
    "In direct messages, I only paint for members of the servers I'm allowed in.",
    "ダイレクトメッセージでは、許可されたサーバーのメンバーにだけ描きます。",
)
CHANNEL_NOT_CHOSEN = Phrase(
    "In this server, I only paint in {channels}. Try it there.",
    "このサーバーでは {channels} でのみ描きます。そちらでお試しください。",
)
BOT_LACKS_PERMISSIONS = Phrase(
    "I'm missing permissions in this channel: {permissions}. An admin can grant them in the "
    "channel's settings.",
    "このチャンネルで必要な権限が足りません：{permissions}。"
    "管理者がチャンネルの設定で付与できます。",
)
NEEDS_AGE_RESTRICTION = Phrase(
    "The model {model} has no safety checker, so I only use it in age-restricted channels. Try it in "
    "one of those, ask an admin to age-restrict this channel, or ask whoever runs me to set "
    "KONOMI_SAFETY_CHECKER.",
    "モデル {model} には安全フィルターがないため、年齢制限チャンネルでのみ使えます。"
    "そこで試すか、管理者にこのチャンネルを年齢制限にするよう頼むか、ボットの運営者に "
    "KONOMI_SAFETY_CHECKER の設定を頼んでください。",
)
NEEDS_CHECKER = Phrase(
    "Every picture must be checked for adult content here, but the model {model} has no "
    "safety checker. Ask whoever runs me to set KONOMI_SAFETY_CHECKER, or to set "
    "KONOMI_MILDEST_FILTER to `off`.",
    "ここでは、すべての画像に成人向けの内容がないか確認する設定ですが、モデル {model} "
    "には安全フィルターがありません。ボットの運営者に KONOMI_SAFETY_CHECKER "
    "を設定するか、KONOMI_MILDEST_FILTER を `off` にするよう頼んでください。",
)
FILTER_TOO_MILD = Phrase(
    "Whoever runs me doesn't allow that. The mildest content filter here is “{mildest}”; "
    "choose that or a stricter one.",
    "ボットの運営者の設定により選べません。最も緩い設定は「{mildest}」です。それか、"
    "より厳しいものを選んでください。",
)
STILL_LOADING = Phrase(
    "I'm still loading the model {model}. Try again in a moment.",
    "モデル {model} を読み込み中です。少し待ってからもう一度お試しください。",
)
TOO_MANY_WAITING = Phrase(
    "You already have {limit:plural one=# request other=# requests} waiting. Wait for one to finish, "
    "or cancel one with `/queue`.",
    "すでに {limit:number} 件が順番待ちです。終わるのを待つか、`/順番待ち` で取り消してください。",
)
QUEUE_FULL = Phrase(
    "The queue is full: {limit:plural one=# request is other=# requests are} waiting. Try again in a "
    "few minutes.",
    "順番待ちが {limit:number} 件で、いっぱいです。数分後にもう一度お試しください。",
)
DAILY_LIMIT = Phrase(
    "You can ask for {limit:plural one=# picture other=# pictures} in 24 hours here, and "
    "you have {left:number} left. Ask for fewer, or try again later.",
    "ここで頼めるのは 24 時間に {limit:number} 枚までで、残りは {left:number} 枚です。"
    "枚数を減らすか、後でお試しください。",
)
NOT_YOURS_TO_CANCEL = Phrase(
    "Only the person who asked for this, or a moderator, can cancel it.",
    "取り消せるのは、頼んだ本人かモデレーターだけです。",
)
NOT_YOURS_TO_DELETE = Phrase(
    "Only the person who asked for these pictures, or a moderator, can delete them.",
    "削除できるのは、頼んだ本人かモデレーターだけです。",
)
NOT_YOURS_TO_RESET = Phrase(
    "Only the board's owner can reset it. Press **Next round** to start your own board from here.",
    "リセットできるのはボードの持ち主だけです。**次のラウンド** を押すと、ここから自分のボードを始められます。",
)
ADMINS_ONLY = Phrase(
    "Only members who can manage this server can change that.",
    "変更できるのは、サーバー管理の権限を持つメンバーだけです。",
)
SERVERS_ONLY = Phrase(
    "This command is for a server's settings. Use it in a server.",
    "これはサーバーの設定用のコマンドです。サーバー内で使ってください。",
)
SETTING_OUT_OF_RANGE = Phrase(
    "That must be between {least:number} and {most:number}, not {given:number}.",
    "{least:number}～{most:number} の範囲で指定してください（{given:number} は不可）。",
)
CHANNEL_CANNOT_POST = Phrase(
    "I can't post in {channel} because I'm missing permissions there: {permissions}.",
    "{channel} には投稿できません。権限がありません：{permissions}",
)

# --- What is not there any more ----------------------------------------------------------

ROUND_GONE = Phrase(
    "These pictures were deleted, or they aren't available to you here.",
    "これらの画像は、削除されたか、ここでは使えません。",
)
PICTURE_GONE = Phrase(
    "This picture was deleted, or it isn't available to you here.",
    "この画像は、削除されたか、ここでは使えません。",
)
PICTURE_HIDDEN = Phrase(
    "This picture can't be used here because the safety checker found adult content in "
    "it. It may work in an age-restricted channel.",
    "この画像は、安全フィルターが成人向けの内容を検出したため、ここでは使えません。"
    "年齢制限チャンネルなら使えることがあります。",
)
JOB_GONE = Phrase(
    "This request has already finished, or it isn't available to you here.",
    "この依頼は、すでに終わったか、ここでは使えません。",
)
JOB_OVER = Phrase("That has already finished.", "これはすでに終わっています。")
FORM_INCOMPLETE = Phrase(
    "Something is missing from this form. Open it again and send it once more.",
    "フォームの内容が足りません。もう一度開いて送信してください。",
)

# --- Why a painting failed ---------------------------------------------------------------

FAILED_INVALID = Phrase("I can't paint that. {detail}", "それは描けません。{detail}")
FAILED_MODEL = Phrase(
    "I can't use the model: {detail} Whoever runs me can find out more with `python -m bot doctor`.",
    "モデルが使えません：{detail} ボットの運営者は `python -m bot doctor` で詳細を確認できます。",
)
FAILED_MEMORY = Phrase(
    "That doesn't fit into this machine's memory. Ask for a smaller size, or let fewer "
    "pictures steer by taking back ratings or resetting the board.",
    "このマシンのメモリに収まりません。サイズを小さくするか、"
    "評価の取り消しやボードのリセットで、反映する画像を減らしてください。",
)
FAILED_CRASHED = Phrase(
    "This request crashed me {attempts:plural one=# time other=# times}, so I won't try "
    "it again on my own. Another seed or a smaller size may work.",
    "この依頼で {attempts:number} 回クラッシュしたため、自動での再試行はしません。"
    "別のシードや小さいサイズならうまくいくかもしれません。",
)
FAILED_INTERNAL = Phrase(
    "Something went wrong on my side. Whoever runs me can find it in the log as request {job}.",
    "こちらの不具合で失敗しました。ログに依頼 {job} として記録されているので、"
    "ボットの運営者が確認できます。",
)
RESULT_CLOSED = Phrase(
    "Your pictures are ready, but I'm missing a permission to show them here. They will "
    "appear once I have **View Channel**, **Send Messages** and **Attach Files** here "
    "again.",
    "画像はできましたが、権限が足りないためここに表示できません。"
    "「チャンネルを見る」「メッセージを送信」「ファイルを添付」の権限が戻ると表示されます。",
)
RESULT_REFUSED = Phrase(
    "Your pictures are ready and saved, but Discord didn't accept them. Press **Show "
    "again** to try once more.",
    "画像はできていて保存されていますが、Discord が受け付けませんでした。**もう一度表示** "
    "を押すと、再度試します。",
)
CANCELLED = Phrase("Cancelled.", "取り消しました。")
RESTARTED_FETCHING = Phrase(
    "I was restarted while fetching your picture. Please send it again.",
    "画像を取得している間に Konomi が再起動しました。もう一度送ってください。",
)
RESTARTED = Phrase(
    "I was restarted before I could answer. Please try again.",
    "回答する前に Konomi が再起動しました。もう一度お試しください。",
)
DATABASE_DAMAGED = Phrase(
    "My database is damaged. Please tell whoever runs me that the log says how to restore "
    "a backup.",
    "データベースが壊れています。ボットの運営者にお知らせください。"
    "バックアップから復元する方法はログに書かれています。",
)
SOMETHING_BROKE = Phrase(
    "Something went wrong on my side. Please try again. Whoever runs me can read about it "
    "in the log.",
    "こちらで不具合が起きました。もう一度お試しください。詳しいことはログに記録されています。",
)
