"""Every sentence that a person reads on Discord, in English and Japanese.

Names and descriptions of commands are in `command_text.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

JAPANESE = "ja"
LANGUAGES = ("en", JAPANESE)


@dataclasses.dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence in every language that Konomi speaks; `{names}` in it are filled in."""

    en: str
    ja: str

    def __call__(self, locale: str, **values: object) -> str:
        """The sentence for a Discord locale such as "en-GB" or "ja"; others get English."""
        sentence = self.ja if locale.startswith(JAPANESE) else self.en
        return sentence.format(
            **{
                name: value(locale) if isinstance(value, Phrase | Permissions) else value
                for name, value in values.items()
            }
        )


# --- What a request may not ask for ------------------------------------------------------

NO_PROMPT = Phrase(
    "Say what to paint, for example: `a red star on a blue background`.",
    "何を描くか書いてください。例：`a red star on a blue background`",
)
PROMPT_TOO_LONG = Phrase(
    "That is {length:,} characters; a prompt can have up to {most:,}. "
    "Models read little more than the first 60 words anyway: put what matters first.",
    "{length:,} 文字あります。プロンプトは {most:,} 文字までです。"
    "モデルが読むのは最初の 60 語ほどなので、大事なことを先に書いてください。",
)
COUNT_OUT_OF_RANGE = Phrase(
    "A round has 1 to {most} pictures, not {given}. For more, press **Next round** afterwards.",
    "1 回に描けるのは 1～{most} 枚です（{given} 枚は不可）。続きは **次のラウンド** を押してください。",
)
STEPS_OUT_OF_RANGE = Phrase(
    "Steps go from 1 to {most}, not {given}. 20 is a good start; above 50 little changes.",
    "ステップ数は 1～{most} です（{given} は不可）。20 から始めるのがおすすめで、50 を超えるとほぼ変わりません。",
)
GUIDANCE_OUT_OF_RANGE = Phrase(
    "Guidance goes from 1 to {most:g}, not {given:g}. 6 is usual; higher obeys the prompt more.",
    "ガイダンスは 1～{most:g} です（{given:g} は不可）。通常は 6 で、高いほどプロンプトに忠実です。",
)
SEED_OUT_OF_RANGE = Phrase(
    "A seed is a whole number from 0 to {most:,}. Leave it out for a random one.",
    "シードは 0～{most:,} の整数です。省略するとランダムになります。",
)
SIDE_TOO_SMALL = Phrase(
    "Each side must have at least {least} pixels, not {given}.",
    "縦横はそれぞれ {least} ピクセル以上にしてください（{given} は不可）。",
)
SIDE_NOT_MULTIPLE = Phrase(
    "Each side must be a multiple of {multiple} pixels; nearest to {given} is {nearest}.",
    "縦横は {multiple} の倍数にしてください。{given} に最も近いのは {nearest} です。",
)
AREA_TOO_LARGE = Phrase(
    "{width} × {height} is too large for this model; it paints up to the area of {side} × {side}.",
    "{width} × {height} はこのモデルには大きすぎます。{side} × {side} の面積まで描けます。",
)
SIZE_NOT_UNDERSTOOD = Phrase(
    "I do not understand the size `{given}`. Write width × height in pixels, such as `512x768`, "
    "or leave it out.",
    "サイズ `{given}` が読み取れません。`512x768` のように 幅x高さ をピクセルで書くか、省略してください。",
)
SIZE_TWICE = Phrase(
    "Give either `size`, or `width` and `height`, not both.",
    "`size` か、`width` と `height` の、どちらか一方だけを指定してください。",
)
FEEDBACK_WINDOW = Phrase(
    "Feedback starts and ends at shares of the steps between 0 and 1, and starts before it ends, "
    "for example 0 and 0.5.",
    "フィードバックの開始と終了は 0～1 のステップの割合で、開始は終了より前にしてください。例：0 と 0.5",
)
FEEDBACK_STRENGTH = Phrase(
    "Feedback strength goes from 0 (off) to {most:g}, not {given:g}. 0.8 is usual.",
    "フィードバックの強さは 0（なし）～{most:g} です（{given:g} は不可）。通常は 0.8 です。",
)
FEEDBACK_EXPLORE = Phrase(
    "The share of pictures that explore goes from 0 to 1, not {given:g}. 0.25, one of four, "
    "is usual.",
    "探索する絵の割合は 0～1 です（{given:g} は不可）。通常は 0.25（4 枚に 1 枚）です。",
)

# --- Who may do what, where --------------------------------------------------------------

SERVER_NOT_ALLOWED = Phrase(
    "I do not paint in this server: my host has not put it on the list. "
    "Ask whoever runs me to add its id `{server}` to KONOMI_ALLOWED_SERVERS.",
    "このサーバーでは描けません。ホストの許可リストにないためです。"
    "運営者に、ID `{server}` を KONOMI_ALLOWED_SERVERS に加えるよう頼んでください。",
)
DIRECT_NOT_ALLOWED = Phrase(
    "I paint in direct messages only for members of the servers that my host has allowed.",
    "ダイレクトメッセージでは、ホストが許可したサーバーのメンバーにだけ描きます。",
)
CHANNEL_NOT_CHOSEN = Phrase(
    "In this server I paint in {channels}. Try it there.",
    "このサーバーでは {channels} で描きます。そちらでお試しください。",
)
BOT_LACKS_PERMISSIONS = Phrase(
    "I am missing a permission in this channel: {permissions}. "
    "An admin can grant it in the channel's settings.",
    "このチャンネルで必要な権限がありません：{permissions}。"
    "管理者がチャンネルの設定で付与できます。",
)
NEEDS_AGE_RESTRICTION = Phrase(
    "The model {model} has no content filter, so I use it only in age-restricted channels. "
    "Try it in one, or ask an admin to mark this channel as age-restricted.",
    "モデル {model} にはコンテンツフィルターがないため、年齢制限チャンネルでのみ使えます。"
    "そのチャンネルで試すか、管理者にこのチャンネルの年齢制限を頼んでください。",
)
STILL_LOADING = Phrase(
    "I am still loading the model {model}; ask again in a moment.",
    "モデル {model} を読み込み中です。少し待ってからもう一度どうぞ。",
)
TOO_MANY_WAITING = Phrase(
    "You have {limit} requests waiting already. Wait for one, or cancel one with `/queue`.",
    "すでに {limit} 件が順番待ちです。終わるのを待つか、`/queue` で取り消してください。",
)
QUEUE_FULL = Phrase(
    "{limit} requests are waiting, which is all I can hold. Try again in a few minutes.",
    "{limit} 件が順番待ちで、いっぱいです。数分後にもう一度お試しください。",
)
DAILY_LIMIT = Phrase(
    "You can have {limit} pictures within 24 hours here, and {left} are left. "
    "Ask for fewer, or come back later.",
    "ここでは 24 時間に {limit} 枚までで、残りは {left} 枚です。枚数を減らすか、後でお試しください。",
)
NOT_YOURS_TO_CANCEL = Phrase(
    "Only the one who asked for it, or a moderator, can cancel this.",
    "取り消せるのは、頼んだ本人かモデレーターだけです。",
)
NOT_YOURS_TO_DELETE = Phrase(
    "Only the one who asked for these pictures, or a moderator, can delete them.",
    "削除できるのは、頼んだ本人かモデレーターだけです。",
)
NOT_YOURS_TO_RESET = Phrase(
    "Only the board's owner can reset it. Press **Next round** to start a board of your own "
    "from here.",
    "リセットできるのはボードの持ち主だけです。**次のラウンド** を押すと、ここから自分のボードを始められます。",
)
ADMINS_ONLY = Phrase(
    "Only members who may manage this server can change that.",
    "変更できるのは、サーバー管理の権限を持つメンバーだけです。",
)
SERVERS_ONLY = Phrase(
    "This is about a server's settings; use it in a server.",
    "これはサーバーの設定です。サーバー内で使ってください。",
)
SETTING_OUT_OF_RANGE = Phrase(
    "That goes from {least} to {most}, not {given}.", "{least}～{most} です（{given} は不可）。"
)
CHANNEL_CANNOT_POST = Phrase(
    "I cannot post in {channel}: I am missing {permissions} there.",
    "{channel} には投稿できません。権限がありません：{permissions}",
)

# --- What is not there any more ----------------------------------------------------------

ROUND_GONE = Phrase("These pictures have been deleted.", "これらの画像は削除されています。")
PICTURE_GONE = Phrase("This picture has been deleted.", "この画像は削除されています。")
JOB_OVER = Phrase("This is over already.", "これはすでに終わっています。")

# --- Why a painting failed ---------------------------------------------------------------

FAILED_INVALID = Phrase("I cannot paint that. {detail}", "それは描けません。{detail}")
FAILED_MODEL = Phrase(
    "The model cannot be used: {detail} Whoever runs me can see more with `python -m bot doctor`.",
    "モデルが使えません：{detail} 運営者は `python -m bot doctor` で詳細を確認できます。",
)
FAILED_MEMORY = Phrase(
    "That does not fit into this machine's memory. Ask for a smaller size or fewer pictures.",
    "この機械のメモリに収まりません。サイズを小さくするか、枚数を減らしてください。",
)
FAILED_CRASHED = Phrase(
    "The painter crashed at this request, {attempts} times; I will not try it again by myself. "
    "Another seed or a smaller size may work.",
    "この依頼で {attempts} 回クラッシュしたため、自動では再試行しません。"
    "別のシードや小さいサイズならうまくいくかもしれません。",
)
FAILED_INTERNAL = Phrase(
    "Something went wrong on my side. It is in my host's log as request {job}.",
    "こちらの不具合で失敗しました。ホストのログに依頼 {job} として記録されています。",
)
CANCELLED = Phrase("Cancelled.", "取り消しました。")
SOMETHING_BROKE = Phrase(
    "Something went wrong on my side, and my host can read about it in the log. Please try again.",
    "こちらの不具合です。ホストのログに記録しました。もう一度お試しください。",
)

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
STEERED_BY = Phrase(
    "Steered by {liked} liked and {disliked} disliked: {weights}",
    "好み {liked} 枚・苦手 {disliked} 枚に沿って：{weights}",
)
EXPLORED = Phrase(
    "Left the likes aside, to show something new: {numbers}", "好みを離れて描いたもの：{numbers}"
)
STEERED_BY_NOTHING = Phrase(
    "Not steered yet: press 👍 and 👎, then **Next round**.",
    "まだ好みは反映されていません。👍 と 👎 を押してから **次のラウンド** へ。",
)
PLAIN_REPAINT = Phrase(
    "The same seeds without feedback, to compare.", "比較用：同じシードでフィードバックなし。"
)
WITHHELD = Phrase(
    "Picture {number} was withheld by the model's safety checker.",
    "{number} 枚目はモデルの安全フィルターにより非表示です。",
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

RESET_DONE = Phrase(
    "Reset: the next round of this board starts without references. "
    "What you liked stays in your taste.",
    "リセットしました。このボードの次のラウンドは参照なしで始まります。好みの記録は残ります。",
)
DELETED = Phrase("Deleted.", "削除しました。")

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
RATED = Phrase("Ratings: 👍 {likes}  👎 {dislikes}", "評価：👍 {likes}  👎 {dislikes}")
STEERED_IN_DETAIL = Phrase("Steered by:", "反映した画像：")
STEER_LINE = Phrase(
    "{mark} picture {position} of round {number}, weight {weight:g}",
    "{mark} ラウンド {number} の {position} 枚目、重み {weight:g}",
)
DOWNLOAD = Phrase(
    "To keep it, open the picture and save the original: the PNG carries all of this.",
    "保存するには画像を開いて元のファイルを保存してください。PNG にこれらの情報が含まれています。",
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
    "`/queue` は順番待ち、`/about` はモデルとライセンスを表示します。",
)
ABOUT = Phrase(
    "**Konomi {version}**\nModel: **{model}**, {width} × {height} pixels, on {device}\n"
    "Licence of the model: {licence}\nSafety checker: {checker}",
    "**Konomi {version}**\nモデル：**{model}**、{width} × {height} ピクセル、{device}\n"
    "モデルのライセンス：{licence}\n安全フィルター：{checker}",
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
    "Requests a member may have waiting: {waiting}\nPictures a member may have a day: {pictures}",
    "**このサーバーの設定**\nチャンネル：{channels}\n新しいボードはグループボード：{group}\n"
    "ラウンドの下に番号リアクションを付ける：{reactions}\n"
    "メンバーの順番待ちの上限：{waiting}\nメンバーの 1 日の枚数：{pictures}",
)
EVERYWHERE = Phrase("everywhere I can post", "投稿できるすべての場所")
ON = Phrase("yes", "はい")
OFF = Phrase("no", "いいえ")
NO_LIMIT = Phrase("no limit", "制限なし")

# --- Permissions, as Discord's settings call them ----------------------------------------

PERMISSIONS = {
    "view_channel": Phrase("View Channel", "チャンネルを見る"),
    "send_messages": Phrase("Send Messages", "メッセージを送信"),
    "send_messages_in_threads": Phrase("Send Messages in Threads", "スレッドでメッセージを送信"),
    "attach_files": Phrase("Attach Files", "ファイルを添付"),
    "read_message_history": Phrase("Read Message History", "メッセージ履歴を読む"),
}
"""What painting in a channel takes, by discord.py's names."""


class Permissions:
    """Names of permissions in one line, in whichever language the sentence around them is."""

    def __init__(self, names: Iterable[str]) -> None:
        self._phrases = [PERMISSIONS[name] for name in names]

    def __call__(self, locale: str) -> str:
        """The names for a locale."""
        comma = "、" if locale.startswith(JAPANESE) else ", "
        return comma.join(phrase(locale) for phrase in self._phrases)
