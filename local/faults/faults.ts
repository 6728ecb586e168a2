import type { Clock } from "../clock";
import { AwsError } from "../errors";
import {
  parseFault,
  type FaultDefinition,
  type FaultInput,
  type FaultKind,
  type FaultOf,
  type ServingFault,
} from "./kinds";
import type { Journal, Table } from "../journal";

/** An active fault. */
export interface Fault {
  /** `fault-1`, `fault-2`, ...: a number is not given again. */
  readonly id: string;
  readonly addedMs: number;
  /** How often it has struck. */
  readonly hits: number;
  readonly definition: FaultDefinition;
}

/** The containers of one variant of one endpoint configuration. */
export interface ServingPlace {
  readonly endpoint: string;
  readonly variant: string;
  readonly config: string;
}

/** There is no fault of an id. */
export class UnknownFaults extends Error {
  constructor(readonly ids: readonly string[]) {
    super(`there is no active fault ${ids.join(", ")}`);
  }
}

/** The order in which faults of a request are looked for: one strikes per request. */
const servingKinds = [
  "hang",
  "out-of-memory",
  "error",
  "slow",
  "absurd",
  "empty",
] as const satisfies readonly ServingFault["kind"][];

/**
 * The faults that were asked for: what breaks is decided here, that it breaks is done where it happens. They are in the
 * journal, so a restarted cloud is as broken as before. With none active, asking costs one comparison.
 */
export class Faults {
  private readonly active: Table<Fault>;
  private readonly numbers: Table<number>;
  private readonly listeners = new Set<(fault: Fault) => void>();

  /** @param random in [0, 1), drawn for faults that hit a share of the requests. */
  constructor(
    journal: Journal,
    private readonly clock: Clock,
    private readonly random: () => number = Math.random,
  ) {
    this.active = journal.table("faults");
    this.numbers = journal.table("faults/numbers");
  }

  get any(): boolean {
    return this.active.size > 0;
  }

  /** @throws WrongFault with all that is wrong. */
  add(input: FaultInput): Fault {
    const definition = parseFault(input);
    const number = (this.numbers.get("last") ?? 0) + 1;
    this.numbers.put("last", number);
    const fault: Fault = { id: `fault-${number}`, addedMs: this.clock.nowMs(), hits: 0, definition };
    this.active.put(fault.id, fault);
    for (const listener of this.listeners) listener(fault);
    return fault;
  }

  list(): Fault[] {
    return [...this.active.values()];
  }

  /**
   * Ends faults.
   * @param ids all when none is given.
   * @returns the ids of those that ended.
   * @throws UnknownFaults, and then none has ended.
   */
  clear(ids: readonly string[] = []): string[] {
    const unknown = ids.filter((id) => !this.active.has(id));
    if (unknown.length > 0) throw new UnknownFaults(unknown);
    const cleared = ids.length > 0 ? [...ids] : this.list().map(({ id }) => id);
    for (const id of cleared) this.active.delete(id);
    return cleared;
  }

  /** Tells of faults as they are added: those that strike at once, not at the next request. @returns what ends it. */
  onAdded(listener: (fault: Fault) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /**
   * The first active fault of a kind that applies and strikes now; it counts as a hit, and the last of its `times` ends
   * it.
   */
  strike<K extends FaultKind>(kind: K, applies: (definition: FaultOf<K>) => boolean): FaultOf<K> | undefined {
    if (!this.any) return undefined;
    for (const fault of this.active.values()) {
      const { definition } = fault;
      if (!isOf(definition, kind) || !applies(definition)) continue;
      if ("share" in definition && this.random() >= Number(definition.share)) continue;
      this.count(fault);
      return definition;
    }
    return undefined;
  }

  /** The fault that a request meets on its way through a serving container. */
  strikeServing(place: ServingPlace): ServingFault | undefined {
    if (!this.any) return undefined;
    for (const kind of servingKinds) {
      const fault = this.strike(kind, (definition) => reaches(definition, place));
      if (fault) return fault;
    }
    return undefined;
  }

  /** The error that an operation answers instead of doing anything. */
  refusal(service: string, operation: string): AwsError | undefined {
    if (!this.any) return undefined;
    const applies = (definition: { service: string; operation: string }): boolean =>
      definition.service === service && definition.operation === operation;
    if (this.strike("throttling", applies)) return throttled(service);
    const rejected = this.strike("reject-request", applies);
    return rejected && new AwsError(rejected.code, rejected.message, rejected.status);
  }

  private count(fault: Fault): void {
    const hits = fault.hits + 1;
    if (fault.definition.times !== undefined && hits >= fault.definition.times) this.active.delete(fault.id);
    else this.active.put(fault.id, { ...fault, hits });
  }
}

function isOf<K extends FaultKind>(definition: { readonly kind: FaultKind }, kind: K): definition is FaultOf<K> {
  return definition.kind === kind;
}

/** Whether a fault is meant for these containers. */
export function reaches(
  wanted: { readonly endpoint: string; readonly variant?: string; readonly config?: string },
  place: ServingPlace,
): boolean {
  return (
    wanted.endpoint === place.endpoint &&
    (wanted.variant ?? place.variant) === place.variant &&
    (wanted.config ?? place.config) === place.config
  );
}

/** How a service says that its rate is exceeded: the query services and a few others have words of their own. */
function throttled(service: string): AwsError {
  switch (service) {
    case "s3":
      return new AwsError("SlowDown", "Please reduce your request rate.", 503);
    case "lambda":
      return new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
    case "iam":
    case "sts":
    case "sns":
    case "cloudwatch":
      return new AwsError("Throttling", "Rate exceeded");
    default:
      return new AwsError("ThrottlingException", "Rate exceeded");
  }
}
