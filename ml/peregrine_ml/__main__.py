"""`python -I -m peregrine_ml <verb>`: the image's entry point."""

import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from peregrine_ml import environment, paths, privileges
from peregrine_ml.errors import InputError

FAILURE_LENGTH = 1024
"""SageMaker shows this many characters of a training job's failure, and of a Processing job's message."""
PROCESSING = frozenset({"profile", "prepare", "evaluate", "monitor"})


def _profile(arguments: Sequence[str]) -> None:
    from peregrine_ml.profile import profile

    profile.main(arguments)


def _prepare(arguments: Sequence[str]) -> None:
    from peregrine_ml import prepare

    prepare.main(arguments)


def _train(_arguments: Sequence[str]) -> None:
    from peregrine_ml.training import train

    train.main()


def _evaluate(arguments: Sequence[str]) -> None:
    from peregrine_ml.evaluation import evaluate

    evaluate.main(arguments)


def _serve(_arguments: Sequence[str]) -> None:
    from peregrine_ml.serving import server

    server.main()


def _monitor(arguments: Sequence[str]) -> None:
    from peregrine_ml.monitoring import monitor

    monitor.main(arguments)


# Each verb imports its own needs: serving must not wait for PyTorch.
VERBS: dict[str, tuple[Callable[[Sequence[str]], None], str]] = {
    "profile": (_profile, "describe labelled flights: JSON and a page with plots"),
    "prepare": (_prepare, "make a YOLO data set of flights, split by flight, with a manifest"),
    "train": (_train, "train YOLO11 from base weights and export ONNX"),
    "evaluate": (_evaluate, "score a model by slice and compare it with the champion"),
    "monitor": (_monitor, "compare what an endpoint answered with the baseline of its model"),
    "serve": (_serve, "answer /ping and /invocations"),
}


def main(arguments: Sequence[str]) -> int:
    """Run a verb; the exit code is 0, 1 for wrong input or a failure, 2 for a wrong command line."""
    if not arguments or arguments[0] in {"-h", "--help"}:
        print("usage: python -m peregrine_ml VERB [options]\n")
        print("\n".join(f"  {verb:<10}{text}" for verb, (_, text) in VERBS.items()))
        return 0 if arguments else 2
    verb, *rest = arguments
    if verb not in VERBS:
        print(f"error: {verb!r} is none of {', '.join(VERBS)}", file=sys.stderr)
        return 2
    try:
        VERBS[verb][0](rest)
    except InputError as error:
        _fail(verb, str(error))
        return 1
    except Exception as error:
        traceback.print_exc()
        _fail(verb, f"{type(error).__name__}: {error}")
        return 1
    return 0


def _results(arguments: Sequence[str]) -> list[Path]:
    """Folders that a verb writes into. A server writes into none: not even into the model that it answers from."""
    match arguments[:1]:
        case ["train"]:
            return [paths.model(), paths.checkpoints(), paths.failure().parent]
        case [verb] if verb in PROCESSING:
            return [paths.root() / "processing" / "output", paths.message().parent]
        case _:
            return []


def _fail(verb: str, text: str) -> None:
    print(f"error: {text}", file=sys.stderr, flush=True)
    told = paths.failure() if verb == "train" else paths.message() if verb in PROCESSING else None
    if told:
        told.parent.mkdir(parents=True, exist_ok=True)
        told.write_text(text[:FAILURE_LENGTH], encoding="utf-8")


if __name__ == "__main__":
    environment.keep_known()
    # Started by hand, without -I, it is the user's own process and keeps their rights.
    if sys.flags.isolated:
        privileges.give_up(_results(sys.argv[1:]))
    sys.exit(main(sys.argv[1:]))
