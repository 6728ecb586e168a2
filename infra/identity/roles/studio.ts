import type { Scope } from "../../scope";
import { sharedOutputs } from "../../settings/people";
import { keepTags, stayInEnvironment } from "../documents/apart";
import { neverApprove } from "../documents/approval";
import { keepDisks, neverWriteDataset, readArtifacts, readDataset, useKey, writeArtifacts } from "../documents/data";
import { publishExperimentMetrics, pullImage, writeJobLogs } from "../documents/jobs";
import { experiment, folderOf, oneself, operatePipelines, seeEnvironment } from "../documents/people";
import { passRoles } from "../documents/passing";
import { allow, type Statement } from "../document";
import { prefixes } from "../../../contract/places";
import { define, type RoleDescription, rolesOf } from "./role-definition";

export type StudioRole = (typeof studioDefinitions)[number]["name"];

const { runs, champion, weights, users, mlflow, studio: libraries } = prefixes;
const trusted = { service: "sagemaker.amazonaws.com", setsSourceIdentity: true } as const;

const dataScientist = define({
  name: "studio-data-scientist",
  kind: "studio",
  description: "Notebooks of data scientists: explore and experiment",
  trusted,
  writes: ["users"],
  mlflow: "person",
  expected: { column: "S-DS" },
  exists: ({ environment }) => environment === "dev",
  duties: (scope) => ({ ...notebooks(scope), experiment: experiment(scope) }),
});

const mlEngineer = define({
  name: "studio-ml-engineer",
  kind: "studio",
  description: "Notebooks of ML engineers: write and run pipelines",
  trusted,
  writes: ["users"],
  mlflow: "person",
  expected: { column: "S-MLE" },
  duties: (scope) => ({
    ...notebooks(scope),
    pipelines: operatePipelines(scope),
    "pass-roles": passRoles(scope, ["pipeline-execution"]),
  }),
});

/**
 * Execution roles of Studio's user profiles: what a person's notebooks may do. SageMaker sets the profile's name as
 * source identity, so the trail tells people apart who share a role. Neither deploys: endpoints are changed by the role
 * of the person, not by code that a notebook happens to run.
 */
export const studioDefinitions = [dataScientist, mlEngineer] as const;

export function studioRoles(scope: Scope): Partial<Record<StudioRole, RoleDescription>> {
  return rolesOf<StudioRole>(studioDefinitions, scope);
}

function notebooks(scope: Scope) {
  const written = [folderOf(oneself), ...(scope.settings.studio.shareOutputs ? [folderOf(sharedOutputs)] : [])];
  return {
    dataset: [...readDataset(scope), ...neverWriteDataset(scope)],
    see: seeEnvironment(scope),
    studio: workInStudio(scope),
    work: [...pullImage(scope), ...writeJobLogs(scope), ...publishExperimentMetrics(scope)],
    limits: [...stayInEnvironment(scope), ...keepTags(scope), ...neverApprove()],
    key: [...useKey(scope), ...keepDisks(scope)],
    artifacts: [
      ...readArtifacts(scope, [runs, champion, weights, users, mlflow, libraries]),
      ...writeArtifacts(scope, written),
    ],
  };
}

/**
 * What Studio does as the execution role of a user profile: looks at its domain, and runs private spaces and apps of
 * that profile; domain and profile are what SageMaker says of the session (SageMaker developer guide, "Studio spaces:
 * permissions").
 */
function workInStudio({ arns, environment }: Scope): Statement[] {
  const own = { StringEquals: { "aws:ResourceTag/environment": environment } };
  const mine = {
    ArnLike: {
      "sagemaker:OwnerUserProfileArn":
        arns.sagemaker("user-profile/") + "${sagemaker:DomainId}/${sagemaker:UserProfileName}",
    },
    StringEquals: { "sagemaker:SpaceSharingType": "Private" },
  };
  const spaces = [arns.sagemaker("space/*"), arns.sagemaker("app/*")];
  return [
    allow(
      "SeeStudio",
      [
        // What Studio shows of itself.
        "sagemaker:DescribeApp",
        "sagemaker:DescribeDomain",
        "sagemaker:DescribeSpace",
        "sagemaker:DescribeUserProfile",
      ],
      [arns.sagemaker("domain/*"), arns.sagemaker("user-profile/*"), ...spaces],
      own,
    ),
    allow(
      "RunOwnSpaces",
      [
        // A space, and what runs in it.
        "sagemaker:CreateApp",
        "sagemaker:CreateSpace",
        "sagemaker:DeleteApp",
        "sagemaker:DeleteSpace",
        "sagemaker:UpdateSpace",
      ],
      spaces,
      mine,
    ),
    allow("TagOwnSpaces", ["sagemaker:AddTags"], spaces, { Null: { "sagemaker:TaggingAction": "false" } }),
  ];
}
