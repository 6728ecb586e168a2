import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes a small `pulumi` to be put first on PATH while the local cloud is the target. `pulumi stack init` and `pulumi
 * up` write the backend's `encryptionsalt` into the settings file of the stack, which is tracked (there is no switch
 * against it; `--config-file` does not hold for `stack init`). In the project's folder this one therefore works in a
 * copy: the project file with an absolute `main`, and the stacks' settings as they are now plus the salt of before.
 * Anywhere else (the Automation API's work folders) it hands over unchanged, but for the engine's garbage collector: it
 * runs once the heap is five times what was left, and not twice (`GOGC`), which saves a fifth of the processor time of an
 * engine that lives for seconds.
 * @param options.projectDir folder of the tracked Pulumi.yaml.
 * @param options.stateDir where copy and shim may live.
 * @param options.pulumi the real CLI.
 * @returns the folder for PATH.
 */
export function writePulumiShim(options: {
  readonly projectDir: string;
  readonly stateDir: string;
  readonly pulumi: string;
}): string {
  const bin = join(options.stateDir, "bin");
  const copy = join(options.stateDir, "project");
  mkdirSync(bin, { recursive: true });
  mkdirSync(copy, { recursive: true });
  const shim = join(bin, "pulumi");
  writeFileSync(`${shim}.new`, script(options.projectDir, copy, options.pulumi));
  chmodSync(`${shim}.new`, 0o755);
  renameSync(`${shim}.new`, shim);
  return bin;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function script(projectDir: string, copy: string, pulumi: string): string {
  return `#!/bin/sh
# Keeps what the engine writes into stack settings out of the tracked files; see scripts/setup/pulumi-shim.ts.
export GOGC="\${GOGC:-400}"
project=${quoted(projectDir)}
copy=${quoted(copy)}
# "pulumi config set" edits the tracked settings on purpose; "pulumi version" reads none.
[ "$(pwd -P)" = "$project" ] && [ "$1" != config ] && [ "$1" != version ] || exec ${quoted(pulumi)} "$@"
# Commands run side by side: each file is made whole, and a link that another one made first is no failure.
sed "s#^main: *\\([^/]\\)#main: $project/\\1#" "$project/Pulumi.yaml" > "$copy/Pulumi.yaml.$$" && mv "$copy/Pulumi.yaml.$$" "$copy/Pulumi.yaml"
for settings in "$project"/Pulumi.*.yaml; do
  mine="$copy/$(basename "$settings")"
  salt=$(grep -s '^encryptionsalt:' "$mine")
  { grep -v '^encryptionsalt:' "$settings"; [ -z "$salt" ] || printf '%s\\n' "$salt"; } > "$mine.$$" && mv "$mine.$$" "$mine"
done
# Relative paths of options (--policy-pack policies) keep their meaning.
for entry in "$project"/*/; do
  name=$(basename "$entry")
  [ -e "$copy/$name" ] || ln -sn "$project/$name" "$copy/$name" 2>/dev/null || [ -e "$copy/$name" ] || exit 1
done
exec ${quoted(pulumi)} --cwd "$copy" "$@"
`;
}
