import { defaultNetwork, securityGroupsNamed } from "../../../aws/ec2";
import { StudioDomains } from "../../../aws/sagemaker-studio";
import { domainGroups } from "../../teardown/domain-network";
import { type Bench, roleIsNew } from "../bench";
import { CouldNotAsk, type Finding, held, refuted, errorText } from "../answer";
import type { Experiment } from "../experiment";

/** What KMS, EFS and IAM say where a right is missing; also while a new alias or policy is not known everywhere. */
const refusal = /kms|key|elasticfilesystem|not authorized/i;

/**
 * A Studio domain under a key with the program's own key policy; a space and its app, as the program's role of an ML
 * engineer's profile.
 */
export const studioKey: Experiment = {
  name: "studio-key",
  question:
    "Does a Studio domain come up with the environment's key, and the disk of a space as the role of its user profile?",
  believed:
    "The key policy lets the caller create the domain's file system (EFS), and the duties of the role studio-ml-engineer start an app whose disk (EBS) has the key.",
  minutes: 50,
  costs: [
    { key: "kms.key", units: 0.05 },
    { key: "sagemaker.studio.ml.t3.medium", units: 50 / 60 },
  ],
  async ask(bench) {
    const network = await defaultNetwork(bench.session);
    if (!network || network.subnetIds.length === 0)
      throw new CouldNotAsk("the account has no default network to put a domain into");
    const studio = new StudioDomains(bench.session);
    const executionRole = await profileRole(bench);
    bench.step("makes a key under the program's key policy");
    const keyArn = await bench.key(bench.documents.keyPolicy);
    bench.step("creates the domain");
    let id: string;
    try {
      id = await bench.settled(2, roleIsNew, () =>
        studio.create({ name: bench.name("domain"), ...network, executionRole, keyArn, tags: bench.tags }),
      );
    } catch (error) {
      if (refusal.test((error as Error).message)) return refuted(`CreateDomain: ${errorText(error)}`);
      throw error;
    }
    const domain = await bench.until(15, async () => settledOf(await studio.status(id)));
    if (domain?.status !== "InService")
      return refuted(`the domain is ${domain?.status ?? "not in service after 15 minutes"}: ${domain?.reason ?? ""}`);
    await bench.settled(2, roleIsNew, () => studio.createProfile(id, person, executionRole));
    return openSpace(bench, id, executionRole);
  },
};

const person = "probe";

/**
 * What Studio says of a session (its domain and profile, by which the role's own statements know one's spaces) a
 * session of ours lacks; so spaces are allowed by name.
 */
function profileRole(bench: Bench): Promise<string> {
  const spaces = {
    Effect: "Allow",
    Action: ["sagemaker:CreateSpace", "sagemaker:CreateApp"],
    Resource: [bench.arn("sagemaker", `space/*/${person}`), bench.arn("sagemaker", `app/*/${person}/*`)],
  };
  return bench.programRole(
    "studio-ml-engineer",
    { keyAlias: `alias/${bench.name("key")}` },
    { statements: [spaces], taken: true },
  );
}

async function openSpace(bench: Bench, id: string, executionRole: string): Promise<Finding> {
  const engineer = new StudioDomains(await bench.sessionOf(executionRole));
  bench.step("the domain is in service; opens a space with JupyterLab as the role of the profile");
  const asked = [
    { what: "CreateSpace", ask: () => engineer.createSpace(id, person) },
    { what: "CreateApp", ask: () => engineer.createApp(id, person) },
  ];
  for (const { what, ask } of asked) {
    try {
      await bench.settled(6, refusal, ask);
    } catch (error) {
      if (refusal.test((error as Error).message))
        return refuted(`${what}, as the role of the profile: ${errorText(error)}`);
      throw error;
    }
  }
  const app = await bench.until(15, async () =>
    settledOf(await new StudioDomains(bench.session).appStatus(id, person)),
  );
  const groups = await securityGroupsNamed(bench.session, domainGroups(id));
  return app?.status === "InService"
    ? held(`domain and app are InService; SageMaker made ${groups.length} security groups for the file system`)
    : refuted(`the app is ${app?.status ?? "not in service after 15 minutes"}: ${app?.reason ?? ""}`);
}

function settledOf<State extends { readonly status: string }>(state: State): State | undefined {
  return /^(Pending|Updating|Creating)$/.test(state.status) ? undefined : state;
}
