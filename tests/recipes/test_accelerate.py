"""The launcher settings in recipes/accelerate are what accelerate reads, and mean what their names say."""

import shlex
from typing import Any

import pytest

from recipes import ROOT

launch = pytest.importorskip("accelerate.commands.launch")
FOLDER = ROOT / "recipes" / "accelerate"
CONFIGS = sorted(FOLDER.glob("*.yaml"))
KINDS = {  # name: (how processes share, of how many machines, processes in all)
    "cpu": ("NO", 1, 1),
    "fsdp": ("FSDP", 1, 8),
    "multi_gpu": ("MULTI_GPU", 1, 8),
    "multi_node": ("DEEPSPEED", 2, 16),
    "one_gpu": ("NO", 1, 1),
    "zero2": ("DEEPSPEED", 1, 8),
    "zero3": ("DEEPSPEED", 1, 8),
}


def judged(*command: str) -> Any:
    """The arguments of `accelerate launch`, as it starts processes by them."""
    arguments = launch.launch_command_parser().parse_args(list(command))
    return launch._validate_launch_command(arguments)[0]


def test_every_file_is_named_here() -> None:
    assert {path.stem for path in CONFIGS} == KINDS.keys()


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_accelerate_reads_it(path) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    found = load_config_from_file(str(path))
    kind, machines, processes = KINDS[path.stem]
    assert (found.distributed_type.value, found.num_machines, found.num_processes) == (kind, machines, processes)
    assert found.mixed_precision == "no"  # the recipe's business
    given = judged("--config_file", str(path), "sft/train.py", "RECIPE")
    assert (given.num_machines, given.num_processes) == (machines, processes)
    assert (given.use_deepspeed, given.use_fsdp, given.multi_gpu) == (
        kind == "DEEPSPEED",
        kind == "FSDP",
        kind == "MULTI_GPU",
    )
    assert given.use_cpu == (path.stem == "cpu")


@pytest.mark.parametrize("name", ["multi_node", "zero2", "zero3", "fsdp", "multi_gpu"])
def test_the_command_line_says_which_node_this_is(name: str) -> None:
    from accelerate.utils.launch import prepare_deepspeed_cmd_env, prepare_multi_gpu_env

    of_a_node = "--machine_rank 1 --main_process_ip 10.0.0.1 --main_process_port 29511"
    nodes = "" if name == "multi_node" else "--num_machines 2 --num_processes 16"
    given = judged("--config_file", str(FOLDER / f"{name}.yaml"), *shlex.split(f"{nodes} {of_a_node}"), "train.py")
    if given.use_deepspeed:
        given.deepspeed_fields_from_accelerate_config = ""
        command, environment = prepare_deepspeed_cmd_env(given)
        assert command is None  # torchrun's way, no pdsh
        assert environment["ACCELERATE_DEEPSPEED_ZERO_STAGE"] == ("2" if name == "zero2" else "3")
    else:
        environment = prepare_multi_gpu_env(given)
    assert environment.get("ACCELERATE_USE_FSDP", "false") == str(name == "fsdp").lower()
    assert (given.nnodes, given.nproc_per_node, given.node_rank) == ("2", "8", 1)
    assert given.rdzv_endpoint == "10.0.0.1:29511"  # accelerate reads same_network from the command line only
