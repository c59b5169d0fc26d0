"""Refine a base by GRPO with verifiable rewards, and measure what it gained.

accelerate launch rlvr/train.py recipes/grpo_med.yaml [key=value ...] [--check | --plan] [--resume]
"""

import pathlib
import sys

# Run as a script, this folder stands on sys.path in place of the checkout, and foreign packages could take our names.
sys.path[:] = [str(pathlib.Path(__file__).resolve().parents[1])] + [
    entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent
]

import recipes  # noqa: E402
from recipes.command import guarded, parse  # noqa: E402


def main(argv: list[str] | None = None) -> int:
    command = parse(__doc__, argv)
    from rlvr import check
    from sft.check import demand, refuse_missing

    recipe = recipes.load(command.recipe, command.overrides, processes=command.processes)
    if recipe.kind != "grpo":
        raise recipes.BadInput([f"{command.recipe}: is a {recipe.kind} recipe; run it with its own script"])
    demand(check.judge(recipe))
    if command.check or command.plan:
        found = check.summary(recipe)
        if command.plan:
            from rlvr import plan

            found |= plan.facts(recipe)
        command.report(found)
        return 0
    refuse_missing(recipe)
    return train(recipe, resume=command.resume or recipe.run.resume)


def train(recipe: recipes.Recipe, *, resume: bool) -> int:
    # What is asked, and what is good: judged on every example before anything expensive starts
    from rlvr import golds, rewarding
    from sft import digests, mixture

    graded = rewarding.load_rewards(recipe)
    drawn = mixture.drawn(recipe)
    learnt_from = digests.of(drawn)
    examples = golds.gradable(recipe, graded, mixture.mixed(recipe, drawn))

    # The base, and the run's folder
    from eval.vllm_engine import prepare_cpu_environment
    from sft import bases
    from sft.threads import use_the_cores

    use_the_cores()
    start = bases.start_of(recipe)
    prepare_cpu_environment()
    from sft.processes import Processes

    ranks = Processes(recipe.grpo)
    with ranks.claimed(recipe, resume=resume) as folder:
        from rlvr import building, outcome
        from rlvr.hooks import EvalHook, LogProbAlarm
        from rlvr.ledger import Ledger
        from sft import stopping, tracking

        # The policy and its trainer; rollouts come from vLLM, held equal to the policy
        tracking.prepare(recipe, folder)
        trainer = building.build(recipe, start, examples, graded, folder)
        trainer.ledger = Ledger(folder, examples, trainer.scoring.rewards, writes=ranks.is_first)
        trainer.ledger.recall()
        hook = EvalHook(recipe, trainer, folder)
        trainer.callback_handler.callbacks.insert(0, LogProbAlarm(building.precision(trainer)))  # trackers log it too
        trainer.add_callback(tracking.MetricsFile(folder))
        trainer.add_callback(hook)
        trainer.add_callback(stop := stopping.StopFile(ranks, folder))
        ranks.verify(trainer)
        print(f"refining on {len(examples)} examples; the run is in {folder}", flush=True)

        # Measure, refine, measure again (the hook does both at the ends of training)
        trainer.train(resume_from_checkpoint=ranks.last_checkpoint(folder) if resume else None)
        if stop.came:
            print(stop.said(trainer.state.global_step), flush=True)
            recipes.folder.release(folder)
            return stopping.EXIT_CODE
        final = building.save(trainer, folder / bases.FINAL)
        if ranks.is_first:
            facts = {"examples": len(examples), "steps": trainer.state.global_step, "data": learnt_from}
            outcome.write(recipe, folder, final, hook.before, hook.after, start=start, **facts)
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
