import assert from "node:assert/strict";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { denials } from "../../aws/session";
import type { LocalCloud } from "../../local/server";
import type { Members } from "../../local/members";
import { signInPerson } from "../../local/iam/people";
import { type Clients, clientsOf, close, type Session } from "../../automation/roles/matrix/clients";
import { columns, type MatrixRole, peopleOfMatrix, personOf } from "../../automation/roles/matrix/expected";
import { cellsOf, homesOf } from "../../automation/roles/matrix/rows";
import { probes } from "../../automation/roles/matrix/probes";
import { probeName } from "../../automation/roles/matrix/ask";
import { targetOf, type Target } from "../../automation/roles/matrix/target";
import { keptDenials, keptStatements } from "../../scripts/rights/kept-statements";
import { noticeOf, statedIn } from "../../scripts/rights/statements";
import { accountId, scopeOf } from "../support/scope";
import { eventually } from "../support/eventually";
import { startTestCloud } from "../local/support";
import { type Deployed, Deployment } from "./deployment";
import { noticeToTopic } from "./notices";
import { type Removal, removals, type Scenario, statementsIn, without } from "./removals";

const changes = { "peregrine:releaseTargets": "staging,prod" };
const roles = Object.values(columns).filter((role) => homesOf(role).includes("dev"));
const scope = scopeOf("dev", changes);

/** Denials that the boundary repeats: without one of them its role is held all the same. */
const repeated = new Set(
  statedIn([scope])
    .filter((stated) => noticeOf(stated, {})?.by === "boundary")
    .map(({ role, statement }) => `${role} ${statement.Sid}`),
);

/** The program's environment `dev`, on a local cloud; one thing at a time is taken out of it and put back. */
describe("the program without one of its parts fails in AWS's words", function () {
  let local: LocalCloud;
  let deployment: Deployment;
  let target: Target;
  const sessions = new Map<MatrixRole, Clients>();
  const administrator = () => ({ principal: local.administrator.principal, sourceIp: "127.0.0.1", userAgent: "test" });

  before(async () => {
    local = await startTestCloud({
      speed: 60,
      accountId,
      people: ["anna", "ben", "cleo", "dora", "emil"],
      images: { "peregrine-ml": { entrypoint: ["true"] } },
    });
    await local.cloud.call(
      "s3",
      "CreateBucket",
      { Bucket: scope.settings.dataset.bucket, CreateBucketConfiguration: { LocationConstraint: local.cloud.region } },
      administrator(),
    );
    deployment = await Deployment.up(local, "dev", changes);
    const key = (ending: string) => String(deployment.one("aws:kms/key:Key", ending).state["arn"]);
    target = targetOf(
      scope,
      { data: key("-keys-key"), approvals: key("-approvals-key"), log: key("-log-key") },
      String(deployment.one("aws:sagemaker/mlflowApp:MlflowApp", "-app").state["arn"]),
    );
    for (const role of roles)
      sessions.set(role, clientsOf(await take(role), { region: local.cloud.region, endpoint: local.url }));
  });
  after(async () => {
    for (const clients of sessions.values()) close(clients);
    await local?.stop();
  });

  /** A session of a role: of people by STS, of services as a service gets it. */
  async function take(role: MatrixRole): Promise<Session> {
    const { cloud } = local;
    const person = personOf[role];
    const arn = scope.roleArn(role);
    if (!peopleOfMatrix.includes(role))
      return cloud.internals.credentials(
        cloud.internals.assume(arn, "sagemaker.amazonaws.com", "work", undefined, person),
      );
    const { Credentials } = (await cloud.call(
      "sts",
      "AssumeRole",
      { RoleArn: arn, RoleSessionName: person, SourceIdentity: person },
      { ...administrator(), principal: signInPerson(cloud, person!).principal },
    )) as Members;
    return {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
    };
  }

  /** Does a part of the platform's work. @throws Error in AWS's words where it was refused. */
  async function work(scenario: Scenario): Promise<void> {
    switch (scenario.kind) {
      case "take":
        await take(scenario.role);
        return;
      case "cells": {
        const cells = cellsOf([scenario.role]).filter(
          ({ row, from, to, expected }) =>
            from === "dev" &&
            to === "dev" &&
            expected === "allowed" &&
            scenario.actions.some((action) => matches(action, row.action)),
        );
        for (const { row } of cells)
          await probes[probeName(row)]!.send(sessions.get(scenario.role)!, target).catch((error: Error) => {
            if (denials.has(error.name)) throw error;
          });
        return;
      }
      case "list":
        await sessions
          .get(scenario.role)!
          .s3.send(new ListObjectsV2Command({ Bucket: scope.artifactsBucket, MaxKeys: 1 }));
        return;
      case "tell":
        return tell(scenario.severity);
      case "forward":
        return forwarded(() =>
          local.cloud.call(
            "sagemaker",
            "UpdateModelPackage",
            { ModelPackageArn: packageArn, ApprovalDescription: String(Math.random()) },
            administrator(),
          ),
        );
    }
  }

  let packageArn = "";
  before(async () => {
    packageArn = await newPackage();
  });

  async function newPackage(): Promise<string> {
    const image = `${accountId}.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:1`;
    const made = (await local.cloud.call(
      "sagemaker",
      "CreateModelPackage",
      {
        ModelPackageGroupName: scope.modelPackageGroup,
        ModelApprovalStatus: "PendingManualApproval",
        InferenceSpecification: {
          Containers: [{ Image: image }],
          SupportedContentTypes: ["image/jpeg"],
          SupportedResponseMIMETypes: ["application/json"],
        },
      },
      administrator(),
    )) as Members;
    return String(made.ModelPackageArn);
  }

  /** Something happens that a rule tells a topic of. */
  async function tell(severity: "critical" | "warning" | "info"): Promise<void> {
    const { trigger, about } = await noticeToTopic(severity, { local, scope, newPackage });
    await seen("Publish", trigger, about);
  }

  /**
   * Does something and waits for the call of a service that follows from it. @param about is in the call's parameters.
   * @throws Error with the trail's message where that was refused.
   */
  async function seen(eventName: string, trigger: () => Promise<unknown>, about: string): Promise<void> {
    const before = new Set(local.cloud.audit.recent().map(({ eventID }) => eventID));
    await trigger();
    const record = await eventually(() => {
      const found = local.cloud.audit
        .recent()
        .find(
          (one) =>
            !before.has(one.eventID) &&
            one.eventName === eventName &&
            one.userIdentity["arn"] !== local.administrator.principal.arn &&
            JSON.stringify(one.requestParameters ?? "").includes(about),
        );
      assert.ok(found, `nobody called ${eventName}`);
      return found;
    }, 10_000);
    if (record.errorCode) throw new Error(record.errorMessage);
  }

  /**
   * Does something whose event goes on to the environment's bus, which archives it.
   * @throws Error with EventBridge's message where it is a dead letter instead.
   */
  async function forwarded(trigger: () => Promise<unknown>): Promise<void> {
    const archived = async () =>
      Number(
        (
          (await local.cloud.call(
            "events",
            "DescribeArchive",
            { ArchiveName: "peregrine-dev-events" },
            administrator(),
          )) as Members
        ).EventCount ?? 0,
      );
    const letters = () =>
      local.cloud.audit
        .recent()
        .filter(
          ({ eventName, requestParameters }) =>
            eventName === "SendMessage" && JSON.stringify(requestParameters).includes("dead-letters"),
        );
    const [before, buried] = [await archived(), letters().length];
    await trigger();
    const letter = await eventually(async () => {
      const all = letters();
      assert.ok(
        (await archived()) > before || all.length > buried,
        "the event is neither on the bus nor a dead letter",
      );
      return all.length > buried ? all[0] : undefined;
    }, 10_000);
    if (letter) throw new Error(JSON.stringify(letter.requestParameters));
  }

  /** @returns AWS's words, or undefined when nothing was noticed. */
  async function noticed({
    resource,
    change,
    scenario,
  }: Pick<Removal, "resource" | "change" | "scenario">): Promise<string | undefined> {
    const undo = await deployment.change(resource(deployment), change);
    try {
      await work(scenario);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      await undo();
    }
  }

  const documentsOf = (role: MatrixRole): Deployed[] =>
    deployment.resources.filter(
      ({ type, name }) =>
        /^aws:iam\/(rolePolicy:RolePolicy|policy:Policy)$/.test(type) &&
        new RegExp(`-identity-${role}-(?!role)`).test(name),
    );

  it("works as long as nothing is taken out", async () => {
    for (const { scenario } of removals) await work(scenario);
    for (const role of roles) {
      await work({ kind: "take", role });
      await work({ kind: "cells", role, actions: ["*"] });
    }
  });

  it("notices each right that a role of the matrix loses", async () => {
    const silent: string[] = [];
    let count = 0;
    for (const role of roles)
      for (const document of documentsOf(role))
        for (const { Sid = "", Effect, Action = [] } of statementsIn(document)) {
          const actions = [Action].flat();
          if (`${role} ${Sid}` in keptStatements) continue;
          const asked = cellsOf([role]).some(
            ({ row, from, to, expected }) =>
              from === "dev" &&
              to === "dev" &&
              expected === "allowed" &&
              actions.some((action) => matches(action, row.action)),
          );
          if (Effect !== "Allow" || !asked) continue;
          const scenario: Scenario =
            Sid === "ListArtifacts" ? { kind: "list", role } : { kind: "cells", role, actions };
          const words = await noticed({ resource: () => document, change: without(Sid), scenario });
          count += 1;
          if (words === undefined || !/is not authorized to perform|not authorized|DryRun|AccessDenied/i.test(words))
            silent.push(`${role} ${Sid}: ${words ?? "nothing"}`);
        }
    assert.deepEqual(silent, []);
    assert.ok(count >= 90, String(count));
  });

  it("notices each denial of a role of the matrix that its boundary does not repeat", async () => {
    const silent: string[] = [];
    for (const role of roles)
      for (const document of documentsOf(role))
        for (const { Sid = "", Effect, Action = [] } of /boundary/.test(document.name) ? [] : statementsIn(document)) {
          if (Effect !== "Deny" || Sid in keptDenials || repeated.has(`${role} ${Sid}`)) continue;
          const undo = await deployment.change(document, without(Sid));
          try {
            const open = await nowAllowed(role, [Action].flat());
            if (open.length === 0) silent.push(`${role} ${Sid}`);
          } finally {
            await undo();
          }
        }
    assert.deepEqual(silent, []);
  });

  /** Cells that the matrix denies and that are allowed now. */
  async function nowAllowed(role: MatrixRole, actions: readonly string[]): Promise<string[]> {
    const cells = cellsOf([role]).filter(
      ({ row, from, to, expected }) =>
        from === "dev" &&
        to === "dev" &&
        expected === "denied" &&
        actions.some((action) => matches(action, row.action)),
    );
    const open: string[] = [];
    for (const { row } of cells)
      await probes[probeName(row)]!.send(sessions.get(role)!, target).then(
        () => open.push(probeName(row)),
        (error: Error) => void (denials.has(error.name) || open.push(probeName(row))),
      );
    return open;
  }

  it("notices each role that nobody may take any more", async () => {
    const silent: string[] = [];
    for (const role of roles) {
      const resource = deployment.one("aws:iam/role:Role", `-identity-${role}-role`);
      const [first] = statementsIn(resource);
      const words = await noticed({
        resource: () => resource,
        change: without(first!.Sid!),
        scenario: { kind: "take", role },
      });
      if (!/not authorized to perform: sts:AssumeRole|cannot be assumed|AssumeRole/.test(words ?? ""))
        silent.push(`${role}: ${words ?? "nothing"}`);
    }
    assert.deepEqual(silent, []);
  });

  for (const removal of removals)
    it(`notices the program without ${removal.what}`, async () => {
      assert.match((await noticed(removal)) ?? "nothing was noticed", removal.words);
    });
});

function matches(pattern: string, action: string): boolean {
  return new RegExp(`^${pattern.replaceAll("*", ".*")}$`, "i").test(action);
}
