"""Sentences about data sets: the forms, the card, consent and refusals, in English and Japanese."""

from __future__ import annotations

from bot.text.phrases import Phrase

# --- Forms ---------------------------------------------------------------------------------

FORM_TITLES = {
    "lora": Phrase("Train a LoRA", "LoRA の学習"),
    "embedding": Phrase("Train an embedding", "埋め込みの学習"),
    "dreambooth": Phrase("Train DreamBooth", "DreamBooth の学習"),
    "finetune": Phrase("Train the whole model", "モデル全体の学習"),
    "edit": Phrase("Train editing", "編集の学習"),
    "taste": Phrase("Train your taste", "好みの学習"),
}
PICTURES = Phrase("Pictures", "画像")
PICTURES_IS = Phrase(
    "Up to ten PNG, JPEG, WebP or GIF files; you can add more afterwards",
    "PNG、JPEG、WebP、GIF を 10 枚まで。あとから追加できます",
)
PAIRS_IS = Phrase(
    "Two by two: before, after, before, after, …", "編集前、編集後、編集前、編集後… の順に 2 枚ずつ"
)
NAME = Phrase("Name of the style", "スタイルの名前")
NAME_IS = Phrase(
    "Up to 40 characters, without commas, colons, brackets or slashes",
    "40 文字まで。カンマ、コロン、かっこ、スラッシュは使えません",
)
TRIGGER = Phrase("Trigger word", "トリガーワード")
TRIGGER_IS = Phrase(
    "A rare word that calls for it in prompts (default: the name)",
    "プロンプトで呼び出すための、珍しい言葉（省略時は名前）",
)
CLASS = Phrase("Class word", "クラスワード")
CLASS_IS = Phrase(
    "What it is, in a word the model knows, such as dog",
    "何であるかを表す、モデルが知っている言葉。例：dog",
)
INSTRUCTIONS = Phrase("Instructions", "指示")
INSTRUCTIONS_IS = Phrase(
    "One line for each pair, such as: make it blue", "組ごとに 1 行。例：make it blue"
)
CHANGE_TITLE = Phrase("Change the training", "学習の変更")
ADD_TITLE = Phrase("Add pictures", "画像の追加")
CAPTIONS = Phrase("Captions, a line for each picture", "説明文（画像ごとに 1 行）")
CAPTIONS_IS = Phrase(
    "Describe everything but what is to be learned; an empty line uses the template",
    "学習させたいもの以外を書きます。空行には定型文を使います",
)
LEFT_OUT = Phrase("Pictures to leave out", "使わない画像")
LEFT_OUT_IS = Phrase("Their numbers, such as 2, 5", "番号。例：2, 5")

CONSENT = Phrase("These pictures are mine to give", "提供する権利のある画像です")
CONSENT_IS = Phrase(
    "I agree that this training uses them. I can take that back at any time with /privacy.",
    "この学習に使うことに同意します。同意は /プライバシー でいつでも取り消せます。",
)
CONSENT_LIKES = Phrase("My likes may be used", "自分の評価を使ってかまいません")
CONSENT_LIKES_IS = Phrase(
    "I agree that this training uses them. I can take that back at any time with /privacy.",
    "この学習に使うことに同意します。同意は /プライバシー でいつでも取り消せます。",
)
CONSENT_WORDS = Phrase("{label}. {sentence}", "{label}。{sentence}")
"""What a consent is recorded as: the two texts at a checkbox or on the card."""

# --- The card ------------------------------------------------------------------------------

METHODS = {
    "lora": Phrase("LoRA", "LoRA"),
    "embedding": Phrase("embedding", "埋め込み"),
    "dreambooth": Phrase("DreamBooth", "DreamBooth"),
    "finetune": Phrase("whole model", "モデル全体"),
    "edit": Phrase("editing", "編集"),
    "taste": Phrase("taste", "好み"),
}
TITLE = Phrase(
    "**{name}** · {method} · being prepared by {member}",
    "**{name}** · {method} · {member} さんが準備中の学習",
)
WORDS = Phrase("Trigger word: **{trigger}**", "トリガーワード：**{trigger}**")
COUNT = Phrase(
    "{kept:plural one=# picture other=# pictures} to train on, out of {all:number}",
    "学習に使う画像：{all:number} 枚中 {kept:number} 枚",
)
SIZES = Phrase("{least} to {most} pixels", "{least}～{most} ピクセル")
ONE_SIZE = Phrase("{size} pixels each", "各 {size} ピクセル")
RATED = Phrase(
    "{liked:plural one=# liked other=# liked} and {disliked:plural one=# disliked other=# disliked}. "
    "About 40 of each work best.",
    "👍 {liked:number} 枚、👎 {disliked:number} 枚。それぞれ 40 枚ほどが適しています。",
)
FEW = Phrase(
    "Four or more different pictures work better.", "4 枚以上の異なる画像があるとうまくいきます。"
)
FEW_PAIRS = Phrase(
    "Editing needs thousands of pairs to work well; `konomi pairs` makes them.",
    "編集の学習には数千組が必要です。`konomi pairs` で作れます。",
)
DUPLICATES = Phrase(
    "Left out because they are nearly the same as others: {numbers}",
    "ほかとほぼ同じため使わない画像：{numbers}",
)
SMALL = Phrase(
    "Left out because they are too small (the model paints at {side} pixels): {numbers}",
    "小さすぎるため使わない画像（モデルは {side} ピクセルで描きます）：{numbers}",
)
REMOVED = Phrase("Left out as you asked: {numbers}", "指定により使わない画像：{numbers}")
BLURRED = Phrase(
    "These look blurred: {numbers}. If they are, leave them out under **Change**.",
    "ぼやけて見える画像：{numbers}。本当にぼやけていれば、**変更** で外してください。",
)
UNCAPTIONED = Phrase(
    "These still need captions: {numbers}. Write them under **Change**.",
    "説明文のない画像：{numbers}。**変更** で書いてください。",
)
DESCRIBING = Phrase(
    "I'm describing the pictures: {left:plural one=# is other=# are} left. **Start** doesn't wait for "
    "me; a picture without a caption uses the template.",
    "画像の説明文を作成中：残り {left:number} 枚。**開始** はいつでも押せます（説明文のない画像には"
    "定型文を使います）。",
)
DESCRIBED = Phrase(
    "I described {count:plural one=# picture other=# pictures}: read the captions under **Show "
    "pictures**, change them under **Change**.",
    "{count:number} 枚の説明文を作りました。**画像を見る** で確かめ、**変更** で直せます。",
)
INDESCRIBABLE = Phrase(
    "I couldn't describe these, so they use the template: {numbers}. You can write captions for them "
    "under **Change**.",
    "説明文を作れなかったため定型文を使う画像：{numbers}。**変更** で説明文を書けます。",
)
CONSENT_GIVEN = Phrase("Consent given by {members}", "同意済み：{members}")
CONSENT_MISSING = Phrase("Consent still missing from {members}", "同意がまだ：{members}")
NOBODY_YET = Phrase("Nobody has handed over a picture yet.", "まだ画像はありません。")
CONSENT_ASKED = Phrase(
    "If some of the pictures are yours, pressing **I agree** means: “{words}”",
    "あなたの画像が含まれる場合、**同意する** を押すと次の内容に同意したことになります：「{words}」",
)
COST = Phrase(
    "{steps:plural one=# step other=# steps}, about {minutes:plural one=# minute other=# minutes} if "
    "nobody paints in the meantime, up to {size} of disk space",
    "{steps:number} ステップ、ほかに描く人がいなければ約 {minutes:number} 分、ディスク容量は最大 {size}",
)
STEPS_ONLY = Phrase(
    "{steps:plural one=# step other=# steps}; I'll know how long it takes once the model is loaded",
    "{steps:number} ステップ。所要時間はモデルの読み込み後に分かります",
)
THREAD = Phrase(
    "-# Everyone in this thread can hand over their own pictures with **Add pictures**. I never take "
    "pictures from messages.",
    "-# このスレッドでは誰でも、**画像を追加** で自分の画像を渡せます。"
    "メッセージの画像を使うことはありません。",
)
STARTED = Phrase("**{name}** · the training has started.", "**{name}** · 学習を開始しました。")
CLOSED = Phrase(
    "**{name}** · cancelled; the pictures were deleted.",
    "**{name}** · 取り消しました。画像は削除されました。",
)
AND = Phrase(", ", "、")

START = Phrase("Start", "開始")
CHANGE = Phrase("Change…", "変更…")
ADD = Phrase("Add pictures…", "画像を追加…")
SHOW = Phrase("Show pictures", "画像を見る")
AGREE = Phrase("I agree", "同意する")
CANCEL = Phrase("Cancel", "中止")

# --- Answers -------------------------------------------------------------------------------

HANDED_OVER = Phrase(
    "I received your {count:plural one=picture other=# pictures}. Only you and the person preparing this "
    "training can see what you handed over.",
    "画像を {count:number} 枚受け取りました。見られるのは、あなたと、この学習を準備する人だけです。",
)
BEGUN = Phrase(
    "I posted a card for this training here. Check it, then press **Start**.",
    "カードを投稿しました。内容を確かめてから **開始** を押してください。",
)
UNREADABLE = Phrase("I couldn't use {file}: {why}", "{file} は使えませんでした：{why}")
CONSENT_NEEDED = Phrase(
    "You haven't ticked the box, so your pictures won't be used until you press **I agree** on the "
    "card.",
    "チェックがないため、カードの **同意する** を押すまで、あなたの画像は使われません。",
)
THANKS = Phrase(
    "Thank you. I've noted your consent: “{words}”",
    "ありがとうございます。同意を記録しました：「{words}」",
)
SHEET = Phrase("Pictures of **{name}**", "**{name}** の画像")
SHEET_OWN = Phrase("Your pictures for **{name}**", "**{name}** のあなたの画像")
CAPTION_LINE = Phrase("{number}: {caption}", "{number}：{caption}")
MORE_CAPTIONS = Phrase(
    "… and {count:plural one=# more caption other=# more captions}, all under **Change**",
    "… ほか {count:number} 枚。すべて **変更** にあります",
)
SHEET_ALT = Phrase("The pictures with their numbers", "番号付きの画像一覧")
STARTING = Phrase(
    "Started. Follow the training in its own message.",
    "開始しました。進み具合は別のメッセージに出ます。",
)
CANCELLED = Phrase("Cancelled; the pictures were deleted.", "中止しました。画像は削除されました。")
CHANGED = Phrase("Changed.", "変更しました。")

# --- Refusals ------------------------------------------------------------------------------

CANNOT_POST = Phrase(
    "I can't post the training's card here because I'm missing a permission. I need **View Channel**, "
    "**Send Messages** and **Attach Files** here; try again once I have them.",
    "権限が足りないため、ここに学習のカードを投稿できません。「チャンネルを見る」「メッセージを送信」"
    "「ファイルを添付」の権限が付いたら、もう一度お試しください。",
)
NAME_TAKEN = Phrase(
    "You already have a style or a training named “{name}”. Choose another name.",
    "「{name}」という名前のスタイルか学習がすでにあります。別の名前にしてください。",
)
CLASS_NEEDED = Phrase(
    "DreamBooth needs a class word, such as *dog*. Try again and fill it in.",
    "DreamBooth にはクラスワード（例：*dog*）が必要です。入力してもう一度お試しください。",
)
STEPS_IMPOSSIBLE = Phrase(
    "A training started here can have 1 to {most:number} steps. Choose a number in that range.",
    "ここで始める学習のステップ数は 1～{most:number} です。その範囲で指定してください。",
)
NUMBERS_NOT_UNDERSTOOD = Phrase(
    "I can't read “{given}” as picture numbers. Write them like 2, 5.",
    "「{given}」を画像の番号として読めません。「2, 5」のように書いてください。",
)
NO_SUCH_NUMBER = Phrase(
    "There is no picture {number:number} here. The numbers go up to {most:number}.",
    "{number:number} 番の画像はありません。番号は {most:number} までです。",
)
GONE = Phrase(
    "I can't find this training any more. Start a new one with `/train`.",
    "この学習が見つかりません。`/学習` で新しく始めてください。",
)
NOT_OPEN = Phrase(
    "This can't be changed any more, because the training was started or cancelled. Start a new one with "
    "`/train`.",
    "開始済みか取り消し済みのため、変更できません。`/学習` で新しく始めてください。",
)
NOT_YOURS = Phrase(
    "Only the person preparing this training, or someone who may train here, can do that. Ask one of "
    "them.",
    "これができるのは、この学習を準備している本人か、ここで学習できる人だけです。"
    "その人に頼んでください。",
)
NOT_A_CONTRIBUTOR = Phrase(
    "None of these pictures are yours, so there is nothing to agree to. To hand some over, press **Add "
    "pictures**.",
    "あなたの画像はないため、同意は必要ありません。画像を渡すには **画像を追加** を押してください。",
)
NO_MORE_ADDED = Phrase(
    "You can't add pictures to a training from likes. Rate more of my pictures, and start a new one.",
    "評価からの学習には追加できません。もっと評価を付けてから、新しく始めてください。",
)
NOBODY_ELSE_ADDS = Phrase(
    "Only the person preparing this training can add pictures here. To let everyone add some, start it "
    "in a thread with `from: thread`.",
    "ここに画像を追加できるのは、この学習を準備している本人だけです。全員が追加できるようにするには、"
    "スレッドで `画像元: スレッド` を選んで始めてください。",
)
THREAD_ONLY = Phrase(
    "Members hand over their pictures in a thread. Open one, and use this command there.",
    "みんなの画像はスレッドで集めます。スレッドを作り、その中でこのコマンドを使ってください。",
)
UPLOAD_ONLY = Phrase(
    "For this method, you have to upload the pictures yourself. Leave out `from`.",
    "この方法では、画像を自分でアップロードする必要があります。`画像元` を省略してください。",
)
NO_FILES = Phrase(
    "There are no pictures in the form. Choose some, and send it again.",
    "画像が選ばれていません。選んでからもう一度送ってください。",
)
UNEVEN_PAIRS = Phrase(
    "Pairs need an even number of pictures, before and after, and a line of instructions for each. "
    "You sent {pictures:plural one=# picture other=# pictures} and {lines:plural one=# line "
    "other=# lines}.",
    "編集前と編集後の 2 枚ずつと、組ごとに 1 行の指示が必要です。画像 {pictures:number} 枚、"
    "指示 {lines:number} 行が送られました。",
)
TOO_MANY = Phrase(
    "A training here can use up to {most:number} pictures, and this one already has {there:number}. "
    "Leave some out, or start a second training.",
    "ここで使える画像は {most:number} 枚までで、すでに {there:number} 枚あります。"
    "減らすか、別の学習を始めてください。",
)
TOO_MANY_OPEN = Phrase(
    "You are already preparing {most:plural one=# training other=# trainings}. Start or cancel one "
    "first: `/train list` shows them.",
    "準備中の学習がすでに {most:number} 件あります。先に開始するか取り消してください。"
    "`/学習 一覧` で確認できます。",
)
NO_LIKES = Phrase(
    "You haven't liked any of my pictures here yet. Press 👍 under some first.",
    "あなたが 👍 を付けた画像が見つかりません。先に画像の下の 👍 を押してください。",
)
NOTHING_TO_SHOW = Phrase(
    "There are no pictures here yet. Add some with **Add pictures**.",
    "まだ画像はありません。**画像を追加** で追加してください。",
)
NO_PICTURES = Phrase(
    "There are no pictures left to train on. Add some first.",
    "学習に使える画像がありません。先に追加してください。",
)
NOT_WITHOUT_CONSENT = Phrase(
    "I can't start without the consent of {members}. They can press **I agree** on the card, or their "
    "pictures can be left out under **Change**.",
    "{members} の同意がないため開始できません。本人がカードの **同意する** を押すか、"
    "**変更** でその画像を外してください。",
)
NOT_WITHOUT_CAPTIONS = Phrase(
    "These pictures still need captions: {numbers}. Write them under **Change**, one line each.",
    "説明文のない画像：{numbers}。**変更** で 1 行ずつ書いてください。",
)
FILES_GONE = Phrase(
    "The files of these pictures are gone: {numbers}. Leave them out under **Change**, or hand them over "
    "again.",
    "次の画像のファイルがなくなっています：{numbers}。**変更** で外すか、もう一度渡してください。",
)
