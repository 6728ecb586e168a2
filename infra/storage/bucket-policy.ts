import type { Statement } from "../identity/document";
import type { Scope } from "../scope";

/** Refuses requests without TLS, or with a TLS older than 1.2. Who may do what is said by the roles. */
export function artifactsBucketPolicy({ arns, artifactsBucket }: Scope): Statement[] {
  const everything = { Effect: "Deny", Principal: "*", Action: ["s3:*"], Resource: [arns.bucket(artifactsBucket), arns.object(artifactsBucket, "*")] } as const;
  return [
    { Sid: "TlsOnly", ...everything, Condition: { Bool: { "aws:SecureTransport": "false" } } },
    { Sid: "RecentTlsOnly", ...everything, Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } } },
  ];
}
