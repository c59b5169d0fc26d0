#!/usr/bin/env bash
# Any recipe on nodes of 8 GPUs, by Slurm; from the checkout's root, which all nodes see by the same path:
#   sbatch --nodes 2 recipes/accelerate/slurm.sh sft/train.py recipes/lingshu_32b/stage3_instruct.yaml
# CONFIG=recipes/accelerate/zero2.yaml sbatch ... takes another launcher setting, GPUS=4 nodes of 4 (with
# --gpus-per-node 4). What follows the script's name goes to it: RECIPE [key=value ...].
#
# Ten minutes before its time is up, Slurm tells this script, which asks the trainer to stop (a file in the run's
# folder); the trainer saves after the step it is at, and the job queues again and goes on. A job that lost a node is
# queued again by Slurm, and goes on from the last checkpoint.
#
# Hardware: N x 8 GPUs of 80 GB; NOT RUN on a cluster or on GPUs. tests/sft/test_slurm.py runs it with stand-ins for
# Slurm's commands, two processes on a CPU, notice and requeue included.
#SBATCH --job-name=lingshu
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=64
#SBATCH --time=24:00:00
#SBATCH --signal=B:USR1@600
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.out
set -euo pipefail
cd "${SLURM_SUBMIT_DIR:?}"

# The folder of the unfinished run of RECIPE [key=value ...], nothing where there is none
unfinished() {
  python -c 'import sys, recipes
print(recipes.folder.unfinished(recipes.load(sys.argv[1], sys.argv[2:]).run.output_dir) or "")' "$@"
}

python "$@" --check    # a faulty recipe ends the job here, with a line that says why
export MASTER_NODE PORT RESUME STEP_CONFIG STEP_GPUS
mapfile -t nodes < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
MASTER_NODE=${nodes[0]:?scontrol names no node}
PORT=$((20000 + SLURM_JOB_ID % 10000))    # jobs that share a node do not meet
RESUME=$([ -z "$(unfinished "${@:2}")" ] || echo --resume)
STEP_CONFIG=${CONFIG:-recipes/accelerate/zero3.yaml} STEP_GPUS=${GPUS:-8}

stopping=
trap 'stopping=yes; run=$(unfinished "${@:2}"); [ -z "$run" ] || touch "$run/stop"' USR1
# One launcher a node; what differs between them (SLURM_NODEID) is read there, in single quotes
srun --kill-on-bad-exit=1 bash -c 'exec accelerate launch --config_file "$STEP_CONFIG" \
  --num_machines "$SLURM_NNODES" --num_processes "$((SLURM_NNODES * STEP_GPUS))" --machine_rank "$SLURM_NODEID" \
  --main_process_ip "$MASTER_NODE" --main_process_port "$PORT" "$@" $RESUME' launch "$@" &
step=$!
code=0
wait "$step" || code=$?
while kill -0 "$step" 2> /dev/null; do    # the notice ended the wait, not the step
  code=0
  wait "$step" || code=$?
done
if [ -n "$stopping" ] && [ -n "$(unfinished "${@:2}")" ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
