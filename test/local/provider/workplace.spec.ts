import assert from "node:assert/strict";
import { ProviderInstance } from "../../../local/provider/provider";
import { createEvents } from "../../../local/services/events";
import { createScheduler } from "../../../local/services/scheduler";
import { FileSystems } from "../../../local/services/efs/store";
import { makeNfsGroups, nfsGroups } from "../../../local/services/sagemaker/studio/nfs-groups";
import { startTestCloud, type TestCloud } from "../services/sagemaker/harness";
import { administrator } from "./memory-cloud";

type Properties = Parameters<ProviderInstance["create"]>[2];

const account = "arn:aws:iam::111122223333";
const bus = "arn:aws:events:eu-central-1:111122223333:event-bus/own";

/** Resources in the order in which they can be made; `<domain>` stands for the id of the domain. */
const resources: readonly (readonly [type: string, inputs: Properties, changes?: Properties])[] = [
  [
    "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig",
    {
      studioLifecycleConfigName: "libraries",
      studioLifecycleConfigAppType: "JupyterLab",
      studioLifecycleConfigContent: "IyEvYmluL2Jhc2g=",
      tags: { a: "b" },
    },
  ],
  [
    "aws:sagemaker/domain:Domain",
    {
      domainName: "studio",
      authMode: "IAM",
      vpcId: "vpc-1",
      subnetIds: ["subnet-1"],
      defaultUserSettings: { executionRole: `${account}:role/studio` },
      domainSettings: { executionRoleIdentityConfig: "USER_PROFILE_NAME" },
      retentionPolicy: { homeEfsFileSystem: "Delete" },
      tags: { a: "b" },
    },
    {
      tagPropagation: "ENABLED",
      appNetworkAccessType: "VpcOnly",
      domainSettings: { executionRoleIdentityConfig: "DISABLED" },
      tags: { a: "c" },
    },
  ],
  [
    "aws:sagemaker/userProfile:UserProfile",
    { domainId: "<domain>", userProfileName: "anna", userSettings: { executionRole: `${account}:role/studio` } },
    { userSettings: { executionRole: `${account}:role/other` } },
  ],
  [
    "aws:sagemaker/space:Space",
    {
      domainId: "<domain>",
      spaceName: "anna-lab",
      ownershipSettings: { ownerUserProfileName: "anna" },
      spaceSharingSettings: { sharingType: "Private" },
      spaceSettings: { appType: "JupyterLab" },
    },
    { spaceDisplayName: "Anna" },
  ],
  ["aws:cloudwatch/eventBus:EventBus", { name: "own", description: "ours" }, { description: "still ours" }],
  [
    "aws:cloudwatch/eventArchive:EventArchive",
    { name: "kept", eventSourceArn: bus, retentionDays: 30 },
    { retentionDays: 60 },
  ],
  ["aws:scheduler/scheduleGroup:ScheduleGroup", { name: "own" }, { tags: { a: "b" } }],
  [
    "aws:scheduler/schedule:Schedule",
    {
      name: "watch",
      groupName: "own",
      scheduleExpression: "cron(0 * ? * * *)",
      flexibleTimeWindow: { mode: "FLEXIBLE", maximumWindowInMinutes: 15 },
      target: {
        arn: "arn:aws:sagemaker:eu-central-1:111122223333:pipeline/watch",
        roleArn: `${account}:role/start`,
        retryPolicy: { maximumRetryAttempts: 3 },
        sagemakerPipelineParameters: { pipelineParameters: [{ name: "A", value: "b" }] },
      },
    },
    { state: "DISABLED", scheduleExpressionTimezone: "Europe/Berlin" },
  ],
];

/** The whole life of each type: made, looked at, changed, deleted in the other order. */
describe("the workplace's types in the local cloud's provider", () => {
  let test: TestCloud;
  let provider: ProviderInstance;
  const made: { type: string; id: string; properties: Properties; inputs: Properties }[] = [];

  before(async () => {
    test = await startTestCloud({
      services: (cloud) => [
        createEvents(cloud),
        createScheduler(cloud),
        {
          id: "sts",
          operations: {
            GetCallerIdentity: () => ({ Account: "111122223333", Arn: administrator.arn, UserId: "root" }),
          },
        },
      ],
    });
    provider = new ProviderInstance(
      test.cloud,
      async () => administrator,
      () => undefined,
    );
    await provider.configure({ region: "eu-central-1" });
  });
  after(() => test.stop());

  for (const [type, given, changes] of resources) {
    const filled = (inputs: Properties): Properties =>
      JSON.parse(
        JSON.stringify(inputs).replaceAll("<domain>", made.find((one) => one.type.includes("/domain:"))?.id ?? ""),
      ) as Properties;
    const urn = `urn:pulumi:dev::peregrine::${type}::thing`;
    const check = (olds: Properties, news: Properties): Properties => {
      const { inputs, failures } = provider.check(type, { urn, olds, news, seed: new Uint8Array([1]) });
      assert.deepEqual(failures, []);
      return inputs;
    };

    it(`${type} is made with all that it computes, and then nothing differs`, async () => {
      const inputs = check({}, filled(given));
      const { id, properties } = await provider.create(type, urn, inputs);
      assert.match(String(properties["arn"]), /^arn:aws:(sagemaker|events|scheduler):eu-central-1:111122223333:/);
      made.push({ type, id, properties: properties as Properties, inputs });
      const seen = await provider.read(type, id, properties as Properties, inputs);
      assert.deepEqual(
        [...provider.diff(type, seen!.inputs as Properties, seen!.properties as Properties, inputs, []).changes.keys()],
        [],
      );
    });

    if (changes)
      it(`${type} is changed in place`, async () => {
        const before = made.at(-1)!;
        const inputs = check(before.inputs, filled({ ...given, ...changes }));
        const difference = provider.diff(type, before.inputs, before.properties, inputs, []);
        assert.deepEqual([...difference.replaces], []);
        const properties = (await provider.update(
          type,
          before.id,
          before.properties,
          before.inputs,
          inputs,
          [],
        )) as Properties;
        made[made.length - 1] = { ...before, inputs, properties };
        const seen = await provider.read(type, before.id, properties, inputs);
        assert.deepEqual(
          [
            ...provider
              .diff(type, seen!.inputs as Properties, seen!.properties as Properties, inputs, [])
              .changes.keys(),
          ],
          [],
        );
      });
  }

  it("computes what Studio's clients need", () => {
    const domain = made.find(({ type }) => type.includes("/domain:"))!.properties;
    assert.match(String(domain["url"]), /^https:\/\/d-[a-z0-9]{12}\.studio\.eu-central-1\.sagemaker\.aws$/);
    assert.match(String(domain["homeEfsFileSystemId"]), /^fs-/);
    assert.match(String(made.find(({ type }) => type.includes("/space:"))!.properties["url"]), /anna-lab$/);
  });

  it("are listed in the inventory and deleted in order, to nothing but what SageMaker leaves of a domain", async () => {
    const groups = nfsGroups(test.cloud);
    assert.equal((await test.cloud.inventory()).length, resources.length + groups.size);
    for (const { type, id, properties, inputs } of [...made].reverse())
      await provider.delete(type, id, properties, inputs);
    assert.deepEqual(
      (await test.cloud.inventory()).map(({ type }) => type),
      ["AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroup"],
    );
    for (const { id } of [...groups.values()]) groups.delete(id);
    assert.deepEqual(await test.cloud.inventory(), []);
  });

  it("delete a VPC only when the groups of a domain have gone, for which they wait as the real provider does, and give up as it does", async () => {
    const fast = await startTestCloud({
      speed: 3600,
      services: () => [
        {
          id: "sts",
          operations: {
            GetCallerIdentity: () => ({ Account: "111122223333", Arn: administrator.arn, UserId: "root" }),
          },
        },
      ],
    });
    const other = new ProviderInstance(
      fast.cloud,
      async () => administrator,
      () => undefined,
    );
    await other.configure({ region: "eu-central-1" });
    const type = "aws:ec2/vpc:Vpc";
    const { id, properties } = await other.create(type, `urn:pulumi:dev::peregrine::${type}::net`, {
      cidrBlock: "10.0.0.0/16",
    });
    makeNfsGroups(fast.cloud, "d-1", id);
    await assert.rejects(
      other.delete(type, id, properties as Properties, {}),
      /DependencyViolation: The vpc 'vpc-\w+' has dependencies and cannot be deleted/,
    );
    const deletion = other.delete(type, id, properties as Properties, {});
    for (const group of [...nfsGroups(fast.cloud).values()]) nfsGroups(fast.cloud).delete(group.id);
    await deletion;
    assert.equal(await other.read(type, id, properties as Properties, {}), undefined);
    await fast.stop();
  });

  it("delete a subnet only when the mount targets of a kept file system have gone, too", async () => {
    const fast = await startTestCloud({
      speed: 3600,
      services: () => [
        {
          id: "sts",
          operations: {
            GetCallerIdentity: () => ({ Account: "111122223333", Arn: administrator.arn, UserId: "root" }),
          },
        },
      ],
    });
    const other = new ProviderInstance(
      fast.cloud,
      async () => administrator,
      () => undefined,
    );
    await other.configure({ region: "eu-central-1" });
    const type = "aws:ec2/subnet:Subnet";
    const { id, properties } = await other.create(type, `urn:pulumi:dev::peregrine::${type}::apps`, {
      vpcId: "vpc-1",
      cidrBlock: "10.0.0.0/24",
    });
    const files = new FileSystems(fast.cloud);
    files.make({ creationToken: "d-1", tags: {}, vpcId: "vpc-1", subnetIds: [id, "subnet-2"], groups: [] });
    const deletion = () => other.delete(type, id, properties as Properties, {});
    await assert.rejects(
      deletion(),
      /DeleteSubnet.*DependencyViolation: The subnet 'subnet-\w+' has dependencies and cannot be deleted. \(eni-\w+\)/,
    );
    files.deleteMountTarget(files.mountTargets().find(({ subnetId }) => subnetId === id)!);
    await deletion();
    assert.equal(files.mountTargets().length, 1, "the one in the other subnet is in nobody's way");
    await fast.stop();
  });

  it("find the account's default network, the same at every start", async () => {
    const vpc = await provider.invoke("aws:ec2/getVpc:getVpc", { default: true });
    const subnets = await provider.invoke("aws:ec2/getSubnets:getSubnets", {
      filters: [{ name: "vpc-id", values: [String(vpc["id"])] }],
    });
    assert.equal((subnets["ids"] as string[]).length, 3);
    const again = await startTestCloud({
      services: () => [
        {
          id: "sts",
          operations: {
            GetCallerIdentity: () => ({ Account: "111122223333", Arn: administrator.arn, UserId: "root" }),
          },
        },
      ],
    });
    const other = new ProviderInstance(
      again.cloud,
      async () => administrator,
      () => undefined,
    );
    await other.configure({ region: "eu-central-1" });
    assert.equal((await other.invoke("aws:ec2/getVpc:getVpc", { default: true }))["id"], vpc["id"]);
    await again.stop();
  });
});
