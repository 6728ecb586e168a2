import type { Scope } from "../../scope";
import { auditDecisions, decideCandidates, neverApprove, neverTrain, signDecisions } from "../documents/approval";
import { keepTags, stayInEnvironment } from "../documents/apart";
import { audit, writeNothing } from "../documents/audit";
import { neverWriteDataset, readArtifacts, readDataset, useKey, writeArtifacts } from "../documents/data";
import {
  deployNetwork,
  deployReactions,
  deploySagemaker,
  deployStorage,
  deployWatches,
  passServiceRoles,
  seeKeys,
} from "../documents/deployment";
import { experiment, folderOf, oneself, operatePipelines, seeEnvironment } from "../documents/people";
import { passRoles } from "../documents/pipeline";
import { keepState, useReleasePath } from "../documents/release";
import { openStudio } from "../documents/studio";
import { operationsRoles } from "./operations";
import { readTrail } from "../documents/trail";
import { foundationRoles } from "./foundation";
import { prefixes } from "../prefixes";
import { jobInstanceTypes, type RoleDescription, serviceRoles } from "./services";

export type HumanRole = "data-scientist" | "ml-engineer" | "approver" | "auditor" | "deployer";
export const humanRoleNames: readonly HumanRole[] = [
  "data-scientist",
  "ml-engineer",
  "approver",
  "auditor",
  "deployer",
];

/** Roles that people take. The data scientist exists in development only: elsewhere there is nothing to be allowed. */
export function humanRoles(scope: Scope): Partial<Record<HumanRole, RoleDescription>> {
  const apart = [...stayInEnvironment(scope), ...keepTags(scope)];
  const { runs, champion, weights, users, mlflow } = prefixes;
  const all: Record<HumanRole, RoleDescription> = {
    "data-scientist": {
      description: "Explores the dataset and the development environment; decides and deploys nothing",
      trusted: "people",
      duties: {
        dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
        see: seeEnvironment(scope),
        studio: openStudio(scope, "data-scientist"),
        artifacts: [
          ...readArtifacts(scope, [runs, champion, weights, users, mlflow]),
          ...writeArtifacts(scope, [folderOf(oneself)]),
        ],
        experiment: experiment(scope, jobInstanceTypes(scope)),
        limits: [...apart, ...neverApprove()],
        key: useKey(scope),
      },
    },
    "ml-engineer": {
      description: "Builds pipelines and deploys models; does not approve them",
      trusted: "people",
      duties: {
        dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
        see: seeEnvironment(scope),
        studio: openStudio(scope, "ml-engineer"),
        pipelines: operatePipelines(scope),
        endpoints: useReleasePath(scope),
        "pass-roles": passRoles(scope, ["pipeline-execution"]),
        artifacts: [...readArtifacts(scope, [""]), ...writeArtifacts(scope, [folderOf(oneself)])],
        limits: [...apart, ...neverApprove()],
        key: useKey(scope),
      },
    },
    approver: {
      description: "Approves or rejects candidates; may not train",
      trusted: "people",
      duties: {
        see: seeEnvironment(scope),
        decide: decideCandidates(scope),
        evidence: signDecisions(scope),
        limits: [...apart, ...neverTrain()],
        key: useKey(scope),
      },
    },
    auditor: {
      description: "Reads trails, records, permissions and configurations; writes nothing",
      trusted: "people",
      duties: {
        see: seeEnvironment(scope),
        audit: [...audit(scope), ...readTrail(scope), ...auditDecisions(scope)],
        limits: [...apart, ...writeNothing()],
        key: useKey(scope),
      },
    },
    deployer: {
      description: "Runs pulumi up for what serves, watches and reacts; makes no roles, keys or buckets",
      trusted: "people",
      boundary: "deployer-boundary",
      managed: true,
      duties: {
        foundation: [
          ...deployStorage(scope),
          ...seeKeys(scope),
          ...useKey(scope),
          ...deployNetwork(scope),
          ...keepState(scope),
        ],
        roles: passServiceRoles(scope, servicesByRole(scope)),
        platform: deploySagemaker(scope),
        reactions: [...deployReactions(scope), ...deployWatches(scope)],
      },
    },
  };
  if (scope.environment === "dev") return all;
  const { "data-scientist": _developmentOnly, ...rest } = all;
  return rest;
}

/**
 * Roles that a deployer hands over, each to its service. Those that run other people's code or models (jobs, endpoints, Studio) are
 * handed over with what they run: jobs by the pipeline, endpoints by releases, Studio by the administrator.
 */
export const handedRoles: readonly string[] = [
  "pipeline-execution",
  "mlflow",
  "announce-candidate",
  "chat",
  "event-forward",
  "monitoring-execution",
  "monitoring-start",
  "flow-logs",
];

function servicesByRole(scope: Scope): Record<string, string> {
  const roles = Object.entries<RoleDescription | undefined>({
    ...serviceRoles(scope),
    ...operationsRoles(scope),
    ...foundationRoles(scope),
  }).filter(([name]) => handedRoles.includes(name));
  return Object.fromEntries(
    roles.flatMap(([name, role]) =>
      role && role.trusted !== "people" && "service" in role.trusted ? [[name, role.trusted.service]] : [],
    ),
  );
}
