"""What KMS does and moto does not: digests are signed as they are, and a key serves for what it was made for while it is enabled.

Applied by moto_server.py after the clock is in place, since these functions import moto.
"""

from __future__ import annotations

import base64
import json
from typing import Any


def apply() -> None:
    sign_digests()
    tell_public_keys()
    refuse_rotation()
    heed_state_and_usage()
    take_arns()
    date_aliases()


def error(code: str, message: str) -> Exception:
    """An error as KMS answers it, with HTTP status 400."""
    from moto.core.exceptions import JsonRESTError

    return JsonRESTError(code, message)


def usable(key: Any) -> None:
    """Refuses cryptographic operations with a key that is disabled or waits for its deletion (KMS developer guide, "Key states")."""
    if key.key_state == "PendingDeletion":
        raise error("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    if not key.enabled:
        raise error("DisabledException", f"{key.arn} is disabled.")


def used_for(key: Any, usage: str, operation: str) -> None:
    held = key.key_usage or "ENCRYPT_DECRYPT"
    if held != usage:
        raise error("InvalidKeyUsageException", f"{key.arn} key usage is {held} which is not valid for {operation}.")


def sign_digests() -> None:
    """Sign and Verify with MessageType DIGEST, which moto hashes once more; and the error of a signature that does not fit (Verify API)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from moto.kms.responses import KmsResponse

    originals = {"sign": KmsResponse.sign, "verify": KmsResponse.verify}
    algorithms = {"ECDSA_SHA_256": hashes.SHA256(), "ECDSA_SHA_384": hashes.SHA384(), "ECDSA_SHA_512": hashes.SHA512()}

    def blob(value: Any) -> bytes:
        return value.encode() if isinstance(value, str) else value

    def prepare(self: KmsResponse, operation: str) -> tuple[Any, str, bytes, Any] | None:
        """The key, algorithm, message and scheme of a request; nothing for keys that moto's own code serves."""
        key_id, algorithm = self._get_param("KeyId"), self._get_param("SigningAlgorithm")
        self._validate_key_id(key_id)
        key = self.kms_backend.describe_key(key_id)
        used_for(key, "SIGN_VERIFY", operation)
        usable(key)
        if algorithm not in key.signing_algorithms:
            raise error(
                "InvalidKeyUsageException", f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}."
            )
        digest = self._get_param("MessageType") == "DIGEST"
        if algorithm not in algorithms:
            if digest:
                raise NotImplementedError(f"{operation} of a DIGEST with {algorithm}")
            return None
        message, hashing = blob(self._get_param("Message")), algorithms[algorithm]
        if digest and len(message) != hashing.digest_size:
            raise error("ValidationException", f"Digest is invalid length for algorithm {algorithm}.")
        return key, algorithm, message, ec.ECDSA(utils.Prehashed(hashing) if digest else hashing)

    def sign(self: KmsResponse) -> str:
        prepared = prepare(self, "Sign")
        if prepared is None:
            return originals["sign"](self)
        key, algorithm, message, scheme = prepared
        signature = base64.b64encode(key.private_key.private_key.sign(message, scheme)).decode()
        return json.dumps({"KeyId": key.arn, "Signature": signature, "SigningAlgorithm": algorithm})

    def verify(self: KmsResponse) -> str:
        prepared = prepare(self, "Verify")
        if prepared is None:
            answer = originals["verify"](self)
            if not json.loads(answer)["SignatureValid"]:
                raise error("KMSInvalidSignatureException", "")
            return answer
        key, algorithm, message, scheme = prepared
        given = self._get_param("Signature")
        try:
            key.private_key.private_key.public_key().verify(
                base64.b64decode(given) if isinstance(given, str) else given, message, scheme
            )
        except InvalidSignature:
            raise error("KMSInvalidSignatureException", "") from None
        return json.dumps({"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": algorithm})

    KmsResponse.sign, KmsResponse.verify = sign, verify  # type: ignore[method-assign]


def tell_public_keys() -> None:
    """GetPublicKey tells the key's ARN and its spec (GetPublicKey API); there is none of a symmetric key."""
    from moto.kms.responses import KmsResponse

    original = KmsResponse.get_public_key

    def get(self: KmsResponse) -> str:
        key_id = self._get_param("KeyId")
        self._validate_key_id(key_id)
        key = self.kms_backend.describe_key(key_id)
        if key.key_spec == "SYMMETRIC_DEFAULT" or key.key_spec.startswith("HMAC"):
            raise error("UnsupportedOperationException", f"{key.arn} is not an asymmetric key.")
        usable(key)
        return json.dumps({**json.loads(original(self)), "KeyId": key.arn, "KeySpec": key.key_spec})

    KmsResponse.get_public_key = get  # type: ignore[method-assign]


def refuse_rotation() -> None:
    """Only symmetric encryption keys rotate (EnableKeyRotation API)."""
    from moto.kms.responses import KmsResponse

    def guarded(original: Any) -> Any:
        def ask(self: KmsResponse) -> Any:
            key_id = self._get_param("KeyId")
            self._validate_cmk_id(key_id)
            key = self.kms_backend.describe_key(key_id)
            if key.key_spec != "SYMMETRIC_DEFAULT":
                raise error(
                    "UnsupportedOperationException",
                    f"{key.arn} is not a symmetric encryption key: automatic rotation is not supported.",
                )
            return original(self)

        return ask

    for name in ("enable_key_rotation", "disable_key_rotation", "get_key_rotation_status"):
        setattr(KmsResponse, name, guarded(getattr(KmsResponse, name)))


def heed_state_and_usage() -> None:
    """Encryption takes an enabled key that was made for it; decryption one that is enabled."""
    from moto.kms.models import KmsBackend

    encrypt, decrypt = KmsBackend.encrypt, KmsBackend.decrypt

    def encrypting(self: KmsBackend, key_id: str, *args: Any, **kwargs: Any) -> Any:
        key = self.describe_key(key_id)
        used_for(key, "ENCRYPT_DECRYPT", "Encrypt")
        usable(key)
        return encrypt(self, key_id, *args, **kwargs)

    def decrypting(self: KmsBackend, *args: Any, **kwargs: Any) -> Any:
        plaintext, arn = decrypt(self, *args, **kwargs)
        usable(self.describe_key(arn))
        return plaintext, arn

    KmsBackend.encrypt, KmsBackend.decrypt = encrypting, decrypting  # type: ignore[method-assign]


def take_arns() -> None:
    """A key's state is changed by its ARN as well as by its id."""
    from moto.kms.models import KmsBackend

    def by_id(original: Any) -> Any:
        return lambda self, key_id, *args, **kwargs: original(self, self.get_key_id(key_id), *args, **kwargs)

    for name in ("disable_key", "enable_key", "schedule_key_deletion", "cancel_key_deletion"):
        setattr(KmsBackend, name, by_id(getattr(KmsBackend, name)))


def date_aliases() -> None:
    """ListAliases tells when an alias was made and when it last led to another key (AliasListEntry, KMS API)."""
    import time

    from moto.kms.models import KmsBackend
    from moto.kms.responses import KmsResponse

    create, update, list_aliases = KmsBackend.create_alias, KmsBackend.update_alias, KmsResponse.list_aliases

    def creating(self: KmsBackend, *args: Any, **kwargs: Any) -> Any:
        alias = create(self, *args, **kwargs)
        alias.created = alias.updated = time.time()
        return alias

    def updating(self: KmsBackend, *args: Any, **kwargs: Any) -> Any:
        alias = update(self, *args, **kwargs)
        alias.updated = time.time()
        return alias

    def listing(self: KmsResponse) -> str:
        answer = json.loads(list_aliases(self))
        known = {alias.alias_arn: alias for alias in self.kms_backend.list_aliases(key_id=None)}
        for entry in answer["Aliases"]:
            alias = known.get(entry["AliasArn"])
            if alias is not None and hasattr(alias, "created"):
                entry.update(CreationDate=alias.created, LastUpdatedDate=alias.updated)
        return json.dumps(answer)

    KmsBackend.create_alias, KmsBackend.update_alias, KmsResponse.list_aliases = creating, updating, listing  # type: ignore[method-assign]
