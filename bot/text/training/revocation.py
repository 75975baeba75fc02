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
    "Id of a member who asked you to do this for them (only for whoever runs me)",
    "取り消しを頼んできた人の ID（運営者のみ）",
)

# --- The page of consents ------------------------------------------------------------------

TITLE = Phrase(
    "**What you agreed to**\n"
    "I never train on anyone's pictures without their consent. You can take yours back at any time, "
    "even after you have left the server.",
    "**同意した内容**\n"
    "同意なしに画像を学習に使うことはありません。同意は、サーバーを抜けたあとでも、"
    "いつでも取り消せます。",
)
NONE = Phrase(
    "**What you agreed to**\nThere is no consent to take back: nothing is trained on your pictures.",
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
SOME_SERVER = Phrase("a server that I'm no longer in", "このボットがもういないサーバー")
WORDS = Phrase("> {words}", "> {words}")
EARLIER = Phrase("Earlier ones", "以前のもの")
LATER = Phrase("Later ones", "新しいもの")
TAKE_BACK = Phrase("Take back…", "取り消す…")
TAKE_BACK_CONSENT = Phrase("Take back my consent…", "同意を取り消す…")
TAKE_ALL_BACK = Phrase("Take everything back…", "すべて取り消す…")

# --- The question --------------------------------------------------------------------------

ASKED = Phrase(
    "**Take back your consent?**\n"
    "This deletes your {count:plural one=picture other=# pictures} from my disk, and everything that was "
    "learned from {count:plural one=it other=them}.",
    "**同意を取り消しますか？**\n"
    "あなたの画像 {count:number} 枚と、そこから学習した内容をすべて、こちらのディスクから削除します。",
)
ASKED_FOR = Phrase(
    "**Take back all that {member} agreed to?**\n"
    "This deletes {count:plural one=# picture other=# pictures}, and everything that was learned from "
    "{count:plural one=it other=them}.",
    "**{member} さんの同意をすべて取り消しますか？**\n"
    "画像 {count:number} 枚と、そこから学習した内容をすべて削除します。",
)
WILL: Mapping[StyleFate, Phrase] = {
    StyleFate.DELETED: Phrase(
        "• The style **{name}** will be deleted.", "• スタイル **{name}** は削除されます。"
    ),
    StyleFate.RETRAINED: Phrase(
        "• The style **{name}** can't be used until it has been retrained on the other contributors' "
        "pictures.",
        "• スタイル **{name}** は、ほかの人の画像だけで学習し直すまで使えなくなります。",
    ),
    StyleFate.BEGUN_AGAIN: Phrase(
        "• The training of **{name}** will start over without them.",
        "• **{name}** の学習は中断され、その画像なしで最初からやり直します。",
    ),
    StyleFate.ENDED: Phrase(
        "• The training of **{name}** will be cancelled.", "• **{name}** の学習は中止されます。"
    ),
    StyleFate.MODEL_DELETED: Phrase(
        "• The model **{name}** will be deleted.", "• モデル **{name}** は削除されます。"
    ),
    StyleFate.MODEL_RETRAINED: Phrase(
        "• The model **{name}** will be deleted, and retrained on the other contributors' pictures.",
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
    "Your consent was taken back, and your pictures were deleted.",
    "同意を取り消し、画像を削除しました。",
)
DONE_FOR = Phrase(
    "{member}'s consent was taken back, and their pictures were deleted.",
    "{member} さんの同意を取り消し、画像を削除しました。",
)
NOTHING_OF_YOURS = Phrase(
    "There is nothing of yours to take back. `/privacy` lists what you agreed to.",
    "取り消せる同意はありません。`/プライバシー` で、同意した内容を確認できます。",
)
HOSTS_ONLY = Phrase(
    "Only whoever runs me can see what others agreed to. Leave out `member` to see what you agreed to.",
    "ほかの人の同意を見られるのはボットの運営者だけです。`メンバー` を省略すると、自分の同意を確認できます。",
)
NO_MEMBER_ID = Phrase(
    "“{given}” isn't a member's id. Turn on *Developer Mode* in Discord, right-click the member and "
    "choose *Copy User ID*.",
    "「{given}」はメンバーの ID ではありません。Discord の開発者モードを有効にして、"
    "メンバーを右クリックし、ID をコピーしてください。",
)

# --- What others are told ------------------------------------------------------------------

TOLD = Phrase(
    "{members}: a contributor took back their consent, so their pictures in **{name}** were deleted.",
    "{members} 画像の提供者が同意を取り消したため、**{name}** のその画像を削除しました。",
)
TOLD_OF_PICTURE = Phrase(
    "{members}: a picture in **{name}** was deleted, so it won't be used for training any more.",
    "{members} **{name}** の画像が削除されたため、今後の学習には使いません。",
)
TOLD_OF_TRAINING = Phrase(
    "{members}: the retraining of **{name}** ended without a result.",
    "{members} **{name}** の再学習は、結果を出せずに終わりました。",
)
CAME_TO: Mapping[StyleFate, Phrase] = {
    StyleFate.DELETED: Phrase(
        "• The style **{name}** was deleted.", "• スタイル **{name}** は削除されました。"
    ),
    StyleFate.RETRAINED: Phrase(
        "• The style **{name}** is being retrained without them. It can be used again afterwards.",
        "• スタイル **{name}** をその画像なしで学習し直しています。終わればまた使えます。",
    ),
    StyleFate.BEGUN_AGAIN: Phrase(
        "• The training of **{name}** is starting over without them.",
        "• **{name}** の学習は、その画像なしで最初からやり直します。",
    ),
    StyleFate.ENDED: Phrase(
        "• The training of **{name}** was cancelled.", "• **{name}** の学習は中止されました。"
    ),
    StyleFate.FAILED: Phrase(
        "• The style **{name}** can't be used until it has been retrained. The training's card says what "
        "went wrong; **Try again** starts another one.",
        "• スタイル **{name}** は、学習し直すまで使えません。原因は学習のカードに書いてあります。"
        "**再試行** で、もう一度学習できます。",
    ),
    StyleFate.MODEL_DELETED: Phrase(
        "• The model **{name}** was deleted. If I was painting with it, whoever runs me has to choose another.",
        "• モデル **{name}** は削除されました。このモデルで描いていた場合は、"
        "ボットの運営者が別のモデルを選ぶ必要があります。",
    ),
    StyleFate.MODEL_RETRAINED: Phrase(
        "• The model **{name}** was deleted, and is being retrained without them.",
        "• モデル **{name}** を削除し、その画像なしで学習し直しています。",
    ),
}
RETRY = Phrase("Try again", "再試行")
RETRYING = Phrase("It is being retrained.", "学習し直しています。")
NOTHING_TO_RETRY = Phrase(
    "There is nothing here that you can retrain. Only the owner of a style, or someone who may train "
    "here, can do that.",
    "学習し直せるものはありません。これができるのは、スタイルの持ち主か、ここで学習できる人だけです。",
)
AND = Phrase(", ", "、")
