import { statementsOf, valuesOf } from "../document";
import { securityHub } from "../frameworks";
import { isGiven } from "../inputs";
import { byType, defineRule, type Subject } from "../rule";

/** Types that hold a resource policy, and in which input. */
const documents: Readonly<Record<string, string>> = {
  "aws:sns/topicPolicy:TopicPolicy": "policy",
  "aws:sns/topic:Topic": "policy",
  "aws:sqs/queuePolicy:QueuePolicy": "policy",
  "aws:sqs/queue:Queue": "policy",
  "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
  "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "resourcePolicy",
};

export const noPublicResourcePolicy = defineRule({
  name: "no-public-resource-policy",
  description: "Topics, queues, functions, buses, secrets and registries are not open to everybody.",
  rationale:
    "A resource policy needs no policy of the caller: with a wildcard as principal, every AWS customer has access.",
  severity: "critical",
  framework: securityHub("Lambda.1", "Resource-based policies prohibit public access (also SNS.4 and SQS.3)"),
  remediationSteps:
    "Name the account or the service, and for services the condition aws:SourceArn or aws:SourceAccount.",
  url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html",
  ...byType({
    ...Object.fromEntries(
      Object.entries(documents).map(([type, member]) => [type, (props: Subject["props"]) => open(props[member])]),
    ),
    *"aws:lambda/permission:Permission"(props) {
      const principal = String(props["principal"]);
      if (principal === "*" && !isGiven(props, "principalOrgId")) yield "Everybody may call the function.";
      // Services that act for whoever asks them.
      if (
        /^(events|s3|sns|sagemaker|scheduler)\.amazonaws\.com$/.test(principal) &&
        !isGiven(props, "sourceArn") &&
        !isGiven(props, "sourceAccount")
      )
        yield `${principal} may call the function for whichever account it acts.`;
    },
    *"aws:lambda/functionUrl:FunctionUrl"(props) {
      if (props["authorizationType"] !== "AWS_IAM") yield "The function's URL asks nobody who he is.";
    },
  }),
});

function* open(document: unknown): Iterable<string> {
  for (const { Effect, Principal, Condition, Sid } of statementsOf(document)) {
    const everybody =
      Principal === "*" || valuesOf((Principal as Record<string, unknown> | undefined)?.["AWS"]).includes("*");
    if (Effect === "Allow" && everybody && !Condition) yield `Statement ${Sid ?? "without Sid"} allows everybody.`;
  }
}
