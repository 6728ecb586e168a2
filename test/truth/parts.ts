import { setTimeout as delay } from "node:timers/promises";
import type { Deployment, Deployed } from "./deployment";
import { itemsOf } from "./items";
import { changesTrail, startsLab, makesSpace } from "./needs";
import type { Part, Stage } from "./stage";

/**
 * A part of the program that is no policy of a resource: a setting, a permission of a function, a right of a role that
 * the matrix does not know.
 */
export interface NamedPart extends Part {
  /** As a sentence goes on after "without". */
  readonly what: string;
  readonly words: RegExp;
}

const configuration = ({ resources }: Deployment): Deployed =>
  resources.find(({ type }) => type === "aws:sagemaker/endpointConfiguration:EndpointConfiguration")!;

/** An endpoint configuration knows no update: with another variant it is made anew. */
const variant = (changes: Readonly<Record<string, unknown>>): Part["change"] => ({
  again: (inputs) => ({
    ...inputs,
    productionVariants: (inputs["productionVariants"] as readonly Record<string, unknown>[]).map(
      (one) => JSON.parse(JSON.stringify({ ...one, ...changes })) as never,
    ),
  }),
});
const serves = (stage: Stage): Promise<void> => stage.serves();
const notStarted =
  /^CannotStartContainerError\. Please ensure the model container for variant champion starts correctly when invoked with 'docker run <image> serve'$/;

/** A role's document without one of its statements. */
const right = (role: string, sid: string, work: Part["work"], words: RegExp): NamedPart => {
  const resource = ({ resources }: Deployment): Deployed =>
    resources.find(
      ({ type, name, inputs }) =>
        type === "aws:iam/rolePolicy:RolePolicy" &&
        name.includes(`-${role}-`) &&
        String(inputs["policy"]).includes(`"${sid}"`),
    )!;
  return {
    what: `the right ${sid} of the role ${role}`,
    resource,
    change: (inputs) =>
      itemsOf({ inputs } as Deployed)
        .find(({ name }) => name.split(" ")[0] === sid)!
        .without(inputs),
    work,
    words,
  };
};

/** A role whose service may not take it. */
const trust = (role: string, work: Part["work"], words: RegExp): NamedPart => ({
  what: `the trust of the role ${role}`,
  resource: (deployment) => deployment.one("aws:iam/role:Role", `-${role}-role`),
  change: (inputs) => ({
    ...inputs,
    assumeRolePolicy: String(inputs["assumeRolePolicy"]).replace(/"Service":"[^"]+"/, '"Service":"ec2.amazonaws.com"'),
  }),
  work,
  words,
});

const unauthorized = (action: string): RegExp =>
  new RegExp(
    `not authorized to perform: ${action} on resource: .* because no identity-based policy allows the ${action} action`,
  );
const isOpen = async (stage: Stage): Promise<boolean> =>
  (
    (await stage.administer("sagemaker", "ListEndpoints", { NameContains: stage.scope.endpointName }))
      .Endpoints as unknown[]
  ).length > 0;
/** The endpoint goes in the evening. */
const closes = async (stage: Stage): Promise<void> => {
  const EndpointName = stage.scope.endpointName;
  if (!(await isOpen(stage)))
    await stage.administer("sagemaker", "CreateEndpoint", {
      EndpointName,
      EndpointConfigName: configuration(stage.deployment).inputs["name"],
    });
  await stage.until(
    "sagemaker",
    "DescribeEndpoint",
    { EndpointName },
    ({ EndpointStatus }) => EndpointStatus !== "Creating",
  );
  await stage.comes("-nights-evening", "DeleteEndpoint");
};
/** The endpoint is there again in the morning. */
const opens = async (stage: Stage): Promise<void> => {
  const EndpointName = stage.scope.endpointName;
  if (await isOpen(stage)) {
    await stage.until(
      "sagemaker",
      "DescribeEndpoint",
      { EndpointName },
      ({ EndpointStatus }) => EndpointStatus !== "Creating",
    );
    await stage.administer("sagemaker", "DeleteEndpoint", { EndpointName });
  }
  while (await isOpen(stage)) await delay(25);
  await stage.comes("-nights-morning", "CreateEndpoint");
};
/** A build of a trial ends, and a function is told. */
const endsTrial = (stage: Stage): Promise<void> => stage.seen("Invoke", () => stage.trialEnds(), "end-trial");

/** The platform says something on the environment's bus, and the function that tells people is called. */
const eventIsTold = (stage: Stage): Promise<void> =>
  stage.seen(
    "Invoke",
    () =>
      stage.administer("events", "PutEvents", {
        Entries: [
          {
            EventBusName: `${stage.scope.names.prefix}-events`,
            Source: "peregrine.platform",
            DetailType: "Told",
            Detail: JSON.stringify({ severity: "info", message: stage.fresh() }),
          },
        ],
      }),
    "-tell",
  );

const noLogs = /^InvalidCloudWatchLogsRoleArnException: Access denied\. Check the permissions for your role\.$/;

export const parts: readonly NamedPart[] = [
  {
    what: "the machine image of GPU hosts",
    resource: configuration,
    change: variant({ inferenceAmiVersion: undefined }),
    work: serves,
    words: notStarted,
  },
  {
    what: "the right machine image of GPU hosts",
    resource: configuration,
    change: variant({ inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1" }),
    work: serves,
    words: notStarted,
  },
  {
    what: "a machine image that its hosts know",
    resource: configuration,
    change: variant({ instanceType: "ml.c6i.large" }),
    work: serves,
    words: /InferenceAmiVersion "\S+" is not supported for instance type "ml\.c6i\.large"/,
  },
  {
    what: "what lets a rule call the function that ends trials",
    resource: (deployment) => deployment.one("aws:lambda/permission:Permission", "-trials-ended-permission"),
    change: "gone",
    work: endsTrial,
    words: /not authorized to perform: lambda:InvokeFunction on resource: .*because no resource-based policy allows/,
  },
  {
    what: "what lets the rule call the function that tells people",
    resource: (deployment) => deployment.one("aws:lambda/permission:Permission", "-events-permission"),
    change: "gone",
    work: eventIsTold,
    words: /not authorized to perform: lambda:InvokeFunction on resource: .*because no resource-based policy allows/,
  },
  right("night-schedule", "CloseAtNight", closes, unauthorized("sagemaker:DeleteEndpoint")),
  right("night-schedule", "UseConfigurations", opens, unauthorized("sagemaker:CreateEndpoint")),
  trust(
    "night-schedule",
    closes,
    /The execution role you provide must allow AWS EventBridge Scheduler to assume the role\./,
  ),
  right("trail-logs", "WriteTrail", changesTrail, noLogs),
  trust("trail-logs", changesTrail, noLogs),
  right("studio-ml-engineer", "RunOwnSpaces", startsLab, unauthorized("sagemaker:CreateApp")),
  right("studio-ml-engineer", "RunOwnSpaces", makesSpace, unauthorized("sagemaker:CreateSpace")),
  right("studio-ml-engineer", "EncryptDisks", startsLab, unauthorized("kms:GenerateDataKeyWithoutPlaintext")),
  right("studio-ml-engineer", "KeepDisks", startsLab, unauthorized("kms:CreateGrant")),
];
