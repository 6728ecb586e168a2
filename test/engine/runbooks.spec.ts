import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DescribeEndpointCommand, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import type { RecordedRelease } from "../../records/release";
import { eventually } from "../support/eventually";
import { broughtUp } from "./brought-up";
import type { ProjectCopy } from "./project-copy";
import type { Registry } from "./registry";
import { Runbook } from "./runbook";

const ENVIRONMENT = "staging";
const endpoint = "peregrine-staging-detector";
const bucket = "peregrine-staging-artifacts-111122223333";
/** Logs of jobs are there without an end as soon as the hourly monitoring ran, which is a matter of the cloud's clock. */
const allOk = /^(ok {4}.*\n|warn {2}logs of jobs: .*\n.*\n)+$/;

describe("runbooks, command by command", function () {
  this.slow(60_000);
  let project: ProjectCopy;
  let registry: Registry;
  let images: readonly string[];
  let first: string;
  let second: string;
  let pages: Record<
    "failed" | "failover" | "rollback" | "stuck" | "alarm" | "drift" | "quality" | "reports" | "teardown" | "releases",
    Runbook
  >;

  const json = async <Answer>(...args: string[]): Promise<Answer> =>
    JSON.parse((await project.succeed(process.execPath, "scripts/peregrine.cjs", ...args, "--json")).stdout) as Answer;
  const releases = () => json<RecordedRelease[]>("release", "list", "--stack", ENVIRONMENT);
  const live = async () =>
    (await json<{ desired?: { modelPackageArn: string }; converged: boolean }[]>("status", "--stack", ENVIRONMENT)).map(
      ({ desired, converged }) => converged && desired?.modelPackageArn,
    )[0];
  const idOf = async (arn: string) =>
    (await releases()).find(({ modelPackageArn }) => modelPackageArn === arn)!.releaseId;
  const fault = (...args: string[]) =>
    project.succeed(process.execPath, "scripts/peregrine.cjs", "local", "fault", ...args);
  const described = () => registry.sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint }));

  before(async () => {
    const there = await broughtUp();
    ({ project, registry, images } = there);
    ({ first, second } = there.packages);
    const page = (name: string) => new Runbook(project, `docs/${name}.md`);
    pages = {
      failed: page("runbooks/release-failed"),
      failover: page("runbooks/failover"),
      rollback: page("runbooks/rollback"),
      stuck: page("runbooks/stuck-release"),
      alarm: page("runbooks/endpoint-alarm"),
      drift: page("runbooks/drift"),
      quality: page("runbooks/quality-falls"),
      reports: page("monitoring-reports"),
      teardown: page("runbooks/teardown"),
      releases: page("releases"),
    };
  });
  after(async () => {
    await project?.remove();
  });

  it("release-failed: a release that could not be taken back is put back, read, and released once its cause is gone", async () => {
    // The new fleet answers with errors; when it is to be taken back, AWS refuses that; and what is left over cannot be
    // deleted.
    await fault("add", "error", "--endpoint", endpoint, "--status", "500");
    await fault(
      "add",
      "reject-request",
      "--service",
      "sagemaker",
      "--operation",
      "DeleteEndpointConfig",
      "--code",
      "ThrottlingException",
      "--message",
      "Rate exceeded",
    );
    const failing = project.peregrine("promote", second, "--to", ENVIRONMENT);
    await eventually(async () => assert.equal((await described()).EndpointStatus, "Updating"));
    await fault(
      "add",
      "reject-request",
      "--service",
      "sagemaker",
      "--operation",
      "UpdateEndpoint",
      "--code",
      "ResourceLimitExceeded",
      "--message",
      "no instance of this type is left",
    );
    const failed = await failing;
    assert.equal(failed.code, 1, failed.output);
    assert.match(
      failed.output,
      /And the previous release could not be put back: [\s\S]*no instance of this type is left[\s\S]*docs\/runbooks\/release-failed\.md/,
    );

    const looked = await pages.failed.run(
      "npx peregrine doctor --stack ENVIRONMENT\nnpx peregrine status",
      { ENVIRONMENT },
      ["npx peregrine doctor"],
    );
    assert.match(looked.stdout, /^FAIL {2}lock: promote by /m);
    // Whether SageMaker had taken the update back by itself before, or not: the release before is desired, and the lock
    // says that it is not proved.
    assert.match(
      looked.stdout,
      /^staging: desired r-[0-9a-f]{12} \(peregrine-dev-detector\/1\); peregrine-staging-detector InService on /m,
    );
    for (const { id } of (
      await json<{ id: string; definition: { operation?: string } }[]>("local", "fault", "list")
    ).filter(({ definition }) => definition.operation !== "DeleteEndpointConfig"))
      await fault("clear", id);
    const back = await pages.failed.run("npx peregrine promote", { ENVIRONMENT, PACKAGE_ARN: second }, [
      "npx peregrine promote",
    ]);
    assert.match(
      back.output,
      /could not remove it \(Rate exceeded\); the next release will, or: npx peregrine prune --stack staging\nerror: The release had failed before/,
    );
    assert.equal(await live(), first);

    const read = await pages.failed.run("npx peregrine doctor --stack ENVIRONMENT\nnpx peregrine release list", {
      ENVIRONMENT,
      RELEASE: await idOf(second),
    });
    assert.match(read.stdout, /rolled-back +peregrine-dev-detector\/2 .*\n.*LIVE NOW +peregrine-dev-detector\/1/);
    assert.match(read.stdout, /"outcome": "rolled-back"[\s\S]*"event": "ready"/);
    await fault("clear");
    assert.match(
      (await pages.failed.run("npx peregrine prune", { ENVIRONMENT })).stdout,
      /^1 endpoint configurations and 1 models deleted$/m,
    );
    await pages.failed.run("npx peregrine doctor --stack ENVIRONMENT\npulumi preview", { ENVIRONMENT });
    await pages.failed.run("npx peregrine approve", { PACKAGE_ARN: second });
    const gate = await project.peregrine("promote", second, "--dry-run");
    assert.match(gate.stdout, /^refuse\n {2}FAIL the package is Rejected, not Approved$/m);
    await project.succeed(
      process.execPath,
      "scripts/peregrine.cjs",
      "approve",
      second,
      "--why",
      "the cause was elsewhere",
    );
  });

  it("release-failed: a package that was edited after its approval is refused, and what was decided can be seen", async () => {
    await registry.sagemaker.send(
      new UpdateModelPackageCommand({ ModelPackageArn: second, CustomerMetadataProperties: { note: "edited" } }),
    );
    const refused = await project.peregrine("promote", second, "--to", ENVIRONMENT);
    assert.equal(refused.code, 1, refused.output);
    assert.match(refused.output, /edited after approval by .*user\/ab: CustomerMetadataProperties; approve it again/);
    const [record] = (await releases()).filter(({ outcome }) => outcome === "rejected");
    assert.equal(record!.modelPackageArn, second);
    const seen = await pages.failed.run("npx peregrine decision show", { PACKAGE_ARN: second }, [
      "npx peregrine decision verify",
    ]);
    assert.match(
      seen.stdout,
      /Rejected {2}by cleo .*\n {2}signed, sha256 [0-9a-f]{64}, approvals\/.*\n.*Approved {2}by cleo .*: the cause was elsewhere\n {2}signed/,
    );
    assert.match(seen.stdout, /^FAIL edited after approval by /m);
    assert.match(seen.stdout, /\tab$/m);
    await project.succeed(process.execPath, "scripts/peregrine.cjs", "approve", second, "--why", "the note is wanted");
    await project.succeed(
      process.execPath,
      "scripts/peregrine.cjs",
      "decision",
      "verify",
      second,
      "--profile",
      "auditor",
    );
    const stranger = await project.peregrine("decision", "verify", second, "--profile", "data-scientist");
    assert.equal(stranger.code, 1, stranger.output);
    assert.match(
      stranger.stderr,
      /^error: AWS refused: .*data-scientist.* is not authorized to perform: .*\nAct as a role that may/m,
    );
  });

  it("stuck-release: a killed release is finished by its own command", async () => {
    await project.killAt(/copying the model archive/, true, "promote", second, "--to", ENVIRONMENT);
    const looked = await pages.stuck.run("npx peregrine doctor", { ENVIRONMENT }, ["npx peregrine doctor"]);
    assert.match(
      looked.stdout,
      /^FAIL {2}lock: promote by .* \(process \d+ on .*\) since .*\n.*docs\/runbooks\/stuck-release\.md/m,
    );
    await pages.stuck.run("npx peregrine promote", { ENVIRONMENT, PACKAGE_ARN: second });
    assert.equal(await live(), second);
  });

  it("stuck-release: a lock that nobody can take over goes by hand", async () => {
    // The number of the dead holder belongs to another process by now.
    const holder = { id: "gone", arn: "arn:aws:iam::111122223333:user/bob", host: hostname(), pid: 1 };
    await registry.put(
      bucket,
      "releases/lock.json",
      JSON.stringify({
        schema: "peregrine.lock/1",
        holder,
        operation: { kind: "rollback", phase: "preparing", reasons: [], startedAt: "2026-11-25T10:00:00Z" },
        renewals: 0,
      }),
    );
    const refused = await project.peregrine("rollback", "--stack", ENVIRONMENT);
    assert.match(refused.output, /is being changed by .*user\/bob \(process 1 on .*docs\/runbooks\/stuck-release\.md/s);
    await pages.stuck.run("aws s3 rm", { ENVIRONMENT, RELEASE: await idOf(second) });
    assert.equal(await live(), second);
  });

  it("stuck-release: Pulumi's lock of a killed update stops releases until it is cancelled", async () => {
    const locks = join(
      new URL(project.env["PULUMI_BACKEND_URL"]!).pathname,
      ".pulumi",
      "locks",
      "organization",
      "peregrine",
      ENVIRONMENT,
    );
    const update = spawn("pulumi", ["up", "--yes", "--stack", ENVIRONMENT, "--policy-pack", "policies"], {
      cwd: project.folder,
      env: project.env,
      detached: true,
      stdio: "ignore",
    });
    await eventually(() => assert(existsSync(locks) && readdirSync(locks).length > 0));
    process.kill(-update.pid!, "SIGKILL");
    const refused = await project.peregrine("promote", second, "--to", ENVIRONMENT);
    assert.equal(refused.code, 1, refused.output);
    assert.match(refused.output, /another update holds the stack's lock[\s\S]*pulumi cancel --stack staging/);
    await pages.stuck.run("pulumi cancel", { ENVIRONMENT });
    assert.match((await pages.stuck.run("npx peregrine doctor", { ENVIRONMENT })).stdout, allOk);
  });

  it("stuck-release: a damaged desired release is written anew, whatever it was", async () => {
    await registry.json("ssm", "put-parameter", "--name", "/peregrine/staging/release", "--value", "{}", "--overwrite");
    const written = await pages.stuck.run("npx peregrine release list", { ENVIRONMENT, RELEASE: await idOf(second) });
    assert.match(written.output, /the desired release is damaged; by the ledger it was r-[0-9a-f]{12}/);
    assert.equal(await live(), second);
  });

  it("stuck-release: a broken ledger stops releases before they touch anything, and an earlier version is put back", async () => {
    const good = (await registry.aws("s3", "cp", `s3://${bucket}/ledger/ledger.jsonl`, "-")).stdout;
    const lines = good.trim().split("\n");
    await registry.put(
      bucket,
      "ledger/ledger.jsonl",
      good.replace(lines[1]!, lines[1]!.replace(/"outcome":"[a-z-]+"/, '"outcome":"rejected"')),
    );
    const refused = await project.peregrine("promote", first, "--to", ENVIRONMENT);
    assert.equal(refused.code, 1, refused.output);
    assert.match(refused.output, /ledger\.jsonl is broken: line 2 was edited[\s\S]*docs\/runbooks\/stuck-release\.md/);
    const checked = await pages.releases.run("aws s3 cp", { ENVIRONMENT });
    assert.deepEqual(
      [...checked.stdout.matchAll(/ (\w+), chain (\w+)$/gm)].map(([, content, chain]) => `${content} ${chain}`),
      lines.map((_, index) => (index === 1 ? "EDITED holds" : "intact holds")),
    );
    const versions = (await pages.stuck.run("aws s3api list-object-versions", { ENVIRONMENT })).stdout
      .trim()
      .split("\n");
    const VERSION = versions[1]!.split(/\s+/)[2]!;
    const back = await pages.stuck.run("bucket=", { ENVIRONMENT, VERSION });
    assert.match(back.stdout, /LIVE NOW/);
    assert.equal(
      (await pages.releases.run("aws s3 cp", { ENVIRONMENT })).stdout.match(/^[0-9a-f]{64} intact, chain holds$/gm)
        ?.length,
      lines.length,
    );
  });

  it("endpoint-alarm and rollback: a release that fails under traffic is left, though alarms are raised", async () => {
    await fault(
      "add",
      "error",
      "--endpoint",
      endpoint,
      "--config",
      (await described()).EndpointConfigName!,
      "--status",
      "500",
    );
    // The disks of the old fleet are full, and stay so while it is replaced.
    const [disk] = (await registry.json("cloudwatch", "describe-alarms", "--alarm-names", `${endpoint}-disk`))
      .MetricAlarms;
    const {
      AlarmName,
      Namespace,
      MetricName,
      Statistic,
      Period,
      EvaluationPeriods,
      Threshold,
      ComparisonOperator,
      Dimensions,
      TreatMissingData,
    } = disk;
    const put = (change: object) =>
      registry.json(
        "cloudwatch",
        "put-metric-alarm",
        "--cli-input-json",
        JSON.stringify({
          AlarmName,
          Namespace,
          MetricName,
          Statistic,
          Period,
          EvaluationPeriods,
          Threshold,
          ComparisonOperator,
          Dimensions,
          TreatMissingData,
          ...change,
        }),
      );
    await put({ Threshold: -1, TreatMissingData: "breaching" });
    for (let request = 0; request < 4; request++)
      await registry.aws(
        "sagemaker-runtime",
        "invoke-endpoint",
        "--endpoint-name",
        endpoint,
        "--content-type",
        "image/jpeg",
        "--body",
        `fileb://${images[0]}`,
        join(project.folder, ".peregrine", "answer"),
      );
    const raised = async () =>
      (
        (await registry.json("cloudwatch", "describe-alarms", "--state-value", "ALARM")).MetricAlarms as {
          AlarmName: string;
        }[]
      ).map(({ AlarmName }) => AlarmName);
    await eventually(async () => assert((await raised()).includes(`${endpoint}-disk`)));
    const looked = await pages.alarm.run("npx peregrine doctor --stack ENVIRONMENT\naws cloudwatch", { ENVIRONMENT }, [
      "npx peregrine doctor",
    ]);
    assert.match(looked.stdout, new RegExp(`^FAIL {2}alarms: raised: .*${endpoint}-disk`, "m"));
    assert.match(looked.stdout, new RegExp(`^${endpoint}-disk\t.+$`, "m"));
    assert.match(looked.stdout, /^champion\t1\t1$/m);

    await pages.rollback.run("npx peregrine release list", { ENVIRONMENT });
    await pages.rollback.run("npx peregrine rollback --stack ENVIRONMENT", { ENVIRONMENT });
    assert.equal(await live(), first);
    await put({});
    await eventually(async () => assert.deepEqual(await raised(), []));
    assert.match((await pages.alarm.run("npx peregrine doctor --stack ENVIRONMENT", { ENVIRONMENT })).stdout, allOk);
    await fault("clear");
    await pages.rollback.run("npx peregrine rollback --stack ENVIRONMENT --to", {
      ENVIRONMENT,
      RELEASE: await idOf(second),
    });
    const told = await pages.rollback.run("npx peregrine status", { ENVIRONMENT });
    assert.match(
      told.stdout,
      /^staging: desired r-[0-9a-f]{12} \(peregrine-dev-detector\/2\); .* InService on (?!.*NOT CONVERGED)/m,
    );
    await pages.rollback.run("npx peregrine approve", { PACKAGE_ARN: first });
    assert.match(
      (await project.peregrine("rollback", "--stack", ENVIRONMENT)).output,
      /was rejected since it was live/,
    );
  });

  it("endpoint-alarm: more traffic gets more instances", async () => {
    await pages.alarm.run("pulumi config set", { ENVIRONMENT });
    const [target] = (
      await registry.json("application-autoscaling", "describe-scalable-targets", "--service-namespace", "sagemaker")
    ).ScalableTargets as { MaxCapacity: number }[];
    assert.equal(target!.MaxCapacity, 3);
    assert.match(await project.changes(), /^ M Pulumi\.staging\.yaml$/m);
  });

  it("failover: an environment gets a front door, and says who answers there", async () => {
    const without = await pages.failover.run("npx peregrine failover", { ENVIRONMENT }, ["npx peregrine failover"]);
    assert.match(without.output, /staging has no front door/);
    await project.succeed("pulumi", "config", "set", "peregrine:frontDoor", "true", "--stack", ENVIRONMENT);
    await project.succeed("pulumi", "up", "--yes", "--stack", ENVIRONMENT, "--policy-pack", "policies");
    for (const block of ["status", "doctor"]) {
      const { stdout } = await pages.failover.run(
        `npx peregrine failover --stack ENVIRONMENT\nnpx peregrine ${block}`,
        { ENVIRONMENT },
      );
      assert.match(stdout, /^staging: champion answers at http/m);
      assert.match(stdout, /^0 switches, their chain holds$/m);
    }
  });

  it("drift and quality-falls: what monitoring said of a week, and whether it ran", async () => {
    const dimensions = `EndpointName=${endpoint},VariantName=champion`;
    for (const [metric, value] of [
      ["DriftScore", "1.5"],
      ["EstimatedMap50", "0.31"],
      ["Map50", "0.22"],
      ["F1", "0.28"],
    ] as const)
      await registry.aws(
        "cloudwatch",
        "put-metric-data",
        ...["--namespace", `Peregrine/${ENVIRONMENT}/monitoring`, "--metric-name", metric, "--value", value],
        ...["--dimensions", dimensions],
        // The commands ask until now by this machine's clock, which the cloud's is ahead of.
        ...["--timestamp", new Date(Date.now() - 60_000).toISOString()],
      );
    const drift = await pages.drift.run("npx peregrine doctor", { ENVIRONMENT });
    for (const value of ["1.5", "0.31"]) assert.match(drift.stdout, new RegExp(`^\\S+\t${value}$`, "m"));
    const quality = await pages.quality.run("npx peregrine doctor --stack ENVIRONMENT\nnpx", { ENVIRONMENT });
    for (const [metric, value] of [
      ["Map50", "0.22"],
      ["F1", "0.28"],
      ["EstimatedMap50", "0.31"],
    ])
      assert.match(quality.stdout, new RegExp(`^${metric}\t\\S+\t${value}$`, "m"));
    assert.match(quality.stdout, /LIVE NOW/);
    await pages.quality.run("npx peregrine doctor --stack ENVIRONMENT", { ENVIRONMENT });
    await pages.reports.run("aws sagemaker start-pipeline-execution", { ENVIRONMENT });
    await eventually(async () =>
      assert.match(
        (await pages.alarm.run("aws sagemaker list-processing-jobs", { ENVIRONMENT })).stdout,
        /^peregrine-staging-run-monitor-\S+\tCompleted/m,
      ),
    );
    // Nothing in staging is Model Monitor's.
    assert.equal((await pages.alarm.run("aws sagemaker list-monitoring-executions", { ENVIRONMENT })).stdout, "");
    const forecast = await project.peregrine("forecast", "--stack", ENVIRONMENT);
    // Whether the day's look came is a matter of the cloud's clock, too.
    assert.match(
      forecast.output,
      /^Forecasts from the values up to \d|^error: nothing was forecast in staging yet\nThe function looks once a day/m,
    );
  });

  it("teardown: the ledger is kept, and nothing else is", async () => {
    await pages.teardown.run("npx peregrine doctor", { ENVIRONMENT });
    await pages.teardown.run("aws s3 cp", { ENVIRONMENT });
    assert.match(
      (await pages.teardown.run("npx peregrine teardown", { ENVIRONMENT })).stdout,
      /^staging: \d+ resources, .* 0 left$/m,
    );
    // Keys are listed until the days of their deletion are over.
    assert.match(
      (await pages.teardown.run("aws resourcegroupstaggingapi", { ENVIRONMENT })).stdout.trim(),
      /^(arn:aws:kms:\S+\s+)*staging: not up$/,
    );
    assert.match(readFileSync(join(project.folder, "ledger-staging.jsonl"), "utf8"), /"sequence":1,/);
  });

  it("have no command that was not run", () => {
    // A change of the instance type takes releases of its own: instance-type.spec.ts.
    const elsewhere = /^pulumi config set peregrine:servingInstanceType /;
    assert.deepEqual(
      Object.values(pages).flatMap(({ page, left }) =>
        left.filter((block) => !elsewhere.test(block)).map((block) => `${page}: ${block}`),
      ),
      [],
    );
    // Those of trials, trainings and experiments are run where there are any: delivery.spec.ts, retraining.spec.ts,
    // experiments.spec.ts; that of releases that prove nothing where traffic moves in steps: guarded-release.spec.ts.
    const known = new Set([
      ...Object.values(pages).map(({ page }) => page),
      "docs/runbooks/trial-failed.md",
      "docs/runbooks/retraining-failed.md",
      "docs/runbooks/experiment-void.md",
      "docs/runbooks/release-unproven.md",
      // Where something is healed: remediation.spec.ts.
      "docs/runbooks/violation-healed.md",
      "docs/runbooks/violation-escalated.md",
      "docs/runbooks/alert-escalated.md",
    ]);
    const others = readdirSync(join(project.folder, "docs", "runbooks"))
      .map((name) => new Runbook(project, `docs/runbooks/${name}`))
      .filter(({ page }) => !known.has(page));
    assert.deepEqual(
      others.flatMap(({ left }) => left),
      [],
    );
  });
});
