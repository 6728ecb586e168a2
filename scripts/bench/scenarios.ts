import type { FaultInput, FaultKind } from "../../local/faults/kinds";
import { tooSlowMs } from "./watch";

/** Whom a fault may hit. */
export interface Names {
  readonly endpoint: string;
  /** Endpoint configurations. */
  readonly live: string;
  readonly candidate: string;
}

/** A fault, what is done meanwhile, and what must come of it. */
export type Scenario = {
  readonly name: string;
  readonly fault: (names: Names) => FaultInput;
  /** Whether clients may get wrong answers; where not, none may. */
  readonly wrongAnswers: boolean;
} & (
  | {
      readonly does: "release";
      /** The candidate's configuration was never made before. */
      readonly fresh?: boolean;
      /** Name of the error's class; none when the release must go live. */
      readonly verdict?: string;
      /** The alarm that must take the update back, by the part of its name. */
      readonly by?: string;
    }
  | { readonly does: "serve" }
  | { readonly does: "train" }
);

const ofCandidate = ({ endpoint, candidate }: Names): { endpoint: string; config: string } => ({
  endpoint,
  config: candidate,
});
const ofLive = ({ endpoint, live }: Names): { endpoint: string; config: string } => ({ endpoint, config: live });
const updateEndpoint = { service: "sagemaker", operation: "UpdateEndpoint" } as const;
const takenBack = { does: "release", verdict: "ReleaseRejected" } as const;
const unseen = { wrongAnswers: false } as const;
const seen = { wrongAnswers: true } as const;

/** Every kind of fault that a release or a live release can meet. Those that leave another release live come last. */
export const scenarios: readonly Scenario[] = [
  {
    name: "crash of the live fleet",
    does: "serve",
    ...seen,
    fault: (names) => ({ kind: "crash", ...ofLive(names), times: 2 }),
  },
  {
    name: "out of memory, live release",
    does: "serve",
    ...seen,
    fault: (names) => ({ kind: "out-of-memory", ...ofLive(names), times: 2 }),
  },
  {
    name: "crash while the new fleet starts",
    ...takenBack,
    ...unseen,
    fault: (names) => ({ kind: "crash", ...ofCandidate(names), when: "starting" }),
  },
  {
    name: "crash of the new fleet once it is up",
    ...takenBack,
    ...seen,
    fault: (names) => ({ kind: "crash", ...ofCandidate(names) }),
  },
  {
    name: "out of memory, new fleet",
    ...takenBack,
    ...seen,
    fault: (names) => ({ kind: "out-of-memory", ...ofCandidate(names) }),
  },
  {
    name: "slow answers",
    ...takenBack,
    ...seen,
    fault: (names) => ({ kind: "slow", ...ofCandidate(names), delayMs: tooSlowMs + 100 }),
  },
  {
    name: "errors (500), one request in five",
    ...takenBack,
    ...seen,
    fault: (names) => ({ kind: "error", ...ofCandidate(names), share: 0.2 }),
  },
  { name: "no answers (hang)", ...takenBack, ...seen, fault: (names) => ({ kind: "hang", ...ofCandidate(names) }) },
  {
    name: "empty answers",
    ...takenBack,
    by: "rollout-golden",
    ...seen,
    fault: (names) => ({ kind: "empty", ...ofCandidate(names) }),
  },
  {
    name: "absurd answers",
    ...takenBack,
    by: "rollout-golden",
    ...seen,
    fault: (names) => ({ kind: "absurd", ...ofCandidate(names) }),
  },
  {
    name: "silent revert before traffic",
    ...takenBack,
    ...unseen,
    fresh: true,
    fault: ({ endpoint }) => ({ kind: "silent-revert", endpoint, after: "start" }),
  },
  {
    name: "silent revert after first traffic",
    ...takenBack,
    ...unseen,
    fresh: true,
    fault: ({ endpoint }) => ({ kind: "silent-revert", endpoint, after: "traffic" }),
  },
  {
    name: "silent revert at the end of the bake",
    ...takenBack,
    ...unseen,
    fresh: true,
    fault: ({ endpoint }) => ({ kind: "silent-revert", endpoint, after: "bake" }),
  },
  {
    name: "UpdateEndpoint refused",
    does: "release",
    verdict: "ProviderFailed",
    ...unseen,
    fault: () => ({
      kind: "reject-request",
      ...updateEndpoint,
      code: "ResourceLimitExceeded",
      message: "The account-level service limit is reached (a fault on request).",
    }),
  },
  { name: "training job fails", does: "train", ...unseen, fault: () => ({ kind: "failing-job", jobType: "training" }) },
  {
    name: "UpdateEndpoint throttled three times",
    does: "release",
    ...unseen,
    fault: () => ({ kind: "throttling", ...updateEndpoint, times: 3 }),
  },
  {
    name: "events of the endpoint are lost",
    does: "release",
    ...unseen,
    fault: () => ({ kind: "lost-event", detailType: "SageMaker Endpoint State Change" }),
  },
  {
    name: "events of the endpoint come twice",
    does: "release",
    ...unseen,
    fault: () => ({ kind: "repeated-event", detailType: "SageMaker Endpoint State Change" }),
  },
];

/** @returns the kinds of fault that no scenario plants. */
export function kindsWithoutScenario(kinds: readonly FaultKind[]): FaultKind[] {
  const names: Names = { endpoint: "endpoint", live: "live", candidate: "candidate" };
  const planted = new Set(scenarios.map(({ fault }) => fault(names).kind));
  return kinds.filter((kind) => !planted.has(kind));
}
