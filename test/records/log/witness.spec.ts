import assert from "node:assert/strict";
import { ParameterDamaged } from "../../../records/json-parameter";
import { leafHash } from "../../../records/log/hashing";
import { LogWitness } from "../../../records/log/witness";

describe("the witness of a log", () => {
  it("notes the newest size and root in a parameter, and refuses what is no such note", async () => {
    const held = new Map<string, string>();
    const parameters = {
      get: (name: string) => Promise.resolve(held.get(name)),
      put: (name: string, value: string) => Promise.resolve(void held.set(name, value)),
    };
    const witness = new LogWitness(parameters, "prod", "/peregrine/prod/log-head");
    assert.equal(await witness.read(), undefined);
    const head = { size: 12, root: leafHash(Buffer.from("root")) };
    await witness.note(head);
    assert.deepEqual(await witness.read(), head);
    for (const note of ["", "{}", '{"size":0,"root":""}', `{"size":12,"root":"${"A".repeat(40)}"}`]) {
      held.set("/peregrine/prod/log-head", note);
      await assert.rejects(witness.read(), ParameterDamaged);
    }
  });
});
