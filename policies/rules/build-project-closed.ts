import { securityHub } from "../frameworks";
import { blockOf } from "../inputs";
import { byType, defineRule } from "../rule";

interface Config {
  /** Logical names of projects that build container images, which needs privileged mode. */
  readonly imageBuilders: readonly string[];
}

export const buildProjectClosed = defineRule<Config>({
  name: "build-project-closed",
  description: "Builds are not privileged, end by themselves, write a log, and are not public.",
  rationale: "A build runs code of a branch with the rights of a release.",
  severity: "high",
  framework: securityHub(
    "CodeBuild.4",
    "Project environments have a logging configuration (also CodeBuild.1 and CodeBuild.5)",
  ),
  remediationSteps:
    "Set privilegedMode to false (or name a project that builds images in `imageBuilders`), a buildTimeout, logsConfig, and PRIVATE visibility.",
  url: "https://docs.aws.amazon.com/securityhub/latest/userguide/codebuild-controls.html",
  configSchema: { properties: { imageBuilders: { type: "array", items: { type: "string" } } } },
  defaults: { imageBuilders: [] },
  ...byType<Config>({
    *"aws:codebuild/project:Project"(props, { imageBuilders }, { name }) {
      if (blockOf(props, "environment")?.["privilegedMode"] === true && !imageBuilders.includes(name))
        yield "The build is privileged.";
      if (props["buildTimeout"] === undefined) yield "The build has no time limit of its own.";
      if (props["projectVisibility"] === "PUBLIC_READ") yield "Everybody can read the build's log.";
      const logs = blockOf(props, "logsConfig");
      const enabled = ["cloudwatchLogs", "s3Logs"].some(
        (kind) =>
          blockOf(logs, kind)?.["status"] === "ENABLED" ||
          (kind === "cloudwatchLogs" &&
            blockOf(logs, kind) !== undefined &&
            blockOf(logs, kind)?.["status"] === undefined),
      );
      if (!enabled) yield "The build writes no log.";
    },
  }),
});
