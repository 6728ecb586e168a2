import type { Members } from "../../local/members";
import type { LocalCloud } from "../../local/server";
import type { scopeOf } from "../support/scope";

/** Where something happens that rules tell people of past the function that tells. */
export interface Happening {
  readonly local: LocalCloud;
  readonly scope: ReturnType<typeof scopeOf>;
  /** The ARN of a model package that waits for an approver. */
  newPackage(): Promise<string>;
}

/** What a rule does at once: people read of it in a topic. */
export interface Notice {
  readonly trigger: () => Promise<unknown>;
  /** Is in the rule's sentence, and in no other. */
  readonly about: string;
}

/**
 * Something that a rule tells the topic of a severity itself: a candidate is rejected, one is edited after that, a
 * release build fails.
 */
export async function noticeToTopic(
  severity: "critical" | "warning" | "info",
  { local, scope, newPackage }: Happening,
): Promise<Notice> {
  if (severity === "critical") {
    const build = `build/${scope.releaseProject}:${crypto.randomUUID()}`;
    return { trigger: () => Promise.resolve(failRelease(local, scope, build)), about: build };
  }
  const ModelPackageArn = await newPackage();
  const update = (input: Members) =>
    local.cloud.as(
      local.administrator.principal,
      "sagemaker",
      "UpdateModelPackage",
      { ModelPackageArn, ...input },
      "test",
    );
  const reject = () => update({ ModelApprovalStatus: "Rejected" });
  if (severity === "info") return { trigger: reject, about: `Candidate ${ModelPackageArn} is Rejected` };
  await reject();
  return {
    trigger: () => update({ CustomerMetadataProperties: { note: "edited" } }),
    about: `Candidate ${ModelPackageArn} was edited`,
  };
}

/** The build of a release that a person started ends badly. */
function failRelease(local: LocalCloud, scope: Happening["scope"], build: string): void {
  const id = local.cloud.arn("codebuild", build);
  local.cloud.internals.emit({
    source: "aws.codebuild",
    detailType: "CodeBuild Build State Change",
    resources: [id],
    detail: {
      "build-status": "FAILED",
      "project-name": scope.releaseProject,
      "build-id": id,
      "additional-information": {
        initiator: `${scope.roleName("deployer")}/emil`,
        logs: { "deep-link": "https://eu-central-1.console.aws.amazon.com/cloudwatch" },
        environment: { "environment-variables": [] },
      },
    },
  });
}
