"""Problems of trainings and of their data in members' languages: a phrase for each code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.text.phrases import Phrase
from generation.protocol.problems import Code

TRAINING_PROBLEMS: Mapping[Code, Phrase] = MappingProxyType(
    {
        Code.TRAIN_NO_FOLDER: Phrase(
            Code.TRAIN_NO_FOLDER.value, "学習用の画像のフォルダー {folder} がありません。"
        ),
        Code.TRAIN_NO_PICTURES: Phrase(
            Code.TRAIN_NO_PICTURES.value,
            "{folder} に画像がありません。PNG、JPEG、WebP のファイルを入れてください。",
        ),
        Code.TRAIN_TOO_MANY: Phrase(
            Code.TRAIN_TOO_MANY.value, "画像が {given} 枚あります。上限は {most} 枚です。"
        ),
        Code.TRAIN_NAME: Phrase(
            Code.TRAIN_NAME.value,
            "metadata.jsonl に {name} とあります。同じフォルダーにある画像のファイル名を、"
            "スラッシュなしで書いてください。",
        ),
        Code.TRAIN_MISSING: Phrase(
            Code.TRAIN_MISSING.value,
            "metadata.jsonl にある {name} がフォルダーにありません。画像を加えるか、その行を消してください。",
        ),
        Code.TRAIN_PICTURE: Phrase(
            Code.TRAIN_PICTURE.value,
            "{name} を画像として読み取れません。PNG か JPEG で保存し直すか、取り除いてください。",
        ),
        Code.TRAIN_PICTURE_TOO_LARGE: Phrase(
            Code.TRAIN_PICTURE_TOO_LARGE.value,
            "{name} は {most} MiB を超えています。小さく保存し直すか、取り除いてください。",
        ),
        Code.TRAIN_METADATA: Phrase(
            Code.TRAIN_METADATA.value,
            "{name} の {line} 行目を読み取れません。1 行に 1 つの JSON オブジェクトを書いてください。",
        ),
        Code.TRAIN_CAPTION: Phrase(
            Code.TRAIN_CAPTION.value,
            "キャプション {name} を読み取れません。短い UTF-8 のテキストとして保存してください。",
        ),
        Code.TRAIN_DUPLICATE: Phrase(
            Code.TRAIN_DUPLICATE.value,
            "{name} は {other} と同じ画像なので、まとめて 1 枚と数えます。",
        ),
        Code.TRAIN_NO_CAPTION: Phrase(
            Code.TRAIN_NO_CAPTION.value,
            "{name} にキャプションがありません。同じ場所に .txt ファイルを置くか、"
            "すべての画像に共通のプロンプトを指定してください。",
        ),
        Code.TRAIN_INITIALIZER: Phrase(
            Code.TRAIN_INITIALIZER.value,
            "テキストエンコーダーは {word} を読めません。別の単語から始めてください。",
        ),
        Code.TRAIN_WORD_KNOWN: Phrase(
            Code.TRAIN_WORD_KNOWN.value,
            "モデルは {word} をすでに知っています。<rocky> のような独自の単語を選んでください。",
        ),
        Code.TRAIN_WORD: Phrase(
            Code.TRAIN_WORD.value,
            "新しい単語は {most} 文字以内で、括弧やコンマを含めないでください。例：<rocky>",
        ),
        Code.TRAIN_OTHER_RUN: Phrase(
            Code.TRAIN_OTHER_RUN.value,
            "フォルダー {folder} は別の学習で使われています。空のフォルダーを選ぶか、"
            "その学習と同じ設定にしてください。",
        ),
        Code.TRAIN_NEEDS_GPU: Phrase(
            Code.TRAIN_NEEDS_GPU.value,
            "オプティマイザー {optimizer} には GPU が必要です。adamw を選んでください。",
        ),
        Code.TRAIN_NO_OPTIMIZER: Phrase(
            Code.TRAIN_NO_OPTIMIZER.value,
            "オプティマイザー {optimizer} がインストールされていません。pip install konomi[gpu] "
            "を実行するか、adamw を選んでください。",
        ),
        Code.TRAIN_NOT_FINITE: Phrase(
            Code.TRAIN_NOT_FINITE.value,
            "ステップ {step} で損失が数値でなくなりました。学習率を半分にして、"
            "最初からやり直してください。",
        ),
        Code.TRAIN_DIVERGED: Phrase(
            Code.TRAIN_DIVERGED.value,
            "ステップ {step} まで損失が増え続けました。学習率を半分にして、"
            "最初からやり直してください。",
        ),
        Code.TRAIN_RATINGS_MISSING: Phrase(
            Code.TRAIN_RATINGS_MISSING.value,
            "評価がありません。フォルダーの metadata.jsonl に、画像ごとに file_name と、"
            "1 または -1 の rating を 1 行ずつ書いてください。",
        ),
        Code.TRAIN_RATING: Phrase(
            Code.TRAIN_RATING.value,
            "metadata.jsonl の {name} の rating は 1 か -1 にしてください。",
        ),
        Code.TRAIN_NO_LIKES: Phrase(
            Code.TRAIN_NO_LIKES.value,
            "好みを学習するには「好き」の画像が必要ですが、1 枚もありません。",
        ),
        Code.TRAIN_NO_DISLIKES: Phrase(
            Code.TRAIN_NO_DISLIKES.value,
            "この方法で好みを学習するには「苦手」の画像も必要です。"
            "代わりに「好き」の画像だけで学習してください。",
        ),
        Code.TRAIN_NO_RATED_PAIRS: Phrase(
            Code.TRAIN_NO_RATED_PAIRS.value,
            "この方法で好みを学習するには、同じラウンドの「好き」と「苦手」の画像が必要です。"
            "代わりに「好き」の画像だけで学習してください。",
        ),
        Code.TRAIN_NO_PRIOR_NOISE: Phrase(
            Code.TRAIN_NO_PRIOR_NOISE.value,
            "この方法で好みを学習するには、"
            "プロンプトだけから学習と同じサイズで描いた画像のシードが必要ですが、{count} "
            "枚にはありません。代わりに通常のペアを使ってください。",
        ),
        Code.PAIRS_NO_CAPTIONS: Phrase(
            Code.PAIRS_NO_CAPTIONS.value,
            "{name} にキャプションがありません。1 行に 1 つ書いてください。",
        ),
        Code.PAIRS_UNREADABLE: Phrase(
            Code.PAIRS_UNREADABLE.value,
            "{name} を読み取れません。{most} MiB までの UTF-8 のテキスト、.csv、.jsonl のいずれかを指定してください。",
        ),
        Code.PAIRS_ROW: Phrase(
            Code.PAIRS_ROW.value,
            "{name} の {row} 行目は使えません。どの行にもキャプション、指示、編集後のキャプションを書いてください。",
        ),
        Code.PAIRS_ALTERNATIVES: Phrase(
            Code.PAIRS_ALTERNATIVES.value,
            "{name} に言い換えがありません。2 語以上を持つオブジェクトの JSON リストを書いてください。"
            '例：[{{"words": ["cat", "dog"]}}]',
        ),
        Code.PAIRS_NOTHING_TO_REPLACE: Phrase(
            Code.PAIRS_NOTHING_TO_REPLACE.value,
            "言い換えのある単語を含むキャプションがありません。言い換えの一覧か、指示を書いた表を指定してください。",
        ),
        Code.PAIRS_OTHER: Phrase(
            Code.PAIRS_OTHER.value,
            "フォルダー {folder} には別のものがあります。空のフォルダーを選ぶか、そこにあるペアと同じ設定にしてください。",
        ),
        Code.TRAIN_NO_PAIRS: Phrase(
            Code.TRAIN_NO_PAIRS.value,
            "{folder} にペアがありません。metadata.jsonl の各行に input_image、edited_image、edit_prompt を書いてください。",
        ),
        Code.TRAIN_NO_OUT: Phrase(
            Code.TRAIN_NO_OUT.value, "学習結果の出力先フォルダー {folder} がありません。"
        ),
        Code.TRAIN_RANGE: Phrase(
            "{setting:code} must be between {least:number} and {most:number}, not {given:number}.",
            "{setting:code} は {least:number}～{most:number} です（{given:number} は不可）。",
        ),
        Code.TRAIN_WORDS: Phrase(
            "{setting:code} can have up to {most:plural one=# character other=# characters}.",
            "{setting:code} は {most:number} 文字までです。",
        ),
        Code.TRAIN_RESULT_NAME: Phrase(
            "The name of the result becomes a file name: up to {most:plural one=# character "
            'other=# characters}, without any of `/ \\ : * ? " < > |`, and not starting with a dot.',
            '結果の名前はファイル名になります。{most:number} 文字までで、`/ \\ : * ? " < > |` '
            "は使えず、ピリオドで始めることもできません。",
        ),
        Code.TRAIN_DROPS: Phrase(
            "The chances to drop must add up to at most {most:number}.",
            "省略する確率の合計は {most:number} までです。",
        ),
        Code.TRAIN_TEXT_ENCODER: Phrase(
            Code.TRAIN_TEXT_ENCODER.value,
            "テキストエンコーダー全体を学習できるのは、UNet 全体を学習するときだけです。LoRA を外すか、"
            "テキストエンコーダーの LoRA を学習してください。",
        ),
        Code.TRAIN_MEMORY: Phrase(
            Code.TRAIN_MEMORY.value,
            "この学習にはメモリが約 {needed:.2f} GB 必要ですが、使えるのは {limit:.2f} GB です。"
            "{instead}",
        ),
        Code.TRAIN_OUT_OF_MEMORY: Phrase(
            Code.TRAIN_OUT_OF_MEMORY.value, "この学習はデバイスのメモリに収まりません。{instead}"
        ),
        Code.TRAIN_SMALLER_BATCH: Phrase(
            Code.TRAIN_SMALLER_BATCH.value,
            "バッチサイズを {batch}、勾配累積を {accumulation} ステップにしてください。",
        ),
        Code.TRAIN_CHECKPOINTING: Phrase(
            Code.TRAIN_CHECKPOINTING.value,
            "バッチサイズを 1 にして、勾配チェックポイントを有効にしてください。",
        ),
        Code.TRAIN_SMALLER_SIDE: Phrase(
            Code.TRAIN_SMALLER_SIDE.value,
            "{side} × {side} ピクセル、バッチサイズ 1、勾配チェックポイントありで学習してください。",
        ),
        Code.TRAIN_LORA_INSTEAD: Phrase(
            Code.TRAIN_LORA_INSTEAD.value,
            "代わりに、必要なメモリがずっと少ない LoRA を学習してください。",
        ),
        Code.TRAIN_SMALLER_MODEL: Phrase(
            Code.TRAIN_SMALLER_MODEL.value,
            "より小さいモデルを使うか、使えるメモリを増やしてください。",
        ),
        Code.TRAIN_DISK: Phrase(
            Code.TRAIN_DISK.value,
            "この学習は {folder} に約 {needed:.2f} GB を書き込みますが、空きは {free:.2f} GB "
            "です。空きを増やすか、サイズの小さい LoRA を学習してください。",
        ),
        Code.TRAIN_DISK_FULL: Phrase(
            Code.TRAIN_DISK_FULL.value,
            "ディスクの空きがなく、チェックポイントを保存できませんでした。"
            "空きを作ってもう一度学習すると、最後のチェックポイントから続きます。",
        ),
    }
)
