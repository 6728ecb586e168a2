import type { Call } from "../../../local/call";
import { Cloud } from "../../../local/cloud";
import type { Members } from "../../../local/members";
import { type Handler, handlerOf } from "../../../local/operation";
import type { Service } from "../../../local/service";
import { AwsError } from "../../../local/errors";
import { BotocoreModels } from "../../../local/model/models";
import type { Principal } from "../../../local/iam/principal";

export const accountId = "111122223333";
export const administrator: Principal = {
  type: "user",
  arn: `arn:aws:iam::${accountId}:user/administrator`,
  accountId,
  id: "AIDATEST",
};

export interface MemoryCloud {
  readonly cloud: Cloud;
  /** Every call that reached a handler. */
  readonly calls: { readonly name: string; readonly input: Members; readonly principal: string }[];
  /** Named things the handlers keep: `sagemaker/endpoint/x`. */
  readonly things: Map<string, Members>;
  /** Overrides one operation (`sagemaker:CreateModel`) for a test. */
  on(name: string, handler: Handler): void;
}

/** A real `Cloud` with the official service models, whose services remember what they are told and nothing more. */
export function memoryCloud(): MemoryCloud {
  const cloud = new Cloud({ models: new BotocoreModels({ modelsDir: modelsDir() }) });
  cloud.authoriser = { authorise: () => undefined };
  const calls: MemoryCloud["calls"] = [];
  const things = new Map<string, Members>();
  const overrides = new Map<string, Handler>();
  const services = [...sagemaker(things, cloud), ...plain(things, cloud)];
  for (const service of services) {
    const operations = Object.fromEntries(
      Object.entries(service.operations).map(([operation, handler]): [string, Handler] => [
        operation,
        (input: Members, call: Call) => {
          const name = `${service.id}:${operation}`;
          calls.push({ name, input, principal: call.principal.arn });
          return handlerOf(overrides.get(name) ?? handler)(input, call);
        },
      ]),
    );
    cloud.register({ ...service, operations });
  }
  return { cloud, calls, things, on: (name, handler) => void overrides.set(name, handler) };
}

/** Where botocore's models are, when not in the project's own environment. */
const modelsDir = (): string | undefined => process.env.BOTOCORE_DATA;

/** Create, describe, update and delete of a kind of thing that is found by one member of its requests. */
function crud(
  things: Map<string, Members>,
  service: string,
  kind: string,
  key: string,
  answer: (input: Members) => Members,
  gone: (name: string) => AwsError,
) {
  const at = (input: Members): string => `${service}/${kind}/${String(input[key])}`;
  const find = (input: Members): Members => {
    const found = things.get(at(input));
    if (!found) throw gone(String(input[key]));
    return found;
  };
  return {
    create: (input: Members): Members => {
      things.set(at(input), { ...input, ...answer(input) });
      return answer(input);
    },
    describe: (input: Members): Members => find(input),
    update: (input: Members): Members => {
      things.set(at(input), { ...find(input), ...input });
      return answer(input);
    },
    delete: (input: Members): void => {
      find(input);
      things.delete(at(input));
    },
  };
}

function sagemaker(things: Map<string, Members>, cloud: Cloud): Service[] {
  const missing = (kind: string) => (name: string) =>
    new AwsError("ValidationException", `Could not find ${kind} "${cloud.arn("sagemaker", `${kind}/${name}`)}".`);
  const arnOf = (member: string, kind: string, key: string) => (input: Members) => ({
    [member]: cloud.arn("sagemaker", `${kind}/${String(input[key]).toLowerCase()}`),
  });
  const kind = (name: string, key: string, member: string) =>
    crud(things, "sagemaker", name, key, arnOf(member, name, key), missing(name));
  const model = kind("model", "ModelName", "ModelArn");
  const config = kind("endpoint-config", "EndpointConfigName", "EndpointConfigArn");
  const endpoint = kind("endpoint", "EndpointName", "EndpointArn");
  const group = kind("model-package-group", "ModelPackageGroupName", "ModelPackageGroupArn");
  const pipeline = kind("pipeline", "PipelineName", "PipelineArn");
  return [
    {
      id: "sagemaker",
      operations: {
        CreateModel: model.create,
        DescribeModel: model.describe,
        DeleteModel: model.delete,
        CreateEndpointConfig: config.create,
        DescribeEndpointConfig: config.describe,
        DeleteEndpointConfig: config.delete,
        CreateEndpoint: endpoint.create,
        UpdateEndpoint: endpoint.update,
        DeleteEndpoint: endpoint.delete,
        DescribeEndpoint: (input) => ({ EndpointStatus: "InService", ...endpoint.describe(input) }),
        CreateModelPackageGroup: group.create,
        DescribeModelPackageGroup: group.describe,
        DeleteModelPackageGroup: group.delete,
        CreatePipeline: pipeline.create,
        DescribePipeline: pipeline.describe,
        UpdatePipeline: pipeline.update,
        DeletePipeline: pipeline.delete,
        AddTags: () => ({}),
        DeleteTags: () => ({}),
      },
    },
  ];
}

function plain(things: Map<string, Members>, cloud: Cloud): Service[] {
  const noSuch = (code: string) => (name: string) => new AwsError(code, `${name} cannot be found.`, 404);
  const bucket = crud(things, "s3", "bucket", "Bucket", () => ({}), noSuch("NoSuchBucket"));
  const setting = (kind: string) => crud(things, "s3", kind, "Bucket", () => ({}), noSuch("NoSuchConfiguration"));
  const [versioning, encryption, policy] = [setting("versioning"), setting("encryption"), setting("policy")];
  const role = crud(
    things,
    "iam",
    "role",
    "RoleName",
    ({ RoleName, Path }) => ({
      Role: {
        RoleName,
        Path: Path ?? "/",
        Arn: `arn:aws:iam::${accountId}:role${String(Path ?? "/")}${String(RoleName)}`,
        RoleId: "AROATEST",
        CreateDate: new Date(0),
      },
    }),
    noSuch("NoSuchEntity"),
  );
  const parameter = crud(things, "ssm", "parameter", "Name", () => ({ Version: 1 }), noSuch("ParameterNotFound"));
  const queue = crud(
    things,
    "sqs",
    "queue",
    "QueueName",
    ({ QueueName }) => ({ QueueUrl: `https://sqs.${cloud.region}.amazonaws.com/${accountId}/${String(QueueName)}` }),
    noSuch("AWS.SimpleQueueService.NonExistentQueue"),
  );
  const byUrl = ({ QueueUrl }: Members): Members => ({ QueueName: String(QueueUrl).split("/").pop() });
  const fn = crud(
    things,
    "lambda",
    "function",
    "FunctionName",
    ({ FunctionName }) => ({ FunctionName, Version: "$LATEST", LastModified: "2026-01-01T00:00:00.000+0000" }),
    noSuch("ResourceNotFoundException"),
  );
  const alarm = crud(things, "cloudwatch", "alarm", "AlarmName", () => ({}), noSuch("ResourceNotFound"));
  const rule = crud(things, "events", "rule", "Name", () => ({}), noSuch("ResourceNotFoundException"));
  const roleOf = (input: Members): Members => role.describe(input);
  return [
    {
      id: "sts",
      operations: {
        GetCallerIdentity: (_input, call) => ({
          Account: call.principal.accountId,
          Arn: call.principal.arn,
          UserId: call.principal.id,
        }),
      },
    },
    {
      id: "s3",
      operations: {
        CreateBucket: bucket.create,
        HeadBucket: (input) => void bucket.describe(input),
        DeleteBucket: (input) => {
          bucket.delete(input);
          // A bucket's settings go with it.
          for (const key of things.keys())
            if (key.startsWith("s3/") && key.endsWith(`/${String(input.Bucket)}`)) things.delete(key);
        },
        PutBucketTagging: () => ({}),
        DeleteBucketTagging: () => ({}),
        PutBucketVersioning: versioning.create,
        GetBucketVersioning: (input) => versioning.describe(input).VersioningConfiguration as Members,
        PutBucketEncryption: encryption.create,
        GetBucketEncryption: encryption.describe,
        DeleteBucketEncryption: encryption.delete,
        PutBucketPolicy: policy.create,
        GetBucketPolicy: policy.describe,
        DeleteBucketPolicy: policy.delete,
      },
    },
    {
      id: "iam",
      operations: {
        CreateRole: role.create,
        GetRole: (input) => ({ Role: { ...roleOf(input), ...(roleOf(input).Role as Members) } }),
        DeleteRole: role.delete,
        UpdateRole: role.update,
        UpdateAssumeRolePolicy: ({ RoleName, PolicyDocument }) =>
          void role.update({ RoleName, AssumeRolePolicyDocument: PolicyDocument }),
        TagRole: () => ({}),
        UntagRole: () => ({}),
      },
    },
    {
      id: "ssm",
      operations: {
        PutParameter: parameter.create,
        GetParameter: (input) => ({ Parameter: parameter.describe(input) }),
        DeleteParameter: parameter.delete,
        AddTagsToResource: () => ({}),
        RemoveTagsFromResource: () => ({}),
        GetParametersByPath: ({ Path }) => ({
          Parameters: [...things.entries()]
            .filter(([key]) => key.startsWith(`ssm/parameter/${String(Path)}`))
            .map(([, value]) => value),
        }),
      },
    },
    {
      id: "sqs",
      operations: {
        CreateQueue: queue.create,
        GetQueueAttributes: (input) => ({ Attributes: queue.describe(byUrl(input)).Attributes }),
        DeleteQueue: (input) => queue.delete(byUrl(input)),
        SetQueueAttributes: () => ({}),
        TagQueue: () => ({}),
      },
    },
    {
      id: "lambda",
      operations: {
        CreateFunction: fn.create,
        GetFunction: (input) => ({ Configuration: fn.describe(input) }),
        DeleteFunction: fn.delete,
        UpdateFunctionCode: fn.update,
        UpdateFunctionConfiguration: fn.update,
      },
    },
    {
      id: "cloudwatch",
      operations: {
        PutMetricAlarm: alarm.create,
        DescribeAlarms: ({ AlarmNames }) => ({
          MetricAlarms: [...things.values()].filter(({ AlarmName }) => AlarmNames.includes(AlarmName)),
        }),
        DeleteAlarms: ({ AlarmNames }) => void AlarmNames.forEach((AlarmName: string) => alarm.delete({ AlarmName })),
      },
    },
    { id: "events", operations: { PutRule: rule.create, DescribeRule: rule.describe, DeleteRule: rule.delete } },
  ];
}
