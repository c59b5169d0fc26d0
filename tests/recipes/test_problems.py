"""Every mistake gets one line with its place and a remedy, and all of them come at once."""

import random
import re
from pathlib import Path

import pytest

import recipes

from .conftest import GRPO, SFT, Problems, Write

TRL = recipes.fields.trl_fields("GRPOConfig")
needs_trl = pytest.mark.skipif(not TRL, reason="trl is not installed: its settings cannot be judged")


@needs_trl
def test_all_problems_come_at_once_in_order(problems: Problems) -> None:
    found = problems(
        "num_generations: 8",
        'num_generations: "eight"',
        "learning_rate",
        "learning_rte",
        "weight: 0.1",
        "weight: -1",
        "report_to: none",
        "report_to: none\n  sed: 3",
        overrides=("eval.sample=[1]",),
    )
    assert found == [
        "FILE:8: rewards.1.weight: must be at least 0, got -1",
        'FILE:10: grpo.num_generations: wants an integer or null, got "eight"',
        "FILE:11: grpo.learning_rte: unknown key (did you mean learning_rate?)",
        "FILE:16: run.sed: unknown key (did you mean seed?)",
        "override 'eval.sample=[1]': eval.sample: unknown key (did you mean samples?)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("grpo:", "grpoo:", "FILE:9: grpoo: unknown key (did you mean grpo?)"),
        ("eval:", "learning_rate: 1\neval:", "FILE:12: learning_rate: unknown key (did you mean grpo.learning_rate?)"),
        (
            "report_to: none",
            "temperature: 1.0",
            "FILE:15: run.temperature: unknown key (did you mean eval.temperature?)",
        ),
        ("  from: BASE", "  form: BASE", "FILE:2: model.form: unknown key (did you mean from?)"),
        ("  train:", "  trian:", "FILE:4: data.trian: unknown key (did you mean train?)"),
        ("learning_rate: 1e-6", "learning_rate: -1", "FILE:11: grpo.learning_rate: must be at least 0, got -1"),
        ("learning_rate: 1e-6", "top_p: 1.5", "FILE:11: grpo.top_p: must be above 0 and at most 1, got 1.5"),
        ("learning_rate: 1e-6", "learning_rate: .nan", "FILE:11: grpo.learning_rate: .nan is not a finite number"),
        ("learning_rate: 1e-6", "beta: 1e999", "FILE:11: grpo.beta: 1e999 is not a finite number"),
        ("learning_rate: 1e-6", "bf16: yes", 'FILE:11: grpo.bf16: wants true or false or null, got "yes"'),
        ("learning_rate: 1e-6", "max_steps: 1.5", "FILE:11: grpo.max_steps: wants an integer, got 1.5"),
        ("learning_rate: 1e-6", "max_steps: true", "FILE:11: grpo.max_steps: wants an integer, got true"),
        ("learning_rate: 1e-6", "seed: 3", "FILE:11: grpo.seed: set run.seed instead"),
        ("learning_rate: 1e-6", "auto_find_batch_size: true", "grpo.auto_find_batch_size: a shrinking batch"),
        ("learning_rate: 1e-6", "lr_scheduler_type: cosin", "(did you mean cosine?)"),
        ("learning_rate: 1e-6", "loss_type: grop", "(did you mean grpo?)"),
        ("num_generations: 8", "num_generations: 1", "FILE:10: grpo.num_generations: must be at least 2, got 1"),
        ("num_generations: 8", "num_generations:", "FILE:10: grpo.num_generations: must be at least 2, got nothing"),
        ("num_generations: 8", "beta: 0.1\n  beta: 0.2", "FILE:11: grpo.beta: given twice, first on line 10; keep one"),
        ("report_to: none", "report_to: wandbb", "FILE:15: run.report_to.0: wants wandb or trackio or"),
        ("report_to: none", "seed: -1", "FILE:15: run.seed: must be at least 0, got -1"),
        ("report_to: none", f"seed: {10**30}", f"FILE:15: run.seed: the integer {10**30} is too large"),
        ("report_to: none", f"seed: {'9' * 5000}", "is not an integer"),
        ("report_to: none", "hardware: {device: gpu}", "FILE:15: run.hardware.device: wants cpu or cuda or any"),
        ("report_to: none", "output_dir: ''", "FILE:15: run.output_dir: must not be empty"),
        ("report_to: none", "output_dir: [a]", 'FILE:15: run.output_dir: wants text, got ["a"]'),
        ("run:\n  report_to: none", "run: 5", "FILE:14: run: wants a mapping, got 5"),
        ("run:\n  report_to: none", "teacher: 5", "FILE:14: teacher: unknown key (did you mean data.teacher?)"),
        ("run:\n  report_to: none", "sft: {}", "FILE:14: sft: this recipe already is a grpo recipe"),
        ("run:\n  report_to: none", "suites: [x]", "FILE:14: suites: this recipe already is a grpo recipe"),
        ("weight: 1.0, level: 3", "weight: 0", "FILE:4: data.train: every weight is 0"),
        ("weight: 1.0, level: 3", "weight: heavy", 'FILE:5: data.train.0.weight: wants a number, got "heavy"'),
        ("weight: 1.0, level: 3", "n: 0", "FILE:5: data.train.0.n: must be at least 1, got 0"),
        ("{use: clinic, split", "{split", "FILE:5: data.train.0: missing: use"),
        ("{use: clinic, split", "{ues: clinic, split", "missing: use; is ues meant to be use?"),
        ("{use: answer_match, weight: 1.0}", "answer_match", 'FILE:7: rewards.0: wants {use: NAME, ...}, got "answer_'),
        ("./mine.py:concise", "answer_match", 'FILE:8: rewards.1: "answer_match" is named twice'),
        ("{use: vqa, n: 40, flavour: mild}", "5", "FILE:13: eval.suites.1: wants {use: NAME, ...}, got 5"),
        ("{use: vqa, n: 40, flavour: mild}", "clinic_test", 'FILE:13: eval.suites.1: "clinic_test" is named twice'),
        ("  from: BASE", "  from: BASE\n  name: x", "FILE:3: model.name: the model already comes from model.from"),
        ("  from: BASE", "  revision: x", "FILE:1: model: say where the model comes from"),
        ("rewards:", "rewads:", "FILE:6: rewads: unknown key (did you mean rewards?)"),
        ("  from: BASE", "  from: BASE\n  revision: x", "FILE:3: model.revision: a revision belongs to model.name"),
        ("  from: BASE", "  from: BASE\n  lora: {rank: 4}", "FILE:3: model.lora.rank: unknown key"),
        ("  from: BASE", "  from: BASE\n  lora: {r: 0}", "FILE:3: model.lora.r: must be at least 1, got 0"),
        ("  from: BASE", "  from: BASE\n  lora: 4", "FILE:3: model.lora: wants a mapping, got 4"),
        ("  from: BASE", "  from: BASE\n  min_pixels: 9\n  max_pixels: 4", "FILE:3: model.min_pixels: is 9, above"),
        ("  from: BASE", "  from: bas.yaml", 'FILE:2: model.from: no recipe file "bas.yaml"'),
        ("  from: BASE", "  from: BASE/x", "FILE:2: model.from: no recipe file"),
        ("  from: BASE", "  from: ../..", "FILE:2: model.from: no recipe file"),
        ("  from: BASE", '  from: "a\\0b"', "FILE:2: model.from: no recipe file"),
        ("  from: BASE", "  name: !!python/object:os.system x", "FILE:2: model.name: the tag"),
        ("model:", "? [a, b]\n: c\nmodel:", "FILE:1: a key must be plain text"),
    ],
)
@needs_trl
def test_one_mistake_one_line(problems: Problems, old: str, new: str, line: str) -> None:
    found = problems(old, new)
    assert len(found) == 1, found
    assert line in found[0]
    assert "\n" not in found[0]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "empty; a recipe has one of the sections grpo"),
        (b"# only a comment\n", "empty"),
        (b"{}", "empty"),
        (b"- a\n- b\n", ':1: a recipe is a mapping of sections, this is ["a", "b"]'),
        (b"just text", 'this is "just text"'),
        (b"42", "this is 42"),
        (b"grpo:\n\tbeta: 1\n", ":2: not valid YAML"),
        (b"grpo: {beta: 1\nrun: {}\n", ":2: not valid YAML"),
        (b"a: 1\n---\nb: 2\n", ":2: not valid YAML: expected a single document"),
        (b"grpo: \xff\xfe\n", ":1: not UTF-8 text (byte 0xff)"),
        ("grpo: {}".encode("utf-16"), ":1: not UTF-8 text"),
        (b"run: {}\ngrpo: \x00", ":2: not valid YAML: special characters are not allowed"),
        (b"grpo: &a [*a]", ":1: too large or nested too deeply"),
        (b"grpo: " + b"[" * 5000, "nested too deeply"),
        (b"a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [" + b"*a," * 99 + b"]\ngrpo: [" + b"*b," * 99 + b"]", "too large"),
        (b"grpo: *nowhere", ":1: not valid YAML"),
        (b"#" * 1_000_001, "larger than 1,000,000 bytes"),
        (b"run: {seed: 1}\n", "no section says what this recipe is: give it one of grpo, sft"),
    ],
)
def test_files_that_are_no_recipe(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(raw)
    with pytest.raises(recipes.BadInput) as caught:
        recipes.load(path)
    assert len(caught.value.problems) == 1
    assert message in caught.value.problems[0]
    assert str(path) in caught.value.problems[0]


def test_paths_that_are_no_file(tmp_path: Path, write: Write) -> None:
    good = write(SFT, "grpo_med.yaml")
    for path, message in [
        (tmp_path / "grpo_mde.yaml", f"no such file (did you mean {good}?)"),
        (tmp_path, "a folder"),
        (good / "x", "cannot be read"),
        ("a\0b", "cannot be read"),
        ("x" * 5000, "cannot be read"),
        ("~nobody-here/x.yaml", "no such file"),
    ]:
        with pytest.raises(recipes.BadInput) as caught:
            recipes.load(path)
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("grpo.beta", "an override reads key.path=value"),
        ("=3", "an override reads key.path=value"),
        ("grpo..beta=3", "an override reads key.path=value"),
        ("grpo.bta=3", "grpo.bta: unknown key (did you mean beta?)"),
        ("data.train.1.weight=3", "data.train has 1 items, counted from 0; '1' is none of them"),
        ("data.train.-1.weight=3", "'-1' is none of them"),
        ("model.from.x=3", "model.from is "),
        ("grpo.beta=[1", "the value cannot be read"),
        ("grpo.beta={a: 1, a: 2}", "the value cannot be read: given twice"),
        ("grpo.beta=", "grpo.beta: wants a number, got nothing"),
        ("sft.packing=true", "sft: this recipe already is a grpo recipe"),
        ("run.seed=x\ny", "run.seed: wants an integer"),
    ],
)
@needs_trl
def test_overrides_are_judged(problems: Problems, override: str, message: str) -> None:
    (line,) = problems(overrides=(override,))
    assert line.startswith("override '")
    assert message in line


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("per_device_train_batch_size: 4\n", "the 4 completions"),
        ("per_device_train_batch_size: 4\n  gradient_accumulation_steps: 3\n", "into groups of 8; 6 would fit"),
        ("per_device_train_batch_size: 4\n  steps_per_generation: 3\n", "the 12 completions"),
        ("generation_batch_size: 12\n", "is 12, not a multiple of per_device_train_batch_size x processes (8)"),
        ("generation_batch_size: 8\n  steps_per_generation: 1\n", "set one of the two"),
        ("per_device_train_batch_size: 1000000000000001\n", "do not divide"),
        ("eval_strategy: steps\n  per_device_eval_batch_size: 3\n", "times processes is 3, which groups of 8"),
    ],
)
@needs_trl
def test_batches_hold_whole_groups(problems: Problems, settings: str, message: str) -> None:
    (line,) = problems("learning_rate: 1e-6\n", settings)
    assert message in line


@needs_trl
def test_processes_count(write: Write) -> None:
    text = GRPO.replace("learning_rate: 1e-6", "per_device_train_batch_size: 4")
    assert recipes.load(write(text), ["run.hardware.gpus=2"])
    assert recipes.load(write(text), processes=4)
    with pytest.raises(recipes.BadInput, match="4 completions"):
        recipes.load(write(text), ["run.hardware={gpus: 2, device: cpu}"])


@needs_trl
def test_a_misspelt_batch_key_raises_no_second_alarm(problems: Problems) -> None:
    (line,) = problems("num_generations: 8", "num_generation: 3\n  per_device_train_batch_size: 3")
    assert "did you mean num_generations?" in line


@pytest.mark.parametrize("section", ["model", "data", "rewards"])
def test_sections_a_grpo_recipe_needs(problems: Problems, section: str) -> None:
    kept = re.sub(rf"^{section}:\n(  .*\n)+", "", GRPO, flags=re.MULTILINE)
    (line,) = problems(text=kept)
    assert line.startswith(f"FILE:1: {section}: missing: a grpo recipe needs it")


def test_a_new_model_must_divide(problems: Problems) -> None:
    (line,) = problems("num_heads: 4", "num_heads: 6", "num_kv_heads: 2", "num_kv_heads: 3", text=SFT)
    assert line == "FILE:2: model.init.hidden_size: is 64, which num_heads (6) does not divide"


def test_problems_of_the_base_are_named_in_its_own_file(tmp_path: Path, write: Write) -> None:
    base = write(SFT.replace("auto: true", "auto: maybe"), "bad_base.yaml")
    with pytest.raises(recipes.BadInput) as caught:
        recipes.load(write(GRPO.replace("BASE", str(base)).replace("eval:", "evil:")))
    assert [line.rsplit("/")[-1] for line in caught.value.problems] == [
        "r.yaml:12: evil: unknown key (did you mean eval?)",
        'bad_base.yaml:6: run.auto: wants true or false, got "maybe"',
    ]


def test_a_recipe_cannot_build_on_itself(tmp_path: Path, write: Write) -> None:
    a, b = tmp_path / "a.yaml", tmp_path / "b.yaml"
    write(GRPO.replace("BASE", str(b)), "a.yaml")
    write(GRPO.replace("BASE", str(a)), "b.yaml")
    with pytest.raises(recipes.BadInput, match="build on itself"):
        recipes.load(a)


def test_a_base_must_train_a_model(write: Write) -> None:
    other = write("build: {}", "build.yaml")
    with pytest.raises(recipes.BadInput, match="is a build recipe and trains no model"):
        recipes.load(write(GRPO.replace("BASE", str(other))))


def test_a_sweep_is_judged_run_by_run(write: Write) -> None:
    with pytest.raises(recipes.BadInput) as caught:
        recipes.load(write("sweep:\n  base: BASE\n  overrides:\n    - run.seed=1\n    - run.sede=2\n"))
    (line,) = caught.value.problems
    assert "r.yaml:5: sweep.overrides.1: override 'run.sede=2': run.sede: unknown key (did you mean seed?)" in line


def test_a_corpus_leaves_no_row_out(write: Write) -> None:
    text = "data:\n  train: [{use: a}]\n  share: 0.5\n  leave_out: {family: b}\nbuild: {}\n"
    with pytest.raises(recipes.BadInput) as caught:
        recipes.load(write(text))
    assert [line.split(": ")[1] for line in caught.value.problems] == ["data.share", "data.leave_out"]


def test_messages_can_be_printed(problems: Problems) -> None:
    for line in problems("report_to: none", '"a\\nb\\e[31m\\ud800": 1'):
        assert line.isprintable()


def test_garbled_recipes_never_escape_as_another_exception(write: Write) -> None:
    """Cut, doubled and swapped pieces of a good recipe: it loads or is refused, nothing else happens."""
    chance = random.Random(0)
    pieces = list("{}[]:,-&*!#'\"\t\n \\0") + ["null", "1e999", "true", "-5", "use", ".nan", "<<: ", "? ", "---\n"]
    refused: list[str] = []
    for _ in range(150):
        text = GRPO
        for _ in range(chance.randint(1, 4)):
            at, until = sorted(chance.randrange(len(text)) for _ in range(2))
            until = min(until, at + 12)
            text = text[:at] + chance.choice([*pieces, text[at:until] * 2]) + text[until:]
        try:
            recipes.load(write(text))
        except recipes.BadInput as error:
            refused += error.problems
    assert len(refused) > 75
    assert all(line and line.isprintable() for line in refused)


@pytest.mark.parametrize("value", [None, True, -1, 10**12, 0.5, "x", "", [], [None], {}, {"a": [1]}])
def test_any_value_in_any_section(problems: Problems, value: object) -> None:
    for section in ("model", "data", "rewards", "grpo", "eval", "run", "sft", "suites", "sweep", "build"):
        for key in (section, f"{section}.use", f"{section}.train", f"{section}.hardware", f"{section}.base"):
            assert all(line.isprintable() for line in problems(overrides=(f"{key}={recipes.problems.shown(value)}",)))
