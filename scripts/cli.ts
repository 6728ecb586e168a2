import { Command, CommanderError } from "commander";
import { UserError } from "../automation/errors";
import { isDenied } from "../aws/session";
import { LedgerBroken } from "../records/ledger";
import { version } from "../package.json";

const exitCodes = `
Exit codes: 0 done; 1 refused or failed, with the cause and the next step on standard error; 2 wrong usage; 70 a bug of Peregrine.`;

/** Each command with what it needs, loaded when it is called: nobody waits for what another command imports. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  local: async () => (await import("./commands/local")).localCommand(),
  train: async () => (await import("./commands/train")).trainCommand(),
  approve: async () => (await import("./commands/approve")).approveCommand(),
  decision: async () => (await import("./commands/decision")).decisionCommand(),
  promote: async () => (await import("./commands/promote")).promoteCommand(),
  trial: async () => (await import("./commands/trial")).trialCommand(),
  request: async () => (await import("./commands/request")).requestCommand(),
  experiment: async () => (await import("./commands/experiment")).experimentCommand(),
  forecast: async () => (await import("./commands/forecast")).forecastCommand(),
  effect: async () => (await import("./commands/effect")).effectCommand(),
  retrain: async () => (await import("./commands/retrain")).retrainCommand(),
  failover: async () => (await import("./commands/failover")).failoverCommand(),
  alert: async () => (await import("./commands/alert")).alertCommand(),
  remediation: async () => (await import("./commands/remediation")).remediationCommand(),
  rollback: async () => (await import("./commands/rollback")).rollbackCommand(),
  release: async () => (await import("./commands/release")).releaseCommand(),
  audit: async () => (await import("./commands/audit")).auditCommand(),
  runs: async () => (await import("./commands/runs")).runsCommand(),
  compare: async () => (await import("./commands/compare")).compareCommand(),
  lineage: async () => (await import("./commands/lineage")).lineageCommand(),
  dossier: async () => (await import("./commands/dossier")).dossierCommand(),
  label: async () => (await import("./commands/label")).labelCommand(),
  session: async () => (await import("./commands/session")).sessionCommand(),
  status: async () => (await import("./commands/status")).statusCommand(),
  dashboard: async () => (await import("./commands/dashboard")).dashboardCommand(),
  report: async () => (await import("./commands/report")).reportCommand(),
  doctor: async () => (await import("./commands/doctor")).doctorCommand(),
  check: async () => (await import("./commands/check")).checkCommand(),
  roles: async () => (await import("./commands/roles")).rolesCommand(),
  probe: async () => (await import("./commands/probe")).probeCommand(),
  cost: async () => (await import("./commands/cost")).costCommand(),
  prune: async () => (await import("./commands/prune")).pruneCommand(),
  teardown: async () => (await import("./commands/teardown")).teardownCommand(),
};

/**
 * The command tree. Every command inherits the exit codes and shows them in its help.
 * @param called the only command that is needed; anything that is no command's name, such as `--help`, gives the whole
 * tree.
 */
export async function program(called?: string): Promise<Command> {
  const root = new Command("peregrine")
    .description(
      "Governed delivery of detection models on Amazon SageMaker, rehearsed on a laptop before it reaches AWS.",
    )
    .version(version);
  const one = Object.hasOwn(commands, called ?? "") ? commands[called!] : undefined;
  for (const command of await Promise.all(one ? [one()] : Object.values(commands).map((load) => load())))
    root.addCommand(command);
  withConventions(root);
  return root;
}

function withConventions(command: Command): void {
  command
    .addHelpText("after", exitCodes)
    .showHelpAfterError("Run with --help to see how the command is used.")
    .exitOverride();
  command.commands.forEach(withConventions);
}

/** Runs the command line; sets `process.exitCode` and never throws. @public peregrine.cjs calls it by require. */
export async function main(argv: string[]): Promise<void> {
  // `peregrine ... | head`: a reader that has seen enough is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  try {
    await (await program(argv[2])).parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UserError) {
    process.stderr.write(`error: ${error.message}\n${error.next}\n`);
    return 1;
  }
  if (error instanceof LedgerBroken) {
    process.stderr.write(
      `error: ${error.message}\nTell the auditor, and put an earlier version back (docs/runbooks/stuck-release.md).\n`,
    );
    return 1;
  }
  if (isCredentialsError(error)) {
    process.stderr.write(
      `error: no AWS credentials: ${(error as Error).message}\nConfigure the profile (aws configure --profile ab), or rehearse locally: eval "$(npx peregrine local env)"\n`,
    );
    return 1;
  }
  if (isDenied(error)) {
    process.stderr.write(
      `error: AWS refused: ${(error as Error).message}\nAct as a role that may (--profile, or peregrine:profile of the stack); docs/governance.md has what each may. S3 answers so also for what does not exist, to those who may not list.\n`,
    );
    return 1;
  }
  if (isUnreachable(error)) {
    process.stderr.write(
      `error: AWS cannot be reached: ${(error as Error).message}\nCheck the network; when the local cloud is the target, start it: npx peregrine local start, then eval "$(npx peregrine local env)" again\n`,
    );
    return 1;
  }
  process.stderr.write(
    `This is a bug in Peregrine; please report it with the lines below.\n${(error as Error)?.stack ?? String(error)}\n`,
  );
  return 70;
}

/** Nothing listens where the SDK was told that AWS is. */
function isUnreachable(error: unknown): boolean {
  const codes = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"];
  return (
    error instanceof Error &&
    (codes.includes((error as NodeJS.ErrnoException).code ?? "") || codes.some((code) => error.message.includes(code)))
  );
}

/** The SDK could not find or load credentials: the user's configuration, not our bug. */
function isCredentialsError(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "CredentialsProviderError" || /Could not (load|resolve) credentials/i.test(error.message))
  );
}
