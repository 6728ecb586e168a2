import assert from "node:assert/strict";
import { stackSettings } from "../../../automation/stack/stack-files";
import { environments } from "../../../contract/environments";
import { judgePeople } from "../../../lifecycle/health/people";
import { splitPeople } from "../../../lifecycle/people";
import { repository } from "../../local/support";

describe("people of all environments", () => {
  it("have one role each in the settings as they are shipped, and none who works elsewhere is missing in dev", () => {
    const people = Object.fromEntries(
      environments.map((name) => [name, stackSettings(name, repository)["people"] as string[]]),
    );
    assert.deepEqual(splitPeople(people), []);
    for (const name of ["staging", "prod"])
      assert.ok(people[name]!.length > 0 && people[name]!.every((entry) => people["dev"]!.includes(entry)), name);
    assert.deepEqual(judgePeople(people), {
      level: "ok",
      text: "5 people, each with one role in all environments",
      cure: "",
    });
  });

  it("are found where one approves in prod what the same person makes in dev, whatever the letter case", () => {
    const found = judgePeople({
      dev: ["ben=ml-engineer", "cleo=approver"],
      staging: ["ben=ml-engineer"],
      prod: ["Ben=approver", "cleo=approver"],
    });
    assert.equal(found.level, "failed");
    assert.equal(found.text, "ben is ml-engineer in dev and staging, approver in prod");
  });

  it("may be listed in some environments only", () => {
    assert.deepEqual(splitPeople({ dev: ["anna=data-scientist"], prod: [] }), []);
  });
});
