import assert from "node:assert/strict";
import { DescribeArchiveCommand, EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { DescribeDomainCommand, ListSpacesCommand, ListUserProfilesCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually } from "../support/eventually";
import { type Finished, ProjectCopy } from "./project-copy";

const stacks = ["dev", "staging", "prod"] as const;
const pack = (stack: string) => ["--stack", stack, "--policy-pack", "policies", "--policy-pack-config", `policies/config/${stack}.json`];

/** All three environments with their workplace, on the engine, under the policy pack. */
describe("the three environments with their workplace", function () {
  this.timeout(300_000);
  this.slow(30_000);
  let project: ProjectCopy;
  const inventory = async () => (JSON.parse((await project.succeed(process.execPath, "scripts/peregrine.cjs", "local", "status", "--json")).stdout) as { inventory: unknown[] }).inventory;
  const fine = ({ code, output }: Finished) => assert.equal(code, 0, output);
  const client = <C>(Client: new (settings: object) => C): C => {
    Object.assign(process.env, Object.fromEntries(Object.entries(project.env).filter(([name]) => name.startsWith("AWS_"))));
    return new Client({ region: "eu-central-1" });
  };

  before(async () => {
    project = await ProjectCopy.make({ releaseTargets: "staging,prod" });
    await project.startCloud("--speed", "60");
    for (const stack of stacks) await project.succeed("pulumi", "stack", "init", stack);
  });
  after(() => project?.remove());

  for (const stack of stacks) {
    it(`come up: ${stack}`, async () => fine(await project.pulumi("up", "--yes", "--skip-preview", ...pack(stack))));

    it(`find nothing to change the second time, nor in AWS: ${stack}`, async () => {
      fine(await project.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", ...pack(stack)));
      fine(await project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack));
    });

    it(`are previewed quickly: ${stack}`, async () => fine(await project.pulumi("preview", ...pack(stack))));
  }

  it("have a Studio with a profile and a space per person, where the settings say so", async () => {
    const { studioDomainId: DomainId } = JSON.parse((await project.succeed("pulumi", "stack", "output", "--json", "--stack", "dev")).stdout) as Record<string, string>;
    const sagemaker = client(SageMakerClient);
    const domain = await sagemaker.send(new DescribeDomainCommand({ DomainId }));
    assert.deepEqual([domain.Status, domain.TagPropagation, domain.DomainSettings?.ExecutionRoleIdentityConfig], ["InService", "ENABLED", "USER_PROFILE_NAME"]);
    assert.deepEqual((await sagemaker.send(new ListUserProfilesCommand({ DomainIdEquals: DomainId }))).UserProfiles?.map(({ UserProfileName }) => UserProfileName).sort(), ["anna", "ben"]);
    assert.deepEqual((await sagemaker.send(new ListSpacesCommand({ DomainIdEquals: DomainId }))).Spaces?.map(({ SpaceName }) => SpaceName).sort(), ["anna-lab", "ben-lab"]);
  });

  it("deliver and archive what comes to their own bus, and lose nothing", async () => {
    const events = client(EventBridgeClient);
    await events.send(new PutEventsCommand({ Entries: [{ EventBusName: "peregrine-dev-events", Source: "peregrine.model", DetailType: "Drift Detected", Detail: JSON.stringify({ severity: "warning", message: "brightness moved" }) }] }));
    await eventually(async () => assert.ok(((await events.send(new DescribeArchiveCommand({ ArchiveName: "peregrine-dev-events" }))).EventCount ?? 0) >= 1));
    const sqs = client(SQSClient);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "peregrine-dev-dead-letters" }));
    assert.equal((await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }))).Attributes?.["ApproximateNumberOfMessages"], "0");
  });

  it("leave nothing behind", async () => {
    for (const stack of [...stacks].reverse()) fine(await project.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack));
    assert.deepEqual(await inventory(), []);
    assert.equal(await project.changes(), "");
  });
});
