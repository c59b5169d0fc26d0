"""A build as Slurm jobs: stand-ins for Slurm's commands run each job at once, where datatrove would queue it."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from recipes import ROOT, folder

SBATCH = r"""#!/usr/bin/env bash
script="${@: -1}"
echo "$@" >> "$CALLS"
tasks=$(grep -m1 -- '--array=' "$script" | sed 's/.*--array=//; s/%.*//')
for i in $(seq "${tasks%-*}" "${tasks#*-}"); do
  env SLURM_NODELIST=n1 SLURM_NNODES=1 SLURM_NODEID=0 SLURM_CPUS_PER_TASK=1 SLURM_MEM_PER_CPU=2000 SLURM_JOB_ID=1 \
    SLURM_ARRAY_JOB_ID=1 SLURM_ARRAY_TASK_ID="$i" RUN_OFFSET=0 bash "$script" >> "$CALLS.out" 2>&1
done
wc -l < "$CALLS"
"""
SRUN = r"""#!/usr/bin/env bash
while [[ $1 == -* ]]; do [ "$1" = -n ] && shift; shift; done
exec "$@"
"""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("datatrove") is None, reason="datatrove is not installed: pip install -e '.[cluster]'")
def test_a_build_on_slurm_ends_in_the_same_bytes(tmp_path: Path, corpus, monkeypatch) -> None:
    for name, text in {"sbatch": SBATCH, "srun": SRUN, "scontrol": "#!/usr/bin/env bash\necho n1\n"}.items():
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    places = [str(tmp_path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
    env = {**os.environ, "PATH": os.pathsep.join(places), "CALLS": str(tmp_path / "calls")}
    sources = [{"use": "clinic", "split": "train", "n": 24, "families": ["gcs", "lab_range"]}]
    how = {"steps": [{"use": "binary_share", "share": 0.2}]}
    cluster = {"time": "00:10:00", "partition": "cpu"}
    made = []
    for name, more in (("here", {}), ("there", {"executor": "slurm", "tasks": 2, "cluster": cluster})):
        recipe = corpus(name, sources, **how, **more)
        command = [sys.executable, "-m", "data", "build", str(recipe.path)]
        subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
        assert folder.is_finished(recipe.run.output_dir)
        made.append([path.read_bytes() for path in sorted(Path(recipe.run.output_dir).glob("part-*"))])
    assert made[0] == made[1] != []
    calls = (tmp_path / "calls").read_text().splitlines()
    assert sum("--dependency=afterok:" in call for call in calls) == 10  # eleven passes, each after the one before
