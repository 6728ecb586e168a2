import assert from "node:assert/strict";
import { built } from "../../support/build";

const app = "aws:sagemaker/mlflowApp:MlflowApp";
const server = "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer";
const environmentOf = (recorder: Awaited<ReturnType<typeof built>>["recorder"]) =>
  JSON.parse(
    recorder.one("aws:sagemaker/pipeline:Pipeline", "peregrine-dev-training-pipeline").inputs["pipelineDefinition"],
  ).Steps.find(({ Name }: { Name: string }) => Name === "TrainDetector").Arguments.Environment;
const grants = (recorder: Awaited<ReturnType<typeof built>>["recorder"]) =>
  recorder
    .ofType("aws:iam/policy:Policy")
    .filter(({ name }) => name.endsWith("-track"))
    .map(({ inputs }) => inputs["policy"] as string);
const grantOf = (recorder: Awaited<ReturnType<typeof built>>["recorder"], role: string) =>
  recorder.one("aws:iam/policy:Policy", `peregrine-dev-identity-${role}-track`).inputs["policy"] as string;

describe("experiment tracking", () => {
  it("is a serverless App unless the settings say otherwise", async () => {
    const { recorder } = await built("dev");
    assert.match(recorder.one(app).inputs["artifactStoreUri"], /^s3:\/\/.*\/mlflow$/);
    assert.match(environmentOf(recorder).MLFLOW_TRACKING_URI, /mlflowapp\/peregrine-dev-tracking-app$/);
    for (const policy of grants(recorder)) assert.match(policy, /sagemaker:CallMlflowAppApi/);
  });

  it("can be a server by the hour, of the size that was asked for, whose clients have their verbs and no other", async () => {
    const { recorder, outputs } = await built("dev", {
      "peregrine:trackingMode": "tracking-server",
      "peregrine:trackingServerSize": "Medium",
    });
    const { inputs } = recorder.one(server);
    assert.deepEqual(
      [inputs["trackingServerName"], inputs["trackingServerSize"], inputs["automaticModelRegistration"]],
      ["peregrine-dev-tracking", "Medium", false],
    );
    assert.equal(recorder.ofType(app).length, 0);
    assert.match(environmentOf(recorder).MLFLOW_TRACKING_URI, /mlflowtrackingserver\/peregrine-dev-tracking-server$/);
    assert.ok(grants(recorder).length >= 2);
    for (const policy of grants(recorder))
      assert.doesNotMatch(policy, /\*"|sagemaker-mlflow:(Delete|CreateRegisteredModel|TransitionModelVersion)/);
    assert.ok(!("mlflowAppArn" in outputs));
  });

  it("opens its pages for people and their notebooks by a URL that is good once, and not for jobs", async () => {
    for (const [mode, url] of [
      ["app", "sagemaker:CreatePresignedMlflowAppUrl"],
      ["tracking-server", "sagemaker:CreatePresignedMlflowTrackingServerUrl"],
    ] as const) {
      const { recorder } = await built("dev", { "peregrine:trackingMode": mode });
      for (const person of ["data-scientist", "ml-engineer", "studio-data-scientist", "studio-ml-engineer"])
        assert.ok(grantOf(recorder, person).includes(`"${url}"`), `${person} in ${mode}`);
      for (const job of ["training-execution", "processing-execution", "experiment-anna"])
        assert.doesNotMatch(grantOf(recorder, job), /CreatePresigned|AccessUI/, `${job} in ${mode}`);
    }
  });

  it("leaves room in every role's policies: what it takes is no part of the inline ones, which are nearly full", async () => {
    for (const mode of ["app", "tracking-server"]) {
      const { recorder } = await built("dev", { "peregrine:trackingMode": mode });
      assert.deepEqual(
        recorder.ofType("aws:iam/rolePolicy:RolePolicy").filter(({ name }) => name.endsWith("-track")),
        [],
      );
      for (const policy of grants(recorder)) assert.ok(policy.length <= 6_144, `${policy.length} characters`);
    }
  });

  it("can be somebody else's, which is then only named", async () => {
    const { recorder } = await built("dev", {
      "peregrine:trackingMode": "external",
      "peregrine:trackingUri": "https://mlflow.example.org",
    });
    assert.equal(environmentOf(recorder).MLFLOW_TRACKING_URI, "https://mlflow.example.org");
    assert.deepEqual([recorder.ofType(app).length, recorder.ofType(server).length, grants(recorder).length], [0, 0, 0]);
  });
});
