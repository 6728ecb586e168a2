// The image's Python environment without Docker: what AWS's base image holds (ml/base-image.lock), and over it what
// ml/Dockerfile does.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { cacheDir, onPath, projectDir } from "./places.mjs";
import { findUv } from "./python-environment.mjs";
import { run } from "./run.mjs";

/** Of the base image; the locks hold wheels for it. */
const pythonVersion = "3.12";
const ml = join(projectDir, "ml");
const marker = ".peregrine-image";

/**
 * The environment, made where it is not in the cache: some 5 GB, hard links into uv's own cache where both are on one
 * disk. Keyed by the locks and the Dockerfile.
 * @param {import("./steps.mjs").Tell} tell called with signs of life.
 * @returns its Python, or why this machine cannot have it.
 */
export async function imageEnvironment(tell = () => {}) {
  if (process.platform !== "linux" || process.arch !== "x64")
    return { missing: "the image's packages are for Linux on x86_64" };
  const base = await findPython();
  if (!base)
    return {
      missing: `Python ${pythonVersion}, the base image's, is not on this machine (package python${pythonVersion}, or "uv python install ${pythonVersion}")`,
    };
  const steps = dockerfileSteps(readFileSync(join(ml, "Dockerfile"), "utf8"));
  const key = createHash("sha256").update(base);
  for (const file of ["base-image.lock", "requirements-image.lock"]) key.update(readFileSync(join(ml, file)));
  const name = `image-${key.update(JSON.stringify(steps)).digest("hex").slice(0, 16)}`;
  const home = join(cacheDir(), "image");
  const folder = join(home, name);
  if (existsSync(join(folder, marker))) {
    utimesSync(join(folder, marker), new Date(), new Date());
    return { python: join(folder, "bin", "python") };
  }
  mkdirSync(home, { recursive: true });
  removeUnused(home);
  // Whole or not at all; another clone may be making the same one.
  const unfinished = `${folder}-${process.pid}`;
  try {
    await build(unfinished, base, steps, tell);
    writeFileSync(join(unfinished, marker), name);
    if (!existsSync(join(folder, marker))) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return { python: join(folder, "bin", "python") };
}

/**
 * @param {string} folder
 * @param {string} base its Python.
 * @param {ReturnType<typeof dockerfileSteps>} steps
 * @param {import("./steps.mjs").Tell} tell
 */
async function build(folder, base, steps, tell) {
  const uv = await findUv(tell);
  const python = join(folder, "bin", "python");
  tell("installing what the base image holds");
  await run(uv, ["venv", "--quiet", "--python", base, folder]);
  const install = ["pip", "install", "--python", python, "--no-deps", "--require-hashes", "--no-build"];
  await run(uv, [...install, "-r", join(ml, "base-image.lock")], { onLine: tell });
  for (const step of steps) {
    tell(`Dockerfile: pip ${step.verb}`);
    await run(
      uv,
      step.verb === "uninstall"
        ? ["pip", "uninstall", "--python", python, ...step.packages]
        : [...install, "-r", join(ml, step.lock)],
      { onLine: tell },
    );
  }
}

/**
 * Environments that nobody used for a day: they are large, and every change of a lock makes another one.
 * @param {string} home
 */
function removeUnused(home) {
  for (const entry of readdirSync(home)) {
    const file = [join(home, entry, marker), join(home, entry)].find(existsSync);
    if (file && Date.now() - statSync(file).mtimeMs > 24 * 3600_000)
      rmSync(join(home, entry), { recursive: true, force: true });
  }
}

/**
 * What the Dockerfile does with pip, in its order; done here by uv, which is as strict and has a cache.
 * @param {string} dockerfile its text.
 * @returns {({ verb: "uninstall", packages: string[] } | { verb: "install", lock: string })[]}
 * @throws Error for a step that is not understood.
 */
export function dockerfileSteps(dockerfile) {
  const lines = dockerfile
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line.startsWith("RUN ") && / -m pip /.test(line));
  return lines.map((line) => {
    const removed = /-m pip uninstall --yes ([\w. -]+)$/.exec(line)?.[1];
    if (removed) return { verb: "uninstall", packages: removed.trim().split(/\s+/) };
    const lock = /-m pip install --no-cache-dir --no-deps --require-hashes -r \/opt\/program\/([\w.-]+)$/.exec(
      line,
    )?.[1];
    if (lock) return { verb: "install", lock };
    throw new Error(`ml/Dockerfile does with pip what nobody can follow without Docker: ${line}`);
  });
}

/**
 * A Python of the right version: by name, or where pyenv and uv keep theirs. A version manager's shim may have nothing
 * behind it.
 */
async function findPython() {
  const name = `python${pythonVersion}`;
  /** @type {[string, (entry: string) => boolean][]} */
  const homes = [
    [
      join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions"),
      (entry) => entry.startsWith(`${pythonVersion}.`),
    ],
    [join(homedir(), ".local", "share", "uv", "python"), (entry) => entry.startsWith(`cpython-${pythonVersion}.`)],
  ];
  const kept = homes.flatMap(([folder, fits]) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter(fits)
          .map((entry) => join(folder, entry, "bin", name))
      : [],
  );
  for (const candidate of [onPath(name), ...kept, `/usr/bin/${name}`]) {
    if (!candidate || !existsSync(candidate)) continue;
    const version = await run(candidate, ["-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {
      timeoutSeconds: 20,
    }).catch(() => "");
    if (version.trim() === pythonVersion) return candidate;
  }
  return undefined;
}
