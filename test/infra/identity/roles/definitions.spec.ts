import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Column, columns } from "../../../../automation/roles/matrix/expected";
import { allRoles, definitionOf, definitions } from "../../../../infra/identity/roles/all-roles";
import { environments } from "../../../../contract/environments";
import { scopeOf } from "../../../support/scope";

const root = join(__dirname, "..", "..", "..", "..");

describe("definitions of roles", () => {
  it("have each name once", () => {
    const names = definitions.map(({ name }) => name);
    assert.deepEqual([...new Set(names)], names);
  });

  for (const { name, expected } of definitions)
    it(`say where the rights of ${name} are expected by somebody else`, () => {
      if ("column" in expected) {
        const role = columns[expected.column as Column];
        assert.equal(definitionOf(role)?.name, name, `column ${expected.column} is about ${role}`);
      } else {
        assert.ok(existsSync(join(root, expected.spec)), expected.spec);
        assert.match(readFileSync(join(root, expected.spec), "utf8"), new RegExp(`\\b${name}\\b`));
      }
    });

  it("are behind every column of the matrix", () => {
    const known = definitions.flatMap(({ expected }) => ("column" in expected ? [expected.column] : []));
    assert.deepEqual([...known].sort(), Object.keys(columns).sort());
  });

  it("are found by the name of any role of an environment", () => {
    for (const environment of environments)
      for (const name of Object.keys(allRoles(scopeOf(environment)))) assert.ok(definitionOf(name), name);
    assert.equal(definitionOf("administrator"), undefined);
  });
});
