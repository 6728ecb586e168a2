import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findMember, memberPath } from "../../../local/provider/mapping";
import type { ResourceType, Step } from "../../../local/provider/resource-type";
import { sdkSchema } from "../../../local/provider/sdk-schema";
import { keysMemberOf, tagsMemberOf } from "../../../local/provider/tags";
import { resourceTypes } from "../../../local/provider/types";
import { BotocoreModels } from "../../../local/model/models";
import type { Shape } from "../../../local/model/shapes";

const models = new BotocoreModels({ modelsDir: process.env.BOTOCORE_DATA });
const sdk = dirname(require.resolve("@pulumi/aws/package.json"));
const nestedTypes = readFileSync(join(sdk, "types", "input.d.ts"), "utf8");

/** Inputs that a type builds a request from by hand, and inputs of the SDK that are deprecated there. */
const byHand: Record<string, readonly string[]> = {
  "aws:s3/bucket:Bucket": [
    "accelerationStatus",
    "acl",
    "bucketNamespace",
    "corsRules",
    "grants",
    "lifecycleRules",
    "logging",
    "objectLockConfiguration",
    "policy",
    "replicationConfiguration",
    "requestPayer",
    "serverSideEncryptionConfiguration",
    "versioning",
    "website",
  ],
  "aws:s3/bucketNotification:BucketNotification": ["eventbridge", "lambdaFunctions", "queues", "topics"],
  "aws:s3/bucketObjectv2:BucketObjectv2": ["tags"],
  "aws:iam/role:Role": ["inlinePolicies", "managedPolicyArns"],
  "aws:sns/topicPolicy:TopicPolicy": ["arn", "policy"],
  "aws:cloudwatch/metricAlarm:MetricAlarm": ["metricQueries"],
  "aws:ssm/parameter:Parameter": ["arn"],
  "aws:lambda/permission:Permission": [],
};

/** Shapes of all steps that may take an input. */
function takers(type: ResourceType): { step: Step; shape: Shape }[] {
  return [...type.create, ...(type.update ?? [])].map((step) => ({
    step,
    shape: models.service(type.service).operation(step.operation)!.input!.shape,
  }));
}

describe("Resource types with behaviour", () => {
  for (const type of resourceTypes.values()) {
    it(`${type.token}: every input of the SDK reaches an AWS operation`, () => {
      const schema = sdkSchema(type.token);
      assert.ok(schema, "the SDK has no such type");
      const handled = new Set(["region", "tags", "timeouts", ...(type.local ?? []), ...(byHand[type.token] ?? [])]);
      if (type.token === "aws:cloudwatch/eventTarget:EventTarget") return assertTarget(schema.inputs);
      const lost = [...schema.inputs].filter((input) => {
        if (handled.has(input)) return false;
        return !takers(type).some(({ step, shape }) => {
          if (input in (step.attributes ?? {})) return true;
          if (step.only && !step.only.includes(input)) return false;
          return memberPath(shape, input, { ...type.rename, ...step.rename }) !== undefined;
        });
      });
      assert.deepEqual(lost, []);
    });

    const { tags } = type;
    if (tags)
      it(`${type.token}: changed tags reach AWS, and tags that go`, () => {
        const membersOf = (operation: string) =>
          models.service(type.service).operation(operation)!.input!.shape.members;
        assert.ok(tagsMemberOf(membersOf(tags.add)), tags.add);
        assert.ok(keysMemberOf(membersOf(tags.remove)), tags.remove);
      });

    it(`${type.token}: nested inputs have members of the same meaning`, () => {
      const schema = sdkSchema(type.token)!;
      const lost: string[] = [];
      for (const input of schema.inputs) {
        if (byHand[type.token]?.includes(input) || type.local?.includes(input)) continue;
        const nested = argumentType(type.token, input);
        const taker = takers(type)
          .map(({ step, shape }) => memberPath(shape, input, { ...type.rename, ...step.rename })?.at(-1)?.shape)
          .find(Boolean);
        if (nested && taker) lost.push(...unmapped(taker, nested, [input], type.rename ?? {}));
      }
      assert.deepEqual(lost, []);
    });
  }
});

function assertTarget(inputs: ReadonlySet<string>): void {
  const own = new Set(["rule", "eventBusName", "forceDestroy", "region"]);
  const renamed = [
    "targetId",
    "sagemakerPipelineTarget",
    "sqsTarget",
    "ecsTarget",
    "batchTarget",
    "kinesisTarget",
    "httpTarget",
    "runCommandTargets",
    "redshiftTarget",
    "appsyncTarget",
  ];
  const shape = models.service("events").shape("Target");
  assert.deepEqual(
    [...inputs].filter((input) => !own.has(input) && !renamed.includes(input) && !findMember(shape, input)),
    [],
  );
}

/** `inputs.sagemaker.ModelPrimaryContainer` of an argument, as the SDK's declarations have it. */
function argumentType(token: string, input: string): string | undefined {
  const [, module, file, name] = /^aws:([\w-]+)\/([\w-]+):(\w+)$/.exec(token)!;
  const source = readFileSync(join(sdk, module!, `${file}.d.ts`), "utf8");
  const args = source.slice(source.indexOf(`export interface ${name}Args {`));
  return new RegExp(`^    ${input}\\??: .*\\binputs\\.([\\w.]+)`, "m").exec(args)?.[1];
}

/** Members of a nested argument type: name -> its own nested type, if any. */
function membersOf(nested: string): [string, string | undefined][] {
  const [module, name] = nested.split(".") as [string, string];
  const start = nestedTypes.indexOf(`export declare namespace ${module} {`);
  const at = nestedTypes.indexOf(`    interface ${name} {`, start);
  const body = nestedTypes.slice(at, nestedTypes.indexOf("\n    }", at));
  return [...body.matchAll(/^        (\w+)\??: (.*)$/gm)].map(([, member, text]) => [
    member!,
    /\binputs\.([\w.]+)/.exec(text!)?.[1],
  ]);
}

function unmapped(
  shape: Shape,
  nested: string,
  path: readonly string[],
  rename: Readonly<Record<string, string | null>>,
): string[] {
  const inner = shape.type === "list" ? shape.element!.shape : shape;
  if (inner.type !== "structure") return [];
  return membersOf(nested).flatMap(([name, deeper]) => {
    const at = [...path, name];
    const renamed = rename[at.join(".")] ?? rename[`*.${name}`];
    if (rename[at.join(".")] === null) return [];
    const member = renamed ? inner.byName.get(renamed) : findMember(inner, name);
    if (!member) return [at.join(".")];
    return deeper ? unmapped(member.shape, deeper, at, rename) : [];
  });
}
