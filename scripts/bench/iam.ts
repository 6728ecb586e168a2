import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
} from "@aws-sdk/client-iam";
import { project } from "../../contract/names";
import { CompiledPolicy } from "../../local/iam/policy";
import { openEnvironment } from "../project";
import type { Recorder } from "./figures";
import { IamAccount, type RoleTexts } from "./iam-account";
import { requestsAbout } from "./iam-requests";
import { median } from "./signed";

const minPerSecond = 50_000;
const rounds = 7;
const roundMs = 700;

/** Decisions a second, on one core, about requests of the role with the largest policies that dev's program creates. */
export async function benchIam(record: Recorder): Promise<void> {
  const dev = await openEnvironment("dev");
  await dev.up();
  const role = await largestRole(new IAMClient({}));
  const account = new IamAccount();
  const session = await account.sessionOf(role);
  const requests = requestsAbout(role.policies);
  const asks = requests.map((request) => account.prepare(request, session));
  const verdicts = asks.map((ask) => ask());
  const count = (test: (one: (typeof verdicts)[number]) => boolean): number => verdicts.filter(test).length;
  record.about =
    `The role is ${role.name}: ${sizeOf(role)} characters of policies and a permissions boundary of ${role.boundary?.length ?? 0}, as \`pulumi up\` of dev creates them on the local cloud. ` +
    `The mix: ${requests.length} requests, one for each action on each resource that its policies name, and each once more on a resource of the same kind that they do not name; ` +
    `${count(({ allowed }) => allowed)} are allowed, ${count(({ explicit }) => explicit)} denied by a statement, ${count(({ allowed, explicit }) => !allowed && !explicit)} not allowed. ` +
    "A decision is all that a request to the local cloud waits for: requirement, context, identity policies and boundary.";
  const perSecond = median(Array.from({ length: rounds }, () => rateOf(asks)));
  record.figure("decisions in a second of one core's time", Math.round(perSecond), "decisions/s", {
    text: `at least ${minPerSecond} decisions/s`,
    met: perSecond >= minPerSecond,
  });
  record.figure(
    "compiling the role's policies, once for each text",
    median(Array.from({ length: rounds * 10 }, () => compileMs(role))),
    "ms",
  );
}

/** By the processor's time, not the clock's: others may use the core meanwhile. */
function rateOf(asks: readonly (() => unknown)[]): number {
  const started = process.cpuUsage();
  let decided = 0;
  let usedMs = 0;
  while (usedMs < roundMs) {
    for (const ask of asks) ask();
    decided += asks.length;
    const { user, system } = process.cpuUsage(started);
    usedMs = (user + system) / 1000;
  }
  return (decided * 1000) / usedMs;
}

function compileMs({ policies, boundary }: RoleTexts): number {
  const started = performance.now();
  for (const text of [...policies, ...(boundary ? [boundary] : [])]) new CompiledPolicy(text, "identity");
  return performance.now() - started;
}

const sizeOf = ({ policies }: RoleTexts): number => policies.reduce((sum, text) => sum + text.length, 0);

/** The role of the account whose identity policies are the longest together. */
async function largestRole(iam: IAMClient): Promise<RoleTexts> {
  const { Roles = [] } = await iam.send(new ListRolesCommand({ PathPrefix: `/${project}/`, MaxItems: 1000 }));
  const roles = await Promise.all(Roles.map(({ RoleName }) => textsOf(iam, RoleName!)));
  if (roles.length === 0) throw new Error("no role came up with dev");
  return roles.reduce((one, other) => (sizeOf(other) > sizeOf(one) ? other : one));
}

async function textsOf(iam: IAMClient, name: string): Promise<RoleTexts> {
  const [{ Role }, { PolicyNames = [] }, { AttachedPolicies = [] }] = await Promise.all([
    iam.send(new GetRoleCommand({ RoleName: name })),
    iam.send(new ListRolePoliciesCommand({ RoleName: name })),
    iam.send(new ListAttachedRolePoliciesCommand({ RoleName: name })),
  ]);
  const inline = PolicyNames.map(async (PolicyName) =>
    decodeURIComponent((await iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName }))).PolicyDocument!),
  );
  const managed = AttachedPolicies.map(({ PolicyArn }) => managedText(iam, PolicyArn!));
  const boundary = Role!.PermissionsBoundary?.PermissionsBoundaryArn;
  const attached = await Promise.all(managed);
  return {
    name,
    path: Role!.Path!,
    policies: [...(await Promise.all(inline)), ...attached],
    attached,
    boundary: boundary && (await managedText(iam, boundary)),
  };
}

async function managedText(iam: IAMClient, arn: string): Promise<string> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
  const { PolicyVersion } = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: Policy!.DefaultVersionId }),
  );
  return decodeURIComponent(PolicyVersion!.Document!);
}
