"""Problems of requests in members' languages: a phrase for each code of the generator."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

from bot.text import invalid
from bot.text import messages as text
from bot.text.markdown import Markup
from bot.text.phrases import Phrase
from bot.text.styles import painting
from bot.text.training_problems import TRAINING_PROBLEMS
from generation.protocol.problems import Code, Problem, Value

PROBLEMS: Mapping[Code, Phrase] = MappingProxyType(
    {
        Code.COUNT: invalid.COUNT_OUT_OF_RANGE,
        Code.STEPS: invalid.STEPS_OUT_OF_RANGE,
        Code.GUIDANCE: invalid.GUIDANCE_OUT_OF_RANGE,
        Code.SCHEDULER: Phrase(
            Code.SCHEDULER.value,
            "スケジューラ {given} はありません。次から選んでください：{names}",
        ),
        Code.SEED: invalid.SEED_OUT_OF_RANGE,
        Code.OTHER_MODEL: Phrase(
            Code.OTHER_MODEL.value,
            "この画像にはモデル {model} が必要ですが、読み込まれているのは {loaded} です。",
        ),
        Code.NO_FOLDER: Phrase(Code.NO_FOLDER.value, "出力先のフォルダー {folder} がありません。"),
        Code.ASPECT: invalid.ASPECT_OUT_OF_RANGE,
        Code.WIDTH_TOO_SMALL: invalid.SIDE_TOO_SMALL,
        Code.HEIGHT_TOO_SMALL: invalid.SIDE_TOO_SMALL,
        Code.WIDTH_NOT_MULTIPLE: invalid.SIDE_NOT_MULTIPLE,
        Code.HEIGHT_NOT_MULTIPLE: invalid.SIDE_NOT_MULTIPLE,
        Code.AREA: invalid.AREA_TOO_LARGE,
        Code.MEMORY_SIZE_OR_STEERING: invalid.MEMORY_SIZE_OR_STEERING,
        Code.MEMORY_SIZE: invalid.MEMORY_SIZE,
        Code.MEMORY_STEERING: invalid.MEMORY_STEERING,
        Code.MEMORY_NOTHING: invalid.MEMORY_NOTHING,
        Code.SIZE_LARGE: text.SIZE_LARGE,
        Code.SIZE_SMALL: text.SIZE_SMALL,
        Code.PROMPT_FILES: text.PROMPT_FILES,
        Code.PROMPT_SETTINGS: text.PROMPT_SETTINGS,
        Code.PROMPT_FLAGS: text.PROMPT_FLAGS,
        Code.PROMPT_AND: text.PROMPT_AND,
        Code.PROMPT_SCHEDULED: text.PROMPT_SCHEDULED,
        Code.PROMPT_ALTERNATED: text.PROMPT_ALTERNATED,
        Code.PROMPT_WILDCARD: text.PROMPT_WILDCARD,
        Code.PROMPT_COMMAS: text.PROMPT_COMMAS,
        Code.ADAPTERS: painting.ADAPTERS,
        Code.ADAPTER_STRENGTH: painting.ADAPTER_STRENGTH,
        Code.ADAPTER_DIGEST: Phrase(
            Code.ADAPTER_DIGEST.value, "アダプターはファイルの SHA-256 で指定してください。"
        ),
        Code.ADAPTER_NAME: Phrase(
            Code.ADAPTER_NAME.value, "アダプターの名前は {most} 文字までです。"
        ),
        Code.ADAPTER_TWICE: painting.ADAPTER_TWICE,
        Code.ADAPTERS_IMAGIC: painting.ADAPTERS_IMAGIC,
        Code.ADAPTERS_EDIT: painting.ADAPTERS_EDIT,
        Code.ADAPTER_UNKNOWN: Phrase(
            Code.ADAPTER_UNKNOWN.value,
            "アダプター {name} はありません。次のものを試してください：{near}",
        ),
        Code.ADAPTER_NONE: Phrase(
            Code.ADAPTER_NONE.value,
            "アダプター {name} はありません。アダプターは 1 つもインストールされていません。",
        ),
        Code.ADAPTER_UNNAMED: Phrase(
            Code.ADAPTER_UNNAMED.value,
            "タグにアダプターの名前がありません。<lora:名前:0.8> のように書いてください。",
        ),
        Code.ADAPTER_TAG: Phrase(
            Code.ADAPTER_TAG.value,
            "{name} の強さには、0.8 のような数値を書いてください。",
        ),
        Code.ADAPTER_EMBEDDING_STRENGTH: painting.ADAPTER_EMBEDDING_STRENGTH,
        Code.ADAPTER_TOO_LARGE: Phrase(
            Code.ADAPTER_TOO_LARGE.value, "アダプター {name} は {most} GiB を超えています。"
        ),
        Code.ADAPTER_MISSING: painting.ADAPTER_MISSING,
        Code.ADAPTER_CHANGED: painting.ADAPTER_CHANGED,
        Code.ADAPTER_NOT_SAFETENSORS: Phrase(
            Code.ADAPTER_NOT_SAFETENSORS.value,
            "アダプター {name} は .safetensors ファイルではありません。",
        ),
        Code.ADAPTER_PICKLE: Phrase(
            Code.ADAPTER_PICKLE.value,
            "アダプター {name} は .safetensors ファイルではありません。"
            "コードが実行されるおそれのある pickle かアーカイブなので、開きませんでした。",
        ),
        Code.ADAPTER_CUT: Phrase(
            Code.ADAPTER_CUT.value,
            "アダプター {name} の長さがヘッダーの記載と合いません。もう一度ダウンロードしてください。",
        ),
        Code.ADAPTER_KIND: Phrase(
            Code.ADAPTER_KIND.value,
            "アダプター {name} の種類 {kind} には対応していません。LoRA、LoCon、DoRA "
            "を使ってください。",
        ),
        Code.ADAPTER_WHOLE: Phrase(
            Code.ADAPTER_WHOLE.value,
            "アダプター {name} は LoRA 以外の方法でもモデルの重みを変えるため、対応していません。",
        ),
        Code.ADAPTER_TENSOR: Phrase(
            Code.ADAPTER_TENSOR.value,
            "アダプター {name} に未知のテンソルがあります：{tensor}",
        ),
        Code.ADAPTER_LAYER_TWICE: Phrase(
            Code.ADAPTER_LAYER_TWICE.value,
            "アダプター {name} は層 {layer} を二重に変更しています。",
        ),
        Code.ADAPTER_INCOMPLETE: Phrase(
            Code.ADAPTER_INCOMPLETE.value,
            "アダプター {name} は LoRA や埋め込みとして不完全です。",
        ),
        Code.ADAPTER_OTHER_BASE: painting.ADAPTER_OTHER_BASE,
        Code.ADAPTER_OTHER_MODEL: painting.ADAPTER_OTHER_MODEL,
        Code.ADAPTER_RANK: Phrase(
            Code.ADAPTER_RANK.value,
            "アダプター {name} のランクが 1～{most} の範囲にありません。",
        ),
        Code.ADAPTER_VECTORS: Phrase(
            Code.ADAPTER_VECTORS.value,
            "埋め込み {name} のベクトルの数が 1～{most} の範囲にありません。",
        ),
        Code.ADAPTER_DTYPE: Phrase(
            Code.ADAPTER_DTYPE.value,
            "アダプター {name} の数値が 16 ビットでも 32 ビットでもありません。",
        ),
        Code.ADAPTER_NOT_FINITE: Phrase(
            Code.ADAPTER_NOT_FINITE.value,
            "アダプター {name} に、無限大または数でない値が含まれています。",
        ),
        Code.ADAPTER_ALPHA: Phrase(
            Code.ADAPTER_ALPHA.value,
            "アダプター {name} の alpha が 0 より大きい数になっていません。",
        ),
        Code.ADAPTER_UNCHECKED: Phrase(
            Code.ADAPTER_UNCHECKED.value,
            "アダプター {name} は時間とメモリの上限内で検査できなかったため、使いませんでした。",
        ),
        Code.ADAPTER_SETTINGS: Phrase(
            Code.ADAPTER_SETTINGS.value,
            "アダプター {name} に保存された設定を読み取れません。",
        ),
        Code.FEEDBACK_WINDOW: invalid.FEEDBACK_WINDOW,
        Code.FEEDBACK_STRENGTH: invalid.FEEDBACK_STRENGTH,
        Code.FEEDBACK_FLOOR: Phrase(
            Code.FEEDBACK_FLOOR.value,
            "フィードバックの下限は 0～{most:g} です（{given:g} は不可）。",
        ),
        Code.FEEDBACK_DISLIKE_SCALE: Phrase(
            Code.FEEDBACK_DISLIKE_SCALE.value,
            "「苦手」の重みは 0～{most:g} です（{given:g} は不可）。",
        ),
        Code.FEEDBACK_DISLIKE_END: Phrase(
            Code.FEEDBACK_DISLIKE_END.value,
            "「苦手」の反映を終える位置は 0～1 です（{given:g} は不可）。",
        ),
        Code.FEEDBACK_STEERED_GUIDANCE: Phrase(
            Code.FEEDBACK_STEERED_GUIDANCE.value,
            "「好き」を反映するときのガイダンスの割合は 0～1 です（{given:g} は不可）。",
        ),
        Code.FEEDBACK_EXPLORE: invalid.FEEDBACK_EXPLORE,
        Code.FEEDBACK_EXPLORE_GUIDANCE: Phrase(
            Code.FEEDBACK_EXPLORE_GUIDANCE.value,
            "探索する画像のガイダンスの割合は 0～1 です（{given:g} は不可）。",
        ),
        Code.FEEDBACK_EXPLORE_AVOID: Phrase(
            Code.FEEDBACK_EXPLORE_AVOID.value,
            "探索する画像が評価された画像を避ける強さは 0～{most:g} です（{given:g} は不可）。",
        ),
        Code.FEEDBACK_DROP: invalid.FEEDBACK_DROP,
        Code.REFERENCES: Phrase(
            Code.REFERENCES.value, "反映できる画像は {most} 枚までです（{given} 枚は不可）。"
        ),
        Code.REFERENCE_WEIGHT: Phrase(
            Code.REFERENCE_WEIGHT.value, "反映する画像の重みは 0 以上の数です。"
        ),
        Code.CANNOT_STEER: Phrase(
            Code.CANNOT_STEER.value, "モデル {model} には「好き」「苦手」を反映できません。"
        ),
        Code.ENLARGEMENT: Phrase(
            Code.ENLARGEMENT.value, "拡大できるのは 1～{most} 倍です（{given} 倍は不可）。"
        ),
        Code.STRENGTH: invalid.STRENGTH_OUT_OF_RANGE,
        Code.STRENGTH_TOO_LITTLE: invalid.STRENGTH_TOO_LITTLE,
        Code.STRENGTH_TOO_LITTLE_LCM: invalid.STRENGTH_TOO_LITTLE_LCM,
        Code.PART: Phrase(
            Code.PART.value,
            "画像の一部は、左・上・右・下の順に 0～1 の割合で指定し、幅も高さも {least:g} "
            "以上にしてください。",
        ),
        Code.RESTORED_WHOLE: Phrase(
            Code.RESTORED_WHOLE.value,
            "修復できるのは画像全体だけです。傷のある場所はマスクで示してください。",
        ),
        Code.NOISE: Phrase(
            Code.NOISE.value, "ノイズは 0（なし）～{most:g} です（{given:g} は不可）。"
        ),
        Code.NOTHING_ANEW: Phrase(
            Code.NOTHING_ANEW.value,
            "描き直す場所がありません。マスクの、変えたい場所を白くしてください。",
        ),
        Code.NOTHING_TO_RESTORE: Phrase(
            Code.NOTHING_TO_RESTORE.value,
            "修復するところがありません。傷もノイズも見つかりませんでした。"
            "傷を白く塗ったマスクを添付するか、取り除くノイズの量を指定してください。",
        ),
        Code.MASK_SIZE: Phrase(
            Code.MASK_SIZE.value,
            "マスクは {mask} ピクセル、画像は {picture} です。傷の位置が合うよう、"
            "画像のコピーの上にマスクを描いてください。",
        ),
        Code.MASK_ALL_WHITE: Phrase(
            Code.MASK_ALL_WHITE.value,
            "マスク全体が白いため、修復のもとになる部分がありません。"
            "傷んでいない場所は黒のままにしてください。",
        ),
        Code.NOTHING_TO_EDIT: Phrase(Code.NOTHING_TO_EDIT.value, "編集する画像がありません。"),
        Code.NO_INSTRUCTION: invalid.NO_INSTRUCTION,
        Code.IMAGE_GUIDANCE: invalid.KEEP_OUT_OF_RANGE,
        Code.CANNOT_EDIT: invalid.CANNOT_EDIT,
        Code.NOTHING_TO_FIT: Phrase(
            Code.NOTHING_TO_FIT.value, "モデルを合わせる画像がありません。"
        ),
        Code.FITTED_ALONE: Phrase(
            Code.FITTED_ALONE.value,
            "1 枚の画像に合わせて調整したモデルは、好みを反映できず、タイルでも描けません。",
        ),
        Code.ETA: invalid.ETA_OUT_OF_RANGE,
        Code.EMBEDDING_STEPS: Phrase(
            Code.EMBEDDING_STEPS.value,
            "埋め込みの調整は 1～{most:,} ステップです（{given} は不可）。",
        ),
        Code.TUNING_STEPS: Phrase(
            Code.TUNING_STEPS.value,
            "モデルの調整は 1～{most:,} ステップです（{given} は不可）。",
        ),
        Code.BRACES_UNMATCHED: invalid.BRACES_UNMATCHED,
        Code.BRACES_TOO_MANY: invalid.BRACES_TOO_MANY,
        Code.BRACES_TOO_MANY_ALTERNATIVES: invalid.BRACES_TOO_MANY_ALTERNATIVES,
        Code.BRACES_TOO_LONG: invalid.BRACES_TOO_LONG,
        Code.TOO_MANY_LIGHTER: invalid.TOO_MANY_LIGHTER,
        Code.TOO_MANY_BREAKS: invalid.TOO_MANY_BREAKS,
        Code.BRACES_UNREADABLE: invalid.BRACES_UNREADABLE,
        Code.COMPARE_ONE_VALUE: invalid.COMPARE_ONE_VALUE,
        Code.COMPARE_NOT_A_NUMBER: invalid.COMPARE_NOT_A_NUMBER,
        Code.COMPARE_NOT_WHOLE: invalid.COMPARE_NOT_WHOLE,
        Code.COMPARE_NO_SCHEDULER: invalid.COMPARE_NO_SCHEDULER,
        Code.COMPARE_TWICE: invalid.COMPARE_TWICE,
        Code.COMPARE_TOO_MANY: invalid.COMPARE_TOO_MANY,
        Code.COMPARE_NOT_IN_PROMPT: invalid.COMPARE_NOT_IN_PROMPT,
        Code.COMPARE_UNKNOWN: invalid.COMPARE_UNKNOWN,
        Code.COMPARE_SHAPE: Phrase(
            Code.COMPARE_SHAPE.value, "比較できる設定は 1 つか 2 つで、値ごとに 1 枚描きます。"
        ),
        Code.COMPARE_NO_FEEDBACK: invalid.NOTHING_LIKED,
        Code.COMPARE_NO_EDIT: Phrase(
            Code.COMPARE_NO_EDIT.value,
            "元の画像を保つ強さを比較できるのは、言葉で編集するときだけです。",
        ),
        Code.COMPARE_NO_ADAPTER: painting.COMPARE_NO_STYLE,
        Code.COMPARE_NO_PICTURE: invalid.COMPARE_NO_PICTURE,
        Code.NO_PICTURE: invalid.UPLOAD_NO_PICTURE,
        Code.PICTURE_BROKEN: invalid.UPLOAD_BROKEN,
        Code.PICTURE_TOO_LARGE: invalid.UPLOAD_TOO_MANY_PIXELS,
        Code.PICTURE_TOO_SLOW: invalid.UPLOAD_TOO_SLOW,
        Code.FILE_TOO_LARGE: invalid.UPLOAD_TOO_LARGE,
        Code.FILE_MISSING: Phrase(Code.FILE_MISSING.value, "{file}が読み取れません。"),
        Code.FILE_UNUSABLE: Phrase(Code.FILE_UNUSABLE.value, "{file}：{problem}"),
        Code.FILE_CHANGED: Phrase(Code.FILE_CHANGED.value, "{file}が元のものと違います。"),
        Code.SOURCE: Phrase(Code.SOURCE.value, "元の画像"),
        Code.MASK: Phrase(Code.MASK.value, "マスク"),
        Code.REFERENCE: Phrase(Code.REFERENCE.value, "反映する画像 {name} "),
        Code.NO_RECORD: invalid.NO_RECORD,
        Code.RECORD_SHEET: invalid.RECORD_SHEET,
        Code.RECORD_NEWER: invalid.RECORD_NEWER,
        Code.RECORD_UNREADABLE: invalid.RECORD_UNREADABLE,
        **TRAINING_PROBLEMS,
    }
)
"""English stands here only where members need other words than the command line."""


def said(problem: Problem, locale: str) -> Markup:
    """Return the problem as a sentence in a member's language."""
    return PROBLEMS[problem.code](locale, **values_of(problem))


def values_of(problem: Problem) -> dict[str, object]:
    """Return the values for the problem's phrase, with names in the language of the sentence."""
    return {name: _in_words(name, value) for name, value in problem.values.items()}


def _in_words(name: str, value: Value) -> object:
    if isinstance(value, Problem):
        return functools.partial(said, value)
    if name == "parameter":
        return text.PARAMETERS.get(str(value), value)
    return value
