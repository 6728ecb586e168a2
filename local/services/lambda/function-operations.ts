import { randomUUID } from "node:crypto";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { page } from "../pages";
import { aliasOperations } from "./alias-operations";
import { checkNetwork, checkRole } from "./function-checks";
import { invalid, settings } from "./function-settings";
import type { FunctionRecord } from "./functions";
import { configuration } from "./functions";
import { packageOf } from "./package-source";
import type { LambdaParts } from "./parts";
import { settingOperations } from "./setting-operations";

/** Creating, changing, describing and deleting functions. */
export function functionOperations(parts: LambdaParts): Record<string, Handler> {
  const { store, code, environments } = parts;
  const { cloud } = store;

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
      checkRole(cloud, input["Role"], name);
      const deployed = await packageOf(parts, input["Code"], call);
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
      checkNetwork(cloud, record);
      store.functions.put(name, record);
      store.tags.put(name, input["Tags"] ?? {});
      return configuration(input["Publish"] ? publish(record) : record);
    },

    async UpdateFunctionCode(input, call) {
      const record = store.get(input["FunctionName"]);
      revised(record, input["RevisionId"]);
      const deployed = await packageOf(parts, input, call);
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
      if (input["Role"] !== undefined) checkRole(cloud, input["Role"], record.name);
      const next = settings(input, record);
      checkNetwork(cloud, { ...record, ...next });
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
    ...settingOperations(store),
  };
}
