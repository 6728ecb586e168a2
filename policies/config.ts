import type { PolicyPackConfig } from "@pulumi/policy";
import dev from "./config/dev.json";
import prod from "./config/prod.json";
import staging from "./config/staging.json";

const configs: Readonly<Record<string, PolicyPackConfig>> = { dev, staging, prod } as Record<string, unknown> as Record<string, PolicyPackConfig>;

/**
 * What the rules demand of a stack when nothing else is said: the file of its name in `config/`, so that a plain
 * `--policy-pack policies` is enough. `--policy-pack-config FILE` goes over it. Undefined for any other stack.
 */
export function configOf(stack: string): PolicyPackConfig | undefined {
  return configs[stack];
}
