# make setup | demo | test | check | clean        (PYTHON=python3.12 picks another interpreter, 3.11 or newer)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test check clean
setup: $(READY)

$(READY): pyproject.toml scripts/setup_env.py scripts/torchvision_on_cpu.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or newer is needed; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python scripts/setup_env.py
	@touch $(READY)

# The main job: SFT base -> GRPO with vLLM rollouts -> measured gain
demo: $(READY)
	$(BIN)/accelerate launch --num_processes 1 rlvr/train.py recipes/grpo_med.yaml

test: $(READY)
	$(BIN)/python -m pytest

# What CI checks besides the tests
check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) outputs wandb .cache
