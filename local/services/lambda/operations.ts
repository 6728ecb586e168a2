import { randomUUID } from "node:crypto";
import type { Call } from "../../call";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { makeInterfaces } from "../../network/interfaces";
import { placementOf } from "../../network/placement";
import { bytes, readObject } from "../objects";
import { page } from "../pages";
import type { AsynchronousQueue } from "./asynchronous";
import type { CodeStore, Package } from "./code";
import type { Environments } from "./environments";
import type { FunctionRecord, FunctionStore } from "./functions";
import { configuration } from "./functions";
import { mappingIn } from "./mappings";

/** Runtimes that run on the Node that runs the local cloud. */
const RUNTIMES = ["nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"];
/** 6 MB synchronous, 1 MB asynchronous (Lambda quotas). */
const MAX_SYNC_BYTES = 6_291_556;
const MAX_ASYNC_BYTES = 1_048_576;

export interface LambdaParts {
  readonly store: FunctionStore;
  readonly code: CodeStore;
  readonly environments: Environments;
  readonly queue: AsynchronousQueue;
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message, 400, { Type: "User" });
}

/** Creating, changing, describing and deleting functions. */
export function functionOperations({ store, code, environments }: LambdaParts): Record<string, Handler> {
  const { cloud } = store;

  const packageOf = async (source: Members, call: Call): Promise<Package> => {
    if (source["ImageUri"] !== undefined) throw invalid("The local cloud runs functions of package type Zip only.");
    if (source["ZipFile"] !== undefined) return code.put(bytes(source["ZipFile"]));
    if (source["S3Bucket"] === undefined || source["S3Key"] === undefined)
      throw invalid("Please provide a source for function code.");
    try {
      return code.put(
        await readObject(
          cloud,
          call.principal,
          source["S3Bucket"],
          source["S3Key"],
          "lambda.amazonaws.com",
          source["S3ObjectVersion"],
        ),
      );
    } catch (error) {
      if (!(error instanceof AwsError) || error.code === "InvalidParameterValueException") throw error;
      throw invalid(`Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`);
    }
  };

  const checkRole = (roleArn: string, name: string): void => {
    try {
      cloud.internals.assume(roleArn, "lambda.amazonaws.com", name);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw invalid("The role defined for the function cannot be assumed by Lambda.");
    }
  };

  /** Lambda makes the interfaces of a function as its role, when the function is made or changed. */
  const checkNetwork = ({ roleArn, name, vpc }: Pick<FunctionRecord, "roleArn" | "name" | "vpc">): void => {
    const place = placementOf(vpc);
    if (!place) return;
    try {
      makeInterfaces(cloud, cloud.internals.assume(roleArn, "lambda.amazonaws.com", name), place, "others");
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code === "InvalidSubnetID.NotFound" || error.code === "InvalidGroup.NotFound")
        throw invalid(
          `Error occurred while DescribeSubnets. EC2 Error Code: ${error.code}. EC2 Error Message: ${error.message}`,
        );
      throw invalid(
        `The provided execution role does not have permissions to call ${/ec2:(\w+)/.exec(error.message)?.[1] ?? "CreateNetworkInterface"} on EC2`,
      );
    }
  };

  const settings = (input: Members, before: Partial<FunctionRecord>): Partial<FunctionRecord> => {
    if (input["Runtime"] !== undefined && !RUNTIMES.includes(input["Runtime"]))
      throw invalid(
        `Value ${input["Runtime"]} at 'runtime' is not run by the local cloud; it runs ${RUNTIMES.join(", ")}.`,
      );
    const reserved = Object.keys(input["Environment"]?.Variables ?? {}).filter((name) =>
      /^(AWS_REGION|AWS_DEFAULT_REGION|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_LAMBDA_.*|_HANDLER|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR|AWS_EXECUTION_ENV)$/.test(
        name,
      ),
    );
    if (reserved.length > 0)
      throw invalid(
        `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
      );
    return {
      runtime: input["Runtime"] ?? before.runtime,
      roleArn: input["Role"] ?? before.roleArn,
      handler: input["Handler"] ?? before.handler,
      description: input["Description"] ?? before.description ?? "",
      timeoutSeconds: input["Timeout"] ?? before.timeoutSeconds ?? 3,
      memoryMb: input["MemorySize"] ?? before.memoryMb ?? 128,
      environment:
        input["Environment"] === undefined ? (before.environment ?? {}) : (input["Environment"].Variables ?? {}),
      ephemeralStorageMb: input["EphemeralStorage"]?.Size ?? before.ephemeralStorageMb ?? 512,
      logFormat: input["LoggingConfig"]?.LogFormat ?? before.logFormat ?? "Text",
      logGroup: input["LoggingConfig"]?.LogGroup ?? before.logGroup,
      deadLetterArn:
        input["DeadLetterConfig"] === undefined
          ? before.deadLetterArn
          : input["DeadLetterConfig"].TargetArn || undefined,
      kmsKeyArn: input["KMSKeyArn"] ?? before.kmsKeyArn,
      tracing: input["TracingConfig"]?.Mode ?? before.tracing ?? "PassThrough",
      vpc: input["VpcConfig"] ?? before.vpc,
      layers:
        input["Layers"] === undefined ? (before.layers ?? []) : (input["Layers"] as string[]).map((Arn) => ({ Arn })),
    };
  };

  const change = (record: FunctionRecord, changes: Partial<FunctionRecord>): FunctionRecord => {
    const next = { ...record, ...changes, revisionId: randomUUID(), modifiedMs: cloud.clock.nowMs() };
    store.functions.put(record.name, next);
    return next;
  };

  const publish = (record: FunctionRecord, description?: string): FunctionRecord => {
    const version = String(record.lastVersion + 1);
    const published = { ...record, version, description: description ?? record.description, revisionId: randomUUID() };
    store.versions.put(`${record.name}:${version}`, published);
    store.functions.put(record.name, { ...record, lastVersion: record.lastVersion + 1 });
    return published;
  };

  const revised = (record: FunctionRecord, revision: string | undefined): void => {
    if (revision !== undefined && revision !== record.revisionId)
      throw new AwsError(
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
        412,
        { Type: "User" },
      );
  };

  return {
    async CreateFunction(input, call) {
      const { name } = store.parse(input["FunctionName"]);
      if (store.functions.has(name))
        throw new AwsError("ResourceConflictException", `Function already exist: ${name}`, 409, { Type: "User" });
      if ((input["PackageType"] ?? "Zip") !== "Zip")
        throw invalid("The local cloud runs functions of package type Zip only.");
      if (input["Runtime"] === undefined || input["Handler"] === undefined)
        throw invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
      checkRole(input["Role"], name);
      const deployed = await packageOf(input["Code"], call);
      const record = {
        ...settings(input, { logGroup: `/aws/lambda/${name}` }),
        name,
        arn: store.arn(name),
        version: "$LATEST",
        architectures: input["Architectures"] ?? ["x86_64"],
        codeSha256: deployed.sha256,
        codeSize: deployed.size,
        revisionId: randomUUID(),
        modifiedMs: cloud.clock.nowMs(),
        lastVersion: 0,
      } as FunctionRecord;
      checkNetwork(record);
      store.functions.put(name, record);
      store.tags.put(name, input["Tags"] ?? {});
      return configuration(input["Publish"] ? publish(record) : record);
    },

    async UpdateFunctionCode(input, call) {
      const record = store.get(input["FunctionName"]);
      revised(record, input["RevisionId"]);
      const deployed = await packageOf(input, call);
      if (input["DryRun"]) return configuration({ ...record, codeSha256: deployed.sha256, codeSize: deployed.size });
      const next = change(record, {
        codeSha256: deployed.sha256,
        codeSize: deployed.size,
        architectures: input["Architectures"] ?? record.architectures,
      });
      return configuration(input["Publish"] ? publish(next) : next);
    },

    UpdateFunctionConfiguration(input) {
      const record = store.get(input["FunctionName"]);
      revised(record, input["RevisionId"]);
      if (input["Role"] !== undefined) checkRole(input["Role"], record.name);
      const next = settings(input, record);
      checkNetwork({ ...record, ...next });
      return configuration(change(record, next));
    },

    GetFunction(input) {
      const record = store.get(input["FunctionName"], input["Qualifier"]);
      const reserved = store.concurrency.get(record.name);
      return {
        Configuration: configuration(record),
        Code: {
          RepositoryType: "S3",
          Location: `data:application/zip;base64,${code.archive(record.codeSha256).toString("base64")}`,
        },
        Tags: store.tags.get(record.name),
        Concurrency: reserved === undefined ? undefined : { ReservedConcurrentExecutions: reserved },
      };
    },
    GetFunctionConfiguration: (input) => configuration(store.get(input["FunctionName"], input["Qualifier"])),
    ListFunctions(input) {
      const rows = [...store.functions.values()].sort((a, b) => a.name.localeCompare(b.name));
      const { items, next } = page(rows, input["Marker"], input["MaxItems"] ?? 50);
      return { Functions: items.map(configuration), NextMarker: next };
    },
    DeleteFunction(input) {
      const { name, qualifier } = store.parse(input["FunctionName"], input["Qualifier"]);
      store.get(name, qualifier);
      environments.close(name);
      if (qualifier === undefined) store.drop(name);
      else store.versions.delete(`${name}:${qualifier}`);
      return { StatusCode: 204 };
    },

    PublishVersion(input) {
      const record = store.get(input["FunctionName"]);
      revised(record, input["RevisionId"]);
      const latest = store.versionsOf(record.name).at(-1);
      // Lambda does not publish a version when nothing changed since the last one.
      if (latest && latest.codeSha256 === record.codeSha256 && latest.modifiedMs === record.modifiedMs)
        return configuration(latest);
      return configuration(publish(record, input["Description"]));
    },
    ListVersionsByFunction(input) {
      const record = store.get(input["FunctionName"]);
      const { items, next } = page(
        [record, ...store.versionsOf(record.name)],
        input["Marker"],
        input["MaxItems"] ?? 50,
      );
      return { Versions: items.map(configuration), NextMarker: next };
    },
    ...aliasOperations(store),
    ...settingsOperations(store),
  };
}

function aliasOperations(store: FunctionStore): Record<string, Handler> {
  const shown = (alias: {
    name: string;
    version: string;
    description: string;
    arn: string;
    revisionId: string;
  }): Members => ({
    AliasArn: alias.arn,
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    RevisionId: alias.revisionId,
  });
  const get = (
    input: Members,
  ): {
    key: string;
    alias: { name: string; version: string; description: string; arn: string; revisionId: string };
  } => {
    const { name } = store.get(input["FunctionName"]);
    const key = `${name}:${input["Name"]}`;
    const alias = store.aliases.get(key);
    if (!alias)
      throw new AwsError("ResourceNotFoundException", `Cannot find alias arn: ${store.arn(name, input["Name"])}`, 404, {
        Type: "User",
      });
    return { key, alias };
  };
  return {
    CreateAlias(input) {
      const { name } = store.get(input["FunctionName"], input["FunctionVersion"]);
      const key = `${name}:${input["Name"]}`;
      if (store.aliases.has(key))
        throw new AwsError(
          "ResourceConflictException",
          `Alias already exists: ${store.arn(name, input["Name"])}`,
          409,
          { Type: "User" },
        );
      const alias = {
        name: input["Name"],
        version: input["FunctionVersion"],
        description: input["Description"] ?? "",
        arn: store.arn(name, input["Name"]),
        revisionId: randomUUID(),
      };
      store.aliases.put(key, alias);
      return shown(alias);
    },
    UpdateAlias(input) {
      const { key, alias } = get(input);
      const next = {
        ...alias,
        version: input["FunctionVersion"] ?? alias.version,
        description: input["Description"] ?? alias.description,
        revisionId: randomUUID(),
      };
      store.aliases.put(key, next);
      return shown(next);
    },
    GetAlias: (input) => shown(get(input).alias),
    ListAliases(input) {
      const { items, next } = page(
        store.aliasesOf(store.get(input["FunctionName"]).name),
        input["Marker"],
        input["MaxItems"] ?? 50,
      );
      return { Aliases: items.map(shown), NextMarker: next };
    },
    DeleteAlias: (input) => void store.aliases.delete(`${store.get(input["FunctionName"]).name}:${input["Name"]}`),
  };
}

/** Reserved concurrency, settings of asynchronous invocation, and tags. */
function settingsOperations(store: FunctionStore): Record<string, Handler> {
  const shown = (name: string): Members => {
    const config = store.invokeConfigs.get(name);
    if (!config)
      throw new AwsError(
        "ResourceNotFoundException",
        `The function ${store.arn(name)} doesn't have an EventInvokeConfig`,
        404,
        { Type: "User" },
      );
    return {
      FunctionArn: `${store.arn(name)}:$LATEST`,
      LastModified: new Date(config.modifiedMs),
      MaximumRetryAttempts: config.maximumRetryAttempts,
      MaximumEventAgeInSeconds: config.maximumEventAgeInSeconds,
      DestinationConfig: { OnSuccess: { Destination: config.onSuccess }, OnFailure: { Destination: config.onFailure } },
    };
  };
  const put: Handler = (input, call) => {
    const { name } = store.get(input["FunctionName"]);
    store.invokeConfigs.put(name, {
      maximumRetryAttempts: input["MaximumRetryAttempts"],
      maximumEventAgeInSeconds: input["MaximumEventAgeInSeconds"],
      onFailure: input["DestinationConfig"]?.OnFailure?.Destination,
      onSuccess: input["DestinationConfig"]?.OnSuccess?.Destination,
      modifiedMs: call.now.getTime(),
    });
    return shown(name);
  };
  // Tags of functions lie under their names, those of mappings under their ARNs.
  const byArn = (arn: string): string => (mappingIn(arn) && store.tags.has(arn) ? arn : store.get(arn).name);
  return {
    PutFunctionEventInvokeConfig: put,
    UpdateFunctionEventInvokeConfig: put,
    GetFunctionEventInvokeConfig: (input) => shown(store.get(input["FunctionName"]).name),
    DeleteFunctionEventInvokeConfig: (input) => void store.invokeConfigs.delete(store.get(input["FunctionName"]).name),
    PutFunctionConcurrency(input) {
      store.concurrency.put(store.get(input["FunctionName"]).name, input["ReservedConcurrentExecutions"]);
      return { ReservedConcurrentExecutions: input["ReservedConcurrentExecutions"] };
    },
    GetFunctionConcurrency: (input) => ({
      ReservedConcurrentExecutions: store.concurrency.get(store.get(input["FunctionName"]).name),
    }),
    DeleteFunctionConcurrency: (input) => void store.concurrency.delete(store.get(input["FunctionName"]).name),
    GetFunctionCodeSigningConfig: (input) => ({
      CodeSigningConfigArn: "",
      FunctionName: store.get(input["FunctionName"]).name,
    }),
    TagResource(input) {
      const name = byArn(input["Resource"]);
      store.tags.put(name, { ...store.tags.get(name), ...(input["Tags"] as Record<string, string>) });
    },
    UntagResource(input) {
      const name = byArn(input["Resource"]);
      const keys = input["TagKeys"] as string[];
      store.tags.put(
        name,
        Object.fromEntries(Object.entries(store.tags.get(name) ?? {}).filter(([key]) => !keys.includes(key))),
      );
    },
    ListTags: (input) => ({ Tags: store.tags.get(byArn(input["Resource"])) ?? {} }),
  };
}

/** Invoke, synchronously or through the queue. */
export function invokeOperations({ store, environments, queue }: LambdaParts): Record<string, Handler> {
  return {
    async Invoke(input, call) {
      const record = store.get(input["FunctionName"], input["Qualifier"]);
      const type = input["InvocationType"] ?? "RequestResponse";
      const raw = bytes(input["Payload"]);
      const limit = type === "Event" ? MAX_ASYNC_BYTES : MAX_SYNC_BYTES;
      if (raw.length > limit)
        throw new AwsError(
          "RequestTooLargeException",
          `${raw.length} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
          413,
          { Type: "User" },
        );
      if (store.concurrency.get(record.name) === 0)
        throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, {
          Type: "User",
          Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
        });
      const payload = parsePayload(raw);
      if (type === "DryRun") return { StatusCode: 204 };
      if (type === "Event") {
        const { name, qualifier } = store.parse(input["FunctionName"], input["Qualifier"]);
        queue.accept(call.requestId, name, qualifier, payload);
        return { StatusCode: 202 };
      }
      const invocation = await environments.invoke(record, payload, call.requestId);
      return {
        StatusCode: 200,
        ExecutedVersion: record.version,
        FunctionError: invocation.ok ? undefined : "Unhandled",
        // The last 4 KB of the log.
        LogResult:
          input["LogType"] === "Tail"
            ? Buffer.from(`${invocation.logs.join("\n")}\n`)
                .subarray(-4096)
                .toString("base64")
            : undefined,
        Payload: Buffer.from(invocation.result),
      };
    },
  };
}

function parsePayload(raw: Buffer): unknown {
  if (raw.length === 0) return {};
  try {
    return JSON.parse(raw.toString("utf8")) as unknown;
  } catch (error) {
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${(error as Error).message}`,
      400,
      { Type: "User" },
    );
  }
}
