import { type Statement, statementsOf, valuesOf } from "../document";
import { securityHub } from "../frameworks";
import { byType, defineRule } from "../rule";
import { concerns, types } from "../types";

export const bucketTlsOnly = defineRule({
  name: "bucket-tls-only",
  description: "Buckets refuse requests without TLS.",
  rationale: "A client that was set up wrongly sends images and models in the clear, and nobody notices.",
  severity: "medium",
  framework: securityHub("S3.5", "Buckets require requests to use SSL"),
  remediationSteps: "Give the bucket a policy that denies s3:* where aws:SecureTransport is false.",
  url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
  ...byType({
    *[types.bucketPolicy](props) {
      if (!statementsOf(props["policy"]).some(deniesPlain))
        yield "The bucket policy does not deny requests without TLS.";
    },
  }),
  *checkStack(resources) {
    for (const bucket of resources.filter(({ type }) => type === types.bucket))
      if (!resources.some((other) => other.type === types.bucketPolicy && concerns(other, bucket)))
        yield { message: "The bucket has no policy, so it takes requests without TLS.", urn: bucket.urn };
  },
});

function deniesPlain({ Effect, Action, Principal, Condition }: Statement): boolean {
  const everybody =
    Principal === "*" || valuesOf((Principal as Record<string, unknown> | undefined)?.["AWS"]).includes("*");
  const plain = valuesOf(
    (Condition as Record<string, Record<string, unknown>> | undefined)?.["Bool"]?.["aws:SecureTransport"],
  ).includes("false");
  return (
    Effect === "Deny" && everybody && plain && valuesOf(Action).some((action) => action === "*" || action === "s3:*")
  );
}
