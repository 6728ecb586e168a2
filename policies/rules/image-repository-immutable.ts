import { statementsOf, valuesOf } from "../document";
import { securityHub } from "../frameworks";
import { blockOf } from "../inputs";
import { byType, defineRule } from "../rule";

export const imageRepositoryImmutable = defineRule({
  name: "image-repository-immutable",
  description: "Tags of images never move, images are scanned when they arrive, and strangers cannot pull or push.",
  rationale: "A tag that moves makes two runs of one definition different, and a release record untrue.",
  severity: "high",
  framework: securityHub("ECR.2", "Repositories have tag immutability configured (also ECR.1)"),
  remediationSteps: "Set imageTagMutability to IMMUTABLE and imageScanningConfiguration.scanOnPush to true.",
  url: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
  ...byType({
    *"aws:ecr/repository:Repository"(props) {
      if (props["imageTagMutability"] !== "IMMUTABLE") yield "Tags can be moved.";
      if (blockOf(props, "imageScanningConfiguration")?.["scanOnPush"] !== true) yield "Images are not scanned.";
    },
    *"aws:ecr/repositoryPolicy:RepositoryPolicy"(props) {
      for (const { Effect, Principal, Condition } of statementsOf(props["policy"])) {
        const everybody =
          Principal === "*" || valuesOf((Principal as Record<string, unknown> | undefined)?.["AWS"]).includes("*");
        if (Effect === "Allow" && everybody && !Condition) yield "The repository is everybody's.";
      }
    },
  }),
});
