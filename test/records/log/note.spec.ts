import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { leafHash } from "../../../records/log/hashing";
import { checkpointText, LogKey, NoteRefused, readCheckpoint, signedNote } from "../../../records/log/note";
import { TestKey } from "./logs";

const checkpoint = { origin: "bucket/ledger/log", size: 12, root: leafHash(Buffer.from("root")) };

async function noteOf(key: TestKey, text = checkpointText(checkpoint)): Promise<string> {
  return signedNote(text, key.log, await key.sign(Buffer.from(text)));
}

describe("a checkpoint", () => {
  it("is text: origin, size, root, an empty line, and the signature of the log's key", async () => {
    const key = new TestKey();
    const note = await noteOf(key);
    const [origin, size, root, empty, signature] = note.split("\n");
    assert.deepEqual([origin, size, root, empty], ["bucket/ledger/log", "12", checkpoint.root.toString("base64"), ""]);
    assert.match(signature!, /^— bucket\/ledger\/log [A-Za-z0-9+/]+=*$/);
    // Of ECDSA keys the id begins their SHA-256 (C2SP signed-note, "Signature types").
    const bytes = Buffer.from(signature!.split(" ")[2]!, "base64");
    assert.deepEqual(bytes.subarray(0, 4), createHash("sha256").update(key.log.publicKey).digest().subarray(0, 4));
    assert.deepEqual(readCheckpoint(note, key.log), checkpoint);
  });

  it("may be signed by others too, and is refused without the log's own signature", async () => {
    const [key, witness] = [new TestKey(), new TestKey("witness")];
    const note = await noteOf(key);
    const other = (await noteOf(witness)).split("\n\n")[1]!;
    assert.deepEqual(readCheckpoint(`${note}${other}`, key.log), checkpoint);
    assert.throws(() => readCheckpoint(note, new TestKey().log), NoteRefused);
    assert.throws(() => readCheckpoint(note, witness.log), NoteRefused);
    assert.throws(() => readCheckpoint(`${checkpointText(checkpoint)}\n${other}`, key.log), NoteRefused);
  });

  it("is refused for every bit that is another one", async () => {
    const key = new TestKey();
    const bytes = Buffer.from(await noteOf(key));
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      assert.throws(() => readCheckpoint(changed.toString("utf8"), key.log), NoteRefused, `bit ${bit}`);
    }
  });

  it("is refused when it says something else than origin, size and root, though it is signed", async () => {
    const key = new TestKey();
    const root = checkpoint.root.toString("base64");
    for (const text of [
      `another/log\n12\n${root}\n`,
      `bucket/ledger/log\n012\n${root}\n`,
      `bucket/ledger/log\n-1\n${root}\n`,
      `bucket/ledger/log\n12\n${root.slice(4)}\n`,
      `bucket/ledger/log\n12\n${root}\nmore\n`,
      "bucket/ledger/log\n12\n",
    ])
      await assert.rejects(async () => readCheckpoint(await noteOf(key, text), key.log), NoteRefused, text);
  });

  it("has a key that is one line, and is refused when it was changed", () => {
    const key = new TestKey();
    assert.deepEqual(LogKey.parse(`${key.log.text}\n`).publicKey, key.log.publicKey);
    const text = key.log.text;
    for (let at = text.indexOf("+"); at < text.length; at += 1) {
      const other = text[at] === "A" ? "B" : "A";
      assert.throws(() => LogKey.parse(text.slice(0, at) + other + text.slice(at + 1)), NoteRefused, `character ${at}`);
    }
  });
});
