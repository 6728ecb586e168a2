import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { areas } from "../../infra/settings/areas";
import { about } from "../../infra/settings/setting";
import { projectDir } from "../project";

/**
 * `Pulumi.yaml` with the settings as they are declared. Numbers and switches are text in it on purpose: the engine
 * would stop at the first value of a wrong type, while the program reads them all and reports every problem at once.
 */
export function projectFile(): string {
  const [head] = readFileSync(join(projectDir, "Pulumi.yaml"), "utf8").split(/^config:\n/m);
  const sections = Object.entries(areas).map(([title, settings]) => {
    const declarations = Object.entries(settings).map(([name, setting]) => [name, declaration(about.get(setting)!)]);
    // The engine reads YAML 1.1, for which off is a switch and 07:00 a number.
    const lines = stringify(Object.fromEntries(declarations), { version: "1.1", lineWidth: 0 }).trimEnd().split("\n");
    return [`# ${title}.`, ...lines].map((line) => `  ${line}`).join("\n");
  });
  return `${head}config:\n${sections.join("\n\n")}\n`;
}

/** A setting as Pulumi wants it declared. */
function declaration({
  meaning,
  default: fallback,
}: {
  meaning: string;
  default?: string | readonly string[] | undefined;
}) {
  return {
    type: Array.isArray(fallback) ? "array" : "string",
    ...(Array.isArray(fallback) ? { items: { type: "string" } } : {}),
    ...(fallback === undefined ? {} : { default: fallback }),
    description: meaning,
  };
}
