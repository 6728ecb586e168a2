"""What S3 does and moto does not: locks that hold, and conditions of copies.

Applied by moto_server.py after the clock is in place, since these functions import moto.
"""

from __future__ import annotations

import datetime
from typing import Any


def apply() -> None:
    let_default_locks_change()
    keep_versions_of_locked_buckets()
    lock_uploads_in_parts()
    hold_retention()
    heed_conditions_of_copies()


def let_default_locks_change() -> None:
    """S3 lets a bucket's default retention change at any time; moto only while the bucket is empty."""
    from moto.s3.exceptions import InvalidBucketState
    from moto.s3.models import S3Backend

    def put(
        self: S3Backend,
        bucket_name: str,
        lock_enabled: bool,
        mode: str | None = None,
        days: int | None = None,
        years: int | None = None,
    ) -> None:
        bucket = self.get_bucket(bucket_name)
        if not bucket.is_versioned:
            raise InvalidBucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
        bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
        bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days or 0, years or 0

    S3Backend.put_object_lock_configuration = put  # type: ignore[method-assign]


def keep_versions_of_locked_buckets() -> None:
    """Versioning cannot be suspended where Object Lock is on (S3 User Guide, "Object Lock considerations")."""
    from moto.s3.exceptions import InvalidBucketState
    from moto.s3.models import S3Backend

    original = S3Backend.put_bucket_versioning

    def put(self: S3Backend, bucket_name: str, status: str) -> None:
        if status != "Enabled" and self.get_bucket(bucket_name).object_lock_enabled:
            raise InvalidBucketState(
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
            )
        original(self, bucket_name, status)

    S3Backend.put_bucket_versioning = put  # type: ignore[method-assign]


def lock_uploads_in_parts() -> None:
    """A bucket's default retention is that of every new version; moto leaves out those that were uploaded in parts."""
    from moto.s3.models import S3Backend

    original = S3Backend.put_object

    def put(self: S3Backend, bucket_name: str, *args: Any, **kwargs: Any) -> Any:
        bucket = self.get_bucket(bucket_name)
        if bucket.object_lock_enabled and bucket.has_default_lock and not kwargs.get("lock_mode"):
            kwargs.update(lock_mode=bucket.default_lock_mode, lock_until=bucket.default_retention())
        return original(self, bucket_name, *args, **kwargs)

    S3Backend.put_object = put  # type: ignore[method-assign]


def hold_retention() -> None:
    """
    A retention may be made longer. In compliance mode nobody makes it shorter, in governance mode only who bypasses it, with the
    header as well as the permission (S3 User Guide, "Retention modes"). Moto takes any retention for any other.
    """
    from moto.s3.exceptions import AccessDeniedByLock
    from moto.s3.responses import S3Response

    original = S3Response.put_object_retention

    def put(self: S3Response) -> Any:
        key = self.backend.get_object(self.bucket_name, self.parse_key_name(), version_id=self._get_param("versionId"))
        if key is not None and key.lock_mode and moment(key.lock_until) > datetime.datetime.now(datetime.UTC):
            mode, until = self._mode_until_from_body()
            weaker = (
                not mode
                or not until
                or moment(until) < moment(key.lock_until)
                or (key.lock_mode == "COMPLIANCE" and mode != "COMPLIANCE")
            )
            bypass = (
                key.lock_mode == "GOVERNANCE"
                and self.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
            )
            if weaker and not bypass:
                raise AccessDeniedByLock
        return original(self)

    S3Response.put_object_retention = put  # type: ignore[method-assign]


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def heed_conditions_of_copies() -> None:
    """
    CopyObject takes If-Match and If-None-Match for its destination, as PutObject does (CopyObject API). S3 makes the checksum of a copy itself;
    moto wants one from the caller where a bucket locks what is put into it.
    """
    from moto.s3.exceptions import MissingKey, PreconditionFailed
    from moto.s3.responses import S3Response

    original, dispatch = S3Response.copy_object, S3Response._key_response_put

    def put(self: S3Response, query: dict[str, Any], key_name: str) -> Any:
        if "x-amz-copy-source" not in self.headers or query.get("uploadId"):
            return dispatch(self, query, key_name)
        self._set_action("KEY", "PUT", query)
        return self.copy_object()

    def copy(self: S3Response) -> Any:
        held = self.backend.get_object(self.bucket_name, self.parse_key_name())
        wanted = self.headers.get("If-Match")
        if wanted:
            if held is None:
                raise MissingKey
            if wanted.replace('"', "") != held.etag.replace('"', ""):
                raise PreconditionFailed("If-Match")
        if self.headers.get("If-None-Match") == "*" and held is not None:
            raise PreconditionFailed("If-None-Match")
        return original(self)

    S3Response.copy_object = copy  # type: ignore[method-assign]
    S3Response._key_response_put = put  # type: ignore[method-assign]
