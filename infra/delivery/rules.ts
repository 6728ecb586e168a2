import { awsSource, detailType } from "../../contract/events";
import type { Scope } from "../scope";

type Pattern = Readonly<Record<string, unknown>>;

/** Input of an EventBridge target: `<name>` in the template stands for the value at a path of the event. */
export interface InputTransformer {
  readonly inputPaths: Readonly<Record<string, string>>;
  readonly inputTemplate: string;
}

/** Name of a rule about releases; the deployer's boundary keeps its hands off all of them. */
export function releaseRule({ names }: Scope, what: "approved" | "failed"): string {
  return names.of("eventRule", "release", what);
}

/**
 * A model package of the registry's group was approved. Every update of a package is such an event and carries its
 * status, so an edit of an approved one is told apart by what was updated ("Model package state change", SageMaker
 * developer guide).
 */
export function approvedPattern({ modelPackageGroup }: Scope): Pattern {
  return {
    source: [awsSource.sagemaker],
    "detail-type": [detailType.modelPackage],
    detail: {
      ModelPackageGroupName: [modelPackageGroup],
      ModelApprovalStatus: ["Approved"],
      UpdatedModelPackageFields: ["ModelApprovalStatus"],
    },
  };
}

/** Beyond a day an approval is no longer what somebody expects to go live now. */
export const retryPolicy = { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 86_400 };

/**
 * The release build of an approved package ended badly. One that a person stopped is that person's business, and a
 * candidate that fails its trial fails its pipeline, which is told elsewhere. CodeBuild calls the initiator
 * `<role>/<session>`.
 */
export function failedPattern(scope: Scope): Pattern {
  const tried = scope.triesInStaging
    ? {
        "additional-information": {
          initiator: [{ "anything-but": { prefix: `${scope.roleName("staging-trial")}/` } }],
        },
      }
    : {};
  return buildEnded(scope, ["FAILED", "FAULT", "TIMED_OUT"], tried);
}

/** Any release build that ended without success: if a pipeline waits for it, it has to be told. */
export function endedPattern(scope: Scope): Pattern {
  return buildEnded(scope, ["FAILED", "FAULT", "TIMED_OUT", "STOPPED"]);
}

function buildEnded({ releaseProject }: Scope, statuses: readonly string[], more: Pattern = {}): Pattern {
  return {
    source: [awsSource.codebuild],
    "detail-type": [detailType.build],
    detail: { "project-name": [releaseProject], "build-status": statuses, ...more },
  };
}

/** What people are told then. A template for text must itself be a JSON string. */
export function failedNotice({ environment, releaseProject, settings: { delivery } }: Scope): InputTransformer {
  const targets = delivery.targets.join(",");
  const sentence = [
    `[${environment}] CRITICAL: the release build of an approved model package ended as <status> at <time>.`,
    `Build <build> of ${releaseProject}, log: <log>.`,
    `An environment that could not take the release serves the one before, unless an alert of its own says otherwise.`,
    `What is where: peregrine status.`,
    `What happened: ${delivery.targets.map((target) => `peregrine release list --stack ${target}`).join("; ")}.`,
    `When the cause is gone, release again: peregrine promote PACKAGE-ARN --to ${targets}.`,
    `Runbook: docs/runbooks/release-failed.md`,
  ].join(" ");
  return {
    inputPaths: {
      status: "$.detail.build-status",
      time: "$.time",
      build: "$.detail.build-id",
      log: "$.detail.additional-information.logs.deep-link",
    },
    inputTemplate: JSON.stringify(sentence),
  };
}
