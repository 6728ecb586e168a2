import { once } from "node:events";
import { mkdir, rename, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { dashboardApp } from "../../insight/dashboard/app";
import { Site } from "../../insight/dashboard/site";
import type { PlatformFacts } from "../../insight/read-model/facts";

/** This machine alone: the pages show what only some may see. */
const address = "127.0.0.1";
const names = new Set([address, "localhost", "[::1]"]);

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the dashboard on this machine. Nothing is read before somebody looks; then what was read last is shown, and
 * what is older than some seconds is read anew meanwhile.
 * @param port 0 takes any that is free. @param freshMs what was read so long ago is read again when somebody asks.
 */
export async function serveDashboard(
  read: () => Promise<PlatformFacts>,
  port: number,
  freshMs = 10_000,
): Promise<Served> {
  const site = fresh(async () => new Site(await read(), true), freshMs);
  const app = dashboardApp(site, (host) => names.has(host.replace(/:\d+$/, "")));
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(port, address);
  await once(server, "listening");
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** The last value at once, and a newer one the next time; only the first is waited for. */
function fresh<Value>(make: () => Promise<Value>, freshMs: number): () => Promise<Value> {
  let last: { readonly value: Value; readonly at: number } | undefined;
  let making: Promise<Value> | undefined;
  return () => {
    if (!making && (!last || performance.now() - last.at > freshMs))
      making = make()
        .then((value) => (last = { value, at: performance.now() }).value)
        .finally(() => (making = undefined));
    making?.catch(() => undefined);
    return last ? Promise.resolve(last.value) : making!;
  };
}

/** Writes the same pages as files. @returns how many. */
export async function exportDashboard(facts: PlatformFacts, folder: string): Promise<number> {
  let count = 0;
  for await (const [path, { body }] of new Site(facts, false).files()) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    // Who looks at it meanwhile sees the old page or the new one.
    await writeFile(`${file}.new`, body);
    await rename(`${file}.new`, file);
    count += 1;
  }
  return count;
}
