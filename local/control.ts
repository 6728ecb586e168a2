import { readFileSync } from "node:fs";
import type { Cloud } from "./cloud";
import { answerFaults } from "./faults/routes";
import type { Answer } from "./gateway/http";
import type { Control } from "./gateway/gateway";
import { countByType } from "./inventory";
import type { Moto } from "./upstream/moto";

export interface ControlOptions {
  readonly cloud: Cloud;
  readonly moto: Moto;
  readonly counters: () => { requests: number; failed: number };
}

/**
 * What `peregrine local status`, `peregrine local fault` and the rehearsal ask the daemon:
 * `/_peregrine/{health,status,inventory,rights,faults}`.
 */
export function createControl({ cloud, moto, counters }: ControlOptions): Control {
  const startedMs = Date.now();
  return async (request) => {
    switch (request.path) {
      case "/_peregrine/health":
        return answer(200, { ok: true });
      case "/_peregrine/status": {
        const items = await cloud.inventory();
        return answer(200, {
          pid: process.pid,
          motoPid: moto.pid,
          uptimeSeconds: Math.round((Date.now() - startedMs) / 1000),
          speed: cloud.clock.speed,
          cloudTime: cloud.clock.now().toISOString(),
          region: cloud.region,
          accountId: cloud.accountId,
          services: [...cloud.services.keys()].sort(),
          ...counters(),
          faults: cloud.faults.list(),
          unimplemented: Object.fromEntries(cloud.unimplemented),
          unreached: Object.fromEntries(cloud.unreached),
          unknownMembers: Object.fromEntries(cloud.unknownMembers),
          inventory: items
            .filter((item) => item.madeBy !== "service")
            .map((item) => item.arn)
            .sort(),
          inventoryCounts: countByType(items),
          processes: childProcesses(process.pid),
          memoryMb: Math.round(process.memoryUsage().rss / 1e6),
        });
      }
      case "/_peregrine/inventory":
        return answer(200, await cloud.inventory());
      case "/_peregrine/rights":
        return answer(200, cloud.authoriser.usage ?? {});
      case "/_peregrine/faults":
        return answerFaults(cloud, request);
      default:
        return undefined;
    }
  };
}

/**
 * The processes that the cloud runs (moto, jobs, serving containers), from Linux's /proc; empty where that is not to be
 * had.
 */
function childProcesses(parent: number): { pid: number; name: string }[] {
  try {
    return readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean)
      .map((pid) => ({ pid: Number(pid), name: commandOf(pid) }));
  } catch {
    return [];
  }
}

function commandOf(pid: string): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8")
    .split("\0")
    .filter((part) => part !== "")
    .slice(0, 2)
    .map((part) => part.split("/").pop()!.slice(0, 40))
    .join(" ");
}

function answer(status: number, value: unknown): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
