import { PolicyPack, type PolicyPackConfig } from "@pulumi/policy";
import { onAnnouncement } from "./announced";
import { initialConfigOf } from "./config";
import { version } from "./package.json";
import { appendTo, type PolicyRecord, recorded, recordFile } from "./record";
import { rules } from "./rules";
import { hearSettings } from "./stack-settings";

let operation: PolicyRecord["operation"] = "analysis";
/** The engine asks for it after it has announced the stack. */
const config: PolicyPackConfig = {};
onAnnouncement(({ stack, dryRun, setting }) => {
  hearSettings(stack, setting);
  operation = dryRun ? "preview" : "update";
  Object.assign(
    config,
    initialConfigOf(
      stack,
      rules.map(({ name }) => name),
    ),
  );
});

const append = appendTo(recordFile(process.env, process.cwd()));
const about = () => ({ operation, packVersion: version });

new PolicyPack(
  "peregrine",
  { policies: rules.map((rule) => recorded(rule, about, append)), enforcementLevel: "mandatory" },
  config,
);
