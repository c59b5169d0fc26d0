"""The sections of a recipe, key by key. `rules` judges what holds between keys, `settings` the trainer's own keys."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Seed = Annotated[int, Field(ge=0, lt=2**32)]
Count = Annotated[int, Field(ge=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]
Tracker = Literal["wandb", "trackio", "tensorboard", "none"]


class Section(BaseModel):
    """A part of a recipe: no key it does not know, no value turned silently into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Use(Section):
    """Something used by its name. Keys that are not fields here are `knobs`, judged by what bears the name."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    use: Text

    @property
    def knobs(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class DataUse(Use):
    """A data set in a mixture: `n` rows at most, drawn in proportion to `weight`."""

    split: Text = "train"
    weight: Weight = 1.0
    n: Count | None = None
    seed: Seed | None = None


class RewardUse(Use):
    """A reward: a name of the library or `./file.py:function`; weight 0 logs it without training on it."""

    weight: Weight = 1.0


def _as_word(value: Any) -> Any:
    """YAML reads on and off as true and false."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


class Runtime(Section):
    """How a step of training is run: its rewards, how many of their failures it bears, and what is computed once.

    A completion on which a weighted reward fails is compared with no other: its advantage is 0.
    """

    workers: Count = 2  # processes for rewards, for each trainer process
    timeout_s: Annotated[float, Field(gt=0)] = 5.0  # of one reward on one completion
    judges: Count = 16  # completions a coroutine reward is asked about at once
    judge_timeout_s: Annotated[float, Field(gt=0)] = 120.0  # of a coroutine reward on one completion
    max_error_rate: Fraction = 0.1  # share of a reward's last `window` verdicts that may fail before the run stops
    window: Count = 256  # completions
    fast_path: Annotated[Literal["auto", "on", "off"], BeforeValidator(_as_word)] = "auto"  # each prompt once
    dynamic_sampling: Annotated[int, Field(ge=0)] = 0  # how often groups of equal rewards give way (rlvr/refill.py)
    curriculum: bool = False  # from the second epoch on, questions that tell something come more often
    one_step_off: bool = False  # train on what the weights of the step before have sampled (rlvr/ahead.py)
    vision_cache_mb: Annotated[int, Field(ge=0)] = 512  # features of a frozen vision tower; 0: none (rlvr/towers.py)

    @property
    def patience(self) -> int:
        """How many failures among the last `window` verdicts are too many."""
        return int(self.max_error_rate * self.window) + 1


class SuiteUse(Use):
    """An evaluation suite, cut to `n` items if given."""

    n: Count | None = None


def _by_name(value: Any) -> Any:
    return {"use": value} if isinstance(value, str) else value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Suite = Annotated[SuiteUse, BeforeValidator(_by_name)]
Words = Annotated[list[Text], Field(min_length=1), BeforeValidator(_as_list)]


class Init(Section):
    """Sizes of a new Qwen2.5-VL. Keys left out that have no default here follow from the others."""

    hidden_size: Count
    num_layers: Count
    num_heads: Count
    num_kv_heads: Count
    intermediate_size: Count
    vocab_size: Count
    vision_hidden_size: Count
    vision_depth: Count
    vision_heads: Count
    vision_intermediate_size: Count | None = None
    patch_size: Count = 14  # pixels
    spatial_merge_size: Count = 2  # patches a side that become one token
    temporal_patch_size: Count = 2  # frames
    window_size: Count | None = None  # pixels
    fullatt_block_indexes: list[Annotated[int, Field(ge=0)]] | None = None
    mrope_section: list[Count] | None = None
    rope_theta: Annotated[float, Field(gt=0)] | None = None
    max_position_embeddings: Count = 4096  # tokens
    tie_word_embeddings: bool = True


class Quantization(Section):
    """A base held in 4 or 8 bits while adapters are trained, by the keys of transformers' BitsAndBytesConfig."""

    load_in_4bit: bool = False
    load_in_8bit: bool = False
    bnb_4bit_quant_type: Literal["nf4", "fp4"] = "nf4"
    bnb_4bit_use_double_quant: bool = False
    bnb_4bit_compute_dtype: Literal["float32", "bfloat16", "float16"] | None = None  # None: as training computes
    llm_int8_threshold: Annotated[float, Field(ge=0)] = 6.0
    llm_int8_skip_modules: list[Text] | None = None  # None: the vision tower, the projector and the head


class Model(Section):
    """The model to start from: a recipe that builds it (`from`), a name, or sizes of a new one (`init`)."""

    from_: Text | None = Field(default=None, alias="from")
    name: Text | None = None
    init: Init | None = None
    revision: Text | None = None
    lora: dict[str, Any] | None = None
    quantization_config: Quantization | None = None
    attn_implementation: Text | None = None  # of transformers; None: chosen for the machine
    min_pixels: Count | None = None
    max_pixels: Count | None = None


class Teacher(Section):
    """A teacher of mixed quality: the share of careful traces, and how often each sort ends in the right answer."""

    careful: Fraction = 0.4
    careful_right: Fraction = 1.0
    hasty_right: Fraction = 0.3


class Data(Section):
    """What is asked, and in which style."""

    train: Annotated[list[DataUse], Field(min_length=1)] = []
    prompt: Literal["think", "direct", "plain", "paper", "reasoning"] = "think"
    teacher: Teacher | None = None
    thinking: Fraction = 1.0  # of rows with a reasoning trace, the share that shows it; the others answer directly
    leave_out: dict[str, Words] = {}  # column -> values: rows that have one of them are left out
    share: Annotated[float, Field(gt=0, le=1)] = 1.0  # of all rows, in an order by run.seed; 0.25 is the start of 0.5


Rate = Annotated[float, Field(gt=0)] | Literal["frozen"] | None


class Tune(Section):
    """What fine-tuning trains: a learning rate for each part of the model, `frozen`, or null: `sft.learning_rate`."""

    vision: Rate = None
    projector: Rate = None
    llm: Rate = None


class StepUse(Use):
    """A step of cleaning, by its name, with its knobs."""


Step = Annotated[StepUse, BeforeValidator(_by_name)]


class Build(Section):
    """How a corpus is made of `data.train`, in whose order the sources are trusted.

    Nothing here but `steps`, `rows_per_shard`, `rows_per_file`, `images` and `shuffle` changes what is made.
    """

    steps: list[Step] = []
    published_rows: Count | None = None  # of the corpus that this one follows, as its authors state it; for --plan
    rows_per_shard: Count = 2000  # of what is made; of pictures a few hundred MB
    rows_per_file: Count = 2000  # while it is made: what one task works on at a time
    images: Literal["embedded", "referenced"] = "embedded"  # referenced: by path, where a source gives one
    shuffle: bool = True  # by a hash of run.seed and the row's id
    max_bad: Fraction = 0.01  # share of a source's rows that may be broken before the build stops
    executor: Literal["local", "slurm", "ray"] = "local"
    workers: Count = 2  # processes, or jobs at a time
    tasks: Count = 64  # parts that a pass is divided into
    cluster: dict[str, Any] = {}  # for datatrove's executor: partition, time, cpus_per_task, ...


class Judge(Section):
    """Whom graders ask that are judges themselves, such as HealthBench's: an OpenAI-compatible endpoint."""

    base_url: Text
    model: Text
    key_env: Text | None = None  # the environment variable that holds its key


class Eval(Section):
    """How the model is measured: on `suites` before and after training, on `watch` every `every_steps` steps.

    What is watched during training is best a validation set: whoever stops or chooses by a test set has trained on it.
    """

    suites: list[Suite] = []
    watch: list[Suite] = []  # the first `every_n` items of each; without it the suites themselves
    every_steps: Annotated[int, Field(ge=0)] = 0
    every_n: Count | None = None
    keep_best: bool = True  # checkpoints/best: the best of what is watched, by the lower end of its interval
    samples: Annotated[list[Count], Field(min_length=1)] = [1]  # 1 = greedy, k = mean of k samples
    temperature: Annotated[float, Field(gt=0)] = 1.0
    max_tokens: Count | None = None
    blank_images: bool = False  # the same as the probe blank
    judge: Judge | None = None
    probes: list[Text] = []  # the same items once more, greedily, each with something missing or moved (eval/probes)
    seed: Seed = 0


class Hardware(Section):
    """What the recipe was written for."""

    device: Literal["cpu", "cuda", "any"] = "any"
    gpus: Annotated[int, Field(ge=0)] = 1
    memory_gb: Annotated[float, Field(gt=0)] | None = None  # of one GPU, or of the machine without one

    @property
    def processes(self) -> int:
        """Trainer processes: one a GPU, one without."""
        return 1 if self.device == "cpu" else max(1, self.gpus)


class Run(Section):
    """Where the run goes and how it starts."""

    seed: Seed = 0
    output_dir: Text = "outputs/run"
    auto: bool = False  # as a base, may be built without asking
    report_to: Annotated[list[Tracker], Field(min_length=1), BeforeValidator(_as_list)] = ["wandb"]
    resume: bool = False
    hardware: Hardware = Hardware()


class Sweep(Section):
    """A recipe run once for each entry of `overrides`; an entry is one `key=value` or a list of them."""

    base: Text
    overrides: Annotated[list[Annotated[list[Text], BeforeValidator(_as_list)]], Field(min_length=1)]


class Sections(Section):
    """Everything a recipe may hold. Sections that mean nothing to its kind keep their defaults."""

    model: Model = Model()
    data: Data = Data()
    rewards: list[RewardUse] = []
    runtime: Runtime = Runtime()
    grpo: dict[str, Any] = {}
    sft: dict[str, Any] = {}
    tune: Tune = Tune()
    build: Build = Build()
    suites: list[Suite] = []
    sweep: Sweep | None = None
    eval: Eval = Eval()
    run: Run = Run()


# The section that says what a recipe is -> the sections that mean something beside it.
KINDS: dict[str, tuple[str, ...]] = {
    "grpo": ("model", "data", "rewards", "runtime", "eval", "run"),
    "sft": ("model", "data", "tune", "eval", "run"),
    "build": ("data", "run"),
    "suites": ("model", "eval", "run"),
    "sweep": ("run",),
}


def completed(*resolved: dict[str, Any]) -> list[dict[str, Any]]:
    """Resolved recipes, or parts of them, each with the sections and keys that others have and it lacks, at their
    defaults: what was written before a key existed says the same as what is written now. A section that this schema
    does not read stays as it is."""
    made = [dict(one) for one in resolved]
    for name in Sections.model_fields:
        if any(name in one for one in resolved):
            try:
                filled = [Sections.model_validate({name: one[name]} if name in one else {}) for one in resolved]
            except ValidationError:
                continue
            for one, sections in zip(made, filled, strict=True):
                one[name] = sections.model_dump(mode="json", by_alias=True)[name]
    return made
