import type { Scope } from "../../scope";
import type { StudioPerson } from "../../settings/studio";
import { allow, type Statement } from "../document";
import { oneself } from "./people";

/**
 * Opens Studio as oneself: the user profile that is called like the source identity of the session and was made for that person in that role, in
 * the environment's domain, all of which its tags say. A session without source identity opens nothing.
 */
export function openStudio({ arns, environment }: Scope, role: StudioPerson["role"]): Statement[] {
  return [
    allow("OpenStudio", ["sagemaker:CreatePresignedDomainUrl"], [arns.sagemaker("user-profile/*/") + oneself], {
      StringEquals: {
        "aws:ResourceTag/project": "peregrine",
        "aws:ResourceTag/environment": environment,
        "aws:ResourceTag/person": oneself,
        "aws:ResourceTag/role": role,
      },
    }),
  ];
}

/**
 * What Studio does as the execution role of a user profile: looks at its domain, and runs private spaces and apps of that
 * profile; domain and profile are what SageMaker says of the session (SageMaker developer guide, "Studio spaces: permissions").
 */
export function workInStudio({ arns, environment }: Scope): Statement[] {
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
      ["DescribeDomain", "DescribeUserProfile", "DescribeSpace", "DescribeApp"].map((name) => `sagemaker:${name}`),
      [arns.sagemaker("domain/*"), arns.sagemaker("user-profile/*"), ...spaces],
      own,
    ),
    allow(
      "RunOwnSpaces",
      ["CreateSpace", "UpdateSpace", "DeleteSpace", "CreateApp", "DeleteApp"].map((name) => `sagemaker:${name}`),
      spaces,
      mine,
    ),
    allow("TagOwnSpaces", ["sagemaker:AddTags"], spaces, { Null: { "sagemaker:TaggingAction": "false" } }),
  ];
}
