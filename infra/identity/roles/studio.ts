import type { Scope } from "../../scope";
import { sharedOutputs } from "../../settings/people";
import { keepTags, stayInEnvironment } from "../documents/apart";
import { neverApprove } from "../documents/approval";
import { keepDisks, neverWriteDataset, readArtifacts, readDataset, useKey, writeArtifacts } from "../documents/data";
import { publishExperimentMetrics, pullImage, writeJobLogs } from "../documents/jobs";
import { experiment, folderOf, oneself, operatePipelines, seeEnvironment } from "../documents/people";
import { passRoles } from "../documents/pipeline";
import { workInStudio } from "../documents/studio";
import { prefixes } from "../prefixes";
import { jobInstanceTypes, type RoleDescription } from "./services";

export type StudioRole = "studio-data-scientist" | "studio-ml-engineer";

/**
 * Execution roles of Studio's user profiles: what a person's notebooks may do. SageMaker sets the profile's name as source
 * identity, so the trail tells people apart who share a role. Neither deploys: endpoints are changed by the role of the person, not
 * by code that a notebook happens to run.
 */
export function studioRoles(scope: Scope): Partial<Record<StudioRole, RoleDescription>> {
  const studio = { service: "sagemaker.amazonaws.com", setsSourceIdentity: true } as const;
  const { runs, champion, weights, users, mlflow, studio: libraries } = prefixes;
  const notebooks = {
    dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
    see: seeEnvironment(scope),
    studio: workInStudio(scope),
    work: [...pullImage(scope), ...writeJobLogs(scope), ...publishExperimentMetrics(scope)],
    limits: [...stayInEnvironment(scope), ...keepTags(scope), ...neverApprove()],
    key: [...useKey(scope), ...keepDisks(scope)],
  };
  const written = [folderOf(oneself), ...(scope.settings.studio.shareOutputs ? [folderOf(sharedOutputs)] : [])];
  const artifacts = [
    ...readArtifacts(scope, [runs, champion, weights, users, mlflow, libraries]),
    ...writeArtifacts(scope, written),
  ];
  const engineer: RoleDescription = {
    description: "Notebooks of ML engineers: write and run pipelines",
    trusted: studio,
    duties: {
      ...notebooks,
      artifacts,
      pipelines: operatePipelines(scope),
      "pass-roles": passRoles(scope, ["pipeline-execution"]),
    },
  };
  if (scope.environment !== "dev") return { "studio-ml-engineer": engineer };
  return {
    "studio-data-scientist": {
      description: "Notebooks of data scientists: explore and experiment",
      trusted: studio,
      duties: { ...notebooks, artifacts, experiment: experiment(scope, jobInstanceTypes(scope)) },
    },
    "studio-ml-engineer": engineer,
  };
}
