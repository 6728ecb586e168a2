import assert from "node:assert/strict";
import type { PathsAnswer } from "../../../automation/roles/paths/find";
import { pathsMarkdown, pathsText } from "../../../automation/roles/paths/text";

const request = {
  action: "s3:PutObject",
  resource: "arn:aws:s3:::b/ledger/probe",
  context: { "s3:x": ["1"] },
  policy: "duties",
  statement: "WriteAll",
};
const path = (actor: string) => ({
  actor,
  steps: [
    { edge: "write objects", reaches: "writes prod ledger/", requests: [request] },
    { edge: "archive is served", reaches: "changes what is served in prod", requests: [], why: "that is the endpoint" },
  ],
});
const answer: PathsAnswer = {
  roles: 3,
  things: 4,
  actors: 2,
  goals: [
    {
      goal: "evidence",
      says: "Nobody alters evidence.",
      paths: [path("ben, ml-engineer of dev"), path("emil, deployer of dev")],
    },
    { goal: "dataset", says: "Nobody writes it.", paths: [] },
  ],
};

describe("paths in words", () => {
  it("show the shortest chain with its statements, and who else has one", () => {
    const text = pathsText(answer, false);
    assert.match(
      text,
      /^PATH {2}evidence: Nobody alters evidence\.\n {6}ben, ml-engineer of dev\n {6}1\. write objects: writes prod ledger\/\n {9}s3:PutObject on arn:aws:s3:::b\/ledger\/probe, allowed by WriteAll of duties\n/,
    );
    assert.match(
      text,
      /2\. archive is served: changes what is served in prod, since that is the endpoint\n {6}also: emil, deployer of dev\n/,
    );
    assert.match(text, /ok {4}dataset: Nobody writes it\. None can\./);
    assert.match(text, /1 of 2 forbidden goals can be reached/);
  });

  it("explained, show everybody's chain and what each request chooses", () => {
    const text = pathsText(answer, true);
    assert.match(text, /emil, deployer of dev\n {6}1\. write objects/);
    assert.match(text, /of duties with s3:x=1/);
  });

  it("are a row for each goal in Markdown", () => {
    assert.deepEqual(pathsMarkdown(answer).slice(2), [
      "| `evidence`: Nobody alters evidence. | **ben, ml-engineer of dev**: write objects → writes prod ledger/ (`WriteAll`); archive is served → changes what is served in prod |",
      "| `dataset`: Nobody writes it. | none |",
    ]);
  });
});
