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
 * Shell program that runs first inside the namespaces. Arguments: an empty folder to build `/opt` in, the folder that
 * is to be `/opt/ml`, the isolation, the network (`none` or `host`), the number of read-only binds, then per bind
 * source and target below `/opt/ml`, then the command. `/opt` is rebuilt on a tmpfs with the host's own entries bound
 * into it, so nothing has to exist or is created on the host.
 */
const ENTER = `set -e
stage=$1; ml=$2; isolation=$3; network=$4; binds=$5; shift 5
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
if [ "$network" = none ]; then ip link set lo up 2>/dev/null || true; fi
exec "$@"
`;

export interface Bind {
  /** Folder on the host. */
  readonly source: string;
  /** Path below `/opt/ml`; the folder must exist there. */
  readonly target: string;
}

/**
 * The command line that runs `command` with `ml` mounted on `/opt/ml` (as it is, for `paths`).
 * @param network `none`: nothing but its own loopback, where the machine has network namespaces.
 */
export function enter(
  isolation: Isolation,
  stage: string,
  ml: string,
  binds: readonly Bind[],
  command: readonly string[],
  network: "host" | "none" = "host",
): string[] {
  const deathbed = hasSetpriv() ? ["setpriv", "--pdeathsig", "KILL", "--"] : [];
  if (isolation === "paths") return [...deathbed, ...command];
  const inside = [
    "sh",
    "-c",
    ENTER,
    "enter",
    stage,
    ml,
    isolation,
    network,
    String(binds.length),
    ...binds.flatMap((b) => [b.source, b.target]),
  ];
  const apart = network === "none" && hasNetworkNamespaces() ? ["-n"] : [];
  // With a process namespace `unshare` stays as the parent, so it is the one that must die with the local cloud.
  if (isolation === "container")
    return [...deathbed, "unshare", "-r", "-m", "-p", "-f", "--kill-child", ...apart, ...inside, ...command];
  return ["unshare", "-r", "-m", ...apart, ...inside, ...deathbed, ...command];
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

let networks: boolean | undefined;

/** Whether this machine can give a container a network of its own, about 10 ms at the first isolated one. */
export function hasNetworkNamespaces(): boolean {
  if (networks === undefined) {
    try {
      execFileSync("unshare", ["-r", "-n", "true"], { stdio: "ignore", timeout: 5000 });
      networks = true;
    } catch {
      networks = false;
    }
  }
  return networks;
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
