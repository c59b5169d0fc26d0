"""Identifiers of patients are replaced by their kind, as in "[NAME]", after HIPAA's Safe Harbor list.

Presidio finds and replaces them, by patterns alone: no model is loaded, so that a name is known only by what stands
before it (Dr., Patient:, Mr.). What was scrubbed before (___ of MIMIC, XXXX of IU X-ray) stays. Doses, pressures,
stages, years and eponyms stay too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar

from data.clean import Drop, Pictures, Step
from data.clean._identifiers import CUES, PATTERNS
from data.example import Example
from recipes import BadInput, hint


@dataclass(frozen=True)
class Phi(Step):
    """Question, options and answer are scrubbed; a row goes only if its options cannot be told apart any more.

    sources: of these data sets only; all of them by default. Papers and exams date their studies and laws, and lose
    that too (a seventh of PubMedQA's abstracts): better name the sources that hold patients' records. entities: only
    these (see `PATTERNS`); all of them by default. meta: keys of meta whose text is scrubbed too. How much was replaced
    is counted in the row's meta, as `phi`: entity -> number; never what it was.
    """

    about: ClassVar[str] = "identifiers of patients are replaced by their kind"

    sources: Sequence[str] = ()
    entities: Sequence[str] = ()
    meta: Sequence[str] = ("context", "trace")

    def __post_init__(self) -> None:
        for name in ("sources", "entities", "meta"):
            if isinstance(getattr(self, name), str):
                raise ValueError(f"{name} is {getattr(self, name)!r}, it must be a list")
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if unknown := [name for name in self.entities if name not in PATTERNS]:
            there = ", ".join(PATTERNS)
            raise ValueError(f"entities: no {unknown[0]!r}{hint(unknown[0], PATTERNS)}; there are {there}")

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        if self.sources and row.source not in self.sources:
            return row
        counts: Counter[str] = Counter()

        def scrubbed(value: Any) -> Any:
            if isinstance(value, Mapping):
                return {key: scrubbed(part) for key, part in value.items()}
            if isinstance(value, (list, tuple)):
                return type(value)(scrubbed(part) for part in value)
            if not isinstance(value, str):
                return value
            text, found = scrub(value, self.entities)
            counts.update(found)
            return text

        answer = row.answer if row.kind == "option" else scrubbed(row.answer)
        meta = {key: scrubbed(value) if key in self.meta else value for key, value in row.meta.items()}
        question, options = scrubbed(row.question), scrubbed(row.options)
        if not counts:
            return row
        if row.options and len(set((options or {}).values())) < len(set(row.options.values())):
            return Drop("options differ in identifiers alone", ", ".join(sorted(counts)))
        return replace(
            row, question=question, options=options, answer=answer, meta={**meta, "phi": dict(sorted(counts.items()))}
        )


def scrub(text: str, entities: Sequence[str] = ()) -> tuple[str, dict[str, int]]:
    """The text with each identifier replaced by [ITS KIND], and how many there were of each kind."""
    wanted = [name for name in entities or PATTERNS if re.search(CUES[name], text, re.IGNORECASE)]
    if not wanted:
        return text, {}
    analyzer, anonymizer, operators = _engines()
    found = analyzer.analyze(text=text, language="en", entities=wanted)
    done = anonymizer.anonymize(text=text, analyzer_results=found, operators=operators)
    return done.text, dict(Counter(item.entity_type for item in done.items))


@lru_cache(maxsize=1)
def _engines() -> tuple[Any, Any, dict[str, Any]]:
    """Presidio's analyzer and anonymizer with our recognizers, made once in each process."""
    try:
        from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NoOpNlpEngine
        from presidio_anonymizer import AnonymizerEngine
        from presidio_anonymizer.entities import OperatorConfig
    except ImportError as error:
        raise BadInput(["step phi needs presidio: pip install 'lingshu-rlvr[curate]'"]) from error
    registry = RecognizerRegistry(recognizers=[], supported_languages=["en"])
    for name, regexes in PATTERNS.items():
        shapes = [Pattern(name, regex, 0.9) for regex in regexes]
        registry.add_recognizer(PatternRecognizer(name, patterns=shapes, global_regex_flags=0))
    analyzer = AnalyzerEngine(
        registry, NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}]), supported_languages=["en"]
    )
    operators = {name: OperatorConfig("replace", {"new_value": f"[{name}]"}) for name in PATTERNS}
    return analyzer, AnonymizerEngine(), operators


STEP = Phi
