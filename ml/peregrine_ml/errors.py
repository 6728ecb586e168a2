"""The one error class that is meant for a person."""

from collections.abc import Sequence

SHOWN_PROBLEMS = 20


class InputError(Exception):
    """Something given to the program is wrong: data, a setting, a model archive.

    Printed without a stack trace; for training its text becomes `/opt/ml/output/failure`,
    which SageMaker shows as the job's FailureReason (1,024 characters, SageMaker API).

    Args:
        message: what is wrong, naming the thing.
        next_step: what the reader can do about it.
    """

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text}\n{self.next_step}" if self.next_step else text

    @classmethod
    def of_problems(cls, subject: str, problems: Sequence[str], next_step: str = "") -> "InputError":
        """All problems of one input at once, the first twenty written out."""
        shown = [f"  - {problem}" for problem in problems[:SHOWN_PROBLEMS]]
        if len(problems) > SHOWN_PROBLEMS:
            shown.append(f"  - and {len(problems) - SHOWN_PROBLEMS} more")
        plural = "problem" if len(problems) == 1 else "problems"
        return cls("\n".join([f"{subject}: {len(problems)} {plural}", *shown]), next_step)
