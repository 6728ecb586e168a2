import type { Call } from "../call";
import type { Cloud } from "../cloud";
import type { Members } from "../members";
import type { Handler } from "../operation";
import type { Service } from "../service";
import { RawResponse } from "../raw";
import { tellWhenVisible } from "./queue-arrivals";
import { AwsError } from "../errors";
import { isRecorded } from "../read-only";
import type { Images } from "../runner/images";
import { UpstreamClients } from "./clients";
import { nfsGroupOperations } from "../services/sagemaker/studio/nfs-groups";
import { vpcOperations } from "./ec2";
import { serviceOperations } from "./ec2-services";
import { imageOperations } from "./ecr";
import { inventories } from "./inventory";
import { keyOperations } from "./kms";
import { grantOperations } from "./kms-grants";
import { logOperations } from "./logs";
import { logWriter } from "./log-writer";
import type { Moto } from "./moto";
import { upstreamServices, type UpstreamService } from "./moto-services";
import type { Permission, Permissions } from "../iam/permissions/requirements";
import { type KeyGrants, keyGrants } from "../iam/grants";
import { kmsPermissions } from "../iam/permissions/kms";
import { permissionTables } from "./permissions";
import { bucketOperations, bucketPolicyOf, onBucketChange } from "./s3";
import { ResourceFacts } from "./facts";
import { learnObjectKeys } from "./object-keys";
import { topicOperations } from "./sns";
import { messageOperations } from "./sqs";

export interface UpstreamOptions {
  readonly moto: Moto;
  /** `host:port` of the gateway, for URLs that moto builds. */
  readonly publicHost: string;
  /** Local commands by image repository. */
  readonly images: Images;
}

/**
 * One service per botocore id, each operation of its model passed to moto: HTTP requests as the bytes that came, calls
 * from inside through the AWS SDK. Also sets `internals.log`.
 */
export function createUpstreamServices(cloud: Cloud, options: UpstreamOptions): Service[] {
  const { moto } = options;
  const endpoint = async (): Promise<string> => {
    await moto.revive();
    return moto.url;
  };
  const clients = new UpstreamClients({
    endpoint,
    region: cloud.region,
    publicHost: options.publicHost,
    mutates: (_service, operation) => isRecorded(operation),
  });
  const facts = new ResourceFacts(cloud);
  const writer = logWriter(cloud, clients);
  cloud.internals.log = writer.log;

  function pass(service: UpstreamService): Handler {
    return async (input, call) => {
      const output = call.caller.raw
        ? await forward(service, call)
        : await clients.send(service, call.operation, input, call.upstreamHeaders);
      const succeeded = !(output instanceof RawResponse) || output.status < 300;
      if (succeeded) {
        if (service === "s3") learnObjectKeys(cloud, call.operation, input, output);
        facts.learn(service, call.operation, input, output);
        if (service === "s3") onBucketChange(cloud, call, input, output);
        if (service === "sqs" && call.operation.startsWith("SendMessage"))
          tellWhenVisible(cloud, String(input["QueueUrl"]).split("/").pop() ?? "", Number(input["DelaySeconds"] ?? 0));
      }
      return output;
    };
  }

  async function forward(service: UpstreamService, call: Call): Promise<RawResponse> {
    const raw = call.upstreamHeaders
      ? { ...call.caller.raw!, headers: { ...call.caller.raw!.headers, ...call.upstreamHeaders } }
      : call.caller.raw!;
    const answer = await moto.forward(raw, isRecorded(call.operation));
    if (answer.headers["x-peregrine-fault"] === undefined) return answer;
    const message = answer.body.toString("utf8");
    if (answer.status === 501) {
      cloud.countUnimplemented(service, call.operation);
      throw new AwsError(
        "UnknownOperationException",
        `The local cloud does not implement ${service}:${call.operation} (${message}).`,
        400,
      );
    }
    throw new AwsError("InternalFailure", `moto failed at ${service}:${call.operation}: ${message}`, 500);
  }

  /** What we answer ourselves, or add to moto's answers. */
  const ownOperations: Partial<Record<UpstreamService, (toMoto: Handler) => Record<string, Handler>>> = {
    s3: (toMoto) => bucketOperations(cloud, toMoto),
    ec2: (toMoto) => ({
      ...vpcOperations(cloud, toMoto),
      ...nfsGroupOperations(cloud, toMoto),
      ...serviceOperations(cloud, toMoto),
    }),
    ecr: (toMoto) => imageOperations(options.images, toMoto),
    kms: (toMoto) => ({
      ...keyOperations(cloud, toMoto),
      ...grantOperations(
        cloud,
        async (KeyId) =>
          ((await clients.send("kms", "DescribeKey", { KeyId })) as Members).KeyMetadata as {
            Arn: string;
            KeyState: string;
          },
      ),
    }),
    logs: (toMoto) => logOperations(toMoto),
    sns: (toMoto) => topicOperations(cloud, toMoto),
    sqs: (toMoto) => messageOperations(cloud, toMoto),
  };

  return upstreamServices.map((id): Service => {
    const operations: Record<string, Handler> = {};
    const handler = pass(id);
    // Models are large (EC2: 765 operations): the table of handlers answers for any name that the model has.
    const own: Record<string, Handler> = ownOperations[id]?.(handler) ?? {};
    const table = new Proxy(operations, {
      get: (_target, name) =>
        typeof name !== "string"
          ? undefined
          : (own[name] ?? (cloud.models.service(id).operation(name) ? handler : undefined)),
      has: (_target, name) => typeof name === "string" && cloud.models.service(id).operation(name) !== undefined,
      ownKeys: () => cloud.models.service(id).operationNames,
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    });
    return {
      id,
      operations: table,
      permissions: id === "kms" ? withAliases(kmsPermissions, facts, keyGrants(cloud)) : permissionTables[id],
      tagsOf: (arn) => (facts.serves(id, arn) ? facts.tagsOf(arn) : undefined),
      resourcePolicyOf: (arn) =>
        !facts.serves(id, arn) ? undefined : id === "s3" ? bucketPolicyOf(cloud, arn) : facts.policyOf(arn),
      inventory:
        inventories[id] &&
        (() => inventories[id]!(cloud, (operation: string, input: Members) => clients.send(id, operation, input))),
      ...(id === "logs"
        ? {
            stop: async () => {
              await writer.close();
              clients.destroy();
            },
          }
        : {}),
    };
  });
}

/**
 * What the tables of permissions do not know of keys: a request that names an alias is one on the key behind it, the
 * aliases of a key (`kms:ResourceAliases`), and that an alias is moved or deleted with the rights on the key it had as
 * well (KMS developer guide, "Controlling access to aliases").
 */
function withAliases(table: Permissions, facts: ResourceFacts, grants: KeyGrants): Permissions {
  const named =
    (permission: Permission): Permission =>
    (input, call) => {
      const required = permission(input, call);
      const former =
        call.operation === "UpdateAlias" || call.operation === "DeleteAlias"
          ? facts.keyOf(String(input.AliasName))
          : undefined;
      if (former) required.push({ action: `kms:${call.operation}`, resource: former });
      return required.map((requirement) => {
        const ofAlias = /^kms:(Create|Update|Delete)Alias$/.test(requirement.action);
        const ofGrant = input.GrantToken === undefined ? undefined : grants.byToken(input.GrantToken)?.keyArn;
        const resource = ofGrant ?? ((!ofAlias && facts.keyOf(requirement.resource)) || requirement.resource);
        const aliases = facts.aliasesOf(resource);
        const context = {
          ...requirement.context,
          "kms:CallerAccount": call.principal.accountId,
          ...(aliases.length === 0 ? {} : { "kms:ResourceAliases": aliases }),
        };
        return {
          ...requirement,
          resource,
          context,
          ...(input.GrantTokens ? { grantTokens: input.GrantTokens as string[] } : {}),
        };
      });
    };
  return Object.fromEntries(Object.entries(table).map(([operation, permission]) => [operation, named(permission)]));
}
