/**
 * Claims of one process on something, kept in the file system so that a claim ends with its process, however it ends.
 *
 * A claim is a symbolic link `<name>.<n>` that points to a process id: made whole in one step, by one process only. The
 * highest number counts. Whoever finds its process dead makes the next number, and never removes the highest: two that
 * find the same dead process both try the same number, and one of them gets it. Plain JavaScript, since set-up needs it
 * before any package is there.
 */
const { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } = require("node:fs");
const { basename, dirname } = require("node:path");

/** What a released claim points to. */
const nobody = "nobody";
const held = new Set();

/**
 * Claims `name`, a path whose folder is made when it is missing.
 * @param {string} name
 * @returns {{ holder?: undefined, release: () => void } | { holder: number, release?: undefined }} the claim, to be
 * released; or the process that holds it.
 */
function claim(name) {
  mkdirSync(dirname(name), { recursive: true, mode: 0o700 });
  for (;;) {
    const highest = numbers(name).at(-1) ?? 0;
    const holder = highest === 0 ? nobody : holderOf(`${name}.${highest}`);
    if (holder === undefined) continue;
    if (holder !== nobody && isHeld(name, Number(holder))) return { holder: Number(holder) };
    const own = highest + 1;
    if (!make(`${name}.${own}`, String(process.pid))) continue;
    const all = numbers(name);
    // Somebody took this number and gave it back between our look and our try: theirs, or a later one, is higher.
    if (all.at(-1) !== own) {
      rmSync(`${name}.${own}`, { force: true });
      continue;
    }
    all.slice(0, -1).forEach((n) => rmSync(`${name}.${n}`, { force: true }));
    held.add(name);
    return { release: () => release(name, own) };
  }
}

/**
 * The next number says that nobody holds it; only then may ours go.
 * @param {string} name @param {number} own
 */
function release(name, own) {
  if (!held.delete(name)) return;
  make(`${name}.${own + 1}`, nobody);
  rmSync(`${name}.${own}`, { force: true });
}

/**
 * Whether the process still has its claim; a number of ours that we do not hold was that of a process before us.
 * @param {string} name @param {number} pid
 */
function isHeld(name, pid) {
  return pid === process.pid ? held.has(name) : isAlive(pid);
}

/**
 * Whether a process of this machine runs, ours or somebody else's.
 * @param {number} pid
 */
function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error.code === "EPERM";
  }
}

/** @param {string} link @param {string} target @returns whether nobody had made it before. */
function make(link, target) {
  try {
    symlinkSync(target, link);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Undefined when it went away meanwhile: a higher one is there.
 * @param {string} link
 */
function holderOf(link) {
  try {
    return readlinkSync(link);
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** @param {string} name @returns the numbers of its claims, in order. */
function numbers(name) {
  const start = `${basename(name)}.`;
  return readdirSync(dirname(name))
    .filter((file) => file.startsWith(start) && /^\d+$/.test(file.slice(start.length)))
    .map((file) => Number(file.slice(start.length)))
    .sort((a, b) => a - b);
}

module.exports = { claim, isAlive };
