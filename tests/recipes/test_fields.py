"""The settings read from source are those that the imported classes have."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

import recipes
from recipes import fields
from recipes.settings import wants

needs_trl = pytest.mark.skipif(not fields.trl_fields("GRPOConfig"), reason="trl is not installed")


@needs_trl
@pytest.mark.parametrize("name", ["GRPOConfig", "SFTConfig"])
def test_types_and_defaults_are_trl_s(name: Literal["GRPOConfig", "SFTConfig"]) -> None:
    found = fields.trl_fields(name)
    assert found["learning_rate"].annotation is float
    assert found["max_steps"] == fields.Setting(int, -1)
    assert found["bf16"].annotation == bool | None
    assert found["deepspeed"].annotation == dict | str | None
    assert "cosine" in found["lr_scheduler_type"].annotation.__args__
    assert found["parallelism_config"].annotation is Any
    assert not [field for field in found if field.startswith("_")]


@needs_trl
def test_grpo_overrides_its_bases() -> None:
    assert fields.trl_fields("GRPOConfig")["learning_rate"].default == 1e-6
    assert "num_generations" not in fields.trl_fields("SFTConfig")
    assert fields.trl_fields("SFTConfig")["truncation_mode"].annotation == Literal["keep_end", "keep_start"]


def test_lora_fields() -> None:
    found = fields.lora_fields()
    if not found:
        pytest.skip("peft is not installed")
    assert found["r"] == fields.Setting(int, 8)
    assert found["target_modules"].annotation == list[str] | str | None
    assert found["init_lora_weights"].annotation == bool | str


@pytest.mark.slow
@needs_trl
def test_names_agree_with_the_imported_classes() -> None:
    """In a process of its own, since the import brings torch."""
    script = (
        "import dataclasses, json, trl, peft; print(json.dumps({c.__name__: [f.name for f in dataclasses.fields(c)"
        " if f.init and f.name[0] != '_'] for c in (trl.GRPOConfig, trl.SFTConfig, peft.LoraConfig)}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    names = json.loads(done.stdout.splitlines()[-1])
    assert set(names["GRPOConfig"]) == set(fields.trl_fields("GRPOConfig"))
    assert set(names["SFTConfig"]) == set(fields.trl_fields("SFTConfig"))
    assert set(names["LoraConfig"]) == set(fields.lora_fields())


def test_without_trl_every_setting_is_accepted_and_trl_is_missing(tmp_path: Path) -> None:
    """A path without site-packages but for pydantic and yaml stands for a machine without trl."""
    import pydantic_core

    site = Path(pydantic_core.__file__).parent.parent
    for name in ("pydantic", "pydantic_core", "yaml", "typing_extensions.py", "annotated_types", "typing_inspection"):
        if (site / name).exists():
            (tmp_path / name).symlink_to(site / name)
    recipe = tmp_path / "r.yaml"
    recipe.write_text("model: {name: m}\ndata: {train: [{use: d}]}\nsft: {of_another_version: 3}\n")
    script = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(recipes.ROOT)!r}]; import recipes;"
        f"r = recipes.load({str(recipe)!r}); assert r.sft; print(*recipes.missing_packages(r))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {"trl", "transformers", "torch", "wandb"} <= set(done.stdout.split())


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (int | None, "an integer or null"),
        (dict | str | None, "a mapping or text or null"),
        (list[str], "a list"),
        (dict[str, int], "a mapping"),
        (Literal["a", "b"], '"a" or "b"'),
    ],
)
def test_types_in_words(annotation: Any, words: str) -> None:
    assert wants(annotation) == words
