"""Verifies a log that `peregrine audit export` wrote, without AWS and without any other part of the project.

Needs Python 3.9 or newer and the package `cryptography`. Written from the specifications alone: RFC 6962 (tree), C2SP
tlog-tiles (files), C2SP signed-note and tlog-checkpoint (signature), C2SP tlog-proof (proofs), RFC 8785 (entries).

    python verify_log.py FOLDER [--key FILE] [--known SIZE:ROOT]
    python verify_log.py --entry FILE --proof FILE --key FILE

Prints what it found; ends with 0 when the log holds, and with 1 when it does not.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

WIDTH = 256
MEMBERS = {"schema", "id", "at", "by", "kind", "subject", "body"}
SCHEMA = "peregrine.entry/1"


class Refused(Exception):
    """Something does not hold; the message says what."""


@dataclass(frozen=True)
class Key:
    """Who signs: the log's name and its public key, in DER."""

    name: str
    der: bytes

    @property
    def identifier(self) -> bytes:
        """First four bytes of the SHA-256 of the key."""
        return hashlib.sha256(self.der).digest()[:4]


@dataclass(frozen=True)
class Head:
    """A tree by its number of entries and its root."""

    size: int
    root: bytes


def from_base64(text: str) -> bytes:
    """Decode base64 in its one canonical spelling."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(f"{text!r} is not base64") from error
    if base64.b64encode(value).decode() != text:
        raise Refused(f"{text!r} is not canonical base64")
    return value


def read_key(text: str) -> Key:
    """Read a verifier key: name, id and key, joined by plus signs."""
    match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n?", text)
    if not match:
        raise Refused("the key is not name+id+key")
    encoded = from_base64(match[3])
    key = Key(match[1], encoded[1:])
    if encoded[:1] != b"\x02" or key.identifier.hex() != match[2]:
        raise Refused("the key is damaged")
    return key


def signed_by(key: Key, text: str, signature: bytes) -> bool:
    """Whether the key signed the text by ECDSA with SHA-256."""
    try:
        public = load_der_public_key(key.der)
        if not isinstance(public, ec.EllipticCurvePublicKey):
            return False
        public.verify(signature, text.encode(), ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def read_checkpoint(note: bytes, key: Key) -> Head:
    """Read a signed checkpoint: origin, size, root, an empty line, signatures."""
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise Refused("the checkpoint is not UTF-8") from error
    text, separator, signatures = whole.rpartition("\n\n")
    if not separator or not signatures.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", whole):
        raise Refused("the checkpoint is no signed note")
    text += "\n"
    ours = []
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
        if not match:
            raise Refused(f"{line!r} is no signature")
        value = from_base64(match[2])
        if len(value) < 5:
            raise Refused(f"{line!r} is no signature")
        if match[1] == key.name and value[:4] == key.identifier:
            ours.append(value[4:])
    if not ours:
        raise Refused(f"{key.name} did not sign the checkpoint")
    if not all(signed_by(key, text, signature) for signature in ours):
        raise Refused(f"the checkpoint's signature is not one of {key.name}")
    lines = text[:-1].split("\n")
    if len(lines) != 3 or lines[0] != key.name or not re.fullmatch(r"0|[1-9]\d{0,14}", lines[1], re.ASCII):
        raise Refused("the checkpoint is not origin, size and root of this log")
    root = from_base64(lines[2])
    if len(root) != 32:
        raise Refused("the checkpoint's root is no SHA-256")
    return Head(int(lines[1]), root)


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Stack:
    """The perfect subtrees of a growing tree, largest first: as many as its size has binary ones."""

    def __init__(self) -> None:
        self.size = 0
        self.parts: list[bytes] = []

    def push(self, leaf: bytes) -> None:
        """Add a leaf, and join subtrees of the same size."""
        self.parts.append(leaf)
        self.size += 1
        count = self.size
        while count % 2 == 0:
            right, left = self.parts.pop(), self.parts.pop()
            self.parts.append(node_hash(left, right))
            count //= 2

    def root(self) -> bytes:
        """Root over all leaves."""
        if not self.parts:
            return hashlib.sha256().digest()
        value = self.parts[-1]
        for part in reversed(self.parts[:-1]):
            value = node_hash(part, value)
        return value


def path_of(level: int | str, index: int, width: int) -> str:
    """Path of a tile or bundle: three digits a folder."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    folders = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([f"x{three}" for three in folders[:-1]] + folders[-1:])
    return f"tile/{level}/{name}" + ("" if width == WIDTH else f".p/{width}")


Reader = Callable[[str], bytes]


def reader_of(folder: Path) -> Reader:
    """Read the log's files from a folder."""

    def read(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except OSError as error:
            raise Refused(f"{path} is missing") from error

    return read


def entries_in(path: str, bundle: bytes) -> Iterator[bytes]:
    """Give the entries of a bundle: each behind its length, two bytes, big-endian."""
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            raise Refused(f"{path} ends in the middle of an entry")
        yield bundle[at + 2 : end]
        at = end


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object whose members are there once."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def check_entry(number: int, entry: bytes) -> str:
    """Refuse what is no entry: JSON with our members, sorted, without white space. Give its id."""
    try:
        text = entry.decode()
        value = json.loads(text, object_pairs_hook=once)
    except ValueError as error:
        raise Refused(f"entry {number} is not JSON: {error}") from error
    if not isinstance(value, dict) or set(value) != MEMBERS or value["schema"] != SCHEMA:
        raise Refused(f"entry {number} has not the members of an entry")
    if list(value) != sorted(value):
        raise Refused(f"entry {number} is not canonical JSON")
    return str(value["id"])


class Ids:
    """Ids that were seen, sixteen bytes of each one's hash, in 256 parts, which are temporary files once they are large.

    Memory holds one part at a time, and the beginnings of the others.
    """

    def __init__(self) -> None:
        self.files: dict[int, SpooledTemporaryFile[bytes]] = {}
        self.count = 0

    def add(self, identifier: str) -> None:
        """Remember the id of the next entry."""
        part = hashlib.sha256(identifier.encode()).digest()[:16]
        if part[0] not in self.files:
            self.files[part[0]] = SpooledTemporaryFile(max_size=1 << 16)
        self.files[part[0]].write(part + self.count.to_bytes(8, "big"))
        self.count += 1

    def refuse_doubled(self) -> None:
        """Refuse a log in which two entries have one id: the first one that has that of an earlier one is named."""
        doubled: list[int] = []
        for file in self.files.values():
            file.seek(0)
            seen: set[bytes] = set()
            while record := file.read(24):
                if record[:16] in seen:
                    doubled.append(int.from_bytes(record[16:], "big"))
                seen.add(record[:16])
        if doubled:
            raise Refused(f"entry {min(doubled)} has the id of an earlier one")


def verify_log(read: Reader, key: Key, known: list[Head]) -> Head:
    """Build the tree again from the entries, compare every file, and the root with the signed checkpoint."""
    head = read_checkpoint(read("checkpoint"), key)
    for one in known:
        if one.size > head.size:
            raise Refused(f"the log has {head.size} entries and had {one.size}")
    tree = Stack()
    ids = Ids()
    # The last tile of each level, as the entries make it.
    edge: list[list[bytes]] = [[]]

    def fill(level: int, value: bytes) -> None:
        while len(edge) <= level:
            edge.append([])
        edge[level].append(value)
        if len(edge[level]) < WIDTH:
            return
        index = tree.size // WIDTH ** (level + 1) - 1
        compare(level, index)
        subtree = Stack()
        for one in edge[level]:
            subtree.push(one)
        edge[level] = []
        fill(level + 1, subtree.root())

    def compare(level: int, index: int) -> None:
        path = path_of(level, index, len(edge[level]))
        if read(path) != b"".join(edge[level]):
            raise Refused(f"{path} does not have the hashes that the entries make")

    for start in range(0, head.size, WIDTH):
        width = min(WIDTH, head.size - start)
        path = path_of("entries", start // WIDTH, width)
        entries = list(entries_in(path, read(path)))
        if len(entries) != width:
            raise Refused(f"{path} has {len(entries)} entries instead of {width}")
        for at, entry in enumerate(entries):
            ids.add(check_entry(start + at, entry))
            leaf = leaf_hash(entry)
            tree.push(leaf)
            fill(0, leaf)
            for one in known:
                if one.size == tree.size and one.root != tree.root():
                    raise Refused(f"the first {one.size} entries are not those that somebody knows")
    for level, hashes in enumerate(edge):
        if hashes:
            compare(level, tree.size // WIDTH ** (level + 1))
    if tree.root() != head.root:
        raise Refused("the entries do not lead to the root of the checkpoint")
    ids.refuse_doubled()
    return head


def known_by_witness(text: bytes, key: Key) -> Head:
    """What the log's witness in another environment saw of it: `witness.json` of an export."""
    try:
        seen = json.loads(text, object_pairs_hook=once)
        by, said, note, fork = seen["by"], seen["key"], seen["note"], seen.get("fork")
        at = fork["at"] if fork else ""
        note = note.encode()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"witness.json is not what a witness saw: {error}") from error
    if read_key(said) != key:
        raise Refused(f"the witness in {by} knows a log with another key")
    if fork:
        raise Refused(f"the witness in {by} was shown another history of the log at {at}")
    return read_checkpoint(note, key)


def verify_proof(entry: bytes, proof: bytes, key: Key) -> Head:
    """Check that an entry is in the log: its hash must lead to the root of the checkpoint behind the proof."""
    try:
        lines, separator, note = proof.decode().partition("\n\n")
    except UnicodeDecodeError as error:
        raise Refused("the proof is not UTF-8") from error
    header, _, rest = lines.partition("\n")
    place, *hashes = rest.split("\n")
    match = re.fullmatch(r"index (0|[1-9]\d{0,14})", place, re.ASCII)
    if header != "c2sp.org/tlog-proof@v1" or not separator or not match:
        raise Refused("the proof is not one of c2sp.org/tlog-proof@v1")
    head = read_checkpoint(note.encode(), key)
    steps = [from_base64(line) for line in hashes]
    if int(match[1]) >= head.size:
        raise Refused("the proof is of an entry that the log does not have")
    if root_by(leaf_hash(entry), int(match[1]), head.size, steps) != head.root:
        raise Refused("the proof leads to another root")
    return head


def root_by(leaf: bytes, index: int, size: int, steps: list[bytes]) -> bytes:
    """Root that an entry's hash leads to; the steps are those of RFC 6962, section 2.1.1, nearest first."""
    if size == 1:
        if steps:
            raise Refused("the proof has too many hashes")
        return leaf
    if not steps:
        raise Refused("the proof has too few hashes")
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        return node_hash(root_by(leaf, index, half, steps[:-1]), steps[-1])
    return node_hash(steps[-1], root_by(leaf, index - half, size - half, steps[:-1]))


def head_of(text: str) -> Head:
    """Read a size and a root, as somebody noted them."""
    match = re.fullmatch(r"([1-9]\d*):([A-Za-z0-9+/]{43}=)", text, re.ASCII)
    if not match:
        raise argparse.ArgumentTypeError("must be a size and a root in base64, such as 12:...=")
    return Head(int(match[1]), base64.b64decode(match[2]))


def main() -> int:
    """Verify what the command line names."""
    parser = argparse.ArgumentParser(description="Verifies an exported log, or one entry by its proof.")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--key", type=Path, help="the log's public key; log.vkey of the folder when left out")
    parser.add_argument(
        "--known", type=head_of, action="append", default=[], help="what you know of the log from before"
    )
    parser.add_argument("--entry", type=Path)
    parser.add_argument("--proof", type=Path)
    options = parser.parse_args()
    if options.folder is None and options.key is None:
        parser.error("name a folder, or a key with --entry and --proof")
    seen: list[Head] = []
    try:
        key = read_key((options.key or options.folder / "log.vkey").read_text(encoding="utf-8"))
        if options.entry and options.proof:
            head = verify_proof(options.entry.read_bytes(), options.proof.read_bytes(), key)
        elif options.folder:
            witness = options.folder / "witness.json"
            seen = [known_by_witness(witness.read_bytes(), key)] if witness.exists() else []
            head = verify_log(reader_of(options.folder), key, options.known + seen)
        else:
            parser.error("name a folder, or an entry with its proof")
    except (Refused, OSError, UnicodeDecodeError) as error:
        print(f"FAIL {error}")
        return 1
    print(f"ok   {head.size} entries, root {base64.b64encode(head.root).decode()}, signed by {key.name}")
    for one in seen:
        print(f"ok   {one.size} of them seen by another environment")
    return 0


if __name__ == "__main__":
    sys.exit(main())
