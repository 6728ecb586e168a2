import assert from "node:assert/strict";
import { environments } from "../../contract/environments";
import { programOf } from "../support/programs";
import { type Diagnostic, NoTerraform, Terraform } from "../support/terraform/cli";
import { render } from "../support/terraform/render";
import type { ProviderSchema } from "../support/terraform/schema";

/** What the three stacks are run with, beside their own settings. */
const settings: readonly Readonly<Record<string, string>>[] = [
  {},
  {
    "peregrine:ciRepository": "acme/peregrine",
    "peregrine:networkMode": "private",
    "peregrine:budgetStop": "automatic",
    "peregrine:auditTrail": "environment",
    "peregrine:readerAccountIds": '["222222222222"]',
    "peregrine:trackingMode": "tracking-server",
  },
];

/** What version 5.100 cannot judge, because it is older than the provider that the program uses (7). */
const newer: Readonly<Record<string, string>> = {
  "aws:sagemaker/mlflowApp:MlflowApp": "the type came with version 6",
  "aws:budgets/budget:Budget filterExpression": "the input came with version 6; before, cost filters said it",
  "aws:lambda/function:Function codeSha256": "the input came with version 6; before, it was only told",
  "aws:budgets/budget:Budget metrics": "the input came with version 6; before, types of cost said it",
};
/** What version 5.100 refuses because AWS has added values since. */
const outdated: readonly (readonly [finding: RegExp, why: string])[] = [
  [
    /^expected inference_ami_version to be one of \[.*\], got al2023-ami-sagemaker-inference-gpu-4-1$/,
    "a value of ProductionVariantInferenceAmiVersion since",
  ],
];

describe("what the program registers, by Terraform's own AWS provider", function () {
  let terraform: Terraform;
  let schema: ProviderSchema;
  before(function () {
    try {
      terraform = new Terraform();
    } catch (error) {
      if (!(error instanceof NoTerraform)) throw error;
      process.stdout.write(`      not asked: ${error.message}\n`);
      this.skip();
    }
    schema = terraform.schema();
  });
  after(() => terraform?.remove());

  const validated = (resources: readonly { type: string; name: string; body: object }[]): Diagnostic[] => {
    const byType: Record<string, Record<string, object>> = {};
    for (const { type, name, body } of resources) (byType[type] ??= {})[name.replace(/[^\w-]/g, "_")] = body;
    return terraform.validate(byType);
  };

  it("is valid in each environment, as its settings are and with everything that they can ask for", async () => {
    const resources: { type: string; name: string; body: object }[] = [];
    const notJudged = new Set<string>();
    for (const stack of environments)
      for (const [index, changes] of settings.entries())
        for (const resource of (await programOf(stack, changes)).resources.filter(({ type }) =>
          type.startsWith("aws:"),
        )) {
          const rendered = render(schema, resource);
          if (!rendered) notJudged.add(resource.type);
          else {
            for (const input of rendered.unplaced) notJudged.add(`${resource.type} ${input}`);
            resources.push({ type: rendered.type, name: `${stack}-${index}-${resource.name}`, body: rendered.body });
          }
        }
    const met = new Set<string>();
    const findings = validated(resources).filter(({ summary }) => {
      const known = outdated.find(([finding]) => finding.test(summary));
      if (known) met.add(known[1]);
      return !known;
    });
    assert.deepEqual(
      findings.map(({ address, summary, detail }) => `${address}: ${summary} ${detail ?? ""}`),
      [],
    );
    process.stdout.write(
      `      ${resources.length} resources of ${new Set(resources.map(({ type }) => type)).size} types judged by version ${terraform.version}\n`,
    );
    assert.ok(resources.length > 900, String(resources.length));
    if (terraform.version.startsWith("5.")) {
      assert.deepEqual([...notJudged].sort(), Object.keys(newer).sort());
      assert.deepEqual(
        [...met],
        outdated.map(([, why]) => why),
      );
    } else
      assert.deepEqual(
        [...notJudged].filter((one) => !(one in newer)),
        [],
      );
  });

  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  const planted: readonly [what: string, type: string, inputs: Readonly<Record<string, unknown>>, finding: RegExp][] = [
    [
      "a value that is not listed",
      "aws:sagemaker/domain:Domain",
      {
        domainName: "d",
        authMode: "SAML",
        vpcId: "v",
        subnetIds: ["s"],
        defaultUserSettings: { executionRole: "arn:aws:iam::123456789012:role/r" },
      },
      /expected auth_mode to be one of/,
    ],
    [
      "a value that is not listed, in a list of structures",
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
      {
        productionVariants: [{ modelName: "m", variantName: "v" }],
        dataCaptureConfig: {
          initialSamplingPercentage: 10,
          destinationS3Uri: "s3://b/c",
          captureOptions: [{ captureMode: "Both" }],
        },
      },
      /capture_mode to be one of/,
    ],
    [
      "a name that the service does not allow",
      "aws:sagemaker/pipeline:Pipeline",
      {
        pipelineName: "a_b",
        pipelineDisplayName: "a",
        roleArn: "arn:aws:iam::123456789012:role/r",
        pipelineDefinition: "{}",
      },
      /pipeline_name/,
    ],
    [
      "an ARN that is none",
      "aws:cloudwatch/eventTarget:EventTarget",
      { rule: "r", arn: "queue" },
      /"arn" \(queue\) is an invalid ARN/,
    ],
    [
      "a document that is no JSON",
      "aws:sqs/queuePolicy:QueuePolicy",
      { queueUrl: "u", policy: "{" },
      /"policy" contains an invalid JSON/,
    ],
    [
      "inputs that exclude one another",
      "aws:sqs/queue:Queue",
      { name: "q", namePrefix: "q" },
      /"name": conflicts with name_prefix|Conflicting configuration/,
    ],
    ["an input that is missing", "aws:sns/topicPolicy:TopicPolicy", { policy }, /argument "arn" is required/],
    [
      "a number beyond its range",
      "aws:sqs/queue:Queue",
      { name: "q", visibilityTimeoutSeconds: 50_000 },
      /expected visibility_timeout_seconds to be in the range/,
    ],
    [
      "a role's name that is too long",
      "aws:iam/role:Role",
      { name: "r".repeat(65), assumeRolePolicy: policy },
      /expected length of name to be in the range/,
    ],
  ];
  it("would not be with a fault: each planted one is found", () => {
    const findings = validated(
      planted.map(([what, type, inputs]) => {
        const { type: rendered, body, unplaced } = render(schema, { type, inputs })!;
        assert.deepEqual(unplaced, []);
        return { type: rendered, name: what, body };
      }),
    );
    const texts = findings.map(({ summary, detail }) => `${summary} ${detail ?? ""}`);
    assert.deepEqual(
      planted.filter(([, , , finding]) => !texts.some((text) => finding.test(text))).map(([what]) => what),
      [],
      texts.join("\n"),
    );
  });

  it("would say which input it has no place for", () => {
    assert.deepEqual(render(schema, { type: "aws:sqs/queue:Queue", inputs: { name: "q", retention: 5 } })!.unplaced, [
      "retention",
    ]);
    assert.equal(render(schema, { type: "aws:sqs/topic:Topic", inputs: {} }), undefined);
  });
});
