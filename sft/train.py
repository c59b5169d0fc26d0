"""Build a base: supervised fine-tuning on demonstrations, as a recipe says.

accelerate launch sft/train.py recipes/sft_med.yaml [key=value ...] [--check | --plan] [--resume]
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
    from sft import check

    recipe = recipes.load(command.recipe, command.overrides)
    if recipe.kind != "sft":
        raise recipes.BadInput([f"{command.recipe}: is a {recipe.kind} recipe; run it with its own script"])
    check.demand(check.judge(recipe))
    if command.check or command.plan:
        found = check.summary(recipe)
        if command.plan:
            from sft import plan

            found |= plan.facts(recipe)
        command.report(found)
        return 0
    check.refuse_missing(recipe)
    return train(recipe, resume=command.resume or recipe.run.resume)


def train(recipe: recipes.Recipe, *, resume: bool) -> int:
    from sft import bases, digests, machine, mixture
    from sft.threads import use_the_cores

    use_the_cores()
    machine.of_recipe(recipe)  # refuses what it asks for and cannot be had here
    drawn = mixture.drawn(recipe)
    learnt_from, examples = digests.of(drawn), mixture.mixed(recipe, drawn)
    start = origin = bases.start_of(recipe)
    from sft import card, lessons, stage, stopping, tracking
    from sft.processes import Processes

    samples = lessons.samples(recipe, examples)
    ranks = Processes(recipe.sft)
    with ranks.claimed(recipe, resume=resume) as folder:
        tracking.prepare(recipe, folder)
        if start is None:
            place = folder / "checkpoints" / "new"
            start = ranks.first(lambda: stage.new_checkpoint(recipe, samples, place))
        stop = stopping.StopFile(ranks, folder)
        trainer = stage.trainer(recipe, start, samples, folder / "checkpoints", [tracking.MetricsFile(folder), stop])
        hook = None
        if recipe.eval.suites:
            from eval.hook import EvalHook

            hook = EvalHook(recipe, trainer, folder)
            trainer.add_callback(hook)
        ranks.verify(trainer)
        print(f"fine-tuning on {len(samples)} samples; the run is in {folder}", flush=True)
        trainer.train(resume_from_checkpoint=ranks.last_checkpoint(folder) if resume else None)
        if stop.came:
            print(stop.said(trainer.state.global_step), flush=True)
            recipes.folder.release(folder)
            return stopping.EXIT_CODE

        final = stage.save(trainer, folder / bases.FINAL)
        if ranks.is_first:
            from eval import gains

            changes = gains.change(hook.before, hook.after) if hook else {}
            steps = trainer.state.global_step
            facts = {"examples": len(samples), "steps": steps, "data": learnt_from, "measured": changes}
            facts["chosen"] = {one.name: f"{one.value} ({one.why})" for one in trainer.chosen}
            made, said = card.lineage(recipe, folder, start=origin, **facts), gains.in_words(changes)
            card.write(final, made, "\n".join(f"- {line}" for line in said))
            recipes.folder.finish(folder, made)
            card.show(made)
            print("\n".join([*said, f"the checkpoint is in {final}"]))
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
