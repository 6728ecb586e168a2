import assert from "node:assert/strict";
import { DescribeEndpointCommand, DescribeEndpointConfigCommand } from "@aws-sdk/client-sagemaker";
import { broughtUp } from "./brought-up";
import type { ProjectCopy } from "./project-copy";
import type { Registry } from "./registry";

const endpoint = "peregrine-staging-detector";

describe("another instance type of an endpoint that scales", function () {
  this.slow(60_000);
  let project: ProjectCopy;
  let registry: Registry;
  let first: string;
  let second: string;
  let blind: string;

  const promote = (arn: string, ...options: string[]) => [
    "promote",
    arn,
    "--to",
    "staging",
    "--golden-images",
    "1",
    ...options,
  ];
  const choose = async (type: string): Promise<void> => {
    await project.succeed("pulumi", "config", "set", "peregrine:servingInstanceType", type, "--stack", "staging");
    await project.commit(`Serve on ${type}`);
  };

  /** What the endpoint runs on, by SageMaker. */
  async function liveType(): Promise<string | undefined> {
    const live = await registry.sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint }));
    assert.equal(live.EndpointStatus, "InService");
    const config = await registry.sagemaker.send(
      new DescribeEndpointConfigCommand({ EndpointConfigName: live.EndpointConfigName }),
    );
    return config.ProductionVariants?.[0]?.InstanceType;
  }

  /** The endpoint is on the type, follows the load again, and the state knows all of it. */
  async function settled(type: string): Promise<void> {
    assert.equal(await liveType(), type);
    const [targets, policies] = await Promise.all(
      ["describe-scalable-targets", "describe-scaling-policies"].map((operation) =>
        registry.json("application-autoscaling", operation, "--service-namespace", "sagemaker"),
      ),
    );
    const mine = (rows: { ResourceId: string }[]) =>
      rows.filter(({ ResourceId }) => ResourceId.startsWith(`endpoint/${endpoint}/`)).length;
    assert.deepEqual([mine(targets.ScalableTargets), mine(policies.ScalingPolicies)], [1, 1]);
    const preview = await project.pulumi("preview", "--stack", "staging", "--refresh", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.output);
  }

  before(async () => {
    const there = await broughtUp();
    ({ project, registry } = there);
    ({ first, second, blind } = there.packages);
  });
  after(async () => {
    await project?.remove();
  });

  it("does not come by a plain update, which says how it comes", async () => {
    await choose("ml.g6.xlarge");
    const up = await project.up("staging");
    assert.equal(up.code, 0, up.output);
    assert.match(
      up.output,
      /The endpoint stays on ml\.g5\.xlarge until the next release brings ml\.g6\.xlarge, also of the same package: npx peregrine promote arn:\S+ --to staging/,
    );
    assert.match(
      (await project.peregrine("doctor", "--stack", "staging")).output,
      /^warn {2}instance type: the release serves on ml\.g5\.xlarge, the setting says ml\.g6\.xlarge$/m,
    );
    await settled("ml.g5.xlarge");
  });

  it("comes with a release of the same package: the scaling goes before, and is there again afterwards", async () => {
    const released = await project.peregrine(...promote(first));
    assert.equal(released.code, 0, released.output);
    assert.match(
      released.output,
      /taking the scaling off, since the instance type changes from ml\.g5\.xlarge to ml\.g6\.xlarge/,
    );
    await settled("ml.g6.xlarge");
  });

  it("comes all the same when the command is killed between both: the same command finishes the job", async () => {
    await choose("ml.g5.xlarge");
    const command = promote(second, "--with-infrastructure");
    await project.killAt(/taking the scaling off/, true, ...command);
    const finished = await project.peregrine(...command);
    assert.equal(finished.code, 0, finished.output);
    await settled("ml.g5.xlarge");
  });

  it("is gone back from with the release that was live on the other one", async () => {
    const back = await project.peregrine("rollback", "--stack", "staging", "--golden-images", "1");
    assert.equal(back.code, 0, back.output);
    await settled("ml.g6.xlarge");
  });

  it("is taken back with a release that fails on it", async () => {
    const refused = await project.peregrine(...promote(blind, "--with-infrastructure"));
    assert.equal(refused.code, 1, refused.output);
    assert.match(refused.output, /from ml\.g6\.xlarge to ml\.g5\.xlarge/);
    await settled("ml.g6.xlarge");
  });
});
