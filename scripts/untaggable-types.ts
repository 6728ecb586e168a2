import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectDir } from "../automation/project-dir";

/**
 * AWS resource types whose inputs have no `tags`, as the installed provider's SDK declares them; the policy pack's list
 * comes from here.
 */
export function untaggableTypes(): string[] {
  const sdk = dirname(require.resolve("@pulumi/aws/package.json"));
  const modules = readdirSync(sdk).filter((name) => name !== "node_modules" && statSync(join(sdk, name)).isDirectory());
  return modules
    .flatMap((module) => resourcesOf(join(sdk, module)))
    .filter(({ taggable }) => !taggable)
    .map(({ type }) => type)
    .sort();
}

function resourcesOf(folder: string): { type: string; taggable: boolean }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".js"))
    .flatMap((file) => {
      const type = /static __pulumiType = '(aws:[^']+)'/.exec(readFileSync(join(folder, file), "utf8"))?.[1];
      if (!type) return [];
      const declarations = readFileSync(join(folder, file.replace(/\.js$/, ".d.ts")), "utf8");
      const inputs = declarations.slice(declarations.indexOf(`export interface ${type.split(":").at(-1)}Args`));
      return [{ type, taggable: /^ {4}tags\?:/m.test(inputs) }];
    });
}

// node -r ./scripts/register.cjs scripts/untaggable-types.ts
if (require.main === module)
  writeFileSync(
    join(projectDir, "policies", "untaggable-types.json"),
    `${JSON.stringify(untaggableTypes(), undefined, 0).replaceAll('","', '",\n"')}\n`,
  );
