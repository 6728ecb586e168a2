import type { Call, Requirement } from "../../call";
import type { Principal } from "../principal";
import type { DependentFacts } from "./facts";

/** How a service uses a key of somebody else's. */
export interface KeyUse {
  /** ARN, id or alias; nothing is asked about none and about AWS's own. */
  readonly key: unknown;
  /** The service that asks KMS, as `kms:ViaService` names it before the region. */
  readonly via: string;
  /** Without the prefix. */
  readonly actions: readonly string[];
  readonly encryptionContext?: Readonly<Record<string, string>>;
  /** A grant for a volume, file system or job of AWS's (`kms:GrantIsForAWSResource`). */
  readonly forAwsResource?: boolean;
  /** Who KMS hears of, where it is not the caller. */
  readonly principal?: Principal;
}

/**
 * What KMS asks IAM and the key's policy when a service uses a key in the caller's name (forward access sessions: KMS
 * developer guide, "kms:ViaService"; IAM user guide, "Forward access sessions"). A service that calls for itself has no
 * forward session.
 */
export function useKey(facts: DependentFacts, call: Call, use: KeyUse): Requirement[] {
  const resource = facts.arnOf(use.key);
  if (resource === undefined) return [];
  const principal = use.principal ?? call.principal;
  const host = `${use.via}.amazonaws.com`;
  const aliases = facts.aliasesOf(resource);
  const encryption = Object.entries(use.encryptionContext ?? {});
  const context: Record<string, string | readonly string[]> = {
    "kms:CallerAccount": principal.accountId,
    "kms:ViaService": `${use.via}.${facts.region}.amazonaws.com`,
    ...(principal.type === "service"
      ? {}
      : {
          "aws:ViaAWSService": "true",
          "aws:CalledVia": [host],
          "aws:CalledViaFirst": host,
          "aws:CalledViaLast": host,
        }),
    ...(aliases.length > 0 ? { "kms:ResourceAliases": aliases } : {}),
    ...(encryption.length > 0 ? { "kms:EncryptionContextKeys": encryption.map(([name]) => name) } : {}),
    ...Object.fromEntries(encryption.map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
  };
  return use.actions.map((action) => ({
    action: `kms:${action}`,
    resource,
    context:
      action === "CreateGrant"
        ? { ...context, "kms:GrantIsForAWSResource": String(use.forAwsResource ?? true) }
        : context,
    ...(use.principal ? { principal } : {}),
  }));
}
