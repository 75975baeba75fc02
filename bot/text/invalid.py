"""Sentences about requests that cannot be painted as they are, in English and Japanese."""

from __future__ import annotations

from bot.text.phrases import Phrase

# --- What a request may not ask for ------------------------------------------------------

NO_PROMPT = Phrase(
    "Say what to paint, for example: `a red star on a blue background`.",
    "何を描くか書いてください。例：`a red star on a blue background`",
)
PROMPT_TOO_LONG = Phrase(
    "Your prompt has {length:plural one=# character other=# characters}; the limit is {most:number}. "
    "Leave out the least important parts; models follow the beginning of a prompt best.",
    "プロンプトが {length:number} 文字あります。上限は {most:number} 文字です。"
    "モデルは先に書いたことによく従うので、大事でない部分から削ってください。",
)
NO_NEGATIVES = Phrase(
    "The model {model} has built-in guidance and can't leave things out. Remove `negative`, and say "
    "in the prompt what should be there instead.",
    "モデル {model} はガイダンスを内蔵しているため、除外の指定ができません。`除外` を省いて、"
    "代わりに何を描くかをプロンプトに書いてください。",
)
BRACES_UNMATCHED = Phrase(
    "Every `{{` in the prompt needs a matching `}}`, as in `a {{red|blue}} star`, where each picture "
    "takes one of the choices.",
    "プロンプトの `{{` には対になる `}}` が必要です。"
    "例：`a {{red|blue}} star`（画像ごとにどれか 1 つ）",
)
BRACES_TOO_MANY = Phrase(
    "A prompt can have up to {most:plural one=# choice other=# choices} in braces, nested "
    "up to {deepest:plural one=# level other=# levels} deep.",
    "プロンプトに書ける波かっこの選択肢は {most:number} 個、入れ子は {deepest:number} 段までです。",
)
BRACES_TOO_MANY_ALTERNATIVES = Phrase(
    "The braces in a prompt can hold up to {alternatives:plural one=# alternative other=# "
    "alternatives} in total. Leave some out.",
    "波かっこの中に書ける候補は、プロンプト全体で {alternatives:number} 個までです。"
    "いくつか減らしてください。",
)
BRACES_TOO_LONG = Phrase(
    "The choices in braces add up to more than {longest:plural one=# character other=# "
    "characters}. Use fewer of them, as in `{{2$$, $$red|green|blue}}`.",
    "波かっこの選択肢をつなげると {longest:number} 文字を超えます。"
    "`{{2$$, $$red|green|blue}}` のように、取り出す数を減らしてください。",
)
TOO_MANY_BREAKS = Phrase(
    "A prompt can have up to {most:plural one=# `BREAK` other=# `BREAK`s}. Leave some out.",
    "プロンプトに使える `BREAK` は {most:number} 個までです。減らしてください。",
)
TOO_MANY_LIGHTER = Phrase(
    "A prompt can have up to {lighter:plural one=# part other=# parts} with a weight "
    "below 1, such as `(word:0.5)` or `[word]`. Leave some out, or put several words into "
    "one pair of brackets.",
    "`(言葉:0.5)` や `[言葉]` のように重みを 1 より小さくできるのは、"
    "プロンプト全体で {lighter:number} か所までです。いくつか減らすか、ひとつのかっこにまとめてください。",
)
BRACES_UNREADABLE = Phrase(
    "I can't read the braces in the prompt. Write them as in `a {{red|blue}} star`.",
    "プロンプトの波かっこが読み取れません。`a {{red|blue}} star` のように書いてください。",
)
COUNT_OUT_OF_RANGE = Phrase(
    "You can ask for 1 to {most:plural one=# picture other=# pictures} at a time, not "
    "{given:number}. For more, press **Next round** afterwards.",
    "1 回に描けるのは 1～{most:number} 枚です（{given:number} 枚は不可）。"
    "続きは **次のラウンド** を押してください。",
)
STEPS_OUT_OF_RANGE = Phrase(
    "You can ask for 1 to {most:plural one=# step other=# steps}, not {given:number}. This model usually "
    "takes {usual:number}; above 50, little changes.",
    "ステップ数は 1～{most:number} です（{given:number} は不可）。"
    "このモデルの標準は {usual:number} で、50 を超えるとほぼ変わりません。",
)
GUIDANCE_OUT_OF_RANGE = Phrase(
    "Guidance must be between 1 and {most:number}, not {given:number}. This model's usual "
    "value is {usual:number}; higher values follow the prompt more closely.",
    "ガイダンスは 1～{most:number} です（{given:number} は不可）。"
    "このモデルの標準は {usual:number} で、高いほどプロンプトに忠実です。",
)
SEED_OUT_OF_RANGE = Phrase(
    "A seed must be a whole number from 0 to {most:number}. Leave it out for a random one.",
    "シードは 0～{most:number} の整数です。省略するとランダムになります。",
)
SIDE_TOO_SMALL = Phrase(
    "Width and height must be at least {least:plural one=# pixel other=# pixels}, not {given:number}.",
    "幅と高さはそれぞれ {least:number} ピクセル以上にしてください（{given:number} は不可）。",
)
SIDE_NOT_MULTIPLE = Phrase(
    "Width and height must be multiples of {multiple:plural one=# pixel other=# pixels}. The nearest "
    "to {given} is {nearest}.",
    "幅と高さは {multiple:number} の倍数にしてください。{given} に最も近いのは {nearest} です。",
)
AREA_TOO_LARGE = Phrase(
    "{width} × {height} is too large for this model. It can paint up to {side} × {side}, "
    "or the same area in another shape.",
    "{width} × {height} はこのモデルには大きすぎます。描けるのは {side} × {side} か、"
    "それと同じ面積までです。",
)
MEMORY_SIZE_OR_STEERING = Phrase(
    "{width} × {height}, steered by {steering:plural one=# picture other=# pictures}, "
    "needs {needed:number .1} GB of this machine's memory, but I can only use "
    "{limit:number .1} GB. Ask for at most {better_width} × {better_height}, or take back "
    "ratings until at most {count:plural one=# picture steers other=# pictures steer}.",
    "{width} × {height} を {steering:number} 枚の評価を反映して描くには "
    "{needed:number .1} GB のメモリが必要ですが、使えるのは {limit:number .1} GB です。{better_width} × "
    "{better_height} 以下にするか、評価を取り消して {count:number} "
    "枚以下に減らしてください。",
)
MEMORY_SIZE = Phrase(
    "{width} × {height} needs {needed:number .1} GB of this machine's memory, but I can only use "
    "{limit:number .1} GB. Ask for at most {better_width} × {better_height}.",
    "{width} × {height} には {needed:number .1} GB のメモリが必要ですが、"
    "使えるのは {limit:number .1} GB です。"
    "{better_width} × {better_height} 以下にしてください。",
)
MEMORY_STEERING = Phrase(
    "Steering by {steering:plural one=# picture other=# pictures} needs more memory than the "
    "{limit:number .1} GB I can use. Take back ratings until at most {count:plural one=# picture "
    "steers other=# pictures steer}, or reset the board.",
    "{steering:number} 枚の評価を反映するには、"
    "使える {limit:number .1} GB よりも多くのメモリが必要です。"
    "評価を取り消して {count:number} 枚以下にするか、ボードをリセットしてください。",
)
MEMORY_NOTHING = Phrase(
    "That needs {needed:number .1} GB of this machine's memory, but I can only use "
    "{limit:number .1} GB, which isn't enough for any picture. Ask whoever runs me for a "
    "smaller model or a higher KONOMI_MEMORY_LIMIT_MB.",
    "必要なメモリは {needed:number .1} GB ですが、使えるのは {limit:number .1} GB で、1 "
    "枚も描けません。ボットの運営者に、小さいモデルにするか KONOMI_MEMORY_LIMIT_MB "
    "を上げるよう頼んでください。",
)
SIZE_NOT_UNDERSTOOD = Phrase(
    "I don't understand the size {given:code}. Give width × height in pixels, such as `512x768`, an "
    "aspect ratio such as `3:2`, or `portrait`, `landscape` or `square`; or leave it out.",
    "サイズ {given:code} が読み取れません。`512x768`（幅x高さ、ピクセル）、`3:2`（縦横比）、"
    "`縦長`、`横長`、`正方形` のように書くか、省略してください。",
)
ASPECT_OUT_OF_RANGE = Phrase(
    "One side can be at most {most:plural one=# time other=# times} as long as the other. "
    "For a wide picture, try `16:9` or `2:1`.",
    "長い辺は短い辺の {most:number} 倍までです。横長にするなら `16:9` や `2:1` をお試しください。",
)
SIZE_TWICE = Phrase(
    "Give either `size`, or `width` and `height`, but not both.",
    "`サイズ` か、`幅` と `高さ` の、どちらか一方だけを指定してください。",
)
FEEDBACK_WINDOW = Phrase(
    "`feedback_start` and `feedback_end` are shares of the steps between 0 and 1, and the start must "
    "come before the end. This model's usual values are {start:number} and {end:number}.",
    "`フィードバック開始` と `フィードバック終了` は 0～1 のステップの割合で、開始は終了より前にしてください。"
    "このモデルの標準は {start:number} と {end:number} です。",
)
FEEDBACK_STRENGTH = Phrase(
    "Feedback strength must be between 0 (off) and {most:number}, not {given:number}. This "
    "model's usual value is {usual:number}.",
    "フィードバックの強さは 0（なし）～{most:number} です（{given:number} は不可）。"
    "このモデルの標準は {usual:number} です。",
)
FEEDBACK_EXPLORE = Phrase(
    "The share of wildcards must be between 0 and 1, not {given:number}. This model's usual "
    "share is {usual:number}.",
    "探索する画像の割合は 0～1 です（{given:number} は不可）。"
    "このモデルの標準は {usual:number} です。",
)
FEEDBACK_DROP = Phrase(
    "The chance of ignoring the prompt must be between 0 (never) and 1, not {given:number}. Try 0.3 "
    "if all your rounds look alike.",
    "プロンプトを省く確率は 0（なし）～1 です（{given:number} は不可）。"
    "似た画像ばかりのときは 0.3 をお試しください。",
)
COMPARE_ONE_VALUE = Phrase(
    "A comparison needs at least two different values for {parameter}, for example: {example:code}.",
    "比較には{parameter}の異なる値が 2 つ以上必要です。例：{example:code}",
)
COMPARE_NOT_A_NUMBER = Phrase(
    "{value:code} can't be used for {parameter}. Give numbers, for example: {example:code}.",
    "{value:code} は{parameter}の値に使えません。数値で書いてください。例：{example:code}",
)
COMPARE_NOT_WHOLE = Phrase(
    "{value:code} can't be used for {parameter}. Give whole numbers, for example: {example:code}.",
    "{value:code} は{parameter}の値に使えません。整数で書いてください。例：{example:code}",
)
COMPARE_NO_SCHEDULER = Phrase(
    "There is no {parameter} called {value:code}. Give names, for example: {example:code}.",
    "{value:code} という{parameter}はありません。名前で書いてください。例：{example:code}",
)
COMPARE_TWICE = Phrase(
    "You chose {parameter} for both across and down. Choose another setting for one of them.",
    "横軸と縦軸がどちらも{parameter}です。片方を別の設定にしてください。",
)
COMPARE_TOO_MANY = Phrase(
    "That makes {count:plural one=# picture other=# pictures}, but a sheet holds at most "
    "{most:number}. With more, each picture would be too small to judge, and others would "
    "wait a long time. Leave out some values.",
    "{count:number} 枚になりますが、1 枚の比較表に並べられるのは {most:number} 枚までです。"
    "それ以上は小さすぎて見比べられず、ほかの人も長く待つことになります。値を減らしてください。",
)
COMPARE_NOT_IN_PROMPT = Phrase(
    "The prompt doesn't contain {value:code}. The first value must be a part of the "
    "prompt, exactly as written; the other values replace it.",
    "プロンプトに {value:code} がありません。最初の値にはプロンプトの一部をそのまま書いてください。"
    "残りの値がそれを置き換えます。",
)
COMPARE_UNKNOWN = Phrase(
    "I can't compare {parameter}. Choose one of: {example}.",
    "{parameter}は比較できません。次から選んでください：{example}",
)
COMPARE_DOWN_HALF = Phrase(
    "Give both `down` and `down_values`, or neither.",
    "`縦軸` と `縦軸の値` は両方とも指定するか、両方とも省略してください。",
)
COMPARE_NO_PICTURE = Phrase(
    "To compare strengths, attach the `picture` to start from.",
    "強さを比べるには、`画像` に元になる画像を添付してください。",
)
NOTHING_LIKED = Phrase(
    "None of your recent boards has a rating to steer by. Press 👍 under a picture first; "
    "then you can compare how likes steer.",
    "最近のボードに、反映できる評価がありません。まず画像に 👍 を付けてください。"
    "そうすると、好みの反映の仕方を比較できます。",
)

# --- Pictures to begin from --------------------------------------------------------------

UPLOAD_NO_PICTURE = Phrase(
    "I can't read that as a picture. Attach a PNG, JPEG, WebP or GIF.",
    "画像として読み取れません。PNG、JPEG、WebP、GIF のいずれかを添付してください。",
)
UPLOAD_TOO_LARGE = Phrase(
    "That file is too large; a picture can have up to {most:number} MiB. Save it at a smaller size, "
    "or as a JPEG.",
    "ファイルが大きすぎます。画像は {most:number} MiB までです。小さくするか、"
    "JPEG で保存してください。",
)
UPLOAD_BROKEN = Phrase(
    "I can't read that picture because it is damaged or incomplete. Save it again as a PNG or JPEG, "
    "and attach that.",
    "画像が壊れているか途中で切れていて、読み取れません。PNG か JPEG で保存し直して添付してください。",
)
UPLOAD_TOO_MANY_PIXELS = Phrase(
    "That picture is too large to read. It can have up to {most:number} million pixels, "
    "or {webp:number} million as a WebP. Save a smaller version; I use no more than 3840 "
    "× 2160 anyway.",
    "画像が大きすぎて読み取れません。"
    "{most:number} 百万画素（WebP は {webp:number} 百万画素）までです。"
    "縮小して保存してください。使うのは 3840 × 2160 程度までです。",
)
UPLOAD_TOO_SLOW = Phrase(
    "That picture takes too long to read. Save it again as a plain PNG or JPEG, and attach that.",
    "画像の読み取りに時間がかかりすぎます。通常の PNG か JPEG で保存し直して添付してください。",
)
UPLOAD_NOT_FETCHED = Phrase(
    "I couldn't get that file from Discord. Please attach it again.",
    "Discord からファイルを取得できませんでした。もう一度添付してください。",
)
MASK_OR_AREA = Phrase(
    "Say what to repaint: choose an `area`, or attach a `mask` with that part in white "
    "and the rest in black.",
    "描き直す場所を指定してください。`場所` を選ぶか、描き直す場所を白、ほかを黒に塗った `マスク` を添付します。",
)
STRENGTH_OUT_OF_RANGE = Phrase(
    "Strength must be more than 0 (the same picture) and at most 1 (hardly anything is kept), not "
    "{given:number}.",
    "強さは 0（元のまま）より大きく、1（ほぼ別の画像）までです（{given:number} は不可）。",
)
STRENGTH_TOO_LITTLE = Phrase(
    "With {steps:plural one=# step other=# steps}, a strength of {given:number} changes nothing. Use "
    "a strength of at least {least:number}, or more steps.",
    "{steps:number} ステップでは、強さ {given:number} だと何も変わりません。"
    "強さを {least:number} 以上にするか、ステップ数を増やしてください。",
)
STRENGTH_TOO_LITTLE_LCM = Phrase(
    "With LCM, {steps:plural one=# step needs other=# steps need} a strength of at least "
    "{least:number}, not {given:number}. Use a higher strength, or fewer steps.",
    "LCM で {steps:number} ステップを使うには、強さ {least:number} 以上が必要です（{given:number} は不可）。"
    "強さを上げるか、ステップ数を減らしてください。",
)
NUMBER_NOT_UNDERSTOOD = Phrase(
    "I don't understand the number {given:code}. Write it like `0.6`.",
    "数値 {given:code} が読み取れません。`0.6` のように書いてください。",
)
CANNOT_EDIT = Phrase(
    "The model {model} can't follow editing instructions here. `/restyle` repaints a "
    "whole picture from a description, and `/inpaint` repaints a part of it.",
    "ここではモデル {model} は言葉での編集に対応していません。`/描き替え` "
    "なら説明に合わせて全体を、`/部分描き直し` なら一部を描き直せます。",
)
NO_INSTRUCTION = Phrase(
    "Say what to change, for example: `make the sky pink`.",
    "何を変えるか書いてください。例：`空をピンクにして`",
)
KEEP_OUT_OF_RANGE = Phrase(
    "`keep` must be between 1 and {most:number}, not {given:number}. This model's usual "
    "value is {usual:number}; higher values keep more.",
    "`保つ` は 1～{most:number} です（{given:number} は不可）。"
    "このモデルの標準は {usual:number} で、高いほど元の画像に近くなります。",
)
ETA_OUT_OF_RANGE = Phrase(
    "η must be between 0 and {most:number}, not {given:number}. 0.6 to 0.8 works well; higher values "
    "change more.",
    "η は 0～{most:number} です（{given:number} は不可）。0.6～0.8 が目安で、"
    "高いほど大きく変わります。",
)
NO_TARGET = Phrase(
    "Say what the picture should show, for example: `a photo of a sitting dog`.",
    "どんな画像にしたいか書いてください。例：`座っている犬の写真`",
)
EDIT_COUNT = Phrase(
    "An edit can make 1 to {most:plural one=# picture other=# pictures}, not {given:number}.",
    "編集で作れるのは 1～{most:number} 枚です（{given:number} 枚は不可）。",
)
EDIT_VIEWPOINT = Phrase(
    "I can change how things look, but not where they are seen from. Try another change, or "
    "`/imagine` with words such as `seen from above`; `/outpaint` shows more around a picture. To "
    "try anyway, start with `!`.",
    "見た目は変えられますが、見る角度や距離は変えられません。別の変更を試すか、"
    "`/描く` で「上から見た」のように書いてみてください。まわりを広げるなら `/描き足し` があります。"
    "それでも試すなら、先頭に `!` を付けてください。",
)
EDIT_MOVING = Phrase(
    "I can change things, but I can't move them to another place. With `/inpaint`, you can paint "
    "over the old place and add something new where you want it. To try anyway, start with `!`.",
    "ものを変えることはできますが、別の場所へ動かすことはできません。`/部分描き直し` なら、元の場所を塗りつぶし、"
    "好きな場所に新しく描けます。それでも試すなら、先頭に `!` を付けてください。",
)
EDIT_SWAPPING = Phrase(
    "I can't swap two things. Change one after the other, such as `make the left ball blue`, then "
    "*Edit this* on the result. To try anyway, start with `!`.",
    "2 つのものを互いに入れ替えることはできません。`左のボールを青に` のように 1 つずつ変え、"
    "できた画像を続けて編集してください。それでも試すなら、先頭に `!` を付けてください。",
)
EDIT_ISOLATING = Phrase(
    "I can't cut something out or leave only one thing. Try `make the background plain white`, or "
    "`/inpaint` over the part you want gone. To try anyway, start with `!`.",
    "切り抜いたり、1 つだけを残したりすることはできません。`背景を真っ白に` と頼むか、"
    "`/部分描き直し` で消したい場所を描き直してください。それでも試すなら、先頭に `!` を付けてください。",
)
EDIT_NO_PICTURE = Phrase(
    "That message has no picture of mine to edit.",
    "そのメッセージには、編集できる画像がありません。",
)

# --- Pictures to paint again -------------------------------------------------------------

NO_RECORD = Phrase(
    "This file doesn't contain the picture's settings. Attach the original file that I "
    "posted (open the picture and save the original). Screenshots and smaller copies have "
    "lost the settings.",
    "このファイルには設定の記録がありません。"
    "このボットが投稿した元のファイルを添付してください（画像を開いて元のファイルを保存）。"
    "スクリーンショットや縮小した画像には記録が残りません。",
)
RECORD_SHEET = Phrase(
    "This is a sheet of {count:plural one=# picture other=# pictures}, and I can only "
    "recreate single ones. Attach the file of one of them; in a comparison, **Single "
    "pictures** shows them.",
    "これは {count:number} 枚の画像の一覧です。再現できるのは 1 枚の画像だけです。"
    "その中の 1 枚のファイルを添付してください。比較の画像は **1 枚ずつ見る** で表示できます。",
)
RECORD_NEWER = Phrase(
    "This picture was made in a way that I don't know yet. Ask whoever runs me to update me.",
    "この画像は、まだ対応していない方法で作られています。ボットの運営者に更新を頼んでください。",
)
RECORD_UNREADABLE = Phrase(
    "I can't read the settings saved in this picture ({field:code}). Attach the original file.",
    "この画像に記録された設定が読み取れません（{field:code}）。元のファイルを添付してください。",
)
OTHER_MODEL = Phrase(
    "This picture needs the model {model}, but I paint with {loaded} here. {anyway} to see what "
    "{loaded} makes of it.",
    "この画像にはモデル {model} が必要ですが、ここでは {loaded} が描きます。"
    "{loaded} で描いてみるには、{anyway}。",
)
STEERING_LOST = Phrase(
    "{count:plural one=# picture that steered this one is other=# pictures that steered "
    "this one are} missing, either deleted or not available to you here. {anyway} to "
    "paint without {count:plural one=it other=them}.",
    "この画像に反映された画像のうち {count:number} 枚は、削除されたか、ここでは使えません。"
    "それなしで描くには、{anyway}。",
)
CHOOSE_ANYWAY = Phrase("Choose `anyway`", "`そのまま描く` を選んでください")
PRESS_ANYWAY = Phrase("Press **Paint anyway**", "**そのまま描く** を押してください")
SOURCE_LOST = Phrase(
    "The picture that this one started from, or its mask, was deleted or isn't available "
    "to you here. If you have the file, start from it again with `/restyle` or "
    "`/inpaint`.",
    "この画像の元になった画像かマスクは、削除されたか、ここでは使えません。お手元にあれば、"
    "`/描き替え` や `/部分描き直し` で描き直せます。",
)
ADAPTERS_LOST = Phrase(
    "This picture was painted with styles (such as LoRAs) that you can't use here, or that I don't "
    "have, so I can't recreate it.",
    "この画像は、ここでは使えないか、もうないスタイル（LoRA など）で描かれたため、再現できません。",
)
NOTHING_LEFT = Phrase(
    "This picture was painted without a prompt, only from pictures that steered it, and "
    "those were deleted or aren't available to you here. Use `/imagine` to start "
    "something new.",
    "この画像はプロンプトなしで、反映した画像だけから描かれましたが、それらは削除されたか、ここでは使えません。"
    "`/描く` で新しく描けます。",
)
