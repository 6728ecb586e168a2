import type { Cloud } from "../cloud";
import { AwsError } from "../errors";
import type { Table } from "../journal";
import { secretKey, sessionToken, uniqueId } from "./ids";
import type { Principal } from "./principal";
import { iamRecords } from "./records";

/** An access key and who holds it. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly principal: Principal;
  /** When the session ends, cloud time in epoch milliseconds; a user's own keys do not end. */
  readonly expiresMs?: number;
}

/** New credentials together with the end that the client is told. */
export interface IssuedCredentials extends Credentials {
  readonly sessionToken: string;
  readonly expiresMs: number;
  readonly expiration: Date;
}

/** Sessions of roles and users, in the journal so that a restarted local cloud still knows them. */
export class CredentialRegistry {
  private readonly sessions: Table<Credentials>;
  private issued = 0;

  constructor(private readonly cloud: Cloud) {
    this.sessions = cloud.journal.table<Credentials>("sts/sessions");
  }

  /**
   * @returns the credentials of an access key, expired ones included (the gateway answers those differently from
   * unknown ones); undefined for keys that are unknown, inactive, or whose user is gone.
   */
  credentialsOf(accessKeyId: string): Credentials | undefined {
    const session = this.sessions.get(accessKeyId);
    if (session) return session;
    const records = iamRecords(this.cloud);
    const key = records.accessKeys.get(accessKeyId);
    const user = key?.active ? records.users.get(key.userName) : undefined;
    if (!key || !user) return undefined;
    const principal: Principal = { type: "user", arn: user.arn, accountId: this.cloud.accountId, id: user.id };
    return { accessKeyId, secretAccessKey: key.secret, principal };
  }

  /** Makes a session that lasts `seconds`. */
  issue(principal: Principal, seconds: number): IssuedCredentials {
    const nowMs = this.cloud.clock.nowMs();
    const expiration = new Date(nowMs + seconds * 1000);
    const session = {
      accessKeyId: uniqueId("ASIA"),
      secretAccessKey: secretKey(),
      sessionToken: sessionToken(),
      principal,
      expiresMs: nowMs + this.lifetimeMs(seconds, nowMs),
    };
    if (++this.issued % 100 === 0) this.prune(nowMs);
    this.sessions.put(session.accessKeyId, session);
    return { ...session, expiration };
  }

  /**
   * How much cloud time a session may live. Clients renew by the machine's clock when the `Expiration` they were told
   * comes near; the cloud's clock runs ahead of that and faster. So the session lives, in real time, its duration plus
   * the lead the cloud has now. At speed 1 without a lead that is exactly the duration.
   */
  private lifetimeMs(seconds: number, nowMs: number): number {
    const leadMs = Math.max(0, nowMs - Date.now());
    // A clock that was never sped up leads by nothing but rounding.
    return (seconds * 1000 + (leadMs < 1000 ? 0 : leadMs)) * this.cloud.clock.speed;
  }

  private prune(nowMs: number): void {
    const dayMs = 86_400_000;
    const old = [...this.sessions.values()].filter(
      (session) => session.expiresMs !== undefined && session.expiresMs + dayMs < nowMs,
    );
    for (const session of old) this.sessions.delete(session.accessKeyId);
  }
}

const ofCloud = new WeakMap<Cloud, CredentialRegistry>();

/** The registry of a cloud; always the same object for the same cloud. */
export function credentialRegistry(cloud: Cloud): CredentialRegistry {
  let registry = ofCloud.get(cloud);
  if (!registry) ofCloud.set(cloud, (registry = new CredentialRegistry(cloud)));
  return registry;
}

/** Looks access keys up for a cloud: what the gateway checks signatures with. */
export function credentialsOf(cloud: Cloud): (accessKeyId: string) => Credentials | undefined {
  const registry = credentialRegistry(cloud);
  return (accessKeyId) => registry.credentialsOf(accessKeyId);
}

/**
 * Whom access keys belong to, for code inside that is handed keys instead of a signed request.
 * @throws AwsError InvalidClientTokenId.
 */
export function principalOf(cloud: Cloud): (accessKeyId: string, sessionToken?: string) => Principal {
  const keys = credentialsOf(cloud);
  return (accessKeyId, sessionToken) => {
    const holder = keys(accessKeyId);
    if (!holder || (holder.sessionToken !== undefined && holder.sessionToken !== sessionToken))
      throw new AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
    return holder.principal;
  };
}
