import assert from "node:assert/strict";
import type { RecordedRelease } from "../../records/release";
import { type BroughtUp, broughtUp, type CloudOptions } from "./brought-up";

export const endpoint = "peregrine-staging-detector";
/** Bucket with staging's releases, its ledger and its lock. */
export const artifacts = "peregrine-staging-artifacts-111122223333";

interface Status {
  readonly desired?: { readonly modelPackageArn: string; readonly kept: readonly object[] };
  readonly endpoint?: { readonly status: string; readonly configName: string };
  readonly converged: boolean;
}

/** Staging as its users see it: what they type, and what must hold after each command. */
export class Staging {
  private constructor(private readonly broughtUp: BroughtUp) {}

  static async up(options: CloudOptions = {}): Promise<Staging> {
    return new Staging(await broughtUp(options));
  }

  get project(): BroughtUp["project"] {
    return this.broughtUp.project;
  }

  get registry(): BroughtUp["registry"] {
    return this.broughtUp.registry;
  }

  get packages(): BroughtUp["packages"] {
    return this.broughtUp.packages;
  }

  /** Files of labelled images of the dataset, two. */
  get images(): BroughtUp["images"] {
    return this.broughtUp.images;
  }

  async json<Answer>(...args: string[]): Promise<Answer> {
    const { stdout } = await this.project.succeed(process.execPath, "scripts/peregrine.cjs", ...args, "--json");
    return JSON.parse(stdout) as Answer;
  }

  async status(): Promise<Status> {
    return (await this.json<Status[]>("status", "--stack", "staging"))[0]!;
  }

  releases(): Promise<RecordedRelease[]> {
    return this.json<RecordedRelease[]>("release", "list", "--stack", "staging");
  }

  /** What must hold after every command, whatever happened to it. @returns the live EndpointConfig. */
  async settled(live: string): Promise<string> {
    const [preview, doctor] = await Promise.all([
      this.project.pulumi("preview", "--stack", "staging", "--expect-no-changes"),
      this.project.peregrine("doctor", "--stack", "staging"),
    ]);
    assert.equal(preview.code, 0, preview.output);
    for (const look of ["scaling", "lock", "ledger"])
      assert.match(doctor.stdout, new RegExp(`^ok +${look}:`, "m"), doctor.output);
    assert.match(doctor.stdout, new RegExp(`^ok +desired release: ${live}$`, "m"), doctor.output);
    const [, config] =
      new RegExp(`^ok +endpoint: ${endpoint} is InService on (\\S+)$`, "m").exec(doctor.stdout) ??
      assert.fail(doctor.output);
    return config!;
  }
}

/** The command that releases a package to staging. */
export const promote = (arn: string): string[] => ["promote", arn, "--to", "staging", "--golden-images", "2"];

/** The command that makes an earlier release of staging live again. */
export const rollback = (arn: string): string[] => [
  "rollback",
  "--stack",
  "staging",
  "--golden-images",
  "2",
  "--to",
  arn,
];
