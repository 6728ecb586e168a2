import { defaultNetwork } from "../../../aws/ec2";
import { createKey } from "../../../aws/kms";
import { StudioDomains } from "../../../aws/sagemaker-studio";
import { CouldNotAsk, type Experiment, held, refuted, wordsOf } from "../experiment";

/** A Studio domain, a space and its app under a key with the program's own key policy. */
export const studioKey: Experiment = {
  name: "studio-key",
  question: "Does a Studio domain come up with the environment's key, and does the disk of a space?",
  believed: "The key policy lets the caller create the domain's file system (EFS) and a Studio role start an app whose disk (EBS) has the key.",
  minutes: 40,
  costs: [
    { key: "kms.key", units: 0.05 },
    { key: "sagemaker.studio.ml.t3.medium", units: 40 / 60 },
  ],
  async ask(bench) {
    const network = await defaultNetwork(bench.session);
    if (!network || network.subnetIds.length === 0) throw new CouldNotAsk("the account has no default network to put a domain into");
    const studio = new StudioDomains(bench.session);
    const grant = { "kms:GrantIsForAWSResource": "true" };
    const executionRole = await bench.serviceRole("sagemaker", [
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"], Resource: "*" },
      { Effect: "Allow", Action: "kms:CreateGrant", Resource: "*", Condition: { Bool: grant } },
      { Effect: "Allow", Action: ["sagemaker:DescribeSpace", "sagemaker:DescribeApp", "sagemaker:CreateApp"], Resource: "*" },
    ]);
    bench.step("makes a key under the program's key policy");
    const keyArn = await createKey(bench.session, bench.name("key"), bench.documents.keyPolicy, bench.tags);
    bench.step("creates the domain");
    let id: string;
    try {
      id = await bench.settled(2, /not.*(assume|valid)|could not be assumed|does not exist/i, () => studio.create({ name: bench.name("domain"), ...network, executionRole, keyArn, tags: bench.tags }));
    } catch (error) {
      if (/kms|key|elasticfilesystem/i.test((error as Error).message)) return refuted(`CreateDomain: ${wordsOf(error)}`);
      throw error;
    }
    const domain = await bench.until(15, async () => settledOf(await studio.status(id)));
    if (domain?.status !== "InService") return refuted(`the domain is ${domain?.status ?? "not in service after 15 minutes"}: ${domain?.reason ?? ""}`);
    bench.step("the domain is in service; opens a space with JupyterLab");
    await studio.openSpace(id, "probe", executionRole);
    const app = await bench.until(15, async () => settledOf(await studio.appStatus(id, "probe")));
    return app?.status === "InService" ? held("domain and app are InService") : refuted(`the app is ${app?.status ?? "not in service after 15 minutes"}: ${app?.reason ?? ""}`);
  },
};

function settledOf<State extends { readonly status: string }>(state: State): State | undefined {
  return /^(Pending|Updating|Creating)$/.test(state.status) ? undefined : state;
}
