import { z } from "zod";
import { readJson } from "../../contract/json";
import { accountFacts, type DesiredFacts, factsKeys, servingFacts, watchFacts } from "../../contract/remediation";
import type { Account } from "./ports";

/** What ought to be. @returns undefined before the program has written them. @throws Error naming all that is wrong with them. */
export async function readFacts(objects: Account["objects"], bucket: string): Promise<DesiredFacts | undefined> {
  const read = async <T>(key: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const body = await objects.get({ bucket, key });
    if (!body) return undefined;
    const found = readJson(body.toString("utf8"), schema);
    if (found.kind === "value") return found.value;
    throw new Error(
      `${key} is damaged: ${found.kind === "not-json" ? found.why : found.problems.slice(0, 5).join("; ")}`,
    );
  };
  const [account, serving, watch] = await Promise.all([
    read(factsKeys.account, accountFacts),
    read(factsKeys.serving, servingFacts),
    read(factsKeys.watch, watchFacts),
  ]);
  return account && serving && watch ? { account, serving, watch } : undefined;
}
