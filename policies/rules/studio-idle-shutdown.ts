import { wellArchitected } from "../frameworks";
import { blockOf, type Inputs } from "../inputs";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  readonly maxIdleMinutes: number;
}

/** Applications that run until somebody stops them. */
const applications = ["jupyterLabAppSettings", "codeEditorAppSettings"];

export const studioIdleShutdown = defineRule<Config>({
  name: "studio-idle-shutdown",
  description: "Studio's applications stop by themselves when nobody uses them.",
  rationale: "A forgotten GPU notebook costs more than the endpoint it was made for.",
  severity: "medium",
  framework: wellArchitected("MLCOST06", "Stop resources when not in use"),
  remediationSteps:
    "Set appLifecycleManagement.idleSettings with lifecycleManagement ENABLED and a timeout in the domain's default user settings.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-idle-shutdown.html",
  configSchema: { properties: { maxIdleMinutes: { type: "integer" } } },
  defaults: { maxIdleMinutes: 120 },
  ...byType<Config>({
    *[types.domain](props, { maxIdleMinutes }) {
      const settings = blockOf(props, "defaultUserSettings");
      if (!idleOf(settings, applications[0]!)) yield "JupyterLab has no idle settings.";
      for (const application of applications) yield* limited(settings, application, maxIdleMinutes);
    },
    *[types.userProfile](props, { maxIdleMinutes }) {
      for (const application of applications)
        yield* limited(blockOf(props, "userSettings"), application, maxIdleMinutes);
    },
  }),
});

function idleOf(settings: Inputs | undefined, application: string): Inputs | undefined {
  return blockOf(blockOf(blockOf(settings, application), "appLifecycleManagement"), "idleSettings");
}

function* limited(settings: Inputs | undefined, application: string, maxIdleMinutes: number): Iterable<string> {
  const idle = idleOf(settings, application);
  if (!idle) return;
  if (idle["lifecycleManagement"] !== "ENABLED") yield `${application}: idle applications are not stopped.`;
  const minutes = Number(idle["idleTimeoutInMinutes"] ?? Infinity);
  if (minutes > maxIdleMinutes)
    yield `${application}: idle applications are stopped after ${minutes} minutes, later than ${maxIdleMinutes}.`;
}
