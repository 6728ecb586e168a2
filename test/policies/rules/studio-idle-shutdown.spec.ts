import { studioIdleShutdown as rule } from "../../../policies/rules/studio-idle-shutdown";
import { describeRule, unknownText } from "../../support/policy";

const domain = "aws:sagemaker/domain:Domain";
const profile = "aws:sagemaker/userProfile:UserProfile";
const idle = (idleSettings: object) => ({ jupyterLabAppSettings: { appLifecycleManagement: { idleSettings } } });
const on = { lifecycleManagement: "ENABLED", idleTimeoutInMinutes: 60 };

describeRule(rule, {
  refuses: {
    "notebooks that run for ever": [domain, { defaultUserSettings: {} }, /JupyterLab has no idle settings/],
    "notebooks that are not stopped": [
      domain,
      { defaultUserSettings: idle({ ...on, lifecycleManagement: "DISABLED" }) },
      /are not stopped/,
    ],
    "notebooks that are stopped late": [
      domain,
      { defaultUserSettings: idle({ ...on, idleTimeoutInMinutes: 600 }) },
      /after 600 minutes, later than 120/,
    ],
    "a profile that takes itself out": [
      profile,
      { userSettings: idle({ ...on, lifecycleManagement: "DISABLED" }) },
      /are not stopped/,
    ],
  },
  accepts: {
    "notebooks that stop": [domain, { defaultUserSettings: idle(on) }],
    "a profile that takes the domain's settings": [profile, { userSettings: { executionRole: unknownText } }],
  },
  ignores: ["aws:sagemaker/space:Space"],
  stoppedBy: {
    "settings that a preview does not know": [domain, { defaultUserSettings: unknownText }, /defaultUserSettings/],
  },
});
