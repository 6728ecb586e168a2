import { buildProjectClosed as rule } from "../../../policies/rules/build-project-closed";
import { describeRule, unknownText } from "../../support/policy";

const project = "aws:codebuild/project:Project";
const good = {
  buildTimeout: 60,
  environment: { privilegedMode: false },
  logsConfig: { cloudwatchLogs: { status: "ENABLED", groupName: "a" } },
};

describeRule(rule, {
  refuses: {
    "a privileged build": [project, { ...good, environment: { privilegedMode: true } }, /is privileged/],
    "a build without an end": [project, { ...good, buildTimeout: undefined }, /no time limit/],
    "a build without a log": [
      project,
      { ...good, logsConfig: { cloudwatchLogs: { status: "DISABLED" } } },
      /writes no log/,
    ],
    "a build that says nothing of logs": [project, { ...good, logsConfig: undefined }, /writes no log/],
    "a public build": [project, { ...good, projectVisibility: "PUBLIC_READ" }, /Everybody can read/],
  },
  accepts: {
    "a closed build": [project, good],
    "a log group that a preview does not know yet": [
      project,
      { ...good, logsConfig: { cloudwatchLogs: { groupName: unknownText } } },
    ],
    "a build of images": [
      project,
      { ...good, environment: { privilegedMode: true } },
      ,
      { name: "images", config: { imageBuilders: ["images"] } },
    ],
  },
  ignores: ["aws:codebuild/webhook:Webhook"],
  stoppedBy: {
    "an environment that a preview does not know": [project, { ...good, environment: unknownText }, /environment/],
  },
});
