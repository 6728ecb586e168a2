import type { Clients } from "../clients";
import type { Target } from "../target";

/** One thing that AWS asks IAM about a request. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * A request that changes nothing where it is allowed: it reads, or it names what does not exist, or it carries a
 * document that the service refuses after IAM was asked.
 */
export interface Probe {
  /** Everything AWS asks IAM about it, after the Service Authorization Reference: all of it must be allowed. */
  needs(target: Target): readonly Need[];
  send(clients: Clients, target: Target): Promise<unknown>;
}

/** Probes by `action what`, as the matrix names them. */
export type Probes = Readonly<Record<string, Probe>>;

export const passRole = (roleArn: string, service = "sagemaker.amazonaws.com"): Need => ({
  action: "iam:PassRole",
  resource: roleArn,
  context: { "iam:PassedToService": service },
});
