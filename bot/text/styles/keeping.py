"""Sentences about styles: looked at, added, renamed, shared, deleted."""

from __future__ import annotations

from bot.text.phrases import Phrase

# --- Names ---------------------------------------------------------------------------------

NAME_LENGTH = Phrase(
    "A style's name can have 1 to {most} characters.", "スタイルの名前は 1～{most} 文字です。"
)
NAME_SIGNS = Phrase(
    "A style's name needs a letter or a digit, can't begin with # or -, and can't contain any of "
    "these: {signs}",
    "スタイルの名前には文字か数字が必要です。先頭の # と -、次の記号は使えません：{signs}",
)
NAME_TAKEN_BY_US = Phrase(
    "“{name}” stands for no style, or for the usual one. Choose another name.",
    "「{name}」はスタイルなし、または標準のスタイルを意味します。ほかの名前にしてください。",
)
NAME_TAKEN = Phrase(
    "There is already a style named “{name}” here. Choose another name.",
    "「{name}」という名前のスタイルがすでにあります。ほかの名前にしてください。",
)
NAME_TAKEN_IN_SERVER = Phrase(
    "This server already has a style named “{name}”. Rename yours before you share it.",
    "このサーバーには「{name}」という名前のスタイルがすでにあります。名前を変えてから共有してください。",
)

# --- Refusals ------------------------------------------------------------------------------

NO_SUCH_STYLE = Phrase(
    "There is no such style here. `/style list` shows the ones you can use.",
    "そのスタイルはここにはありません。使えるものは `/スタイル 一覧` で確認できます。",
)
NOT_YOURS = Phrase(
    "Only the owner of this style can do that. Admins can unshare or delete styles that are shared "
    "with their server.",
    "これができるのはスタイルの持ち主だけです。管理者は、サーバーで共有中のスタイルの共有解除と削除ができます。",
)
NOT_A_TRAINER = Phrase(
    "Only trainers can add styles here: admins, and members with a trainer role, if whoever runs me "
    "has allowed training in this server.",
    "ここでスタイルを追加できるのは、管理者と学習担当ロールのメンバーだけです。"
    "ボットの運営者がこのサーバーに学習を許可している必要があります。",
)
HOSTS_ONLY = Phrase(
    "Only whoever runs me can add files from this machine or from the hub. Attach the "
    "`.safetensors` file instead.",
    "このマシンやハブのファイルを追加できるのはボットの運営者だけです。"
    "`.safetensors` ファイルを添付してください。",
)
FILE_OR_SOURCE = Phrase(
    "Attach one `.safetensors` file.", "`.safetensors` ファイルを 1 つ添付してください。"
)
FILE_OR_SOURCE_HOST = Phrase(
    "Give either a file or a source. A source is a path on this machine, or a hub id such as "
    "`owner/name:file.safetensors`.",
    "ファイルか取得元（このマシンのパス、または `owner/name:file.safetensors` のようなハブの ID）の"
    "どちらか一方を指定してください。",
)
NO_SAFETENSORS = Phrase(
    "That isn't a `.safetensors` file. Other formats can run code, so I don't open them.",
    "`.safetensors` ファイルではありません。ほかの形式はコードが実行されるおそれがあるため、開きません。",
)
FILE_TOO_LARGE = Phrase(
    "That file is larger than {most:number} MiB, the limit for styles.",
    "ファイルが大きすぎます。スタイルの上限は {most:number} MiB です。",
)
SOURCE_UNKNOWN = Phrase(
    "I can't find {source}. Give the full path of a file, or a hub id such as "
    "`owner/name:file.safetensors`.",
    "{source} が見つかりません。ファイルの絶対パスか、"
    "`owner/name:file.safetensors` のようなハブの ID を指定してください。",
)
SOURCE_NOT_FETCHED = Phrase("I can't fetch the file: {reason}", "取得できません：{reason}")
STRENGTH_RANGE = Phrase(
    "The strength of a style must be between -2 and 2, not {given:g}.",
    "スタイルの強さは -2～2 です（{given:g} は不可）。",
)
ALREADY_HERE = Phrase(
    "You already have this file here, as “{name}”.",
    "このファイルは「{name}」としてすでに追加済みです。",
)
WITHDRAWN = Phrase(
    "“{name}” can't be used any more: someone took back their consent.",
    "「{name}」は、画像の使用への同意が取り消されたため、使えません。",
)
FITS_ANOTHER = Phrase(
    "“{name}” is for {base} and doesn't fit the loaded model {model}.",
    "「{name}」は {base} 用で、読み込み中のモデル {model} には合いません。",
)
NOT_SHARED_IN_DIRECT = Phrase(
    "Styles can't be shared from direct messages. Add it in the server instead.",
    "ダイレクトメッセージからは共有できません。サーバーで追加してください。",
)
LICENCE_FIRST = Phrase(
    "The file doesn't name a licence. Before you share the style, say which one it has: open it with "
    "`/style show`, then press **Licence…**.",
    "ファイルにライセンスの記載がありません。共有する前に `/スタイル 表示` を開き、"
    "**ライセンス…** を押して指定してください。",
)
LICENCE_EMPTY = Phrase("Name the licence in a few words.", "ライセンスを短く書いてください。")
LICENCE_SAID = Phrase(
    "The licence of this style is already known: {licence}.",
    "このスタイルのライセンスはすでに分かっています：{licence}",
)

# --- Kinds and scopes ----------------------------------------------------------------------

KINDS = {
    "lora": Phrase("LoRA", "LoRA"),
    "embedding": Phrase("embedding", "埋め込み"),
}
SCOPES = {
    "mine": Phrase("only me", "自分だけ"),
    "private": Phrase("me and those whose pictures it was trained on", "自分と画像の提供者"),
    "server": Phrase("everyone in this server", "このサーバーの全員"),
}
"""Who can use a style, as its owner reads it."""
SCOPES_OF_OTHERS = {
    "mine": Phrase("only its owner", "持ち主だけ"),
    "private": Phrase(
        "its owner and those whose pictures it was trained on", "持ち主と画像の提供者"
    ),
    "server": Phrase("everyone in this server", "このサーバーの全員"),
}
"""The same, as others read it."""

# --- List ----------------------------------------------------------------------------------

LIST_EMPTY = Phrase(
    "There are no styles here yet. Trainers can add one with `/style add`.",
    "まだスタイルはありません。学習担当者は `/スタイル 追加` で追加できます。",
)
LIST_TITLE = Phrase(
    "### Styles\n{count:plural one=You can use # style here. other=You can use # styles here.}",
    "### スタイル\nここで使えるスタイルは {count:number} 個です。",
)
LIST_PAGE = Phrase("Page {page} of {pages}", "{page} / {pages} ページ")
LINE = Phrase("**{name}** · {kind} · {who}{rest}", "**{name}** · {kind} · {who}{rest}")
LINE_STRENGTH = Phrase(" · strength {strength:number}", " · 強さ {strength:number}")
LINE_OTHER_MODEL = Phrase(" · ⚠️ for {base}", " · ⚠️ {base} 用")
LINE_WITHDRAWN = Phrase(" · ⛔ withdrawn", " · ⛔ 使用停止")
YOURS = Phrase("yours", "自分の")
YOURS_SHARED = Phrase("yours, shared", "自分の（共有中）")
PRIVATE = Phrase("trained on your pictures", "あなたの画像で学習")
OF_SERVER = Phrase("this server's", "サーバーの")
OF_ANOTHER = Phrase("someone else's", "ほかの人の")
OPEN_ONE = Phrase("Open a style…", "スタイルを開く…")
EARLIER = Phrase("◀ Previous", "◀ 前へ")
LATER = Phrase("Next ▶", "次へ ▶")

# --- Card ----------------------------------------------------------------------------------

TITLE = Phrase("### {name}", "### {name}")
KIND_LINE = Phrase("{kind} for {base}", "{base} 用の{kind}")
KIND_ALONE = Phrase("{kind}", "{kind}")
STRENGTH_LINE = Phrase("Strength: {strength:number}", "強さ：{strength:number}")
TRIGGER_LINE = Phrase("Trigger words: {trigger}", "トリガーワード：{trigger}")
WORD_LINE = Phrase("Its word in prompts: {trigger}", "プロンプトで使う言葉：{trigger}")
TRAINED_ON = Phrase("Trained on the model {model}", "学習元のモデル：{model}")
FILE_NAMES = Phrase(
    "Trained on the model {model}, according to its file",
    "学習元のモデル：{model}（ファイルの記載による）",
)
MADE_FOR = Phrase("Made for the model {model}", "対応するモデル：{model}")
SCOPE_LINE = Phrase("Who can use it: {scope}", "使える人：{scope}")
TRAINED_BY = Phrase("Trained by {owner}", "学習した人：{owner}")
FROM_FILE = Phrase("Added from a file", "ファイルから追加")
FROM_FILE_BY = Phrase("Added from a file by {owner}", "ファイルから追加：{owner}")
LICENCE_LINE = Phrase("Licence: {licence}", "ライセンス：{licence}")
NO_LICENCE_LINE = Phrase("Licence: not named in the file", "ライセンス：ファイルに記載がありません")
CONTRIBUTORS_LINE = Phrase(
    "Trained on pictures from {count:plural one=# member other=# members}",
    "{count:number} 人の画像で学習",
)
SCORE_LINE = Phrase("Evaluation: {scores}", "評価：{scores}")
OTHER_MODEL_LINE = Phrase(
    "⚠️ It is for {base} and doesn't fit the loaded model.",
    "⚠️ {base} 用で、読み込み中のモデルには合いません。",
)
WITHDRAWN_LINE = Phrase(
    "⛔ It can't be used any more: someone took back their consent.",
    "⛔ 画像の使用への同意が取り消されたため、使用停止中です。",
)
PREVIEW_PAINTING = Phrase(
    "A preview is being painted; open the card again in a moment.",
    "プレビューを描いています。少し待ってから開き直してください。",
)
PREVIEW_HIDDEN = Phrase(
    "The preview wasn't checked for adult content, so it's only shown in age-restricted channels.",
    "プレビューは成人向けの内容を確認していないため、年齢制限チャンネルでのみ表示します。",
)
PREVIEW_ALT = Phrase("Preview of {name}", "{name} のプレビュー")
PAINT = Phrase("Paint with it", "これで描く")
SWEEP = Phrase("Compare strengths", "強さを比較")
RENAME = Phrase("Rename…", "名前を変更…")
SHARE = Phrase("Who can use it…", "使える人…")
EXPORT = Phrase("Export", "書き出し")
DELETE = Phrase("Delete", "削除")
DELETE_NOW = Phrase("Delete for good", "完全に削除")
KEEP = Phrase("Keep", "残す")
BACK = Phrase("◀ Back to the card", "◀ 戻る")
LICENCE = Phrase("Licence…", "ライセンス…")
SHARE_WITH = Phrase("Who can use “{name}”?", "「{name}」を使える人を選んでください。")
UNSHARED = Phrase(
    "“{name}” is no longer shared with this server.",
    "「{name}」のサーバーでの共有を解除しました。",
)
NO_STRENGTHS = Phrase(
    "“{name}” is an embedding, so it has no strength to compare. Weight its word in the prompt instead, "
    "as in ({name}:0.8).",
    "「{name}」は埋め込みなので、強さを比較できません。プロンプトで ({name}:0.8) のように重みを付けてください。",
)
ASK_DELETE = Phrase(
    "Delete “{name}” for good? Its file is deleted, too. Pictures painted with it stay, but can't be "
    "painted again.",
    "「{name}」を完全に削除しますか？ファイルも消えます。"
    "描いた画像は残りますが、同じものは描けなくなります。",
)
DELETED = Phrase("“{name}” was deleted.", "「{name}」を削除しました。")

# --- Forms ---------------------------------------------------------------------------------

RENAME_TITLE = Phrase("Rename the style", "スタイルの名前を変更")
NAME_FIELD = Phrase("Name", "名前")
PAINT_TITLE = Phrase("Paint with {name}", "{name} で描く")
PROMPT_FIELD = Phrase("Prompt", "プロンプト")
PROMPT_HINT = Phrase(
    "Its trigger words are added if they are missing.",
    "トリガーワードがなければ自動で加えます。",
)
LICENCE_TITLE = Phrase("Licence of the style", "スタイルのライセンス")
LICENCE_FIELD = Phrase("Licence", "ライセンス")
LICENCE_HINT = Phrase(
    "As stated on the page you got the file from, such as CC BY 4.0 or CreativeML OpenRAIL-M.",
    "入手元のページの記載どおりに。例：CC BY 4.0、CreativeML OpenRAIL-M",
)

# --- Added, exported -----------------------------------------------------------------------

ADDED = Phrase("“{name}” was added.", "「{name}」を追加しました。")
ASK_LICENCE = Phrase(
    "The file doesn't name a licence. Press **Licence…** to say which one it has; until then, the style "
    "can't be shared.",
    "ファイルにライセンスの記載がありません。**ライセンス…** を押して指定してください。"
    "それまで共有できません。",
)
REMOVED_AGAIN = Phrase(
    "I removed “{name}” again, because I can't paint with it. {reason}",
    "「{name}」では描けないため、追加を取り消しました。{reason}",
)
REMOVED_DEADLY = Phrase(
    "I removed “{name}” again, because painting with it crashed me several times.",
    "「{name}」で描くと何度もクラッシュしたため、追加を取り消しました。",
)
EXPORTED = Phrase(
    "Here is the file of “{name}”. Licence: {licence}. Trigger words: {trigger}.",
    "「{name}」のファイルです。ライセンス：{licence}。トリガーワード：{trigger}。",
)
UNNAMED_LICENCE = Phrase("not named", "記載なし")
NO_TRIGGER = Phrase("none", "なし")
TOO_LARGE_TO_SEND = Phrase(
    "The file of “{name}” is {size:number} MiB, more than Discord accepts here. Ask whoever runs me for "
    "the file {digest}. Licence: {licence}. Trigger words: {trigger}.",
    "「{name}」のファイルは {size:number} MiB あり、Discord の上限を超えています。ボットの運営者に、ファイル "
    "{digest} を頼んでください。ライセンス：{licence}。トリガーワード：{trigger}。",
)
WHERE_IT_IS = Phrase(
    "The file of “{name}” is {size:number} MiB, more than Discord accepts here. On your machine, it is "
    "{path}. Licence: {licence}. Trigger words: {trigger}.",
    "「{name}」のファイルは {size:number} MiB あり、Discord の上限を超えています。お使いのマシンでは {path} "
    "にあります。ライセンス：{licence}。トリガーワード：{trigger}。",
)
FILE_GONE = Phrase(
    "The file of “{name}” is gone. Add the style again.",
    "「{name}」のファイルがありません。もう一度追加してください。",
)
FILE_DAMAGED = Phrase(
    "The file of “{name}” is damaged. Add the style again.",
    "「{name}」のファイルが壊れています。もう一度追加してください。",
)
