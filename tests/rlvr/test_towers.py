"""Features of a frozen vision tower, once per picture: what the tower itself would say, and a step as without."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import data
from rlvr import building, fast, rewarding, towers, update
from sft.resuming import load_weights
from tests.rlvr.test_prefix import qwen3_vl

GRIDS = ((1, 4, 4), (1, 6, 4), (1, 4, 8), (1, 4, 4))
KINDS = ("qwen2_5_vl", "qwen3_vl")


@pytest.fixture(params=KINDS)
def frozen(request: pytest.FixtureRequest) -> Any:
    """A model whose tower is not trained."""
    torch.manual_seed(0)
    if request.param == "qwen2_5_vl":
        model = request.getfixturevalue("model")
    else:
        model = qwen3_vl(request.getfixturevalue("processor"))
    model.model.visual.requires_grad_(False)
    return model


def shown(numbers: Sequence[int]) -> dict[str, torch.Tensor]:
    """What a model is given of the pictures with these numbers, each of noise of its own."""
    values = [
        torch.randn(grid[1] * grid[2], 3 * 2 * 14 * 14, generator=torch.Generator().manual_seed(number))
        for number, grid in enumerate(GRIDS)
    ]
    return {
        "hidden_states": torch.cat([values[number] for number in numbers]),
        "grid_thw": torch.tensor([GRIDS[number] for number in numbers]),
    }


def seen(tower: Any, *numbers: int) -> list[torch.Tensor]:
    """All that the language model takes from the tower."""
    made = tower(**shown(numbers))
    return [made.pooler_output, *(getattr(made, "deepstack_features", None) or [])]


def cached(tower: Any, room: int = 2**20) -> tuple[towers.Cached, list[int]]:
    """The tower's cache, and how many pictures each run of the tower itself had."""
    runs: list[int] = []
    made = towers.Cached(tower, room)
    own = made.encode

    def encode(hidden_states: torch.Tensor, grid_thw: torch.Tensor, **given: Any) -> Any:
        runs.append(len(grid_thw))
        return own(hidden_states, grid_thw, **given)

    made.encode = encode
    return made, runs


def test_each_picture_is_encoded_once_whatever_stands_beside_it(frozen) -> None:
    tower = frozen.model.visual
    orders = [(0, 1), (2, 1, 3, 1, 2), (3, 2, 1, 0), (0,)]
    wanted = [seen(tower, *order) for order in orders]
    assert len(wanted[0]) == (3 if frozen.config.model_type == "qwen3_vl" else 1)
    _, runs = cached(tower)
    for order, values in zip(orders, wanted, strict=True):
        for one, other in zip(seen(tower, *order), values, strict=True):
            torch.testing.assert_close(one, other, rtol=0, atol=1e-6)
            assert not one.requires_grad
    assert runs == [2, 2]


def test_a_model_is_given_the_same_and_pulled_the_same_way(frozen) -> None:
    ids = torch.full((1, 12), 7)
    ids[0, 2:6] = frozen.config.image_token_id = 9  # four places, as picture 0 fills
    image = {"pixel_values": shown([0])["hidden_states"], "image_grid_thw": shown([0])["grid_thw"]}
    found = []
    for kind in ("without", "with, and empty", "with, and full"):
        if kind == "with, and empty":
            cached(frozen.model.visual)
        frozen.zero_grad()
        logits = frozen(input_ids=ids, mm_token_type_ids=(ids == 9).int(), **image).logits
        logits.square().sum().backward()
        found.append({name: one.grad for name, one in frozen.named_parameters() if one.grad is not None})
        found[-1]["logits"] = logits.detach()
    for other in found[1:]:
        assert all(torch.equal(other[name], one) for name, one in found[0].items())
        assert other.keys() == found[0].keys()


def test_half_precision_has_features_of_its_own(frozen) -> None:
    tower = frozen.model.visual
    with torch.autocast("cpu", torch.bfloat16):
        wanted = seen(tower, 1)
    _, runs = cached(tower)
    plain = seen(tower, 1)
    for _ in range(2):
        with torch.autocast("cpu", torch.bfloat16):
            found = seen(tower, 1)
        assert all(torch.equal(one, other) for one, other in zip(found, wanted, strict=True))
        assert found[0].dtype == torch.bfloat16 != plain[0].dtype
    assert runs == [1, 1]


def test_what_was_longest_not_asked_for_goes_first(frozen) -> None:
    tower = frozen.model.visual
    whole = seen(tower, 0, 1, 2, 3)
    room = sum(one.nbytes for one in seen(tower, 0, 1))
    cache, runs = cached(tower, room)
    for number in (0, 3, 0, 1):  # 3 goes: 0 was asked for since
        seen(tower, number)
        assert 0 < cache.size == sum(one.nbytes for kept in cache.known.values() for one in kept) <= room
    assert runs == [1, 1, 1]
    seen(tower, 0, 1)
    assert runs == [1, 1, 1]
    seen(tower, 3)
    assert runs == [1, 1, 1, 1]
    assert [one.shape for one in seen(tower, 0, 1, 2, 3)] == [one.shape for one in whole]  # more than there is room for
    assert cache.size <= room


def test_new_weights_empty_it(model, tmp_path: Path) -> None:
    tower = model.model.visual
    before = seen(tower, 1)[0]
    tower.merger.mlp[0].weight.data *= 2
    wanted = seen(tower, 1)[0]
    model.save_pretrained(tmp_path)
    tower.merger.mlp[0].weight.data /= 2
    cache, _ = cached(tower)
    torch.testing.assert_close(seen(tower, 1)[0], before)
    trainer = SimpleNamespace(model=model, is_deepspeed_enabled=False, is_fsdp_enabled=False)
    assert load_weights(trainer, str(tmp_path))
    assert not cache.size
    torch.testing.assert_close(seen(tower, 1)[0], wanted, rtol=0, atol=1e-6)
    assert float((wanted - before).detach().abs().max()) > 1e-3


def test_pictures_are_told_apart_by_their_bits() -> None:
    one = torch.randn(6, 6, generator=torch.Generator().manual_seed(0))
    one[0, 0] = 0.0
    others = {
        "a sign of zero": one.clone().index_put_((torch.tensor(0), torch.tensor(0)), torch.tensor(-0.0)),
        "a last bit": one.clone().index_put_(
            (torch.tensor(5), torch.tensor(2)), one[5, 2].nextafter(torch.tensor(9.0))
        ),
        "the order of patches": one.flip(0),
        "the order of values": one.flip(1),
        "rows for columns": one.T,
    }
    hashes = {name: tuple(towers.digest(other).tolist()) for name, other in others.items()}
    assert tuple(towers.digest(one.clone()).tolist()) == tuple(towers.digest(one).tolist())
    assert len({*hashes.values(), tuple(towers.digest(one).tolist())}) == len(others) + 1
    half = one.bfloat16()
    assert towers.digest(half).tolist() != towers.digest(half.flip(0)).tolist()


LORA = "model: {name: CHECKPOINT, lora: {r: 4, target_modules: [q_proj, v_proj]}}"
STEPS = "  max_steps: 3\n  beta: 0.1\n  gradient_checkpointing: true\n  num_iterations: 2\n"


@pytest.fixture
def built(load, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """built(megabytes, *swaps) -> the trainer of a recipe."""
    monkeypatch.setattr(building.golds, "refuse_unfair", lambda *_: None)  # starts the rewards' processes

    def _built(megabytes: int, *swaps: str) -> Any:
        recipe = load(*swaps, "eval:", f"runtime: {{vision_cache_mb: {megabytes}}}\neval:")
        examples = data.load("clinic", "train", n=6, families=["lesion_side"])
        trainer = building.build(recipe, str(checkpoint), examples, rewarding.load_rewards(recipe), tmp_path / "run")
        trainer.args.save_strategy = "no"

        def varied(inputs: list, *_: Any) -> torch.Tensor:
            found = torch.arange(len(inputs), dtype=torch.float32)[:, None] % 3
            trainer._flat = update.flat(found, trainer.reward_weights, 2)
            return found

        monkeypatch.setattr(trainer, "_calculate_rewards", varied)
        return trainer

    return _built


def test_steps_are_those_without(built, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(fast, "by_groups", lambda size, rows: rows)
    swaps = ("model: {name: CHECKPOINT}", LORA, "  max_steps: 1\n", STEPS)
    sides = []
    for megabytes in (0, 64):
        trainer = built(megabytes, *swaps)
        torch.manual_seed(0)
        trainer.train()
        sides.append((trainer, {name: one.detach() for name, one in trainer.model.named_parameters()}))
    told = capsys.readouterr().out
    assert "vision cache: off, runtime.vision_cache_mb says so" in told
    assert "vision cache: on for the policy, whose vision tower stays as it is" in told
    (off, wanted), (on, found) = sides
    assert max(float((found[name] - one).abs().max()) for name, one in wanted.items()) < 1e-6
    for one, other in zip(off.state.log_history[:-1], on.state.log_history[:-1], strict=True):
        assert other["loss"] == pytest.approx(one["loss"], abs=1e-6)
        assert other["grad_norm"] == pytest.approx(one["grad_norm"], rel=1e-5)
        assert towers.METRIC not in one
    rates = [row[towers.METRIC] for row in on.state.log_history[:-1]]
    assert rates[1] == 1  # the same rollouts once more
    assert 0 < rates[0] < 1


TRAINED = LORA.replace("[q_proj, v_proj]", "all-linear")
CHOICES = {
    "full": ((), "off, the vision tower is trained", 0),
    "full, with a reference": (("  max_steps: 1\n", "  max_steps: 1\n  beta: 0.1\n"), "on for the reference,", 1),
    "a reference that follows": (
        ("  max_steps: 1\n", "  max_steps: 1\n  beta: 0.1\n  sync_ref_model: true\n"),
        "off, the vision tower is trained",
        0,
    ),
    "adapters in the tower": (("model: {name: CHECKPOINT}", TRAINED), "off, the vision tower is trained", 0),
}


@pytest.mark.parametrize("name", CHOICES)
def test_it_is_for_towers_that_stay(built, capsys, name: str) -> None:
    swaps, told, caches = CHOICES[name]
    trainer = built(512, *swaps)
    assert f"vision cache: {told}" in capsys.readouterr().out
    models = [trainer.model, trainer.ref_model] if trainer.ref_model is not None else [trainer.model]
    there = [isinstance(module.forward, towers.Cached) for model in models for module in model.modules()]
    assert sum(there) == caches


def test_models_in_parts_are_left_alone(model, capsys) -> None:
    model.model.visual.requires_grad_(False)
    accelerator = SimpleNamespace(unwrap_model=lambda one: one, distributed_type="FSDP")
    args = SimpleNamespace(sync_ref_model=False)
    towers.attach(SimpleNamespace(model=model, ref_model=None, accelerator=accelerator, args=args), 512)
    assert "off, processes that share a model in parts" in capsys.readouterr().out
    assert not isinstance(model.model.visual.forward, towers.Cached)
