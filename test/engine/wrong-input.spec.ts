import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { type Finished, ProjectCopy } from "./project-copy";

/** Asserts on an error meant for the user: exit code, cause and next step, and no stack of ours. */
function refused(finished: Finished, code: number, ...patterns: readonly RegExp[]): void {
  assert.equal(finished.code, code, finished.output);
  for (const pattern of patterns) assert.match(finished.output, pattern);
  assert.doesNotMatch(finished.output, /bug in Peregrine|\n\s+at .*\.ts:\d+/);
}

describe("wrong input", function () {
  this.slow(20_000);
  let project: ProjectCopy;

  before(async () => {
    project = await ProjectCopy.make();
  });
  after(async () => {
    await project?.remove();
  });

  describe("on the command line, before anything runs", () => {
    const arn = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/peregrine-dev-detector/1";
    const wrong: readonly (readonly [what: string, args: readonly string[], message: RegExp])[] = [
      [
        "an environment that does not exist",
        ["status", "--stack", "production"],
        /'production' is invalid.*must be one of dev, staging, prod/,
      ],
      [
        "one of several environments",
        ["promote", arn, "--to", "staging,production"],
        /must be one of dev, staging, prod/,
      ],
      ["a registry that does not exist", ["promote", arn, "--registry", "test"], /must be one of dev, staging, prod/],
      ["a bar that is no number", ["promote", arn, "--min-map50", "high"], /'high' is invalid.*from 0 to 1/],
      ["a bar above 1", ["promote", arn, "--min-map50", "45"], /from 0 to 1/],
      ["a golden set without images", ["promote", arn, "--golden-images", "0"], /whole number/],
      ["a pipeline parameter without a value", ["train", "--parameter", "Epochs"], /expected NAME=VALUE/],
      [
        "a reason that the registry would refuse after the training",
        ["train", "--parameter", "RunReason=fog, night"],
        /RunReason holds ","; the registry keeps letters/,
      ],
      ["a port that is none", ["local", "start", "--port", "http"], /must be a port number/],
      ["a clock that stands still", ["local", "start", "--speed", "0"], /between 1 and 3600/],
      ["an approval without a reason", ["approve", arn], /--why/],
      ["a teardown of nothing in particular", ["teardown"], /--stack/],
      ["an unknown command", ["deploy"], /unknown command 'deploy'/],
    ];
    for (const [what, args, message] of wrong)
      it(`refuses ${what} as wrong usage`, async () => {
        refused(await project.peregrine(...args), 2, message, /--help/);
        assert.equal(existsSync(join(project.folder, ".peregrine", "work")), false, "no stack was opened");
      });

    it("says that no local cloud runs, and how to start one", async () => {
      for (const command of ["env", "status"])
        refused(
          await project.peregrine("local", command),
          1,
          /No local cloud is running\.\nStart one: npx peregrine local start/,
        );
    });

    it("says what is missing without AWS profile and Pulumi login", async () => {
      refused(
        await project.peregrine("status"),
        1,
        /cannot open the stack (dev|staging|prod): PULUMI_ACCESS_TOKEN must be set/,
        /pulumi login/,
        /PULUMI_BACKEND_URL/,
      );
    });
  });

  describe("at the start of the local cloud", () => {
    for (const [option, other] of [
      ["--port", "--provider-port"],
      ["--provider-port", "--port"],
    ] as const)
      it(`names a port in use given by ${option}, its holder and the way out, and leaves nothing running`, async () => {
        const taken = createServer();
        await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
        const { port } = taken.address() as AddressInfo;
        try {
          const started = await project.peregrine("local", "start", option, String(port), other, "0");
          refused(
            started,
            1,
            new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use by process ${process.pid}`),
            new RegExp(`another port with ${option}`),
          );
          refused(await project.peregrine("local", "status"), 1, /No local cloud is running/);
        } finally {
          await new Promise((resolve) => taken.close(resolve));
        }
      });

    it("names the broken line of a journal, keeps the journal, and starts again once it is whole", async () => {
      await project.startCloud();
      await project.succeed("pulumi", "stack", "init", "dev");
      await project.succeed(process.execPath, "scripts/peregrine.cjs", "local", "stop");
      const file = join(project.folder, ".peregrine", "local", "journal.jsonl");
      const whole = readFileSync(file, "utf8");
      const broken = whole.replace("\n", "\n\u0000\u0000half a page of a full disk\n");
      writeFileSync(file, broken);
      refused(
        await project.peregrine("local", "start", "--port", "0", "--provider-port", "0"),
        1,
        /journal\.jsonl: line 2 is not a journal entry\b/,
        /peregrine local reset/,
      );
      assert.equal(readFileSync(file, "utf8"), broken, "a person may want to repair it");
      writeFileSync(file, whole);
      await project.startCloud();
    });
  });

  describe("in the settings of a stack", () => {
    const up = [
      "up",
      "--yes",
      "--skip-preview",
      "--stack",
      "dev",
      "--policy-pack",
      "policies",
      "--policy-pack-config",
      "policies/config/dev.json",
    ];
    const resources = async (): Promise<number> =>
      (
        JSON.parse(
          (await project.succeed(process.execPath, "scripts/peregrine.cjs", "local", "status", "--json")).stdout,
        ) as { inventory: string[] }
      ).inventory.length;

    it("lists all problems at once, and creates nothing", async () => {
      const wrong = (text: string) =>
        text
          .replace("trainingInstanceType: ml.g4dn.xlarge", "trainingInstanceType: ml.g4dn.huge")
          .replace(/epochs: \d+/, "epochs: eight")
          .replace("rollout:", "rolout:");
      const finished = await project.with("Pulumi.dev.yaml", wrong, () => project.pulumi(...up));
      refused(
        finished,
        1,
        /3 problems in the settings of stack dev/,
        /peregrine:trainingInstanceType: is "ml\.g4dn\.huge"; expected a SageMaker training instance type/,
        /peregrine:epochs: is "eight"; expected a whole number/,
        /peregrine:rolout: is not a setting/,
        /pulumi config set KEY VALUE --stack dev/,
      );
      assert.equal(await resources(), 0);
    });

    it("refuses a stack that is no environment", async () => {
      const settings = join(project.folder, "Pulumi.playground.yaml");
      copyFileSync(join(project.folder, "Pulumi.dev.yaml"), settings);
      await project.succeed("pulumi", "stack", "init", "playground");
      const finished = await project.pulumi("preview", "--stack", "playground");
      rmSync(settings);
      refused(finished, 1, /stack: is called playground; it must be one of dev, staging, prod/);
      await project.succeed("pulumi", "stack", "rm", "--yes", "playground");
    });

    it("refuses an account that the stack may not be deployed to, and creates nothing", async () => {
      const wrong = (text: string) => `${text}  peregrine:allowedAccountIds: ["444455556666"]\n`;
      const finished = await project.with("Pulumi.dev.yaml", wrong, () => project.pulumi(...up));
      assert.equal(finished.code, 1, finished.output);
      assert.match(finished.output, /AWS account ID not allowed: 111122223333/);
      assert.equal(await resources(), 0);
    });

    it("refuses a settings file that is no YAML, naming it", async () => {
      const finished = await project.with(
        "Pulumi.dev.yaml",
        (text) => `${text}  {\n`,
        () => project.peregrine("status", "--stack", "dev"),
      );
      refused(finished, 1, /Pulumi\.dev\.yaml/, /line \d+/);
    });

    it("works once the settings are right", async () => {
      const finished = await project.pulumi(...up);
      assert.equal(finished.code, 0, finished.output);
      refused(await project.peregrine("teardown", "--stack", "dev"), 1, /nobody is there to confirm/, /--yes/);
      assert.ok((await resources()) > 20, "and nothing is deleted unasked");
      const torn = await project.peregrine("teardown", "--stack", "dev", "--yes");
      assert.equal(torn.code, 0, torn.output);
      assert.equal(await resources(), 0);
      assert.equal(await project.changes(), "");
    });
  });
});
