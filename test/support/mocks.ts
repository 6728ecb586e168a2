import * as pulumi from "@pulumi/pulumi";

/** One registered resource, with the inputs it was registered with; secrets are unwrapped and listed apart. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, any>;
  /** Names of top-level inputs that were secret. */
  readonly secrets: readonly string[];
  readonly provider: string;
  /** What the cloud would answer. */
  readonly outputs: Readonly<Record<string, any>>;
}

export interface CloudFacts {
  readonly accountId: string;
  /** Parameters that `getParametersByPath` finds, name to value. */
  readonly parameters: Readonly<Record<string, string>>;
}

const secretKey = "4dabf18193072939515e22adb298388d";

/** Pulumi's engine for tests: records what is registered and answers the few questions our program asks. */
export class Recorder implements pulumi.runtime.Mocks {
  readonly resources: Recorded[] = [];
  readonly calls: string[] = [];
  private readonly seen = new Set<string>();

  constructor(private readonly facts: CloudFacts) {}

  newResource({ type, name, inputs, custom, provider, id }: pulumi.runtime.MockResourceArgs): {
    id: string;
    state: Record<string, any>;
  } {
    // The real engine refuses two resources with one URN; mocks do not.
    const key = `${type}::${name}`;
    if (this.seen.has(key)) throw new Error(`duplicate resource ${key}`);
    this.seen.add(key);
    const plain = unwrap(inputs) as Record<string, any>;
    const state = {
      prefixListId: `pl-${name}`,
      ...(type === "aws:s3/bucket:Bucket" ? { bucket: `${name}-1234567` } : {}),
      ...(type === "aws:lambda/function:Function" ? { codeSha256: `${name}-code` } : {}),
      ...plain,
      arn: arnOf(type, name),
      name: plain["name"] ?? `${name}-1234567`,
      keyId: `${name}-id`,
      url: `https://queue/${name}`,
      repositoryUrl: name,
    };
    const physicalId = id || `${name}-id`;
    if (custom !== false)
      this.resources.push({
        type,
        name,
        inputs: plain,
        secrets: Object.keys(inputs).filter((input) => isSecret(inputs[input])),
        provider: provider ?? "",
        outputs: { id: physicalId, ...state },
      });
    return { id: physicalId, state };
  }

  call({ token, inputs }: pulumi.runtime.MockCallArgs): Record<string, any> {
    this.calls.push(token);
    switch (token) {
      case "aws:index/getCallerIdentity:getCallerIdentity":
        return { accountId: this.facts.accountId };
      case "aws:index/getPartition:getPartition":
        return { partition: "aws" };
      case "aws:ec2/getVpc:getVpc":
        return { id: "vpc-default" };
      case "aws:ec2/getSubnets:getSubnets":
        return { ids: ["subnet-a", "subnet-b"] };
      case "aws:ssm/getParametersByPath:getParametersByPath": {
        const found = Object.entries(this.facts.parameters).filter(([name]) => name.startsWith(String(inputs["path"])));
        return { names: found.map(([name]) => name), values: found.map(([, text]) => text) };
      }
      default:
        throw new Error(`the program asked for ${token}, which the recorder does not know`);
    }
  }

  ofType(type: string): Recorded[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  one(type: string, name?: string): Recorded {
    const found = this.ofType(type).filter((resource) => name === undefined || resource.name === name);
    if (found.length !== 1)
      throw new Error(
        `expected one ${type} ${name ?? ""}, found ${found.length}: ${this.ofType(type)
          .map((resource) => resource.name)
          .join(", ")}`,
      );
    return found[0]!;
  }
}

/** Starts recording: everything registered from now on goes to the returned recorder. */
export async function record(stack: string, facts: Partial<CloudFacts> = {}): Promise<Recorder> {
  const recorder = new Recorder({ accountId: "123456789012", parameters: {}, ...facts });
  await pulumi.runtime.setMocks(recorder, "peregrine", stack, false);
  return recorder;
}

function arnOf(type: string, name: string): string {
  return `arn:aws:mock:eu-central-1:123456789012:${type.split(":").at(-1)!.toLowerCase()}/${name}`;
}

function isSecret(input: unknown): boolean {
  return input !== null && typeof input === "object" && secretKey in input;
}

function unwrap(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(unwrap);
  if (input === null || typeof input !== "object" || Object.getPrototypeOf(input) !== Object.prototype) return input;
  if (isSecret(input)) return unwrap((input as unknown as { value: unknown }).value);
  return Object.fromEntries(Object.entries(input).map(([key, inner]) => [key, unwrap(inner)]));
}
