import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type RollbackOutcome, type Failure, failureNotice, unprovenNotice } from "../../../automation/release/alert";
import { releaseId } from "../../../records/release";
import { modelOf } from "./releases";

const model = modelOf("a");
const failure: Failure = {
  environment: "prod",
  kind: "promote",
  model,
  reason: "nothing found where 12 objects are expected",
};
const aftermaths: readonly RollbackOutcome[] = ["taken back", "not taken back", "nothing to take back"];

describe("what people are told of a release that failed", () => {
  it("is urgent only when somebody has to act", () => {
    assert.deepEqual(
      aftermaths.map((aftermath) => failureNotice(failure, aftermath).severity),
      ["warning", "critical", "critical"],
    );
    assert.equal(
      failureNotice(failure, "taken back").subject,
      "[prod] WARNING: promote of peregrine-dev-detector version 1 was taken back",
    );
  });

  it("holds the reason, the release as the ledger names it, and a runbook that exists", () => {
    for (const aftermath of aftermaths) {
      const { message } = failureNotice(failure, aftermath);
      assert(message.includes(failure.reason) && message.includes(releaseId(model)), message);
      assert(existsSync(join(resolve(__dirname, "../../.."), /docs\/runbooks\/\S+\.md/.exec(message)![0])));
    }
  });

  it("gives the command that goes on putting back, whole", () => {
    assert.match(
      failureNotice(failure, "not taken back").message,
      new RegExp(`: npx peregrine promote ${model.modelPackageArn} --to prod$`, "m"),
    );
    assert.match(
      failureNotice({ ...failure, kind: "rollback" }, "not taken back").message,
      new RegExp(`: npx peregrine rollback --stack prod --to ${releaseId(model)}$`, "m"),
    );
    assert.match(failureNotice(failure, "nothing to take back").message, /: npx peregrine rollback --stack prod$/m);
  });

  it("has a subject that SNS takes", () => {
    const { subject } = failureNotice(
      { ...failure, model: { ...model, modelPackageArn: `${model.modelPackageArn}${"é".repeat(200)}` } },
      "not taken back",
    );
    assert.match(subject, /^[\x20-\x7e]{1,100}$/);
  });
});

describe("what people are told of a release that is live and unproven", () => {
  const reasons = ["watched for 5 of at least 10 blocks", "not yet proven to be no worse in errors: 0 of 60 requests"];
  const { severity, subject, message } = unprovenNotice({ environment: "prod", model, reasons });

  it("says that nobody has to act at once, and everything that is not proven", () => {
    assert.deepEqual(
      [severity, subject],
      ["warning", "[prod] WARNING: peregrine-dev-detector version 1 is live and unproven"],
    );
    for (const reason of reasons) assert(message.includes(`\n  - ${reason}\n`), message);
    assert.match(message, /^Nobody has to act at once/m);
  });

  it("gives the commands that show it and go back, whole, and a runbook that exists", () => {
    assert.match(message, new RegExp(`: +npx peregrine release show ${releaseId(model)} --stack prod$`, "m"));
    assert.match(message, /: +npx peregrine rollback --stack prod$/m);
    assert(existsSync(join(resolve(__dirname, "../../.."), /docs\/runbooks\/\S+\.md/.exec(message)![0])));
  });
});
