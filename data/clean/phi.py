"""Identifiers of patients are replaced by their kind, as in "[NAME]", after HIPAA's Safe Harbor list.

Presidio finds and replaces them, by patterns, and by a recogniser where `names` gives one. Without one a name is known
only by what stands before it (Dr., Patient:, Mr.), a place only by street or ZIP code, and a hospital not at all. What
was scrubbed before (___ of MIMIC, XXXX of IU X-ray) stays. Doses, pressures, stages, years and eponyms stay too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar

from data.clean import Drop, Pictures, Step
from data.clean._identifiers import CUES, EPONYM, FOUND_AS, PATTERNS
from data.example import Example
from recipes import BadInput, from_root, hint

SURE = 0.9  # the score of a pattern's finds; a recogniser's have less, and may be eponyms
_EPONYM = re.compile(EPONYM)


@dataclass(frozen=True)
class Phi(Step):
    """Question, options and answer are scrubbed; a row goes only if its options cannot be told apart any more.

    sources: of these data sets only; all of them by default. Papers and exams date their studies and laws, and lose
    that too (a seventh of PubMedQA's abstracts): better name the sources that hold patients' records. entities: only
    these (see `PATTERNS`; PLACE and ORGANISATION are what a recogniser finds); all of them by default. names: a spaCy
    pipeline with entities, an installed package or a folder; eponyms of diseases stay, its other mistakes are its own.
    meta: keys of meta whose text is scrubbed too. How much was replaced is counted in the row's meta, as `phi`: entity
    -> number; never what it was.
    """

    about: ClassVar[str] = "identifiers of patients are replaced by their kind"

    sources: Sequence[str] = ()
    entities: Sequence[str] = ()
    names: str = ""
    meta: Sequence[str] = ("context", "trace")

    def __post_init__(self) -> None:
        for name in ("sources", "entities", "meta"):
            if isinstance(getattr(self, name), str):
                raise ValueError(f"{name} is {getattr(self, name)!r}, it must be a list")
            object.__setattr__(self, name, tuple(getattr(self, name)))
        known = kinds(self.names)
        if unknown := [name for name in self.entities if name not in known]:
            raise ValueError(f"entities: no {unknown[0]!r}{hint(unknown[0], known)}; there are {', '.join(known)}")

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
            text, found = scrub(value, self.entities, self.names)
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


def kinds(names: str) -> list[str]:
    """The entities that can be found, with a recogniser or without."""
    return list(dict.fromkeys([*PATTERNS, *(FOUND_AS.values() if names else ())]))


def scrub(text: str, entities: Sequence[str] = (), names: str = "") -> tuple[str, dict[str, int]]:
    """The text with each identifier replaced by [ITS KIND], and how many there were of each kind."""
    told = set(FOUND_AS.values()) if names else set()
    wanted = [n for n in entities or kinds(names) if n in told or re.search(CUES[n], text, re.IGNORECASE)]
    if not wanted:
        return text, {}
    analyzer, anonymizer, operators = _engines(names)
    found = analyzer.analyze(text=text, language="en", entities=wanted)
    found = [one for one in found if one.score >= SURE or not _EPONYM.match(text, one.start)]
    done = anonymizer.anonymize(text=text, analyzer_results=found, operators=operators)
    return done.text, dict(Counter(item.entity_type for item in done.items))


@lru_cache(maxsize=1)
def _engines(names: str) -> tuple[Any, Any, dict[str, Any]]:
    """Presidio's analyzer and anonymizer with our recognizers, made once in each process."""
    try:
        from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NoOpNlpEngine
        from presidio_analyzer.predefined_recognizers import SpacyRecognizer
        from presidio_anonymizer import AnonymizerEngine
        from presidio_anonymizer.entities import OperatorConfig
    except ImportError as error:
        raise BadInput(["step phi needs presidio: pip install 'lingshu-rlvr[curate]'"]) from error
    registry = RecognizerRegistry(recognizers=[], supported_languages=["en"])
    for name, regexes in PATTERNS.items():
        shapes = [Pattern(name, regex, SURE) for regex in regexes]
        registry.add_recognizer(PatternRecognizer(name, patterns=shapes, global_regex_flags=0))
    engine = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}])
    if names:
        engine = _recogniser(names)
        registry.add_recognizer(SpacyRecognizer(supported_entities=sorted(set(FOUND_AS.values()))))
    analyzer = AnalyzerEngine(registry, engine, supported_languages=["en"])
    operators = {name: OperatorConfig("replace", {"new_value": f"[{name}]"}) for name in kinds(names)}
    return analyzer, AnonymizerEngine(), operators


def _recogniser(names: str) -> Any:
    """Presidio's engine over a pipeline that is here; nothing is downloaded. BadInput where it cannot be loaded."""
    import spacy
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    where = str(place) if (place := from_root(names)).is_dir() else names
    try:
        pipeline = spacy.load(where)
    except (OSError, ValueError) as error:
        told = "name an installed spaCy package or a pipeline's folder"
        raise BadInput([f"step phi: names: {names!r} cannot be loaded; {told}"]) from error
    as_ours = NerModelConfiguration(
        model_to_presidio_entity_mapping=FOUND_AS, labels_to_ignore=[], default_score=SURE - 0.05
    )
    engine = SpacyNlpEngine([{"lang_code": "en", "model_name": names}], as_ours)
    engine.nlp = {"en": pipeline}
    return engine


STEP = Phi
