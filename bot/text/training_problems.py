"""Problems of trainings in members' languages: a phrase for each code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.text.phrases import Phrase
from generation.protocol.problems import Code

TRAINING_PROBLEMS: Mapping[Code, Phrase] = MappingProxyType(
    {
        Code.TRAIN_NO_OUT: Phrase(
            Code.TRAIN_NO_OUT.value, "学習結果のフォルダー {folder} がありません。"
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
            '結果の名前はファイル名になります。{most:number} 文字までで、`/ \\ : * ? " < > |` は使えず、'
            "点で始めることもできません。",
        ),
        Code.TRAIN_DROPS: Phrase(
            "The chances to drop must add up to at most {most:number}.",
            "省く確率の合計は {most:number} までです。",
        ),
        Code.TRAIN_TEXT_ENCODER: Phrase(
            Code.TRAIN_TEXT_ENCODER.value,
            "テキストエンコーダー全体を学習できるのは、UNet 全体を学習するときだけです。LoRA を外すか、"
            "テキストエンコーダーの LoRA を学習してください。",
        ),
        Code.TRAIN_MEMORY: Phrase(
            Code.TRAIN_MEMORY.value,
            "この学習にはメモリーが約 {needed:.2f} GB 必要ですが、使えるのは {limit:.2f} GB です。{instead}",
        ),
        Code.TRAIN_OUT_OF_MEMORY: Phrase(
            Code.TRAIN_OUT_OF_MEMORY.value, "この学習は装置のメモリーに収まりません。{instead}"
        ),
        Code.TRAIN_SMALLER_BATCH: Phrase(
            Code.TRAIN_SMALLER_BATCH.value,
            "バッチを {batch} にして、1 ステップに {accumulation} 回まとめてください（勾配累積）。",
        ),
        Code.TRAIN_CHECKPOINTING: Phrase(
            Code.TRAIN_CHECKPOINTING.value,
            "バッチを 1 にして、勾配チェックポイントを有効にしてください。",
        ),
        Code.TRAIN_SMALLER_SIDE: Phrase(
            Code.TRAIN_SMALLER_SIDE.value,
            "画像の一辺を {side} ピクセル、バッチを 1 にして、勾配チェックポイントを有効にしてください。",
        ),
        Code.TRAIN_LORA_INSTEAD: Phrase(
            Code.TRAIN_LORA_INSTEAD.value,
            "代わりに、必要なメモリーがずっと少ない LoRA を学習してください。",
        ),
        Code.TRAIN_SMALLER_MODEL: Phrase(
            Code.TRAIN_SMALLER_MODEL.value, "より小さいモデルか、より多くのメモリーが必要です。"
        ),
        Code.TRAIN_DISK: Phrase(
            Code.TRAIN_DISK.value,
            "この学習は {folder} に約 {needed:.2f} GB 書き込みますが、空きは {free:.2f} GB です。"
            "空きを増やすか、小さい LoRA を学習してください。",
        ),
        Code.TRAIN_DISK_FULL: Phrase(
            Code.TRAIN_DISK_FULL.value,
            "ディスクがいっぱいで、チェックポイントを書き込めませんでした。空きを作ってもう一度学習すると、"
            "最後のチェックポイントから続きます。",
        ),
    }
)
