import assert from "node:assert/strict";
import { noticeRules } from "../../../infra/reactions/rules";
import { Scope } from "../../../infra/scope";
import type { Members } from "../../../local/members";
import { compilePattern } from "../../../local/services/events/patterns";
import { ROLE } from "../../local/services/sagemaker/harness";
import {
  capture,
  ended,
  hourMs,
  now,
  startWatched,
  type WatchedCloud,
} from "../../local/services/sagemaker/monitoring/watched";
import { settingsOf } from "../../support/scope";

const accountId = ROLE.split(":")[4]!;
const scopeIn = (mode: string): Scope =>
  new Scope(
    settingsOf("dev", {
      "peregrine:monitoringMode": mode,
      "peregrine:existingCustomerOf": '["model-monitor"]',
      "peregrine:monitoringEnabled": "true",
    }),
    { accountId, partition: "aws" },
  );

/** What Model Monitor's runs say on the default bus is what their processing jobs say. */
describe("a failed run of managed monitoring", () => {
  const scope = scopeIn("managed");
  const { pattern, severity, area, paths, sentence } = noticeRules(scope)["monitoring-failed"]!;
  const matches = compilePattern(JSON.stringify(pattern));
  let test: WatchedCloud;

  before(async () => {
    test = await startWatched();
    capture(test, test.cloud.clock.nowMs() - hourMs);
  });
  after(() => test.stop());

  /** Details of the events that the rule matches. */
  const told = (): Members[] =>
    test.events
      .map(({ source, detailType, resources, detail }) => ({
        version: "0",
        id: "1",
        account: accountId,
        time: "2026-11-29T04:00:00Z",
        region: "eu-central-1",
        source,
        "detail-type": detailType,
        resources: [...(resources ?? [])],
        detail: JSON.parse(JSON.stringify(detail)) as Members,
      }))
      .filter((event) => matches(event))
      .map(({ detail }) => detail);

  /** @returns how it ended. */
  const run = async (name: string, RoleArn: string, script?: string): Promise<string> => {
    const { MonitoringAppSpecification: app } = now("", 3).MonitoringScheduleConfig.MonitoringJobDefinition;
    await test.call(
      "CreateMonitoringSchedule",
      now(name, 3, {
        RoleArn,
        ...(script ? { MonitoringAppSpecification: { ...app, ContainerEntrypoint: ["node", "-e", script] } } : {}),
      }),
    );
    return (await ended(test, name)).MonitoringExecutionStatus as string;
  };

  it("is told to the model's team once, with its job; others are not", async () => {
    const role = scope.roleArn("monitoring-execution");
    assert.equal(await run("well", role), "Completed");
    assert.equal(await run("beside", ROLE, "process.exit(1)"), "Failed");
    assert.deepEqual(told(), []);
    assert.equal(await run("broken", role, "process.exit(1)"), "Failed");
    const [detail, ...others] = told();
    assert.deepEqual(others, []);
    assert.match(detail!.ProcessingJobName, /^model-monitoring-/);
    assert.equal(detail!.MonitoringScheduleArn, undefined);

    assert.deepEqual([severity, area], ["warning", "model"]);
    assert.deepEqual(
      [...sentence.matchAll(/<(\w+)>/g)].map(([, name]) => name).filter((name) => !(name! in paths)),
      [],
    );
    for (const path of Object.values(paths).filter((path) => path.startsWith("$.detail.")))
      assert.ok(detail![path.slice("$.detail.".length)], path);
  });

  it("has no rule where nothing monitors, and the pipeline's where we start it ourselves", () => {
    assert.equal(noticeRules(scopeIn("off"))["monitoring-failed"], undefined);
    assert.deepEqual(noticeRules(scopeIn("self-hosted"))["monitoring-failed"]!.pattern["detail-type"], [
      "SageMaker Model Building Pipeline Execution Status Change",
    ]);
  });
});
