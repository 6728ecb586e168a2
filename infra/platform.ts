import type * as pulumi from "@pulumi/pulumi";
import { championVariant } from "../contract/variants";
import { AlertChannels } from "./alerts/chat";
import { AlertTelling } from "./alerts/telling";
import { Audit } from "./audit/audit";
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
import { launchingRoles } from "./identity/roles/budget";
import { type Role, rolesOf } from "./identity/identity";
import { ImageBuilds } from "./images/image-builds";
import { Images } from "./images/images";
import { Monitoring } from "./monitoring/monitoring";
import { Reactions } from "./reactions/reactions";
import { FactCollector } from "./remediation/facts";
import { Registry } from "./registry/registry";
import type { DesiredRelease } from "../contract/desired-release";
import type { PlatformOutputs } from "./outputs";
import type { Scope } from "./scope";
import { Fallbacks } from "./serving/fallbacks";
import { MonitoredEndpoint } from "./serving/monitored-endpoint";
import { defaultNetwork } from "./studio/network";
import { Studio } from "./studio/studio";
import { Tracking } from "./tracking/tracking";
import { Training } from "./training/training";
import { createFoundation, type Foundation, type Place } from "./foundation";
import { createHandlers, type Signals, type Watched } from "./handlers";

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
    const place: Place = { scope, own: this.own, named: (part) => this.named(part) };
    const foundation = createFoundation(place);
    const { storage, identity, alerts, roles, network } = foundation;

    const audit = roles["trail-logs"] && new Audit(this.named("audit"), scope, roles["trail-logs"], this.own);
    const { chat } = identity.operations;
    if (chat) new AlertChannels(this.named("chat"), scope, { alerts, role: chat }, this.own);
    const ci = scope.settings.deployer.repository
      ? new CiAccess(this.named("ci"), scope, identity.deployerBoundary, this.own)
      : undefined;
    this.createSpending(foundation, ci);
    const source = this.createSource(foundation);

    const { services, people, studio: studioRoles, experiments } = identity;
    const tracking = new Tracking(this.named("tracking"), scope, storage.artifacts.bucket, services.mlflow, this.own);
    tracking.grantTo({ ...services, ...people, ...studioRoles, ...experiments });
    const registry = new Registry(this.named("registry"), scope, this.own);
    const signals = this.createSignals(foundation);
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
    const detector = release && this.createEndpoint(foundation, signals, release);
    const monitoring = this.createMonitoring(foundation, signals, detector);
    const studio = scope.settings.studio.enabled ? this.createStudio(foundation) : undefined;
    const { door, watched } = createHandlers(place, foundation, { signals, audit, training, facts });
    this.createDashboard(signals, watched);

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
      approvalKeyArn: foundation.approvals.key.arn,
      logKeyArn: foundation.log.key.arn,
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
  private createSpending({ identity, alerts, stop }: Foundation, ci: CiAccess | undefined): void {
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
