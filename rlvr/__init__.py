"""Refine a base: GRPO with verifiable rewards on TRL, rollouts by vLLM, the gain measured on held-out items."""
