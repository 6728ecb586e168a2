import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDir, onPath, projectDir, python } from "./places.mjs";
import { run, SetupProblem } from "./run.mjs";

const lockFile = join(projectDir, "ml", "requirements.lock");
const marker = join(projectDir, ".venv", ".peregrine-lock");
/** Version of Python the lock file was made for. */
const pythonVersion = "3.11";
/** Installed where no uv is on PATH. */
const uvVersion = "0.13.9";
const digest = () => createHash("sha256").update(`${pythonVersion}\n`).update(readFileSync(lockFile)).digest("hex");

/**
 * The Python side: training, serving, MLflow and the service models of botocore, from a lock file with hashes.
 * @type {import("./steps.mjs").Step}
 */
export const pythonStep = {
  name: "Python environment",
  done: () =>
    existsSync(marker) && existsSync(python()) && readFileSync(marker, "utf8") === digest() ? "" : undefined,
  run: async (tell) => {
    const uv = await findUv(tell);
    if (!existsSync(python())) {
      tell("creating .venv");
      try {
        // `--allow-existing`: an interrupted set-up may have left a part of it.
        await run(uv, ["venv", "--quiet", "--allow-existing", "--python", pythonVersion, join(projectDir, ".venv")]);
      } catch (error) {
        throw new SetupProblem(
          `Python ${pythonVersion} was not found. Install it (package python${pythonVersion}, or "uv python install ${pythonVersion}") and start again.\n${error.message}`,
        );
      }
    }
    rmSync(marker, { force: true });
    await run(uv, ["pip", "sync", "--python", python(), "--require-hashes", lockFile], { onLine: tell });
    writeFileSync(marker, digest());
  },
};

/** uv from PATH, or from PyPI into a small environment in the cache. @param {import("./steps.mjs").Tell} tell */
export async function findUv(tell) {
  const own = onPath("uv");
  if (own && (await works(own))) return own;
  const folder = join(cacheDir(), "uv");
  const installed = join(folder, "bin", "uv");
  if (existsSync(installed) && (await works(installed))) return installed;
  const base = onPath(`python${pythonVersion}`) ?? onPath("python3");
  if (!base)
    throw new SetupProblem(
      `Python ${pythonVersion} is not installed. Install it (with its venv module) and start again.`,
    );
  tell("installing uv");
  mkdirSync(cacheDir(), { recursive: true });
  try {
    await run(base, ["-m", "venv", "--clear", folder]);
    await run(join(folder, "bin", "python"), [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      `uv==${uvVersion}`,
    ]);
  } catch (error) {
    throw new SetupProblem(
      `uv could not be installed. Install it by hand (pip install uv) and start again.\n${error.message}`,
    );
  }
  return installed;
}

/** A version manager's shim may be there without the program behind it. @param {string} uv */
async function works(uv) {
  try {
    await run(uv, ["--version"], { timeoutSeconds: 20 });
    return true;
  } catch {
    return false;
  }
}
