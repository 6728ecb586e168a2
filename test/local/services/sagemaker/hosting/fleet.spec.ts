import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { Container, Exit } from "../../../../../local/runner/container";
import { Clock } from "../../../../../local/clock";
import { VariantFleet } from "../../../../../local/services/sagemaker/hosting/fleets/fleet";
import { NotReady, ServerlessFleet } from "../../../../../local/services/sagemaker/hosting/fleets/serverless";

/** Containers within this process: each answers `/ping` until it is killed. */
function containers(): { start(id: string, port: number): Container; started: number; up: Set<string> } {
  const up = new Set<string>();
  const all = {
    started: 0,
    up,
    start(id: string, port: number): Container {
      all.started++;
      up.add(id);
      const server = createServer((_, response) => response.end()).listen(port, "127.0.0.1");
      const exited = new Promise<Exit>((resolve) => server.once("close", () => resolve({ code: 0 })));
      const kill = (): void => {
        up.delete(id);
        server.closeAllConnections();
        server.close();
      };
      const stop = (): Promise<Exit> => {
        kill();
        return exited;
      };
      return { pid: 0, exited, running: () => up.has(id), tell: () => undefined, stop, kill };
    },
  };
  return all;
}

describe("a fleet that is taken away while its capacity changes", () => {
  for (const end of ["kill", "drain"] as const) {
    it(`starts no instance after ${end}`, async () => {
      const made = containers();
      const sizes: number[] = [];
      const fleet = new VariantFleet({
        kind: "instances",
        name: "champion",
        instances: 1,
        routing: "RANDOM",
        healthCheckMs: 10_000,
        start: made.start,
        sized: (instances) => void sizes.push(instances),
      });
      await fleet.launch();
      const growing = fleet.scaleTo(3).catch(() => undefined);
      await fleet[end]();
      await growing;
      const { started } = made;
      // What a rescaling does when its new instances did not come up: back to the count before.
      await fleet.scaleTo(1);
      assert.deepEqual([made.started, made.up.size, fleet.size], [started, 0, 0]);
      assert.deepEqual([Math.max(...sizes), sizes.at(-1)], [3, 0], "what is billed is what is there");
    });

    it(`starts no container of a serverless variant after ${end}`, async () => {
      const made = containers();
      const fleet = new ServerlessFleet({
        kind: "serverless",
        name: "fallback",
        config: { MemorySizeInMB: 2048, MaxConcurrency: 2 },
        clock: new Clock(1),
        healthCheckMs: 10_000,
        start: made.start,
      });
      await fleet.launch();
      await fleet[end]();
      await fleet.limit({ MemorySizeInMB: 2048, MaxConcurrency: 2, ProvisionedConcurrency: 1 });
      await assert.rejects(
        fleet.lend(() => Promise.resolve()),
        NotReady,
      );
      assert.deepEqual([made.started, made.up.size], [1, 0]);
    });
  }
});
