import { goldenLook, goldenSource } from "../release/golden/set";
import type { Environment } from "../stack/environment";
import { accountLook, regionLook, versionsLook } from "./account";
import { closedLook } from "./closed-services";
import { datasetLook, imageLook } from "./data";
import { environmentLooks } from "./environment";
import { failed, type Finding, type Look, look, ok } from "./checks";
import { studioLook, vpcLook } from "./limits";
import { jobLogsLook } from "./logs";
import { onePersonOneRole, trustLook } from "./people";
import { endpointNeeds, jobNeeds, quotaLook } from "./quotas";
import { doctorSettings } from "./settings";
import { servicesLook, typesLook } from "./zones";

/**
 * Examines an environment without changing anything: first who asks and with what, then what the account and the stack's settings can do
 * together, then, when the stack is up, what it serves. Without credentials or settings nothing else can be looked at.
 */
export async function examine(environment: Environment): Promise<Finding[]> {
  const { name, session } = environment;
  environment.invalidateState();
  const settings = doctorSettings(environment.settings, name);
  const first = await look(
    "AWS account",
    () => accountLook(session, settings.allowedAccountIds, name),
    `Configure the profile: aws configure --profile ${session.profile ?? "default"}`,
  );
  const own = [
    first,
    await look("region", () => regionLook(session, process.env)),
    await look("versions", () => versionsLook(environment.versions())),
  ];
  if (first.level === "failed") return own;
  const up = await look(
    "stack",
    async () =>
      (await environment.exists())
        ? ok(`${name} is up`)
        : failed(`${name} is not up`, `Bring it up: pulumi up --stack ${name} --policy-pack policies`),
    "Log in to the backend: pulumi login",
  );
  const types = up.level === "ok" ? (await environment.resources()).map(({ type }) => type) : [];
  const outputs = up.level === "ok" ? await environment.outputs() : undefined;
  const looks: Readonly<Record<string, Look>> = {
    "endpoint quotas": () => quotaLook(session, endpointNeeds(settings), true),
    // Models are trained in dev; elsewhere the pipeline stands ready.
    "job quotas": () => quotaLook(session, jobNeeds(settings), name === "dev"),
    "instance types by zone": () => typesLook(session, settings, name),
    "PrivateLink by zone": () =>
      servicesLook(session, settings, name, () => interfaceServices(environment, up.level === "ok")),
    "VPC limit": () => vpcLook(session, types),
    "Studio limits": () => studioLook(session, types),
    "closed services": () => closedLook(types, environment.settings, name),
    "logs of jobs": () => jobLogsLook(session, settings.logRetentionDays),
    people: () =>
      onePersonOneRole(
        Object.fromEntries(
          Object.entries(environment.allSettings()).map(([each, one]) => [each, doctorSettings(one, each).people]),
        ),
      ),
    "dataset bucket": () => datasetLook(session, settings.datasetBucket, settings.datasetPrefix),
    "golden images": () => goldenLook(session, goldenSource(environment, settings.datasetBucket)),
    ...(outputs
      ? {
          image: () => imageLook(session, String(outputs["imageUri"]), "pipeline jobs"),
          trust: () =>
            trustLook(session, {
              roleArns: outputs["roleArns"] as Readonly<Record<string, string>>,
              requireMfa: settings.requireMfa,
              people: settings.people,
            }),
          ...environmentLooks(environment, outputs),
        }
      : {}),
  };
  return [...own, up, ...(await Promise.all(Object.entries(looks).map(([title, one]) => look(title, one))))];
}

/** Services of the stack's interface endpoints; of a stack that is not up yet, of those that its first update would make. */
async function interfaceServices(environment: Environment, up: boolean): Promise<string[]> {
  const resources = up ? await environment.resources() : (await environment.plan()).after;
  const endpoints = resources.filter(
    ({ type, inputs }) => type === "aws:ec2/vpcEndpoint:VpcEndpoint" && inputs?.["vpcEndpointType"] === "Interface",
  );
  return endpoints.map(({ inputs }) => String(inputs!["serviceName"]));
}
