import AdmZip from "adm-zip";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { stringify } from "yaml";
import type { Members } from "../../../../local/members";
import { AwsError } from "../../../../local/errors";
import type { Principal } from "../../../../local/iam/principal";
import type { Images } from "../../../../local/runner/images";
import type { LocalCloud, LocalCloudOptions } from "../../../../local/server";
import { eventually } from "../../../support/eventually";
import { startTestCloud } from "../../support";

export const ACCOUNT = "111122223333";
export const IMAGE = "aws/codebuild/standard:7.0";
/** A build needs nothing but a shell and this Node. */
export const images: Images = {
  "aws/codebuild/standard": { entrypoint: ["sh"], env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` } },
};
const root: Principal = { type: "root", arn: `arn:aws:iam::${ACCOUNT}:root`, accountId: ACCOUNT, id: ACCOUNT };

export const allow = (actions: string | string[], resource: string | string[] = "*"): Members => ({
  Effect: "Allow",
  Action: actions,
  Resource: resource,
});
const logging = allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]);

/** An account of the local cloud, whole, in which builds are run. */
export class Account {
  private constructor(readonly local: LocalCloud) {}

  static async open(options: LocalCloudOptions = {}): Promise<Account> {
    return new Account(await startTestCloud({ images, ...options }));
  }

  close(): Promise<void> {
    return this.local.stop();
  }

  call(service: string, operation: string, input: Members, principal: Principal = root): Promise<Members> {
    return this.local.cloud.as(principal, service, operation, input, "test");
  }

  codebuild(operation: string, input: Members, principal?: Principal): Promise<Members> {
    return this.call("codebuild", operation, input, principal);
  }

  /** @returns code and message of the error that a call must end with. */
  async refused(operation: string, input: Members, principal?: Principal): Promise<string> {
    try {
      await this.codebuild(operation, input, principal);
    } catch (error) {
      if (error instanceof AwsError) return `${error.code}: ${error.message}`;
      throw error;
    }
    throw new assert.AssertionError({ message: `${operation} was not refused` });
  }

  /** A role that a service may assume. @returns its ARN. */
  async role(
    name: string,
    statements: readonly Members[] = [logging],
    service = "codebuild.amazonaws.com",
  ): Promise<string> {
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    };
    const { Role: role } = await this.call("iam", "CreateRole", {
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify(trust),
    });
    if (statements.length > 0)
      await this.call("iam", "PutRolePolicy", {
        RoleName: name,
        PolicyName: "own",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
      });
    return role.Arn as string;
  }

  /** A user with these permissions. */
  async user(name: string, statements: readonly Members[]): Promise<Principal> {
    const { User: user } = await this.call("iam", "CreateUser", { UserName: name });
    await this.call("iam", "PutUserPolicy", {
      UserName: name,
      PolicyName: "own",
      PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
    });
    return { type: "user", arn: user.Arn, accountId: ACCOUNT, id: user.UserId };
  }

  /** A role for builds that may log, and what else is said. */
  buildRole(name: string, ...statements: Members[]): Promise<string> {
    return this.role(name, [logging, ...statements]);
  }

  /** A project whose builds have no source unless changed. */
  async project(
    name: string,
    serviceRole: string,
    buildspec: Members | string,
    changes: Members = {},
  ): Promise<Members> {
    return (await this.codebuild("CreateProject", projectInput(name, serviceRole, buildspec, changes)))
      .project as Members;
  }

  async start(projectName: string, input: Members = {}, principal?: Principal): Promise<Members> {
    return (await this.codebuild("StartBuild", { projectName, ...input }, principal)).build as Members;
  }

  async build(id: string): Promise<Members> {
    return (await this.codebuild("BatchGetBuilds", { ids: [id] })).builds[0] as Members;
  }

  /** Starts a build and waits until it is over. */
  async run(projectName: string, input: Members = {}): Promise<Members> {
    return this.over((await this.start(projectName, input)).id);
  }

  over(id: string): Promise<Members> {
    return eventually(async () => {
      const build = await this.build(id);
      assert.equal(build.buildComplete, true, `build ${id} is in ${build.currentPhase}`);
      return build;
    });
  }

  inPhase(id: string, phase: string): Promise<Members> {
    return eventually(async () => {
      const build = await this.build(id);
      assert.equal(build.currentPhase, phase);
      return build;
    });
  }

  /** What commands of a build wrote, once the log holds the last of it. */
  output(build: Members, pattern: RegExp): Promise<string[]> {
    return eventually(async () => {
      const { events } = await this.call("logs", "GetLogEvents", {
        logGroupName: build.logs.groupName,
        logStreamName: build.logs.streamName,
        startFromHead: true,
      });
      const lines = ((events ?? []) as Members[]).map(({ message }) => String(message));
      // To its end: the pattern may stand in the command that prints it, which is logged before.
      assert.match(lines.join("\n"), /Phase complete: FINALIZING/);
      assert.match(lines.join("\n"), pattern);
      return lines;
    });
  }

  /** @returns the version of the object, where its bucket keeps versions. */
  async put(bucket: string, key: string, body: Buffer): Promise<string> {
    return String((await this.call("s3", "PutObject", { Bucket: bucket, Key: key, Body: body })).VersionId);
  }

  bucket(name: string): Promise<Members> {
    return this.call("s3", "CreateBucket", {
      Bucket: name,
      CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
    });
  }
}

export function projectInput(
  name: string,
  serviceRole: string,
  buildspec: Members | string,
  changes: Members = {},
): Members {
  return {
    name,
    serviceRole,
    source: { type: "NO_SOURCE", buildspec: typeof buildspec === "string" ? buildspec : stringify(buildspec) },
    artifacts: { type: "NO_ARTIFACTS" },
    environment: { type: "LINUX_CONTAINER", image: IMAGE, computeType: "BUILD_GENERAL1_SMALL" },
    ...changes,
  };
}

/** A buildspec of one phase. */
export const commands = (...list: string[]): Members => ({ version: 0.2, phases: { build: { commands: list } } });

/** Phase -> status, of the phases a build went through. */
export function phasesOf(build: Members): Record<string, string> {
  return Object.fromEntries(
    (build.phases as Members[]).map(({ phaseType, phaseStatus }) => [phaseType, phaseStatus ?? ""]),
  );
}

/** `STATUS_CODE: message` of the phase that failed. */
export function failureOf(build: Members): string {
  const failed = (build.phases as Members[]).find(({ phaseStatus }) => phaseStatus && phaseStatus !== "SUCCEEDED");
  return `${failed?.phaseType} ${failed?.contexts?.[0]?.statusCode}: ${failed?.contexts?.[0]?.message}`;
}

export function archive(files: Readonly<Record<string, string>>, executable: readonly string[] = []): Buffer {
  const zip = new AdmZip();
  for (const [name, content] of Object.entries(files))
    zip.addFile(name, Buffer.from(content), "", executable.includes(name) ? 0o755 : 0o644);
  return zip.toBuffer();
}

/** Ids of the processes of this machine whose command line fits. */
export function processes(commandLine: RegExp): number[] {
  const lines = execFileSync("ps", ["-axo", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(.*?)\s*$/.exec(line));
  return lines.flatMap((line) => (line && commandLine.test(line[2]!) ? [Number(line[1])] : []));
}
