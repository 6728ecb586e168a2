import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "./places.mjs";
import { run } from "./run.mjs";

/**
 * Policy pack and Lambda handlers as JavaScript; scripts/build.mjs skips what is fresh.
 * @type {import("./steps.mjs").Step}
 */
export const bundlesStep = {
  name: "Policy pack and functions",
  after: ["Node packages"],
  done: () => undefined,
  run: async () => {
    const said = await run(process.execPath, [join(projectDir, "scripts", "build.mjs")], { cwd: projectDir });
    return said
      .trim()
      .split("\n")
      .every((line) => line.endsWith("is fresh"))
      ? "fresh"
      : "built";
  },
};

/** Whether the kernel lets a user make namespaces; containers get a real /opt/ml then. */
export async function userNamespaces() {
  if (process.platform !== "linux" || !existsSync("/usr/bin/unshare")) return false;
  try {
    await run("unshare", ["-rm", "true"], { timeoutSeconds: 10 });
    return true;
  } catch {
    return false;
  }
}
