"""Texts of a run that the registry keeps, checked by the first steps: before the training is paid for.

A run may start by the command, the API, Studio, the console or a rule. Only here do all of them come by. The rule is
that of `CustomerMetadataProperties` (SageMaker API, CreateModelPackage), the same as in `contract/metadata-value.ts`:
both sides are tested against `test/contract/metadata-values.json`.
"""

import json
import os
import unicodedata

from peregrine_ml.errors import InputError

VARIABLES = {"RUN_REASON": "RunReason", "DATASET_URI": "DatasetUri"}
"""Variable of the jobs to parameter of the pipeline. `ModelVariant` is kept too: SageMaker checks its EnumValues."""
LONGEST = 256
MARKS = frozenset("_.:/=+-@")


def problem(name: str, text: str) -> str | None:
    """What is wrong with a text as a metadata value; None when SageMaker takes it.

    Args:
        name: of the text, for people.
        text: its length counts in UTF-16 units.
    """
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if not 1 <= length <= LONGEST:
        return f"{name} has {length} characters; the registry keeps 1 to {LONGEST}"
    refused = dict.fromkeys(char for char in text if char not in MARKS and unicodedata.category(char)[0] not in "LZN")
    if not refused:
        return None
    shown = " ".join(json.dumps(char, ensure_ascii=False) for char in refused)
    return f"{name} holds {shown}; the registry keeps letters, digits, spaces and _ . : / = + - @"


def check() -> None:
    """Look at the texts of this run, as far as the job was given them.

    Raises:
        InputError: one sentence with all that the registry would refuse.
    """
    problems = [problem(name, os.environ[variable]) for variable, name in VARIABLES.items() if variable in os.environ]
    found = "; ".join(text for text in problems if text)
    if found:
        raise InputError(f"The model could not be registered after its training: {found}.")
