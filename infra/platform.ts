import type { EventRule, MetricAlarm } from "@pulumi/aws/cloudwatch";
import type * as pulumi from "@pulumi/pulumi";
import { championVariant } from "../contract/variants";
import { Alerts } from "./alerts/alerts";
import { AlertChannels } from "./alerts/chat";
import { Escalation } from "./alerts/escalation";
import { AlertTelling } from "./alerts/telling";
import { Audit } from "./audit/audit";
import { Recorder } from "./audit/recorder";
import { LogWitness } from "./audit/witness";
import { Component } from "./component";
import { Nights } from "./cost/nights";
import { Spending } from "./cost/spending";
import { EnvironmentDashboard } from "./dashboards/environment-dashboard";
import { CiAccess } from "./delivery/deployer";
import { ReleaseBuilds } from "./delivery/release-builds";
import { ReleaseRequests } from "./delivery/release-requests";
import { SourceBundle } from "./delivery/source-bundle";
import { StagingTrials } from "./delivery/staging-trials";
import { Events } from "./events/events";
import { Experiments } from "./experiments/experiments";
import { Feedback } from "./feedback/feedback";
import { Forecasts } from "./forecasting/forecasts";
import { FallBack } from "./front-door/fall-back";
import { FrontDoor } from "./front-door/front-door";
import { FoundationRoles, LaunchStop } from "./identity/foundation";
import { launchingRoles } from "./identity/roles/budget";
import { Identity, type Role, rolesOf } from "./identity/identity";
import { ImageBuilds } from "./images/image-builds";
import { Images } from "./images/images";
import { ApprovalKey } from "./keys/approval-key";
import { EnvironmentKey } from "./keys/keys";
import { LogKey } from "./keys/log-key";
import { Monitoring } from "./monitoring/monitoring";
import { Network } from "./network/network";
import type { HandlerFunction } from "./reactions/function";
import { Reactions } from "./reactions/reactions";
import { FactCollector } from "./remediation/facts";
import { AccountFactsObject, ReleaseFacts, Remediation } from "./remediation/remediation";
import { RetrainingProposals } from "./retraining/proposals";
import { TrainingFailures } from "./retraining/failures";
import { Retraining } from "./retraining/retraining";
import { Registry } from "./registry/registry";
import type { DesiredRelease } from "../contract/desired-release";
import type { PlatformOutputs } from "./outputs";
import type { Scope } from "./scope";
import { Fallbacks } from "./serving/fallbacks";
import { MonitoredEndpoint } from "./serving/monitored-endpoint";
import { Storage } from "./storage/storage";
import { defaultNetwork } from "./studio/network";
import { Studio } from "./studio/studio";
import { Tracking } from "./tracking/tracking";
import { Training } from "./training/training";

/** What everything else of an environment stands on. */
interface Foundation {
  readonly key: EnvironmentKey;
  readonly storage: Storage;
  readonly identity: Identity;
  readonly alerts: Alerts;
  /** Roles of what the foundation itself does, such as writing flow logs. */
  readonly roles: FoundationRoles["roles"];
  readonly network: Network;
}

/** What tells people and the platform itself that something happened. */
interface Signals {
  readonly reactions: Reactions;
  readonly telling: AlertTelling;
  readonly events: Events;
}

/** What the environment's dashboard shows beside the reactions. */
interface Watched {
  readonly functions: readonly HandlerFunction[];
  readonly rules: readonly EventRule[];
  readonly alarms: readonly MetricAlarm[];
}

/** One environment: from the key that encrypts everything to the endpoint that serves the desired release. */
export class Platform extends Component {
  /** What automation needs to know of an environment. */
  readonly outputs: PlatformOutputs;
  private readonly own: pulumi.ComponentResourceOptions = { parent: this };

  /** @param release without it everything but the endpoint exists. */
  constructor(scope: Scope, release: DesiredRelease | undefined, options: pulumi.ComponentResourceOptions) {
    const facts = new FactCollector();
    super("platform", "Platform", scope.names.prefix, scope, {
      ...options,
      transformations: [...(options.transformations ?? []), facts.note],
    });
    const key = new EnvironmentKey(this.named("keys"), scope, this.own);
    const approvals = new ApprovalKey(this.named("approvals"), scope, this.own);
    const log = new LogKey(this.named("log"), scope, this.own);
    const storage = new Storage(this.named("storage"), scope, key.arn, this.own);
    const stop =
      scope.settings.cost.stop === "off" ? undefined : new LaunchStop(this.named("launch-stop"), scope, this.own);
    const identity = new Identity(this.named("identity"), scope, {
      ...this.own,
      ...(stop ? { dependsOn: [stop.policy] } : {}),
    });
    const alerts = new Alerts(this.named("alerts"), scope, key.arn, this.own);
    const { roles, budgetAction } = new FoundationRoles(
      this.named("foundation"),
      scope,
      identity.boundary.arn,
      this.own,
    );
    const network = new Network(
      this.named("network"),
      scope,
      { keyArn: key.arn, flowLogRole: roles["flow-logs"] },
      this.own,
    );
    const foundation: Foundation = { key, storage, identity, alerts, roles, network };

    const audit = roles["trail-logs"] && new Audit(this.named("audit"), scope, roles["trail-logs"], this.own);
    const { chat } = identity.operations;
    if (chat) new AlertChannels(this.named("chat"), scope, { alerts, role: chat }, this.own);
    const ci = scope.settings.deployer.repository
      ? new CiAccess(this.named("ci"), scope, identity.deployerBoundary, this.own)
      : undefined;
    this.createSpending(foundation, stop && budgetAction && { policy: stop.policy, role: budgetAction }, ci);
    const source = this.createSource(foundation);

    const { services, people, studio: studioRoles, experiments } = identity;
    const tracking = new Tracking(this.named("tracking"), scope, storage.artifacts.bucket, services.mlflow, this.own);
    tracking.grantTo({ ...services, ...people, ...studioRoles, ...experiments });
    const registry = new Registry(this.named("registry"), scope, this.own);
    const signals = this.createSignals(foundation);
    const recorder = audit && this.createRecorder(foundation, signals, { audit, log });
    const witness = this.createWitness(foundation, signals);
    const { builds, trials } = this.createDelivery(foundation, signals, source);
    const training = new Training(
      this.named("training"),
      scope,
      {
        identity,
        artifactsBucket: storage.artifacts.bucket,
        announceFunctionArn: signals.reactions.announce.arn,
        trialQueueUrl: trials?.queue.url,
        mlflowAppArn: tracking.uri,
        placement: network.placement,
      },
      this.own,
    );
    const retraining = this.createRetraining(foundation, signals, training);
    const detector = release && this.createEndpoint(foundation, signals, release);
    const monitoring = this.createMonitoring(foundation, signals, detector);
    const feedback = this.createFeedback(foundation);
    const door = this.createFrontDoor(foundation, signals);
    const fallBack = this.createFallBack(foundation, signals);
    const forecasts = this.createForecasts(foundation, signals);
    const comparison = this.createExperiments(foundation, signals);
    const studio = scope.settings.studio.enabled ? this.createStudio(foundation) : undefined;
    const escalation = this.createEscalation(foundation, signals);
    const remediation = this.createRemediation(foundation, signals, facts);
    this.createDashboard(signals, {
      functions: [
        ...(remediation ? [remediation.handler] : []),
        ...(escalation ? [escalation.handler] : []),
        feedback.handler,
        forecasts.handler,
        ...retraining.functions,
        ...(comparison ? [comparison.look] : []),
        ...(door?.functions ?? []),
        ...(fallBack ? [fallBack.handler] : []),
        ...(recorder ? [recorder.handler] : []),
        ...(witness ? [witness.handler] : []),
      ],
      rules: [
        ...retraining.rules,
        ...(fallBack ? [fallBack.rule] : []),
        ...(remediation?.rules ?? []),
        ...(escalation ? [escalation.rule] : []),
      ],
      alarms: [...(door?.alarms ?? []), ...(escalation ? [escalation.alarm] : [])],
    });

    this.outputs = {
      environment: scope.environment,
      artifactsBucket: storage.artifacts.bucket,
      datasetBucket: scope.settings.dataset.bucket,
      imageUri: scope.imageUri,
      modelPackageGroup: registry.group.modelPackageGroupName,
      pipelineName: training.pipeline.pipelineName,
      ...(monitoring?.pipeline ? { monitoringPipeline: monitoring.pipeline.pipelineName } : {}),
      trackingUri: tracking.uri,
      ...(tracking.appArn ? { mlflowAppArn: tracking.appArn } : {}),
      eventBusName: signals.events.bus.name,
      ...(studio
        ? {
            studioDomainId: studio.domain.id,
            studioFileSystemId: studio.domain.homeEfsFileSystemId,
            studioUrl: studio.domain.url,
          }
        : {}),
      approvalKeyArn: approvals.key.arn,
      logKeyArn: log.key.arn,
      releaseParameter: scope.releaseParameter,
      ledgerHeadParameter: scope.ledgerHeadParameter,
      logHeadParameter: scope.logHeadParameter,
      endpointName: scope.endpointName,
      roleArns: Object.fromEntries(
        Object.entries({ ...rolesOf(identity), ...identity.releases, ...ci?.roles }).map(([role, { arn }]) => [
          role,
          arn,
        ]),
      ),
      alertTopicArns: { critical: alerts.arn("critical"), warning: alerts.arn("warning"), info: alerts.arn("info") },
      ...(door ? { frontDoorUrl: door.url.functionUrl } : {}),
      ...(audit ? { auditBucket: audit.bucket.bucket, trailName: audit.trail.name } : {}),
      ...(builds ? { releaseProject: builds.project.name } : {}),
      ...(release && detector
        ? { desiredModelPackageArn: release.modelPackageArn, endpointConfigName: detector.configuration.name }
        : {}),
    };
    this.registerOutputs({});
  }

  /** Budgets and anomalies; where a spent budget stops launches, of the roles that launch. */
  private createSpending(
    { identity, alerts }: Foundation,
    stop: { readonly policy: LaunchStop["policy"]; readonly role: Role } | undefined,
    ci: CiAccess | undefined,
  ): void {
    const launchers: Readonly<Record<string, Role | undefined>> = { ...rolesOf(identity), ...ci?.roles };
    const launching = launchingRoles(this.scope).map((role) => launchers[role]!.role.name);
    new Spending(this.named("spending"), this.scope, { alerts, stop: stop && { ...stop, launching } }, this.own);
  }

  /** The program's own source, where builds need it, and the image that is built from it. */
  private createSource({ key, storage, identity }: Foundation): SourceBundle | undefined {
    const imageBuild = identity.operations["image-build"];
    const images = this.scope.settings.image.ownsRepository
      ? new Images(this.named("images"), this.scope, this.own)
      : undefined;
    const source =
      identity.releases || imageBuild
        ? new SourceBundle(this.named("source"), this.scope, storage.artifacts.bucket, this.own)
        : undefined;
    if (imageBuild)
      new ImageBuilds(
        this.named("image-builds"),
        this.scope,
        { role: imageBuild, keyArn: key.arn, source: source!, repository: images!.repository },
        this.own,
      );
    return source;
  }

  private createSignals({ key, storage, identity, alerts }: Foundation): Signals {
    const reactions = new Reactions(
      this.named("reactions"),
      this.scope,
      { alerts, announceRole: identity.services["announce-candidate"], keyArn: key.arn },
      this.own,
    );
    const { deadLetters } = reactions;
    const telling = new AlertTelling(
      this.named("telling"),
      this.scope,
      {
        alerts,
        role: identity.operations["tell"]!,
        keyArn: key.arn,
        artifactsBucket: storage.artifacts.bucket,
        deadLetters,
      },
      this.own,
    );
    const events = new Events(
      this.named("events"),
      this.scope,
      { telling, forwardRole: identity.operations["event-forward"]!, deadLetters },
      this.own,
    );
    return { reactions, telling, events };
  }

  /** What keeps an entry of each call that changed something, where a trail of ours says which there were. */
  private createRecorder(
    { key, storage, identity: { operations } }: Foundation,
    { reactions: { deadLetters } }: Signals,
    { audit, log }: { readonly audit: Audit; readonly log: LogKey },
  ): Recorder {
    return new Recorder(
      this.named("recorder"),
      this.scope,
      {
        role: operations["record-changes"]!,
        keyArn: key.arn,
        artifactsBucket: storage.artifacts.bucket,
        auditBucket: audit.bucket.bucket,
        logKeyArn: log.key.arn,
        deadLetters,
      },
      this.own,
    );
  }

  /** Who remembers other environments' logs; undefined where none is witnessed. */
  private createWitness(
    { key, identity: { operations } }: Foundation,
    { reactions: { deadLetters } }: Signals,
  ): LogWitness | undefined {
    const role = operations["witness-log"];
    if (!role) return undefined;
    return new LogWitness(this.named("witness"), this.scope, { role, keyArn: key.arn, deadLetters }, this.own);
  }

  /** Release builds, requests for them, and trials of candidates: in the registry's environment. */
  private createDelivery(
    { key, identity, alerts }: Foundation,
    { reactions: { deadLetters } }: Signals,
    source: SourceBundle | undefined,
  ): { readonly builds?: ReleaseBuilds; readonly trials?: StagingTrials } {
    const { releases } = identity;
    if (!releases) return {};
    const shared = { keyArn: key.arn, deadLetters };
    const builds = new ReleaseBuilds(
      this.named("delivery"),
      this.scope,
      { ...shared, roles: releases, source: source!, alerts },
      this.own,
    );
    new ReleaseRequests(this.named("requests"), this.scope, { ...shared, role: releases["release-request"] }, this.own);
    const role = releases["staging-trial"];
    const trials = role && new StagingTrials(this.named("trials"), this.scope, { ...shared, role }, this.own);
    return { builds, trials };
  }

  /** The endpoint that serves the release, and what it does at night. */
  private createEndpoint(
    { key, storage, identity, roles, network }: Foundation,
    { reactions: { deadLetters }, telling }: Signals,
    release: DesiredRelease,
  ): MonitoredEndpoint {
    const detector = new MonitoredEndpoint(
      this.scope.endpointName,
      this.scope,
      {
        release,
        role: identity.services["endpoint-execution"],
        keyArn: key.arn,
        artifactsBucket: storage.artifacts.bucket,
        alarmAction: telling.action,
        placement: network.placement,
      },
      this.own,
    );
    const { cost, frontDoor } = this.scope.settings;
    if (frontDoor && frontDoor.rungs.length > 1)
      new Fallbacks(
        this.named("fallbacks"),
        this.scope,
        {
          settings: frontDoor,
          release,
          detector,
          role: identity.services["endpoint-execution"],
          keyArn: key.arn,
          alarmAction: telling.action,
        },
        this.own,
      );
    const { nights } = cost;
    if (nights.endpoint !== "on")
      new Nights(
        this.named("nights"),
        this.scope,
        { detector, office: nights.office, role: roles["night-schedule"], deadLetters },
        this.own,
      );
    return detector;
  }

  private createMonitoring(
    { identity: { operations }, network }: Foundation,
    { reactions: { deadLetters }, events }: Signals,
    detector: MonitoredEndpoint | undefined,
  ): Monitoring | undefined {
    const { "monitoring-execution": execution, "monitoring-start": start } = operations;
    if (!execution || !start) return undefined;
    return new Monitoring(
      this.named("monitoring"),
      this.scope,
      {
        roles: { "monitoring-execution": execution, "monitoring-start": start },
        schedules: events.schedules,
        deadLetters,
        endpoint: detector?.endpoint,
        placement: network.placement,
      },
      this.own,
    );
  }

  private createFeedback({ key, storage, identity: { operations } }: Foundation): Feedback {
    return new Feedback(
      this.named("feedback"),
      this.scope,
      { role: operations["feedback"]!, keyArn: key.arn, artifactsBucket: storage.artifacts.bucket },
      this.own,
    );
  }

  private createFrontDoor(
    { key, storage, identity: { operations } }: Foundation,
    { reactions: { deadLetters }, telling, events }: Signals,
  ): FrontDoor | undefined {
    const { frontDoor: settings } = this.scope.settings;
    if (!settings) return undefined;
    return new FrontDoor(
      this.named("front-door"),
      this.scope,
      {
        settings,
        role: operations["front-door"]!,
        keyArn: key.arn,
        artifactsBucket: storage.artifacts.bucket,
        bus: events.bus.name,
        deadLetters,
        alarmAction: telling.action,
      },
      this.own,
    );
  }

  private createFallBack(
    { key, storage, identity: { operations } }: Foundation,
    { reactions: { deadLetters }, events }: Signals,
  ): FallBack | undefined {
    const role = operations["fall-back"];
    if (!role) return undefined;
    return new FallBack(
      this.named("fall-back"),
      this.scope,
      {
        role,
        keyArn: key.arn,
        artifactsBucket: storage.artifacts.bucket,
        bus: events.bus.name,
        deadLetters,
      },
      this.own,
    );
  }

  private createForecasts(
    { key, storage, identity: { operations } }: Foundation,
    { reactions: { deadLetters }, events }: Signals,
  ): Forecasts {
    return new Forecasts(
      this.named("forecasts"),
      this.scope,
      {
        roles: { forecast: operations.forecast!, "forecast-start": operations["forecast-start"]! },
        keyArn: key.arn,
        artifactsBucket: storage.artifacts.bucket,
        bus: events.bus.name,
        schedules: events.schedules,
        deadLetters,
      },
      this.own,
    );
  }

  /** Who looks at experiments; undefined where none are made. */
  private createExperiments(
    { key, storage, identity: { operations } }: Foundation,
    { reactions: { deadLetters }, events }: Signals,
  ): Experiments | undefined {
    const { "look-at-experiment": look, "look-at-experiment-start": start } = operations;
    if (!look || !start) return undefined;
    return new Experiments(
      this.named("experiments"),
      this.scope,
      {
        roles: { "look-at-experiment": look, "look-at-experiment-start": start },
        keyArn: key.arn,
        artifactsBucket: storage.artifacts.bucket,
        bus: events.bus.name,
        schedules: events.schedules,
        deadLetters,
      },
      this.own,
    );
  }

  /** Who is told when nobody acknowledges; undefined where nobody is. */
  private createEscalation(
    { key, storage, identity: { operations }, alerts }: Foundation,
    { reactions: { deadLetters } }: Signals,
  ): Escalation | undefined {
    const role = operations["escalate"];
    if (!role) return undefined;
    return new Escalation(
      this.named("escalation"),
      this.scope,
      { alerts, role, keyArn: key.arn, artifactsBucket: storage.artifacts.bucket, deadLetters },
      this.own,
    );
  }

  /** What puts right what is changed by hand; undefined where nothing does. */
  private createRemediation(
    { key, storage, identity: { operations } }: Foundation,
    { reactions: { deadLetters }, events }: Signals,
    facts: FactCollector,
  ): Remediation | undefined {
    const role = operations["heal"];
    if (!role) return undefined;
    const remediation = new Remediation(
      this.named("remediation"),
      this.scope,
      { role, keyArn: key.arn, artifactsBucket: storage.artifacts.bucket, bus: events.bus.name, deadLetters },
      this.own,
    );
    const written = { ...this.own, dependsOn: [...storage.ready] };
    new AccountFactsObject(this.named("account-facts"), this.scope, facts, written);
    new ReleaseFacts(this.named("release-facts"), this.scope, facts, written);
    return remediation;
  }

  private createStudio({ key, storage, identity, network: { vpc, placement } }: Foundation): Studio {
    return new Studio(
      this.named("studio"),
      this.scope,
      {
        network: vpc && placement ? { vpcId: vpc.id, ...placement } : defaultNetwork({ parent: this }),
        keyArn: key.arn,
        artifactsBucket: storage.artifacts.bucket,
        roles: Object.values(identity.studio).map(({ duties }) => duties),
      },
      this.own,
    );
  }

  /** Who decides whether to train again, what proposes it, and what tells that a training failed. */
  private createRetraining(
    { key, storage, identity: { operations } }: Foundation,
    { reactions: { deadLetters }, events }: Signals,
    { pipeline }: Training,
  ): Omit<Watched, "alarms"> {
    const shared = { keyArn: key.arn, bus: events.bus.name, deadLetters };
    const failures = new TrainingFailures(
      this.named("failures"),
      this.scope,
      { ...shared, role: operations["training-failure"]! },
      this.own,
    );
    const { retraining: decide, "new-data": look, "new-data-start": start } = operations;
    const retraining =
      decide && look && start
        ? new Retraining(
            this.named("retraining"),
            this.scope,
            {
              ...shared,
              roles: { retraining: decide, "new-data": look, "new-data-start": start },
              artifactsBucket: storage.artifacts.bucket,
              pipelineName: pipeline.pipelineName,
              schedules: events.schedules,
            },
            this.own,
          )
        : undefined;
    const { in: to } = this.scope.settings.retraining;
    if (to)
      new RetrainingProposals(
        this.named("proposals"),
        this.scope,
        { ...shared, to, dependsOn: retraining ? [retraining.policy] : [] },
        this.own,
      );
    return { functions: [failures.explain, ...(retraining?.functions ?? [])], rules: [failures.rule] };
  }

  /**
   * The endpoint's alarms are on its own dashboard: their names change with every release, and a release changes
   * nothing else.
   */
  private createDashboard({ reactions, telling }: Signals, watched: Watched): void {
    new EnvironmentDashboard(
      this.named("dashboards"),
      this.scope,
      {
        alarms: [...reactions.alarms, telling.alarm, ...watched.alarms],
        variant: championVariant,
        functions: [reactions.announce, telling.function, ...watched.functions].map((one) => one.function.name),
        rules: [...reactions.rules, ...watched.rules].map((rule) => rule.name),
      },
      this.own,
    );
  }
}
