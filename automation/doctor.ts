import { Metrics } from "../aws/cloudwatch";
import { ObjectStore } from "../aws/s3";
import { SageMaker } from "../aws/sagemaker";
import { Scaling } from "../aws/scaling";
import { ParameterStore } from "../aws/ssm";
import { callerIdentity } from "../aws/sts";
import { Ledger } from "../records/ledger";
import { verifyChain } from "../records/chain";
import { EnvironmentLock } from "./lock";
import { DesiredReleaseStore } from "./release";
import type { Environment, EnvironmentOutputs } from "./workspace";

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, as a sentence. */
  readonly text: string;
  /** What to do when it is not ok. */
  readonly cure: string;
}

type Look = () => Promise<Omit<Finding, "name">>;

/** Examines an environment without changing anything. A look that itself fails is a finding. */
export async function examine(environment: Environment): Promise<Finding[]> {
  const { name, session } = environment;
  environment.lookAgain();
  const first = await look("AWS account", async () => {
    const { accountId, arn } = await callerIdentity(session);
    return { ok: true, text: `${accountId} in ${session.region}, as ${arn}`, cure: "" };
  }, `Configure the profile: aws configure --profile ${session.profile ?? "default"}`);
  const up = await look("stack", async () => {
    const exists = await environment.exists();
    return { ok: exists, text: exists ? `${name} is up` : `${name} is not up`, cure: `Bring it up: pulumi up --stack ${name} --policy-pack policies` };
  }, "Log in to the backend: pulumi login");
  if (!first.ok || !up.ok) return [first, up];
  const outputs = await environment.outputs();
  const looks = Object.entries(looksOf(environment, outputs)).map(([title, one]) => look(title, one, "See the error; README.md says what each role may do."));
  return [first, up, ...(await Promise.all(looks))];
}

async function look(name: string, one: Look, cure: string): Promise<Finding> {
  try {
    return { name, ...(await one()) };
  } catch (error) {
    return { name, ok: false, text: (error as Error).message, cure: (error as { next?: string }).next ?? cure };
  }
}

function looksOf({ name, session }: Environment, outputs: EnvironmentOutputs): Readonly<Record<string, Look>> {
  const store = new ObjectStore(session);
  const endpoint = outputs.endpointName!;
  const desired = () => new DesiredReleaseStore(new ParameterStore(session), name, outputs.releaseParameter).read();
  const live = new SageMaker(session).describeEndpoint(endpoint);
  // Each look awaits it for itself; without this a failure before the first would end the process.
  live.catch(() => undefined);
  return {
    "dataset bucket": async () => {
      const [image] = await store.list(outputs.datasetBucket, "flights/", 1);
      return { ok: image !== undefined, text: image ? `s3://${outputs.datasetBucket} can be read` : `s3://${outputs.datasetBucket}/flights/ holds nothing`, cure: "Ask the owner of the bucket for images and read access, or correct datasetBucket in the stack's settings." };
    },
    "desired release": async () => {
      const release = await desired();
      return { ok: true, text: release ? release.modelPackageArn : "none yet", cure: "" };
    },
    endpoint: async () => {
      const [release, found] = await Promise.all([desired(), live]);
      if (!release) return { ok: found === undefined, text: found ? `${endpoint} serves, and nothing is desired` : "none, and none is desired", cure: `Bring the stack to what is desired: pulumi up --stack ${name} --policy-pack policies` };
      const ok = found?.EndpointStatus === "InService" && found.EndpointConfigName === outputs.endpointConfigName;
      return { ok, text: found ? `${endpoint} is ${found.EndpointStatus} on ${found.EndpointConfigName}${ok ? "" : `, wanted ${outputs.endpointConfigName}`}` : `${endpoint} does not exist`, cure: `Make a release that was live before live again, or this one anew: npx peregrine rollback --stack ${name} --to RELEASE (docs/runbooks/release-failed.md)` };
    },
    alarms: async () => {
      const raised = Object.entries(await new Metrics(session).alarmStates(`${endpoint}-`)).filter(([, state]) => state === "ALARM").map(([alarm]) => alarm);
      return { ok: raised.length === 0, text: raised.length === 0 ? "none is raised" : `raised: ${raised.join(", ")}`, cure: `Look at the endpoint's dashboard and log (/aws/sagemaker/Endpoints/${endpoint}); when the release is to blame: npx peregrine rollback --stack ${name} (docs/runbooks/endpoint-alarm.md)` };
    },
    scaling: async () => {
      const suspended = await new Scaling(session).suspended(endpoint, "champion");
      return { ok: suspended !== true, text: suspended === undefined ? "the endpoint does not scale yet" : suspended ? "stands still" : "follows the load", cure: "When no release is at work, one was killed while it had scaling stand still: run the same command again (docs/runbooks/stuck-release.md)." };
    },
    lock: async () => {
      const held = await EnvironmentLock.look(store, outputs.artifactsBucket);
      return { ok: !held, text: held ? `${held.operation.kind} by ${held.holder.arn} (process ${held.holder.pid} on ${held.holder.host}) since ${held.operation.startedAt}` : "free", cure: "Wait for it; when that process is dead, run its command again, which finishes or takes back what it began (docs/runbooks/stuck-release.md)." };
    },
    ledger: async () => {
      const { ok, problems } = verifyChain(await new Ledger(store, outputs.artifactsBucket).lines());
      return { ok, text: ok ? "the hash chain holds" : problems.map(({ text }) => text).join("; "), cure: "Tell the auditor, and put an earlier version of ledger/ledger.jsonl back (docs/runbooks/stuck-release.md)." };
    },
  };
}
