import { PolicyPack } from "@pulumi/policy";
import { configOf } from "./config";
import { version } from "./package.json";
import { appendTo, operationOf, recorded, recordFile } from "./record";
import { rules } from "./rules";

const { env } = process;
const append = appendTo(recordFile(env, process.cwd()));
const about = { operation: operationOf(env), packVersion: version };
// The engine tells packs their stack since 3.190; without it the rules find their settings by the resources' URNs.
const stack = env["PULUMI_STACK"] ?? env["PULUMI_NODEJS_STACK"];

new PolicyPack("peregrine", { policies: rules.map((rule) => recorded(rule, about, append)), enforcementLevel: "mandatory" }, stack ? configOf(stack) : undefined);
