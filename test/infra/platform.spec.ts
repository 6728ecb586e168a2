import assert from "node:assert/strict";
import { record } from "../support/mocks";
import { runProgram } from "../support/program";
describe("platform", () => {
  it("runs", async () => {
    const recorder = await record("prod", { parameters: { "/peregrine/prod/release": JSON.stringify({ modelPackageArn: "arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector/1", modelDataUrl: "s3://b/releases/a/model.tar.gz", modelSha256: "a".repeat(64), imageUri: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:0.1.0" }) } });
    const t = Date.now();
    const outputs = await runProgram("prod");
    console.log(Date.now() - t, recorder.resources.length, Object.keys(outputs));
    for (const r of recorder.resources) console.log(r.type, r.name);
    assert.ok(recorder.one("aws:sagemaker/endpoint:Endpoint"));
  });
});
