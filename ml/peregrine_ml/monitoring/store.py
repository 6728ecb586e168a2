"""Objects in S3, by their URIs: listed, streamed, read and written."""

import contextlib
from collections.abc import Iterator
from functools import cache
from typing import Any

from peregrine_ml.errors import InputError
from peregrine_ml.monitoring.capture import CHUNK

TRIES = 5
"""A stream that breaks off is taken up where it was, so often."""


@cache
def client(service: str) -> Any:
    """A client of an AWS service, by the job's own credentials."""
    import boto3
    from botocore.config import Config

    return boto3.client(service, config=Config(retries={"mode": "standard", "max_attempts": 6}))


def folders(uri: str) -> list[str]:
    """Names of the folders directly below a prefix, which ends in a slash."""
    bucket, prefix = _parts(uri)
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
    return [one["Prefix"].removeprefix(prefix).rstrip("/") for page in pages for one in page.get("CommonPrefixes", [])]


def objects(uri: str, after: str = "") -> Iterator[tuple[str, int]]:
    """URI and size in bytes of every object below a prefix, in the order of their keys.

    Args:
        uri: the prefix, with its slash.
        after: the rest of a key; earlier keys are left out.
    """
    bucket, prefix = _parts(uri)
    start = {"StartAfter": prefix + after} if after else {}
    for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **start):
        for one in page.get("Contents", []):
            yield f"s3://{bucket}/{one['Key']}", int(one["Size"])


def stream(uri: str) -> Iterator[bytes]:
    """The bytes of an object, a chunk at a time; goes on from where a connection broke off.

    Raises:
        InputError: not there, not allowed, or it broke off again and again.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, key = _parts(uri)
    done, tag = 0, ""
    for left in reversed(range(TRIES)):
        try:
            more = {"Range": f"bytes={done}-", "IfMatch": tag} if done else {}
            answer = client("s3").get_object(Bucket=bucket, Key=key, **more)
            tag = answer["ETag"]
            with contextlib.closing(answer["Body"]) as body:
                for chunk in body.iter_chunks(CHUNK):
                    done += len(chunk)
                    yield chunk
            return
        except ClientError as error:
            raise _refused(uri, error) from error
        except (BotoCoreError, OSError) as error:
            if not left:
                raise _refused(uri, error) from error


def read(uri: str) -> bytes | None:
    """An object's bytes, None where there is none.

    Raises:
        InputError: it may not be read.
    """
    from botocore.exceptions import ClientError

    bucket, key = _parts(uri)
    try:
        return bytes(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404"}:
            return None
        raise _refused(uri, error) from error


def write(uri: str, content: bytes, content_type: str = "application/json") -> None:
    """Put an object; the bucket's own settings encrypt it."""
    bucket, key = _parts(uri)
    client("s3").put_object(Bucket=bucket, Key=key, Body=content, ContentType=content_type)


def _parts(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _refused(uri: str, error: Exception) -> InputError:
    return InputError(f"{uri} cannot be read: {error}", "Check the object, and the rights of the job's role.")
