// npm start: brings what is missing, then rehearses a model's whole life on the local cloud. Options go to the rehearsal.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureReady, entry } from "./setup/index.mjs";
import { projectDir } from "./setup/places.mjs";

await entry(async () => {
  const options = process.argv.slice(2);
  process.stderr.write("Set-up\n");
  const ready = await ensureReady();
  process.stderr.write(`Ready after ${ready.seconds.toFixed(1)} s\n\n`);
  const rehearsal = join(projectDir, "scripts", "rehearsal", "main.ts");
  const child = spawn(process.execPath, ["--require", "ts-node/register/transpile-only", rehearsal, "--setup-seconds", ready.seconds.toFixed(1), ...options], {
    cwd: projectDir,
    env: { ...process.env, PATH: ready.path },
    stdio: "inherit",
  });
  // A terminal sends Ctrl-C to both; this process stays until the rehearsal has put its things away.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => signal === "SIGTERM" && child.kill(signal));
  return new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1))));
});
