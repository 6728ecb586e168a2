import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import type { LineageAnswer } from "../../records/lineage/questions";
import { eventually } from "../support/eventually";
import { endpoint, Staging } from "./staging";

type Told = LineageAnswer & { readonly problems: string[]; readonly gaps: string[] };

describe("lineage, as an auditor asks for it", function () {
  this.slow(60_000);
  let staging: Staging;

  before(async () => {
    staging = await Staging.up();
  });
  after(() => staging?.project.remove());

  it("leads from a captured answer to the archive, the package, the release and its commit", async () => {
    const inferenceId = "oak-17/000001";
    const { Body } = await staging.registry.runtime.send(
      new InvokeEndpointCommand({
        EndpointName: endpoint,
        ContentType: "image/jpeg",
        InferenceId: inferenceId,
        Body: readFileSync(staging.images[0]!),
      }),
    );
    assert.ok(Body);
    const told = await eventually(async () => {
      const answer = await staging.json<Told>("lineage", inferenceId, "--stack", "staging", "--question", "prediction");
      assert.deepEqual(answer.about, [`answer ${inferenceId} of ${endpoint}`]);
      return answer;
    });
    const kinds = told.walked.nodes.map(({ kind }) => kind);
    for (const kind of ["prediction", "image", "archive", "package", "release", "commit", "container"] as const)
      assert.ok(kinds.includes(kind), `${kind} in ${kinds.join()}`);
    assert.ok(told.walked.nodes.some(({ id }) => id === staging.packages.first));
    assert.ok(!told.walked.nodes.some(({ id }) => id === staging.packages.second));
    assert.deepEqual(told.problems, []);
  });

  it("answers as the auditor's role, who sees no answers, and says so", async () => {
    const made = await staging.json<Told>(
      "lineage",
      staging.packages.first,
      "--stack",
      "staging",
      "--profile",
      "dev=auditor,staging=auditor-staging",
    );
    assert.ok(made.walked.nodes.some(({ kind }) => kind === "endpoint"));
    assert.ok(!made.gaps.some((gap) => /AccessDenied/.test(gap)), made.gaps.join("\n"));
    assert.ok(!made.gaps.some((gap) => /SageMaker's own lineage/.test(gap)), made.gaps.join("\n"));
    const known = made.walked.nodes.find(({ id }) => id === staging.packages.first)!;
    assert.match(known.facts["SageMaker artifact"] ?? "", /:artifact\/[0-9a-f]{32}$/);
    const refused = await staging.project.peregrine(
      "lineage",
      "oak-17/000001",
      "--stack",
      "staging",
      "--profile",
      "dev=auditor,staging=auditor-staging",
    );
    assert.equal(refused.code, 1, refused.output);
    assert.match(refused.output, /what peregrine-staging-detector captured could not be read: AccessDenied/);
  });

  it("has the documents of the release, the same twice, signed by whoever may, with a card in the account", async () => {
    const { project } = staging;
    const release = (await staging.releases())[0]!.releaseId;
    const files = async (...args: string[]) =>
      staging.json<{ files: Record<string, string>; card?: { done: string } }>(
        "dossier",
        release,
        "--stack",
        "staging",
        "--out",
        join(project.folder, "dossier"),
        ...args,
      );
    const unsigned = await files();
    assert.ok(!("model.sig" in unsigned.files));
    const refused = await project.peregrine(
      ...["dossier", release, "--stack", "staging", "--publish", "--out", join(project.folder, "refused")],
      ...["--profile", "dev=auditor,staging=auditor-staging"],
    );
    assert.equal(refused.code, 1, "an auditor publishes nothing");
    assert.match(refused.output, /AWS refused: .*sagemaker:CreateModelCard/);
    const signed = await files("--sign", "--publish");
    assert.equal(signed.card?.done, "created");
    // The recorder notes that the card was made: until then the log has another state, and so has the dossier.
    await eventually(async () => {
      const mine = await files();
      const asAuditor = await files("--profile", "dev=auditor,staging=auditor-staging");
      assert.deepEqual(asAuditor.files, mine.files, "byte for byte, for whoever asks");
    });
    assert.equal((await files("--publish")).card?.done, "unchanged");
    const card = (await staging.registry.json("sagemaker", "describe-model-card", "--model-card-name", endpoint)) as {
      Content: string;
      ModelCardVersion: number;
    };
    assert.equal(card.ModelCardVersion, 1);
    assert.equal(
      (JSON.parse(card.Content) as { model_overview: { model_id: string } }).model_overview.model_id,
      staging.packages.first,
    );
  });

  it("writes a page", async () => {
    const file = join(staging.project.folder, "lineage.html");
    await staging.project.succeed(
      process.execPath,
      "scripts/peregrine.cjs",
      "lineage",
      staging.packages.first,
      "--stack",
      "staging",
      "--html",
      file,
    );
    assert.match(readFileSync(file, "utf8"), /From raw data to what is deployed/);
  });
});
