"""Reads a log and damages to it (`damages.ts`) from standard input, and prints what the verifier says of each."""

import base64
import json
import sys

import verify_log


def main() -> None:
    """Judge each damage by itself."""
    given = json.load(sys.stdin)
    key = verify_log.read_key(given["key"])
    known = [verify_log.Head(given["known"]["size"], base64.b64decode(given["known"]["root"]))]
    files = {path: base64.b64decode(body) for path, body in given["files"].items()}
    print(json.dumps([judge({**files}, edits, key, known) for edits in given["damages"]]))


def judge(files, edits, key, known):
    """Make the edits, and say why the log is refused; None where it is not."""
    for edit in edits:
        path = edit["path"]
        if edit.get("gone"):
            files.pop(path, None)
        elif "body" in edit:
            files[path] = base64.b64decode(edit["body"])
        else:
            before = files[path]
            files[path] = (
                before[: edit["at"]] + base64.b64decode(edit["insert"]) + before[edit["at"] + edit["remove"] :]
            )

    def read(path):
        if path not in files:
            raise verify_log.Refused(f"{path} is missing")
        return files[path]

    try:
        verify_log.verify_log(read, key, known)
    except verify_log.Refused as refused:
        return str(refused)
    return None


main()
