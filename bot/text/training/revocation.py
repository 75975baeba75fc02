"""Sentences about consent that is shown and taken back, in English and Japanese."""

from __future__ import annotations

from collections.abc import Mapping

from bot.text.phrases import Phrase
from storage.training_records import StyleFate

# --- The command ---------------------------------------------------------------------------

PRIVACY = Phrase("privacy", "プライバシー")
PRIVACY_IS = Phrase(
    "See what you agreed to, and take it back", "同意した内容を確認し、取り消すことができます"
)
MEMBER = Phrase("member", "メンバー")
MEMBER_IS = Phrase(
    "Id of somebody who asks you to; only for whoever runs me",
    "取り消しを頼んできた人の ID（運営者のみ）",
)

# --- The page of consents ------------------------------------------------------------------

TITLE = Phrase(
    "**What you agreed to**\n"
    "I train on nobody's pictures without their consent. You can take yours back at any time, also "
    "after you have left a server.",
    "**同意した内容**\n"
    "同意なしに画像を学習に使うことはありません。同意は、サーバーを抜けたあとでも、"
    "いつでも取り消せます。",
)
NONE = Phrase(
    "**What you agreed to**\nYou have no consent to take back: nothing is trained on pictures of yours.",
    "**同意した内容**\n取り消せる同意はありません。あなたの画像は学習に使われていません。",
)
OTHERS_TITLE = Phrase("**What {member} agreed to**", "**{member} さんが同意した内容**")
OTHERS_NONE = Phrase(
    "{member} has no consent to take back.", "{member} さんには、取り消せる同意がありません。"
)
CONSENT = Phrase(
    "**{name}** · {count:plural one=# picture other=# pictures} · {place} · {date}",
    "**{name}** · 画像 {count:number} 枚 · {place} · {date}",
)
SOME_SERVER = Phrase("a server that I am not in any more", "すでに抜けたサーバー")
WORDS = Phrase("> {words}", "> {words}")
EARLIER = Phrase("Earlier ones", "以前のもの")
LATER = Phrase("Later ones", "新しいもの")
TAKE_BACK = Phrase("Take back…", "取り消す…")
TAKE_BACK_CONSENT = Phrase("Take back my consent…", "同意を取り消す…")
TAKE_ALL_BACK = Phrase("Take everything back…", "すべて取り消す…")

# --- The question --------------------------------------------------------------------------

ASKED = Phrase(
    "**Take back your consent?**\n"
    "{count:plural one=Your picture is other=Your # pictures are} deleted from my disk, and with "
    "{count:plural one=it other=them} everything that was learned from {count:plural one=it "
    "other=them}.",
    "**同意を取り消しますか？**\n"
    "あなたの画像 {count:number} 枚と、そこから学習した内容をすべて、こちらのディスクから削除します。",
)
ASKED_FOR = Phrase(
    "**Take back all that {member} agreed to?**\n"
    "{count:plural one=# picture other=# pictures} and everything that was learned from them are "
    "deleted.",
    "**{member} さんの同意をすべて取り消しますか？**\n"
    "画像 {count:number} 枚と、そこから学習した内容をすべて削除します。",
)
WILL: Mapping[StyleFate, Phrase] = {
    StyleFate.DELETED: Phrase(
        "• The style **{name}** is deleted.", "• スタイル **{name}** は削除されます。"
    ),
    StyleFate.RETRAINED: Phrase(
        "• The style **{name}** can't be used until it has been trained anew, on the other "
        "contributors' pictures alone.",
        "• スタイル **{name}** は、ほかの人の画像だけで学習し直すまで使えなくなります。",
    ),
    StyleFate.BEGUN_AGAIN: Phrase(
        "• The training of **{name}** stops and begins anew without them.",
        "• **{name}** の学習は中断され、その画像なしで最初からやり直します。",
    ),
    StyleFate.ENDED: Phrase(
        "• The training of **{name}** is cancelled.", "• **{name}** の学習は中止されます。"
    ),
    StyleFate.MODEL_DELETED: Phrase(
        "• The model **{name}** is deleted.", "• モデル **{name}** は削除されます。"
    ),
    StyleFate.MODEL_RETRAINED: Phrase(
        "• The model **{name}** is deleted, and trained anew on the other contributors' pictures alone.",
        "• モデル **{name}** は削除され、ほかの人の画像だけで学習し直します。",
    ),
}
"""By what taking a consent back does; the other fates come of trainings."""
STAYS = Phrase(
    "-# Not deleted: pictures that were painted with such a style, what you sent to Discord yourself, "
    "and backups that the host made earlier.",
    "-# 削除されないもの：そのスタイルで描いた画像、ご自身が Discord に送った画像、"
    "運営者が以前に作成したバックアップ。",
)
NOW = Phrase("Take back now", "取り消す")
KEEP = Phrase("Keep it", "そのままにする")

# --- The answer ----------------------------------------------------------------------------

DONE = Phrase(
    "Your consent is taken back, and your pictures are deleted.",
    "同意を取り消し、画像を削除しました。",
)
DONE_FOR = Phrase(
    "The consent of {member} is taken back, and their pictures are deleted.",
    "{member} さんの同意を取り消し、画像を削除しました。",
)
NOTHING_OF_YOURS = Phrase(
    "There is nothing of yours to take back. `/privacy` lists what you agreed to.",
    "取り消せる同意はありません。`/プライバシー` で、同意した内容を確認できます。",
)
HOSTS_ONLY = Phrase(
    "Only whoever runs me can look at others' consents. Leave `member` out to see yours.",
    "ほかの人の同意を見られるのは運営者だけです。`メンバー` を省略すると、自分の同意を確認できます。",
)
NO_MEMBER_ID = Phrase(
    "“{given}” is no id of a member. Turn on *Developer Mode* in Discord, right-click the member and "
    "choose *Copy User ID*.",
    "「{given}」はメンバーの ID ではありません。Discord の開発者モードを有効にして、"
    "メンバーを右クリックし、ID をコピーしてください。",
)

# --- What others are told ------------------------------------------------------------------

TOLD = Phrase(
    "{members}: a contributor took their consent back, so their pictures in **{name}** are deleted.",
    "{members} 画像の提供者が同意を取り消したため、**{name}** のその画像を削除しました。",
)
TOLD_OF_PICTURE = Phrase(
    "{members}: a picture in **{name}** was deleted, so nothing more is trained on it.",
    "{members} **{name}** の画像が削除されたため、今後の学習には使いません。",
)
TOLD_OF_TRAINING = Phrase(
    "{members}: the training that was to make **{name}** anew has ended without a result.",
    "{members} **{name}** を作り直す学習が、結果なしに終わりました。",
)
CAME_TO: Mapping[StyleFate, Phrase] = {
    StyleFate.DELETED: Phrase(
        "• The style **{name}** is deleted.", "• スタイル **{name}** は削除されました。"
    ),
    StyleFate.RETRAINED: Phrase(
        "• The style **{name}** is being trained anew without them, and can be used again afterwards.",
        "• スタイル **{name}** はその画像なしで学習し直しています。終わればまた使えます。",
    ),
    StyleFate.BEGUN_AGAIN: Phrase(
        "• The training of **{name}** begins anew without them.",
        "• **{name}** の学習は、その画像なしで最初からやり直します。",
    ),
    StyleFate.ENDED: Phrase(
        "• The training of **{name}** is cancelled.", "• **{name}** の学習は中止されました。"
    ),
    StyleFate.FAILED: Phrase(
        "• The style **{name}** can't be used without it. The training's card says what went wrong; "
        "**Try again** begins another one.",
        "• スタイル **{name}** は、このままでは使えません。原因は学習のカードに書いてあります。"
        "**再試行** で、もう一度学習できます。",
    ),
    StyleFate.MODEL_DELETED: Phrase(
        "• The model **{name}** is deleted. If I paint with it, whoever runs me has to choose another.",
        "• モデル **{name}** は削除されました。このモデルで描いている場合は、"
        "運営者が別のモデルを選ぶ必要があります。",
    ),
    StyleFate.MODEL_RETRAINED: Phrase(
        "• The model **{name}** is deleted, and being trained anew without them.",
        "• モデル **{name}** は削除され、その画像なしで学習し直しています。",
    ),
}
RETRY = Phrase("Try again", "再試行")
RETRYING = Phrase("It is being trained anew.", "学習し直しています。")
NOTHING_TO_RETRY = Phrase(
    "There is nothing here that you can have trained anew. The owner of a style can, and those who may "
    "train here.",
    "学習し直せるものはありません。これができるのは、スタイルの持ち主と、ここで学習できる人です。",
)
AND = Phrase(", ", "、")
