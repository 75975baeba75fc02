"""Names and descriptions of /train and its options, in English and Japanese."""

from __future__ import annotations

from bot.text.phrases import Phrase

TRAIN = Phrase("train", "学習")
TRAIN_IS = Phrase(
    "Teach me a style, a subject or your taste", "画風、モチーフ、好みをボットに教えます"
)
LORA = Phrase("lora", "lora")
LORA_IS = Phrase(
    "Learn a style or a subject from 4 to 30 pictures (the usual choice)",
    "4～30 枚の画像から画風やモチーフを学習します（標準の方法）",
)
EMBEDDING = Phrase("embedding", "埋め込み")
EMBEDDING_IS = Phrase(
    "Learn a new word for something that the model can almost paint",
    "モデルがほぼ描けるものに、新しい言葉を付けます",
)
DREAMBOOTH = Phrase("dreambooth", "dreambooth")
DREAMBOOTH_IS = Phrase(
    "Learn one subject closely, from 3 to 5 pictures and its class word",
    "1 つのモチーフを、3～5 枚の画像とクラスワードから忠実に学習します",
)
FINETUNE = Phrase("finetune", "全体学習")
FINETUNE_IS = Phrase(
    "Train the whole model on many pictures (only for whoever runs me)",
    "多くの画像でモデル全体を学習します（運営者用）",
)
EDIT = Phrase("edit", "編集")
EDIT_IS = Phrase(
    "Learn to edit by words, from pairs of pictures (only for whoever runs me)",
    "画像の組から、言葉による編集を学習します（運営者用）",
)
TASTE = Phrase("taste", "好み")
TASTE_IS = Phrase(
    "Learn your taste from your likes and dislikes of my pictures",
    "ボットの画像に付けた 👍 と 👎 から、あなたの好みを学習します",
)
SOURCE = Phrase("from", "画像元")
SOURCE_IS = Phrase(
    "Where the pictures come from (default: you upload them)",
    "画像をどこから集めるか（省略時はアップロード）",
)
SOURCES = {
    "upload": Phrase("upload: I upload them", "アップロード：自分で渡す"),
    "thread": Phrase(
        "thread: members hand them over in this thread", "スレッド：このスレッドでみんなが渡す"
    ),
    "likes": Phrase("likes: pictures of yours that I liked", "好み：自分が 👍 を付けた画像"),
}
CAPTIONS = Phrase("captions", "説明文")
CAPTIONS_IS = Phrase(
    "Who describes the pictures (default: my caption model if I have one, else a template)",
    "画像の説明文（省略時は説明文モデル、なければ定型文）",
)
CAPTION_CHOICES = {
    "template": Phrase(
        "template: the trigger word and the class word", "定型文：トリガーワードとクラスワード"
    ),
    "own": Phrase("own: I write one for each picture", "自分で書く：画像ごとに書く"),
}
STEPS = Phrase("steps", "ステップ")
STEPS_IS = Phrase(
    "Number of training steps (default: depends on the method and the model)",
    "学習のステップ数（省略時は方法とモデルに合わせます）",
)
RIGHTS = Phrase("rights", "権限")
RIGHTS_IS = Phrase(
    "Show or change who may train in this server", "このサーバーで学習できる人を表示・変更します"
)
GRANTED = Phrase("granted", "許可")
GRANTED_IS = Phrase(
    "Allow training in this server (only for whoever runs me)",
    "このサーバーでの学習を許可するかどうか（運営者のみ）",
)
ADD_ROLE = Phrase("add_role", "ロール追加")
ADD_ROLE_IS = Phrase(
    "Role whose members may train, besides the admins", "管理者のほかに学習できるロール"
)
REMOVE_ROLE = Phrase("remove_role", "ロール削除")
REMOVE_ROLE_IS = Phrase("Role whose members may no longer train", "学習できるロールから外すロール")
MEMBER_TASTES = Phrase("member_tastes", "各自の好み")
MEMBER_TASTES_IS = Phrase(
    "Let every member train their own taste",
    "すべてのメンバーが自分の好みを学習できるかどうか",
)
