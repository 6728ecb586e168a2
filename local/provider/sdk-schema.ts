import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * What the official SDK `@pulumi/aws` says of a resource type: its inputs, which of them it requires, and its outputs.
 */
export interface SdkSchema {
  readonly inputs: ReadonlySet<string>;
  readonly required: readonly string[];
  /** Outputs that are no inputs. */
  readonly computed: readonly string[];
}

const known = new Map<string, SdkSchema | undefined>();

/**
 * Reads the SDK's class of a type. The provider's own schema (50 MB) is not on npm, the SDK is; every generated class
 * lists its inputs, its required inputs and its computed outputs in the same words.
 * @param token `aws:sagemaker/model:Model`. @returns undefined when the SDK has no such type.
 */
export function sdkSchema(token: string): SdkSchema | undefined {
  if (!known.has(token)) known.set(token, read(token));
  return known.get(token);
}

function read(token: string): SdkSchema | undefined {
  const file = /^aws:([\w-]+)\/([\w-]+):\w+$/.exec(token);
  if (!file) return undefined;
  let source: string;
  try {
    const root = dirname(require.resolve("@pulumi/aws/package.json"));
    source = readFileSync(join(root, file[1] === "index" ? "" : file[1]!, `${file[2]}.js`), "utf8");
  } catch {
    return undefined;
  }
  const names = (pattern: RegExp): string[] => [...new Set([...source.matchAll(pattern)].map((match) => match[1]!))];
  // `resourceInputs["tags"] = args?.tags;` (or a secret of it) and `resourceInputs["arn"] = undefined /*out*/;`
  const inputs = names(/resourceInputs\["(\w+)"\] = [^;]*\bargs\?*\.?\b/g);
  return {
    inputs: new Set(inputs),
    required: names(/args\?\.(\w+) === undefined && !opts\.urn/g),
    computed: names(/resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g).filter((name) => !inputs.includes(name)),
  };
}
