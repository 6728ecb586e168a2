import type { EventRule, MetricAlarm } from "@pulumi/aws/cloudwatch";
import { Escalation } from "./alerts/escalation";
import type { AlertTelling } from "./alerts/telling";
import type { Audit } from "./audit/audit";
import { Recorder } from "./audit/recorder";
import { LogWitness } from "./audit/witness";
import { Kpis } from "./business/kpis";
import type { Events } from "./events/events";
import { Experiments } from "./experiments/experiments";
import { Feedback } from "./feedback/feedback";
import { Forecasts } from "./forecasting/forecasts";
import type { Foundation, Place } from "./foundation";
import { FallBack } from "./front-door/fall-back";
import { FrontDoor } from "./front-door/front-door";
import type { HandlerFunction } from "./reactions/function";
import type { Reactions } from "./reactions/reactions";
import type { FactCollector } from "./remediation/facts";
import { AccountFactsObject, ReleaseFacts, Remediation } from "./remediation/remediation";
import { Reports } from "./reporting/reports";
import { TrainingFailures } from "./retraining/failures";
import { RetrainingProposals } from "./retraining/proposals";
import { Retraining } from "./retraining/retraining";
import type { Training } from "./training/training";

/** What tells people and the platform itself that something happened. */
export interface Signals {
  readonly reactions: Reactions;
  readonly telling: AlertTelling;
  readonly events: Events;
}

/** What the environment's dashboard shows. */
export interface Watched {
  readonly functions: readonly HandlerFunction[];
  readonly rules: readonly EventRule[];
  readonly alarms: readonly MetricAlarm[];
}

/** What handlers work with, beside what the foundation is. */
export interface HandlerNeeds {
  readonly signals: Signals;
  /** Undefined where another trail records the environment. */
  readonly audit: Audit | undefined;
  readonly training: Training;
  readonly facts: FactCollector;
}

/** The functions that act by themselves, and what calls them. */
export interface Handlers {
  readonly watched: Watched;
  /** Undefined where clients call the endpoint itself. */
  readonly door: FrontDoor | undefined;
}

/**
 * What acts in an environment by itself, each in its role: the recorder and the witness of the log, retraining, feedback,
 * the front door, forecasts, business metrics, experiments, escalation and remediation. A part without a role is none here.
 */
export function createHandlers(place: Place, foundation: Foundation, needs: HandlerNeeds): Handlers {
  const { scope, own, named } = place;
  const { alerts, identity, key, log, storage } = foundation;
  const { telling, events, reactions } = needs.signals;
  const { operations: roles } = identity;
  const shared = {
    keyArn: key.arn,
    artifactsBucket: storage.artifacts.bucket,
    bus: events.bus.name,
    schedules: events.schedules,
    deadLetters: reactions.deadLetters,
  };
  const recorder =
    needs.audit &&
    new Recorder(
      named("recorder"),
      scope,
      {
        ...shared,
        role: roles["record-changes"]!,
        auditBucket: needs.audit.bucket.bucket,
        logKeyArn: log.key.arn,
      },
      own,
    );
  const { "witness-log": witnessing } = roles;
  const witness = witnessing && new LogWitness(named("witness"), scope, { ...shared, role: witnessing }, own);
  const failures = new TrainingFailures(named("failures"), scope, { ...shared, role: roles["training-failure"]! }, own);
  const retraining = createRetraining(place, foundation, needs, shared);
  const feedback = new Feedback(named("feedback"), scope, { ...shared, role: roles["feedback"]! }, own);
  const { frontDoor: settings } = scope.settings;
  const door =
    settings &&
    new FrontDoor(
      named("front-door"),
      scope,
      { ...shared, settings, role: roles["front-door"]!, alarmAction: telling.action },
      own,
    );
  const { "fall-back": fallingBack } = roles;
  const fallBack = fallingBack && new FallBack(named("fall-back"), scope, { ...shared, role: fallingBack }, own);
  const forecasts = new Forecasts(
    named("forecasts"),
    scope,
    { ...shared, roles: { forecast: roles.forecast!, "forecast-start": roles["forecast-start"]! } },
    own,
  );
  const kpis = new Kpis(
    named("kpis"),
    scope,
    {
      ...shared,
      roles: { "publish-kpis": roles["publish-kpis"]!, "publish-kpis-start": roles["publish-kpis-start"]! },
    },
    own,
  );
  const { "look-at-experiment": look, "look-at-experiment-start": start } = roles;
  const experiments =
    look &&
    start &&
    new Experiments(
      named("experiments"),
      scope,
      { ...shared, roles: { "look-at-experiment": look, "look-at-experiment-start": start } },
      own,
    );
  const { escalate } = roles;
  const escalation = escalate && new Escalation(named("escalation"), scope, { ...shared, alerts, role: escalate }, own);
  const reports = createReports(place, foundation, shared, door);
  const remediation = createRemediation(place, foundation, needs, shared);
  return {
    door,
    watched: {
      functions: [
        ...(remediation ? [remediation.handler] : []),
        ...(escalation ? [escalation.handler] : []),
        ...(reports ? [reports.handler] : []),
        feedback.handler,
        forecasts.handler,
        kpis.handler,
        failures.explain,
        ...(retraining?.functions ?? []),
        ...(experiments ? [experiments.look] : []),
        ...(door?.functions ?? []),
        ...(fallBack ? [fallBack.handler] : []),
        ...(recorder ? [recorder.handler] : []),
        ...(witness ? [witness.handler] : []),
      ],
      rules: [
        failures.rule,
        ...(fallBack ? [fallBack.rule] : []),
        ...(remediation?.rules ?? []),
        ...(escalation ? [escalation.rule] : []),
      ],
      alarms: [...(door?.alarms ?? []), ...(escalation ? [escalation.alarm] : [])],
    },
  };
}

/** What all of them are given. */
type Shared = Omit<ConstructorParameters<typeof Forecasts>[2], "roles">;

/** What decides whether to train again, and what proposes it. */
function createRetraining(
  { scope, own, named }: Place,
  { identity: { operations } }: Foundation,
  { training }: HandlerNeeds,
  shared: Shared,
): Retraining | undefined {
  const { retraining: decide, "new-data": look, "new-data-start": start } = operations;
  const retraining =
    decide && look && start
      ? new Retraining(
          named("retraining"),
          scope,
          {
            ...shared,
            roles: { retraining: decide, "new-data": look, "new-data-start": start },
            pipelineName: training.pipeline.pipelineName,
          },
          own,
        )
      : undefined;
  const { in: to } = scope.settings.retraining;
  if (to)
    new RetrainingProposals(
      named("proposals"),
      scope,
      { ...shared, to, dependsOn: retraining ? [retraining.policy] : [] },
      own,
    );
  return retraining;
}

/** What tells by schedule how all is, to who decides. */
function createReports(
  { scope, own, named }: Place,
  { alerts, identity: { operations } }: Foundation,
  { keyArn, artifactsBucket, schedules, deadLetters }: Shared,
  door: FrontDoor | undefined,
): Reports | undefined {
  const { report, "report-start": start } = operations;
  const { schedule } = scope.settings.report;
  if (!report || !start || schedule === "off") return undefined;
  return new Reports(
    named("reports"),
    scope,
    schedule,
    {
      ...{ alerts, keyArn, artifactsBucket, schedules, deadLetters },
      roles: { report, "report-start": start },
      door: door?.url.functionUrl,
    },
    own,
  );
}

/** What puts right what is changed by hand. It looks for what was registered before it. */
function createRemediation(
  { scope, own, named }: Place,
  { identity: { operations }, storage }: Foundation,
  { facts }: HandlerNeeds,
  shared: Shared,
): Remediation | undefined {
  const { heal: role } = operations;
  if (!role) return undefined;
  const remediation = new Remediation(named("remediation"), scope, { ...shared, role }, own);
  const written = { ...own, dependsOn: [...storage.ready] };
  new AccountFactsObject(named("account-facts"), scope, facts, written);
  new ReleaseFacts(named("release-facts"), scope, facts, written);
  return remediation;
}
