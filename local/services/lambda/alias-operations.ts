import { randomUUID } from "node:crypto";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { page } from "../pages";
import type { AliasRecord, FunctionStore } from "./functions";

/** Names that stand for a version of a function. */
export function aliasOperations(store: FunctionStore): Record<string, Handler> {
  const shown = (alias: AliasRecord): Members => ({
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
    alias: AliasRecord;
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
