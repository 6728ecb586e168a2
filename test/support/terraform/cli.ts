import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ProviderSchema } from "./schema";
import { makeTemporaryFolder } from "../temporary-folder";

/** One finding of `terraform validate`: what is wrong, and with which resource. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail?: string;
  /** `aws_sqs_queue.name`. */
  readonly address?: string;
  readonly range?: { readonly filename: string };
}

/** Why the provider cannot be asked on this machine. */
export class NoTerraform extends Error {}

const exists = (folder: string): boolean => existsSync(folder);
const foldersIn = (folder: string): string[] =>
  exists(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(folder, name))
    : [];

/**
 * Folders in which a mirror of providers may lie: named ones first, then where Terraform looks by itself, then added
 * packages of the machine.
 */
function places(): string[] {
  const {
    PEREGRINE_TF_MIRROR: named,
    TF_PLUGIN_CACHE_DIR: cache,
    TF_CLI_CONFIG_FILE: settings,
    XDG_DATA_HOME: data = join(homedir(), ".local", "share"),
  } = process.env;
  const inSettings =
    settings && exists(settings)
      ? [...readFileSync(settings, "utf8").matchAll(/\bpath\s*=\s*"([^"]+)"/g)].map((match) => match[1]!)
      : [];
  return [
    named,
    ...inSettings,
    cache,
    join(homedir(), ".terraform.d", "plugins"),
    join(homedir(), ".terraform.d", "plugin-cache"),
    join(data, "terraform", "plugins"),
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    ...foldersIn("/opt"),
  ].filter((one): one is string => Boolean(one));
}

/** The first folder in the layout of `terraform providers mirror`, unpacked or packed, that holds the AWS provider. */
function findMirror(): string | undefined {
  return places().find((folder) => foldersIn(folder).some((host) => exists(join(host, "hashicorp", "aws"))));
}

/**
 * A working folder of Terraform with the real AWS provider from a mirror on this machine; nothing is asked for
 * elsewhere.
 */
export class Terraform {
  private readonly folder = makeTemporaryFolder("terraform");
  private readonly env: NodeJS.ProcessEnv;

  /** @throws NoTerraform saying what is missing. */
  constructor() {
    const mirror = findMirror();
    if (spawnSync("terraform", ["version"]).error) throw new NoTerraform("there is no terraform on the PATH");
    if (!mirror)
      throw new NoTerraform(
        "no mirror of Terraform's AWS provider was found; PEREGRINE_TF_MIRROR names one (terraform providers mirror)",
      );
    const settings = join(this.folder, "settings");
    writeFileSync(
      settings,
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
    );
    this.env = {
      ...process.env,
      TF_CLI_CONFIG_FILE: settings,
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      AWS_EC2_METADATA_DISABLED: "true",
    };
    writeFileSync(join(this.folder, "main.tf.json"), JSON.stringify(frame));
    this.run(this.folder, "init", "-input=false", "-no-color");
  }

  /** The version of the provider that was found. */
  get version(): string {
    return /version\s*=\s*"([\d.]+)"/.exec(readFileSync(join(this.folder, ".terraform.lock.hcl"), "utf8"))?.[1] ?? "";
  }

  /** What the provider says of its resource types. */
  schema(): ProviderSchema {
    const { provider_schemas } = JSON.parse(this.run(this.folder, "providers", "schema", "-json")) as {
      provider_schemas: Readonly<Record<string, ProviderSchema>>;
    };
    return Object.entries(provider_schemas).find(([name]) => name.endsWith("/hashicorp/aws"))![1];
  }

  /** Has the provider validate resources. @param resources by type, then name. */
  validate(resources: Readonly<Record<string, Readonly<Record<string, object>>>>): Diagnostic[] {
    const file = join(this.folder, "resources.tf.json");
    writeFileSync(file, JSON.stringify({ resource: resources }));
    const { stdout } = spawnSync("terraform", ["validate", "-json"], {
      cwd: this.folder,
      env: this.env,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    rmSync(file);
    return (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private run(cwd: string, ...args: string[]): string {
    mkdirSync(cwd, { recursive: true });
    return execFileSync("terraform", args, {
      cwd,
      env: this.env,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
}

/** Variables have no value while a configuration is validated: `var.elsewhere` stands for what only AWS knows. */
const frame = {
  terraform: { required_providers: { aws: { source: "hashicorp/aws" } } },
  provider: { aws: { region: "eu-central-1" } },
  variable: { elsewhere: {} },
};
