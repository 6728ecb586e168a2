import { createServer } from "node:net";

const handedOut = new Set<number>();
/** A container binds its port within this time or not at all. */
const KEPT_MS = 60_000;

/** A TCP port on the loopback interface that is free now and is not handed out twice while its container starts. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
      });
    });
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    setTimeout(() => handedOut.delete(port), KEPT_MS).unref();
    return port;
  }
}
