import { judgeRegion } from "../../lifecycle/health/account";
import { judgeClosedServices } from "../../lifecycle/health/closed-services";
import { failed, type Finding, ok } from "../../lifecycle/health/finding";
import { judgePeople } from "../../lifecycle/health/people";
import { endpointNeeds, jobNeeds } from "../../lifecycle/health/quotas";
import { judgeVersions } from "../../lifecycle/health/versions";
import { goldenSource } from "../release/golden/set";
import type { Environment } from "../stack/environment";
import { accountCheck } from "./account";
import { type Check, runCheck } from "./checks";
import { datasetCheck, imageCheck } from "./data";
import { environmentChecks } from "./environment";
import { goldenImagesCheck } from "./golden-images";
import { logRetentionCheck } from "./logs";
import { trustCheck } from "./people";
import { quotaCheck, studioCheck, vpcCheck } from "./quotas";
import { doctorSettings } from "./settings";
import { instanceTypesCheck, privateLinkCheck } from "./zones";

/**
 * Examines an environment without changing anything: first who asks and with what, then what the account and the
 * stack's settings can do together, then, when the stack is up, what it serves. Without credentials or settings nothing
 * else can be looked at.
 */
export async function examine(environment: Environment): Promise<Finding[]> {
  const { name, session } = environment;
  environment.invalidateState();
  const settings = doctorSettings(environment.settings, name);
  const first = await runCheck(
    "AWS account",
    () => accountCheck(session, settings.allowedAccountIds, name),
    `Configure the profile: aws configure --profile ${session.profile ?? "default"}`,
  );
  const own = [
    first,
    await runCheck("region", () => judgeRegion(session.region, process.env)),
    await runCheck("versions", async () => judgeVersions(await environment.versions())),
  ];
  if (first.level === "failed") return own;
  const up = await runCheck(
    "stack",
    async () =>
      (await environment.exists())
        ? ok(`${name} is up`)
        : failed(`${name} is not up`, `Bring it up: pulumi up --stack ${name} --policy-pack policies`),
    "Log in to the backend: pulumi login",
  );
  const types = up.level === "ok" ? (await environment.resources()).map(({ type }) => type) : [];
  const outputs = up.level === "ok" ? await environment.outputs() : undefined;
  const checks: Readonly<Record<string, Check>> = {
    "endpoint quotas": () => quotaCheck(session, endpointNeeds(settings), true),
    // Models are trained in dev; elsewhere the pipeline stands ready.
    "job quotas": () => quotaCheck(session, jobNeeds(settings), name === "dev"),
    "instance types by zone": () => instanceTypesCheck(session, settings, name),
    "PrivateLink by zone": () =>
      privateLinkCheck(session, settings, name, () => interfaceServices(environment, up.level === "ok")),
    "VPC limit": () => vpcCheck(session, types),
    "Studio limits": () => studioCheck(session, types),
    "closed services": () => judgeClosedServices(types, environment.settings, name),
    "logs of jobs": () => logRetentionCheck(session, settings.logRetentionDays),
    people: () =>
      judgePeople(
        Object.fromEntries(
          Object.entries(environment.allSettings()).map(([each, one]) => [each, doctorSettings(one, each).people]),
        ),
      ),
    "dataset bucket": () => datasetCheck(session, settings.datasetBucket, settings.datasetPrefix),
    "golden images": () => goldenImagesCheck(session, goldenSource(environment, settings.datasetBucket)),
    ...(outputs
      ? {
          image: () => imageCheck(session, outputs.imageUri, "pipeline jobs"),
          trust: () =>
            trustCheck(session, {
              roleArns: outputs.roleArns,
              requireMfa: settings.requireMfa,
              people: settings.people,
            }),
          ...environmentChecks(environment, outputs),
        }
      : {}),
  };
  return [...own, up, ...(await Promise.all(Object.entries(checks).map(([title, check]) => runCheck(title, check))))];
}

/**
 * Services of the stack's interface endpoints; of a stack that is not up yet, of those that its first update would
 * make.
 */
async function interfaceServices(environment: Environment, up: boolean): Promise<string[]> {
  const resources = up ? await environment.resources() : (await environment.plan()).after;
  const endpoints = resources.filter(
    ({ type, inputs }) => type === "aws:ec2/vpcEndpoint:VpcEndpoint" && inputs?.["vpcEndpointType"] === "Interface",
  );
  return endpoints.map(({ inputs }) => String(inputs!["serviceName"]));
}
