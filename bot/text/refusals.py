"""What a person reads when something cannot be done, in English and Japanese."""

from __future__ import annotations

from bot.text.phrases import Phrase

# --- What a request may not ask for ------------------------------------------------------

NO_PROMPT = Phrase(
    "Say what to paint, for example: `a red star on a blue background`.",
    "何を描くか書いてください。例：`a red star on a blue background`",
)
PROMPT_TOO_LONG = Phrase(
    "That is {length:,} characters; a prompt can have up to {most:,}. "
    "Leave out what matters least; models follow what comes first best.",
    "{length:,} 文字あります。プロンプトは {most:,} 文字までです。"
    "モデルは先に書いたことによく従うので、大事でないことから削ってください。",
)
NO_NEGATIVES = Phrase(
    "The model {model} has its guidance built in and cannot keep anything out. Leave out `negative`, "
    "and say in the prompt what there is to be instead.",
    "モデル {model} はガイダンスを内蔵しているため、除外の指定ができません。`除外` を省いて、"
    "代わりに何を描くかをプロンプトに書いてください。",
)
BRACES_UNMATCHED = Phrase(
    "Every `{{` in the prompt needs its `}}`, as in `a {{red|blue}} star`: "
    "each picture takes one of them.",
    "プロンプトの `{{` には対になる `}}` が必要です。例：`a {{red|blue}} star`（絵ごとにどれか 1 つ）",
)
BRACES_TOO_MANY = Phrase(
    "A prompt can hold {most} choices in braces, {deepest} within each other.",
    "プロンプトに書ける選択肢の波かっこは {most} 個、入れ子は {deepest} 段までです。",
)
BRACES_TOO_MANY_ALTERNATIVES = Phrase(
    "The braces of a prompt can hold {alternatives} alternatives altogether. Leave some out.",
    "波かっこの中に書ける候補は、プロンプト全体で {alternatives} 個までです。いくつか減らしてください。",
)
BRACES_TOO_LONG = Phrase(
    "What the braces put together is longer than {longest:,} characters. Take fewer of the "
    "alternatives, as in `{{2$$, $$red|green|blue}}`.",
    "波かっこの選択肢をつなげると {longest:,} 文字を超えます。"
    "`{{2$$, $$red|green|blue}}` のように、取り出す数を減らしてください。",
)
TOO_MANY_LIGHTER = Phrase(
    "A prompt can hold {lighter} pieces that weigh less than 1, as in `(word:0.5)` or `[word]`. "
    "Leave some out, or let one pair of brackets hold several words.",
    "`(言葉:0.5)` や `[言葉]` のように重みを 1 より小さくできるのは、プロンプト全体で {lighter} か所までです。"
    "いくつか減らすか、ひとつのかっこにまとめてください。",
)
BRACES_UNREADABLE = Phrase(
    "I cannot read the braces in the prompt. Write them as in `a {{red|blue}} star`.",
    "プロンプトの波かっこが読み取れません。`a {{red|blue}} star` のように書いてください。",
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
MEMORY_SIZE_OR_STEERING = Phrase(
    "{width} × {height} with {steering} pictures that steer takes {needed:.1f} GB of this machine's "
    "memory, and I may use {limit:.1f}. Ask for at most {better_width} × {better_height}, or take "
    "back ratings until at most {count} pictures steer.",
    "{width} × {height} を {steering} 枚の評価で描くには {needed:.1f} GB のメモリが必要ですが、使えるのは {limit:.1f} GB です。"
    "{better_width} × {better_height} 以下にするか、評価を取り消して {count} 枚以下に減らしてください。",
)
MEMORY_SIZE = Phrase(
    "{width} × {height} takes {needed:.1f} GB of this machine's memory, and I may use {limit:.1f}. "
    "Ask for at most {better_width} × {better_height}.",
    "{width} × {height} には {needed:.1f} GB のメモリが必要ですが、使えるのは {limit:.1f} GB です。"
    "{better_width} × {better_height} 以下にしてください。",
)
MEMORY_STEERING = Phrase(
    "{steering} pictures that steer take more memory than the {limit:.1f} GB I may use. Take back "
    "some ratings, so that at most {count} pictures steer, or reset the board.",
    "{steering} 枚の評価を反映するには、使える {limit:.1f} GB よりも多くのメモリが必要です。"
    "評価を取り消して {count} 枚以下にするか、ボードをリセットしてください。",
)
MEMORY_NOTHING = Phrase(
    "That takes {needed:.1f} GB of this machine's memory, and I may use {limit:.1f}: nothing fits. "
    "Ask whoever runs me for a smaller model or a higher KONOMI_MEMORY_LIMIT_MB.",
    "必要なメモリは {needed:.1f} GB ですが、使えるのは {limit:.1f} GB で、何も描けません。"
    "運営者に、小さいモデルにするか KONOMI_MEMORY_LIMIT_MB を上げるよう頼んでください。",
)
SIZE_NOT_UNDERSTOOD = Phrase(
    "I do not understand the size `{given}`. Write width × height in pixels, such as `512x768`, "
    "an aspect such as `3:2`, or `portrait`, `landscape`, `square`; or leave it out.",
    "サイズ `{given}` が読み取れません。`512x768`（幅x高さ、ピクセル）、`3:2`（縦横比）、"
    "`縦長`、`横長`、`正方形` のように書くか、省略してください。",
)
ASPECT_OUT_OF_RANGE = Phrase(
    "One side can be up to {most:g} times as long as the other. `16:9` or `2:1` are wide already.",
    "長い辺は短い辺の {most:g} 倍までです。`16:9` や `2:1` でも十分に横長です。",
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
FEEDBACK_DROP = Phrase(
    "The chance to leave the prompt aside goes from 0 (never) to 1, not {given:g}. 0.3 is usual "
    "where rounds all look alike.",
    "プロンプトを省く確率は 0（なし）～1 です（{given:g} は不可）。似た絵ばかりのときは 0.3 が目安です。",
)
COMPARE_ONE_VALUE = Phrase(
    "A comparison needs at least two different values of {parameter}, for example: `{example}`.",
    "比較には {parameter} の異なる値が 2 つ以上必要です。例：`{example}`",
)
COMPARE_NOT_A_NUMBER = Phrase(
    "`{value}` is no value of {parameter}. Give numbers, for example: `{example}`.",
    "`{value}` は {parameter} の値になりません。数値で書いてください。例：`{example}`",
)
COMPARE_NOT_WHOLE = Phrase(
    "`{value}` is no value of {parameter}. Give whole numbers, for example: `{example}`.",
    "`{value}` は {parameter} の値になりません。整数で書いてください。例：`{example}`",
)
COMPARE_NO_SCHEDULER = Phrase(
    "There is no {parameter} `{value}`. Give names, for example: `{example}`.",
    "`{value}` という{parameter}はありません。名前で書いてください。例：`{example}`",
)
COMPARE_TWICE = Phrase(
    "{parameter} runs both across and down. Choose another parameter for one of them.",
    "横軸と縦軸がどちらも {parameter} です。片方を別のものにしてください。",
)
COMPARE_TOO_MANY = Phrase(
    "That makes {count} pictures, and a sheet holds {most}: with more, each would be too small to "
    "judge, and everybody behind you would wait long. Leave out some values.",
    "{count} 枚になりますが、1 枚の比較表に並べられるのは {most} 枚までです。それ以上は小さすぎて見比べられず、"
    "ほかの人も長く待つことになります。値を減らしてください。",
)
COMPARE_NOT_IN_PROMPT = Phrase(
    "The prompt does not contain `{value}`. The first value is a piece of the prompt, just as it "
    "stands there; the others take its place.",
    "プロンプトに `{value}` がありません。最初の値にはプロンプトの一部をそのまま書き、残りの値がそれを置き換えます。",
)
COMPARE_UNKNOWN = Phrase(
    "{parameter} cannot be compared. Choose one of: {example}.",
    "{parameter} は比較できません。次から選んでください：{example}",
)
COMPARE_DOWN_HALF = Phrase(
    "Give `down` and `down_values` together, or neither of them.",
    "`down` と `down_values` は両方とも指定するか、両方とも省略してください。",
)
COMPARE_NO_PICTURE = Phrase(
    "There is nothing whose strength could be compared: attach the `picture` to begin from.",
    "強さを比べる元の画像がありません。`picture` に元になる画像を添付してください。",
)
NOTHING_LIKED = Phrase(
    "None of your newest boards has a rating that could steer. Press 👍 under a picture first; "
    "then I can compare what your likes do.",
    "あなたの最近のボードに、反映できる評価がありません。まず画像の 👍 を押してください。そうすれば好みの効果を比較できます。",
)

# --- Pictures to begin from --------------------------------------------------------------

UPLOAD_NO_PICTURE = Phrase(
    "That is no picture I can read. Attach a PNG, JPEG, WebP or GIF.",
    "読み取れる画像ではありません。PNG、JPEG、WebP、GIF のいずれかを添付してください。",
)
UPLOAD_TOO_LARGE = Phrase(
    "That file is too large; a picture can have up to {most} MiB. Save it smaller, or as a JPEG.",
    "ファイルが大きすぎます。画像は {most} MiB までです。小さくするか、JPEG で保存してください。",
)
UPLOAD_BROKEN = Phrase(
    "That picture is damaged or cut off, and I cannot read it. Save it anew, as a PNG or JPEG, and "
    "attach that.",
    "画像が壊れているか途中で切れていて、読み取れません。PNG か JPEG で保存し直して添付してください。",
)
UPLOAD_TOO_MANY_PIXELS = Phrase(
    "That picture is too large to read; it can have up to {most} million pixels, a WebP {webp} "
    "million. Save it smaller: 3840 × 2160 is as much as I use.",
    "画像が大きすぎて読み取れません。{most} 百万画素（WebP は {webp} 百万画素）までです。"
    "縮小して保存してください。使うのは 3840 × 2160 程度までです。",
)
UPLOAD_TOO_SLOW = Phrase(
    "Reading that picture takes too long. Save it anew, as a plain PNG or JPEG, and attach that.",
    "画像の読み取りに時間がかかりすぎます。通常の PNG か JPEG で保存し直して添付してください。",
)
UPLOAD_NOT_FETCHED = Phrase(
    "I could not get that file from Discord. Attach it again, please.",
    "Discord からファイルを取得できませんでした。もう一度添付してください。",
)
MASK_OR_AREA = Phrase(
    "Say what to paint anew: choose an `area`, or attach a `mask` that is white there and black "
    "elsewhere.",
    "描き直す場所を指定してください。`area` を選ぶか、そこを白、ほかを黒に塗った `mask` を添付します。",
)
STRENGTH_OUT_OF_RANGE = Phrase(
    "Strength goes from above 0 (the same picture) to 1 (all but forgets it), not {given:g}.",
    "強さは 0 より大きく（元のまま）、1（ほぼ別の絵）までです（{given:g} は不可）。",
)
STRENGTH_TOO_LITTLE = Phrase(
    "With {steps} steps, a strength of {given:g} takes none of them. Ask for at least {least:g}, "
    "or for more steps.",
    "{steps} ステップでは強さ {given:g} だと 1 ステップも描けません。{least:g} 以上にするか、ステップ数を増やしてください。",
)
NUMBER_NOT_UNDERSTOOD = Phrase(
    "I do not understand the number `{given}`. Write one such as `0.6`.",
    "数 `{given}` が読み取れません。`0.6` のように書いてください。",
)
CANNOT_EDIT = Phrase(
    "The model {model} does not edit by words here. `/restyle` paints a picture anew as you "
    "describe it, and `/inpaint` a part of it.",
    "ここではモデル {model} は言葉での編集に対応していません。`/描き替え` なら説明どおりに全体を、"
    "`/部分描き直し` なら一部を描き直せます。",
)
NO_INSTRUCTION = Phrase(
    "Say what is to be changed, for example: `make the sky pink`.",
    "何を変えるか書いてください。例：`空をピンクにして`",
)
KEEP_OUT_OF_RANGE = Phrase(
    "Keeping the picture goes from 1 to {most:g}, not {given:g}. Higher keeps more; left out, it "
    "suits the model.",
    "元の画像を保つ強さは 1～{most:g} です（{given:g} は不可）。高いほど元のままです。省くとモデルに合わせます。",
)
ETA_OUT_OF_RANGE = Phrase(
    "η goes from 0 to {most:g}, not {given:g}. 0.6 to 0.8 is useful; higher changes more.",
    "η は 0～{most:g} です（{given:g} は不可）。0.6～0.8 が目安で、高いほど大きく変わります。",
)
NO_TARGET = Phrase(
    "Say what the picture is to show, for example: `a photo of a sitting dog`.",
    "どんな画像にしたいか書いてください。例：`座っている犬の写真`",
)
EDIT_COUNT = Phrase(
    "An edit gives 1 to {most} pictures, not {given}.",
    "編集で作れるのは 1～{most} 枚です（{given} 枚は不可）。",
)
EDIT_VIEWPOINT = Phrase(
    "I can change how things look, but not from where they are seen. Try another change, or "
    "`/imagine` with words such as `seen from above`; `/outpaint` shows more around a picture. "
    "To try it all the same, begin with `!`.",
    "見た目は変えられますが、見る角度や距離は変えられません。別の変更を試すか、`/描く` で「上から見た」のように"
    "書いてみてください。まわりを広げるなら `/描き足す` があります。それでも試すなら、先頭に `!` を付けてください。",
)
EDIT_MOVING = Phrase(
    "I can change things, but not move them to another place. `/inpaint` can paint the old place "
    "over and put something new where you want it. To try it all the same, begin with `!`.",
    "ものを変えることはできますが、別の場所へ動かすことはできません。`/部分描き直し` なら、元の場所を塗りつぶし、"
    "好きな場所に新しく描けます。それでも試すなら、先頭に `!` を付けてください。",
)
EDIT_SWAPPING = Phrase(
    "I cannot swap two things with each other. Change one after the other, such as `make the left "
    "ball blue`, then *Edit this* on the result. To try it all the same, begin with `!`.",
    "2 つのものを互いに入れ替えることはできません。`左のボールを青に` のように 1 つずつ変え、"
    "できた画像を続けて編集してください。それでも試すなら、先頭に `!` を付けてください。",
)
EDIT_ISOLATING = Phrase(
    "I cannot cut something out or leave only one thing. Try `make the background plain white`, or "
    "`/inpaint` with the part that is to go. To try it all the same, begin with `!`.",
    "切り抜いたり、1 つだけを残したりすることはできません。`背景を真っ白に` と頼むか、"
    "`/部分描き直し` で消したい場所を塗り直してください。それでも試すなら、先頭に `!` を付けてください。",
)
EDIT_NO_PICTURE = Phrase(
    "There is no picture of mine on that message to edit.",
    "そのメッセージには、編集できる画像がありません。",
)

# --- Pictures to paint again -------------------------------------------------------------

NO_RECORD = Phrase(
    "This file does not say how it was made. Attach the original PNG as I posted it (open the "
    "picture and save the original); screenshots and smaller copies have lost it.",
    "このファイルには作り方の記録がありません。投稿された元の PNG を添付してください（画像を開いて元のファイルを保存）。"
    "スクリーンショットや縮小した画像には記録が残りません。",
)
RECORD_NEWER = Phrase(
    "This picture was made in a way that I do not know yet. Ask whoever runs me for a newer version.",
    "この画像は、まだ対応していない方法で作られています。運営者に新しい版への更新を頼んでください。",
)
RECORD_UNREADABLE = Phrase(
    "What this picture says of how it was made cannot be read (`{field}`). Attach the original file.",
    "この画像の作り方の記録が読み取れません（`{field}`）。元のファイルを添付してください。",
)
OTHER_MODEL = Phrase(
    "This picture needs the model {model}, and {loaded} paints here. {anyway} to see what {loaded} "
    "makes of it.",
    "この画像にはモデル {model} が必要ですが、ここでは {loaded} が描きます。"
    "{loaded} で描いてみるには、{anyway}。",
)
STEERING_LOST = Phrase(
    "Of the pictures that steered this one, {count} are gone, or not yours to use here. {anyway} to "
    "paint without them.",
    "この画像に反映された画像のうち {count} 枚は、削除されたか、ここでは使えません。それなしで描くには、{anyway}。",
)
CHOOSE_ANYWAY = Phrase("Choose `anyway`", "`そのまま描く` を選んでください")
PRESS_ANYWAY = Phrase("Press **Paint anyway**", "**そのまま描く** を押してください")
SOURCE_LOST = Phrase(
    "The picture that this one began from, or its mask, is gone, or not yours to use here. If you "
    "have it, `/restyle` or `/inpaint` begin from it anew.",
    "この画像の元になった画像かマスクは、削除されたか、ここでは使えません。"
    "お手元にあれば、`/restyle` や `/inpaint` で描き直せます。",
)
ADAPTERS_LOST = Phrase(
    "This picture was painted with adapters that are not here, so it cannot be painted again.",
    "この画像はここにないアダプターで描かれたため、もう一度描くことはできません。",
)
NOTHING_LEFT = Phrase(
    "This picture was painted without words, from pictures that steered it alone, and those are "
    "gone, or not yours to use here. `/imagine` starts anew.",
    "この画像は言葉を使わず、反映した画像だけから描かれましたが、それらは削除されたか、ここでは使えません。"
    "`/imagine` で新しく描けます。",
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
    "The model {model} has no safety checker, so I use it only in age-restricted channels. "
    "Try it in one, ask an admin to mark this channel as age-restricted, or ask whoever runs me "
    "to set KONOMI_SAFETY_CHECKER.",
    "モデル {model} には安全フィルターがないため、年齢制限チャンネルでのみ使えます。"
    "そのチャンネルで試すか、管理者にこのチャンネルの年齢制限を、または運営者に KONOMI_SAFETY_CHECKER の設定を頼んでください。",
)
NEEDS_CHECKER = Phrase(
    "My host wants every picture checked for adult content, and the model {model} has no safety "
    "checker. Ask whoever runs me to set KONOMI_SAFETY_CHECKER, or KONOMI_MILDEST_FILTER to `off`.",
    "ホストの設定により、成人向け内容の確認が必要ですが、モデル {model} には安全フィルターがありません。"
    "運営者に KONOMI_SAFETY_CHECKER を設定するか、KONOMI_MILDEST_FILTER を `off` にするよう頼んでください。",
)
FILTER_TOO_MILD = Phrase(
    "My host does not allow that; the mildest content filter is “{mildest}”. "
    "Choose that one or a stricter one.",
    "ホストの設定により選べません。最も緩い設定は「{mildest}」です。それか、より厳しいものを選んでください。",
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
    "That does not fit into this machine's memory. Ask for a smaller size, or let fewer pictures "
    "steer: take back ratings, or reset the board.",
    "この機械のメモリに収まりません。サイズを小さくするか、評価を取り消す、またはボードをリセットして、"
    "反映する画像を減らしてください。",
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
