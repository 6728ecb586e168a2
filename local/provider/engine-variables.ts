/**
 * How a Pulumi engine finds the provider. An attached one needs no plugin, but the engine would look for one again and
 * again in every command.
 */
export function engineVariables(port: number): {
  PULUMI_DEBUG_PROVIDERS: string;
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: string;
} {
  return { PULUMI_DEBUG_PROVIDERS: `aws:${port}`, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" };
}
