import { project } from "../../../contract/names";
import type { Scope } from "../../scope";
import type { StudioPerson } from "../../settings/studio";
import { allow, type Statement } from "../document";
import { oneself } from "./people";

/**
 * Opens Studio as oneself: the user profile that is called like the source identity of the session and was made for
 * that person in that role, in the environment's domain, all of which its tags say. A session without source identity
 * opens nothing.
 */
export function openStudio({ arns, environment }: Scope, role: StudioPerson["role"]): Statement[] {
  return [
    allow("OpenStudio", ["sagemaker:CreatePresignedDomainUrl"], [arns.sagemaker("user-profile/*/") + oneself], {
      StringEquals: {
        "aws:ResourceTag/project": project,
        "aws:ResourceTag/environment": environment,
        "aws:ResourceTag/person": oneself,
        "aws:ResourceTag/role": role,
      },
    }),
  ];
}
