import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Sub-folders of a folder, none where it is missing. */
const foldersIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];

/**
 * Where a Node may lie: named, on PATH, of a version manager (nvm, fnm, mise), in npm's cache (`npx -p node@24 node -v`
 * leaves it there).
 */
function places(major: number): string[] {
  const home = homedir();
  const managed = [
    process.env["NVM_DIR"] ? join(process.env["NVM_DIR"], "versions", "node") : join(home, ".nvm", "versions", "node"),
    join(home, ".local", "share", "mise", "installs", "node"),
    join(home, ".local", "share", "fnm", "node-versions"),
  ].flatMap(foldersIn);
  return [
    process.env[`PEREGRINE_NODE_${major}`] ?? "",
    ...(process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "node")),
    ...managed.flatMap((folder) => [join(folder, "bin", "node"), join(folder, "installation", "bin", "node")]),
    ...foldersIn(join(home, ".npm", "_npx")).map((folder) => join(folder, "node_modules", "node", "bin", "node")),
  ];
}

/** A Node of that major version on this machine, or undefined. */
export function findNode(major: number): string | undefined {
  for (const place of new Set(
    places(major)
      .filter(existsSync)
      .map((path) => realpathSync(path)),
  ))
    try {
      if (
        execFileSync(place, ["-p", "process.versions.node.split('.')[0]"], { encoding: "utf8" }).trim() === `${major}`
      )
        return place;
    } catch {
      // A shim without the program behind it, or no Node at all.
    }
  return undefined;
}
