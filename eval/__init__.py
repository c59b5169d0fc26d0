"""How good: suites of held-out items, engines that answer them, the training rewards as graders, and intervals.

The package must never be imported under its bare name into a namespace (`import eval`): that would hide Python's
builtin. Write `from eval import stats` or `from eval.run import evaluate`.
"""
