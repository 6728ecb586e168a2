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
    rmSync(compiledMarker, { force: true });
    await run(uv, ["pip", "sync", "--python", python(), "--require-hashes", lockFile], { onLine: tell });
    writeFileSync(marker, digest());
  },
};

/**
 * What jobs, MLflow, the AWS CLI and tests import, and what these import when they work; other modules are compiled
 * where somebody needs them.
 */
const imported = [
  "torch",
  "torch._dynamo",
  "torchvision",
  "ultralytics.models.yolo.detect",
  "onnx",
  "onnxruntime",
  "cv2",
  "PIL.Image",
  "pandas",
  "scipy.optimize",
  "scipy.stats",
  "matplotlib.figure",
  "boto3",
  "mlflow.server",
  "mlflow.store.tracking.sqlalchemy_store",
  "mlflow.tracking.client",
  "starlette.applications",
  "uvicorn",
  "moto.server",
  "awscli.clidriver",
  "pytest",
];
const importAll = join(import.meta.dirname, "import_all.py");
const compiledMarker = join(projectDir, ".venv", ".peregrine-compiled");

/**
 * Python keeps what it compiled beside the sources, so that a start of PyTorch takes two seconds of the processor and
 * not four. uv does not compile, and the first start does not either where PYTHONDONTWRITEBYTECODE is set or where it
 * may not write.
 * @type {import("./steps.mjs").Step}
 */
export const bytecodeStep = {
  name: "Python bytecode",
  after: [pythonStep.name],
  done: () => (existsSync(compiledMarker) && readFileSync(compiledMarker, "utf8") === compiled() ? "" : undefined),
  run: async (tell) => {
    // Isolated from the variables of the environment.
    await run(python(), ["-I", importAll, ...imported], { onLine: tell });
    writeFileSync(compiledMarker, compiled());
  },
};

function compiled() {
  return `${digest()} ${imported.join()}`;
}

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
