import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * How a container's `/opt/ml` is made:
 * - `container`: own mount and process namespaces (`unshare`); every process of it ends with its first one.
 * - `mount`: own mount namespace only, where `/proc` may not be mounted (nested containers).
 * - `paths`: no namespaces (macOS, hardened kernels); `SM_ROOT` and the `SM_*` path variables stand for `/opt/ml`.
 */
export type Isolation = "container" | "mount" | "paths";

/**
 * Shell program that runs first inside the namespaces. Arguments: an empty folder to build `/opt` in, the folder that is to
 * be `/opt/ml`, the isolation, the number of read-only binds, then per bind source and target below `/opt/ml`, then the command.
 * `/opt` is rebuilt on a tmpfs with the host's own entries bound into it, so nothing has to exist or is created on the host.
 */
const ENTER = `set -e
stage=$1; ml=$2; isolation=$3; binds=$4; shift 4
mount -t tmpfs none "$stage"
for entry in /opt/*; do
  name=\${entry##*/}
  [ -e "$entry" ] || continue
  [ "$name" = ml ] && continue
  if [ -d "$entry" ]; then mkdir "$stage/$name"; else : > "$stage/$name"; fi
  mount --rbind "$entry" "$stage/$name"
done
mkdir "$stage/ml"
mount --rbind "$ml" "$stage/ml"
mount --rbind "$stage" /opt
while [ "$binds" -gt 0 ]; do
  mount --bind "$1" "/opt/ml/$2"
  mount -o remount,bind,ro "/opt/ml/$2"
  shift 2; binds=$((binds - 1))
done
if [ "$isolation" = container ]; then mount -t proc proc /proc; fi
exec "$@"
`;

export interface Bind {
  /** Folder on the host. */
  readonly source: string;
  /** Path below `/opt/ml`; the folder must exist there. */
  readonly target: string;
}

/** The command line that runs `command` with `ml` mounted on `/opt/ml` (as it is, for `paths`). */
export function enter(isolation: Isolation, stage: string, ml: string, binds: readonly Bind[], command: readonly string[]): string[] {
  const deathbed = hasSetpriv() ? ["setpriv", "--pdeathsig", "KILL", "--"] : [];
  if (isolation === "paths") return [...deathbed, ...command];
  const inside = ["sh", "-c", ENTER, "enter", stage, ml, isolation, String(binds.length), ...binds.flatMap((b) => [b.source, b.target])];
  // With a process namespace `unshare` stays as the parent, so it is the one that must die with the local cloud.
  if (isolation === "container") return [...deathbed, "unshare", "-r", "-m", "-p", "-f", "--kill-child", ...inside, ...command];
  return ["unshare", "-r", "-m", ...inside, ...deathbed, ...command];
}

let known: Isolation | undefined;

/** The strongest isolation that works on this machine; tried once, about 30 ms. */
export function probeIsolation(): Isolation {
  known ??= (["container", "mount"] as const).find(works) ?? "paths";
  return known;
}

function works(isolation: Isolation): boolean {
  const folder = mkdtempSync(join(tmpdir(), "peregrine-probe-"));
  try {
    execFileSync("mkdir", ["-p", join(folder, "stage"), join(folder, "ml")]);
    const [file, ...args] = enter(isolation, join(folder, "stage"), join(folder, "ml"), [], ["test", "-w", "/opt/ml"]);
    execFileSync(file!, args, { stdio: "ignore", timeout: 5000 });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let setpriv: boolean | undefined;

function hasSetpriv(): boolean {
  if (setpriv === undefined) {
    try {
      execFileSync("setpriv", ["--pdeathsig", "KILL", "--", "true"], { stdio: "ignore" });
      setpriv = true;
    } catch {
      setpriv = false;
    }
  }
  return setpriv;
}
