import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type StartBuildCommandInput, StartBuildCommand } from "@aws-sdk/client-codebuild";
import { DeleteRepositoryCommand, PutImageTagMutabilityCommand, SetRepositoryPolicyCommand } from "@aws-sdk/client-ecr";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { DescribeStudioLifecycleConfigCommand, ListStudioLifecycleConfigsCommand } from "@aws-sdk/client-sagemaker";
import type { Clients } from "../../automation/roles/matrix/clients";
import { attack } from "./attack";
import { type Platform, platform, stateBucket, stateKey } from "./platform";
import { project } from "./protected";
import { eventually } from "../support/eventually";
import { makeTemporaryFolder } from "../support/temporary-folder";

const branch = "ref:refs/heads/main";

describe("each stack's state is its own", () => {
  const who: Readonly<Record<string, (there: Platform) => Promise<Clients>>> = {
    "the deployer of dev": (there) => there.as("dev", "deployer"),
    "the workflow that deploys dev": (there) => there.workflow("dev", "ci-deployer", branch),
    "the workflow that previews pull requests of dev": (there) => there.workflow("dev", "ci-preview", "pull_request"),
  };
  for (const [name, session] of Object.entries(who))
    for (const other of ["staging", "prod"])
      attack(`${name} reads and changes the state of ${other}`, {
        before: name.includes("previews")
          ? "reached: every stack's state"
          : "reached: every stack's state, also to write and delete",
        unchanged: async (there) => (await there.object(stateBucket, stateKey(other))).split(" ")[1],
        chain: async (steps, there) => {
          const { s3 } = await session(there);
          const at = { Bucket: stateBucket, Key: stateKey(other) };
          await there.put(at.Bucket, at.Key, "state");
          await steps.allowed("reads the state of dev", () =>
            s3.send(new GetObjectCommand({ ...at, Key: stateKey("dev") })),
          );
          await steps.refusedToo("s3:GetObject", "reads it", () => s3.send(new GetObjectCommand(at)));
          await steps.refusedToo("s3:PutObject", "writes it", () =>
            s3.send(new PutObjectCommand({ ...at, Body: "mine" })),
          );
          await steps.refusedToo("s3:DeleteObject", "deletes it", () => s3.send(new DeleteObjectCommand(at)));
        },
      });

  attack("a pull request changes the state of dev", {
    before: "held: refused at the request",
    unchanged: (there) => there.object(stateBucket, stateKey("dev")),
    chain: async (steps, there) => {
      const { s3 } = await there.workflow("dev", "ci-preview", "pull_request");
      await steps.refused("s3:PutObject", "writes it", () =>
        s3.send(new PutObjectCommand({ Bucket: stateBucket, Key: stateKey("dev"), Body: "mine" })),
      );
    },
  });

  for (const subject of ["pull_request", "ref:refs/heads/other", "environment:prod"])
    it(`a workflow of ${subject} does not deploy`, async () => {
      await assert.rejects(platform().workflow("dev", "ci-deployer", subject), {
        name: "AccessDenied",
        message: /Not authorized to perform sts:AssumeRoleWithWebIdentity/,
      });
    });
});

describe("builds are what their project says", () => {
  const overrides: Readonly<Record<string, Partial<StartBuildCommandInput>>> = {
    "commands of its own": { buildspecOverride: "version: 0.2" },
    "another image": { imageOverride: "aws/codebuild/standard:1.0" },
    "another source": {
      sourceTypeOverride: "NO_SOURCE",
      buildspecOverride: "version: 0.2\nphases:\n  build:\n    commands:\n      - id\n",
    },
    "a source elsewhere": { sourceLocationOverride: "elsewhere/mine.zip" },
    "variables of its own": {
      environmentVariablesOverride: [{ name: "NODE_OPTIONS", value: "--require=./mine.cjs", type: "PLAINTEXT" }],
    },
    "rights over its host": { privilegedModeOverride: true },
  };
  for (const [what, override] of Object.entries(overrides))
    attack(`the workflow that deploys dev starts an image build with ${what}`, {
      before: "reached: the build",
      unchanged: project("peregrine-dev-image"),
      chain: async (steps, there) => {
        const { codebuild } = await there.workflow("dev", "ci-deployer", branch);
        await steps.refused("codebuild:StartBuild", "starts it", () =>
          codebuild.send(new StartBuildCommand({ projectName: "peregrine-dev-image", ...override })),
        );
      },
    });

  attack("the workflow that deploys dev starts a release build", {
    before: "held: refused at the request",
    unchanged: project("peregrine-dev-release"),
    chain: async (steps, there) => {
      const { codebuild } = await there.workflow("dev", "ci-deployer", branch);
      await steps.refused("codebuild:StartBuild", "starts it", () =>
        codebuild.send(new StartBuildCommand({ projectName: "peregrine-dev-release" })),
      );
    },
  });
});

describe("images and libraries are what was made", () => {
  const repositoryName = "peregrine-ml";
  const deeds: Readonly<Record<string, readonly [string, (clients: Clients) => Promise<unknown>]>> = {
    "lets tags of images move": [
      "ecr:PutImageTagMutability",
      ({ ecr }) => ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: "MUTABLE" })),
    ],
    "lets everybody push images": [
      "ecr:SetRepositoryPolicy",
      ({ ecr }) =>
        ecr.send(
          new SetRepositoryPolicyCommand({
            repositoryName,
            policyText: JSON.stringify({
              Version: "2012-10-17",
              Statement: [{ Effect: "Allow", Principal: "*", Action: "ecr:*" }],
            }),
          }),
        ),
    ],
    "deletes the images": [
      "ecr:DeleteRepository",
      ({ ecr }) => ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true })),
    ],
  };
  for (const [deed, [action, send]] of Object.entries(deeds))
    for (const role of ["deployer", "ml-engineer", "data-scientist"] as const)
      attack(`the ${role} of dev ${deed}`, {
        before:
          role === "deployer" && action !== "ecr:SetRepositoryPolicy"
            ? "reached: the repository"
            : "held: refused at the request",
        chain: async (steps, there) => {
          const clients = await there.as("dev", role);
          await steps.refused(action, deed, () => send(clients));
        },
      });

  it("Studio's apps install no requirements but those that their script is named by", async () => {
    // Before: whoever wrote studio/ chose what the next notebook installed; the digest only named the folder.
    const { sagemaker } = platform().administrator;
    const { StudioLifecycleConfigs: [config] = [] } = await sagemaker.send(
      new ListStudioLifecycleConfigsCommand({ NameContains: "peregrine-dev-libraries" }),
    );
    const { StudioLifecycleConfigContent } = await sagemaker.send(
      new DescribeStudioLifecycleConfigCommand({ StudioLifecycleConfigName: config!.StudioLifecycleConfigName }),
    );
    const folder = makeTemporaryFolder("studio");
    try {
      const [script, bin, installed] = ["script.sh", "bin", "installed"].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      writeFileSync(script, Buffer.from(StudioLifecycleConfigContent!, "base64"));
      mkdirSync(bin);
      const program = (name: string, text: string) =>
        writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
      // What AWS would answer had somebody written the object.
      program("aws", 'echo "mine==1.0 --hash=sha256:00" > "${@: -1}"');
      // An environment whose Python notes that it is called.
      program(
        "python3",
        `mkdir -p "\${@: -1}/bin"; printf '#!/bin/bash\\necho "$@" >> ${installed}\\n' > "\${@: -1}/bin/python"; chmod +x "\${@: -1}/bin/python"`,
      );
      await promisify(execFile)("bash", [script], { env: { HOME: folder, PATH: `${bin}:${process.env["PATH"]}` } });
      const log = join(folder, ".peregrine", "install.log");
      await eventually(() => assert.match(readFileSync(log, "utf8"), /SHA-256 is not|installed/i));
      assert.throws(
        () => readFileSync(installed),
        { code: "ENOENT" },
        `something was installed: ${readFileSync(log, "utf8")}`,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
