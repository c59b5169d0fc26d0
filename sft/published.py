"""The configs of checkpoints on the hub that recipes here start from, as far as sizes go: `--check` and `--plan` count
their parameters without them. As their authors publish them; the totals are those of the published weights."""

from typing import Any

_TOWER = {  # of Qwen2.5-VL
    "depth": 32,
    "hidden_size": 1280,
    "num_heads": 16,
    "in_chans": 3,
    "patch_size": 14,
    "spatial_merge_size": 2,
    "temporal_patch_size": 2,
}
_QWEN2_5 = {"model_type": "qwen2_5_vl", "vocab_size": 152064, "max_position_embeddings": 128000}
QWEN2_5_VL_7B: dict[str, Any] = {
    **_QWEN2_5,
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "vision_config": {**_TOWER, "intermediate_size": 3420, "out_hidden_size": 3584},
}
QWEN2_5_VL_32B: dict[str, Any] = {
    **_QWEN2_5,
    "hidden_size": 5120,
    "intermediate_size": 27648,
    "num_hidden_layers": 64,
    "num_attention_heads": 40,
    "num_key_value_heads": 8,
    "vision_config": {**_TOWER, "intermediate_size": 3456, "out_hidden_size": 5120},
}
QWEN3_VL_8B: dict[str, Any] = {
    "model_type": "qwen3_vl",
    "text_config": {
        "hidden_size": 4096,
        "intermediate_size": 12288,
        "num_hidden_layers": 36,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "vocab_size": 151936,
        "max_position_embeddings": 262144,
    },
    "vision_config": {
        "depth": 27,
        "hidden_size": 1152,
        "intermediate_size": 4304,
        "num_heads": 16,
        "in_channels": 3,
        "out_hidden_size": 4096,
        "patch_size": 16,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "num_position_embeddings": 2304,
        "deepstack_visual_indexes": [8, 16, 24],
    },
}
CONFIGS = {
    "Qwen/Qwen2.5-VL-7B-Instruct": QWEN2_5_VL_7B,
    "lingshu-medical-mllm/Lingshu-7B": QWEN2_5_VL_7B,
    "Qwen/Qwen2.5-VL-32B-Instruct": QWEN2_5_VL_32B,
    "lingshu-medical-mllm/Lingshu-32B": QWEN2_5_VL_32B,
    "Qwen/Qwen3-VL-8B-Instruct": QWEN3_VL_8B,
}
