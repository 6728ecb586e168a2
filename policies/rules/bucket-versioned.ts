import { nistAi } from "../frameworks";
import { blockOf } from "../inputs";
import { byType, defineRule } from "../rule";
import { concerns, types } from "../types";

interface Config {
  /** Logical names of buckets that hold nothing worth a second version, for example access logs. */
  readonly except: readonly string[];
}

const versioning = "aws:s3/bucketVersioning:BucketVersioning";

export const bucketVersioned = defineRule<Config>({
  name: "bucket-versioned",
  description: "Buckets keep earlier versions of their objects.",
  rationale: "An artefact that can be overwritten without a trace proves nothing, and cannot be brought back.",
  severity: "high",
  framework: nistAi("GOVERN 1.4", "Artefacts of the AI life cycle are kept and can be traced"),
  remediationSteps: "Give the bucket a BucketVersioning with status Enabled.",
  url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
  configSchema: { properties: { except: { type: "array", items: { type: "string" } } } },
  defaults: { except: [] },
  ...byType<Config>({
    *[versioning](props) {
      if (blockOf(props, "versioningConfiguration")?.["status"] !== "Enabled") yield "Versioning is not Enabled.";
    },
  }),
  *checkStack(resources, { except }) {
    for (const bucket of resources.filter(({ type, name }) => type === types.bucket && !except.includes(name)))
      if (!resources.some((other) => other.type === versioning && concerns(other, bucket)))
        yield { message: "The bucket has no versioning.", urn: bucket.urn };
  },
});
