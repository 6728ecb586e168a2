import { Command } from "commander";
import { UserError } from "../../automation/errors";
import { reached } from "../../automation/roles/paths/find";
import { pathsMarkdown, pathsText } from "../../automation/roles/paths/text";
import { type EnvironmentName, environments } from "../../contract/environments";
import { goalsNamed, scopesOf, searchAccount, searchStacks } from "../../automation/roles/paths/search";
import { type Verification, verifyMatrix } from "../../automation/roles/matrix/verify";
import { sessionOf } from "../probe/place";
import { PolicyEvaluator } from "../policy-evaluator";
import { environmentNames, openEnvironment, printJson } from "../project";

interface PathsOptions {
  readonly stacks: EnvironmentName[];
  readonly goal?: string;
  readonly account?: boolean;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly explain?: boolean;
}

export function rolesCommand(): Command {
  const roles = new Command("roles").description("Who may do what.");
  roles
    .command("paths")
    .description(
      "Search for chains of allowed steps that reach what is forbidden: who can act as whom, write what, and have it run or believed. Reads the policies that the program renders from the stacks' files, or those of the account. Changes nothing; ends with 1 when a goal is reached.",
    )
    .option(
      "-s, --stacks <environments>",
      "environments that are searched together, comma-separated",
      environmentNames,
      [...environments] as EnvironmentName[],
    )
    .option("--goal <name>", "one goal of lifecycle/access/forbidden-goals.ts")
    .option("--account", "the roles and policies that the account has now, read with the profile of the first stack")
    .option("--explain", "every actor's chain, with what each request chooses")
    .option("--json", "print as JSON")
    .option("--markdown", "print as a table in Markdown")
    .action(async (options: PathsOptions) => {
      const goals = goalsNamed(options.goal);
      const evaluator = new PolicyEvaluator();
      const answer = options.account
        ? await searchAccount((await openEnvironment(options.stacks[0]!)).session, options.stacks, evaluator, goals)
        : searchStacks(scopesOf(options.stacks), evaluator, goals);
      if (options.json) printJson(answer);
      else
        process.stdout.write(
          options.markdown ? `${pathsMarkdown(answer).join("\n")}\n` : pathsText(answer, options.explain === true),
        );
      const bad = reached(answer);
      if (bad.length > 0)
        throw new UserError(
          `${bad.length} of ${answer.goals.length} forbidden goals can be reached.`,
          "Each chain names the statements that allow its steps; break it at the step that nobody needs.",
        );
    });
  roles
    .command("verify")
    .description(
      "Ask an account every cell of the matrix of roles and actions: IAM's policy simulator for each role, and real requests that only read, as the roles that you may take. Changes nothing; ends with 1 when a cell differs.",
    )
    .option(
      "-s, --stacks <environments>",
      "environments whose roles are asked about, comma-separated",
      environmentNames,
      [...environments] as EnvironmentName[],
    )
    .option("--across", "also ask each role about the other environments' things, which takes three times as long")
    .option("--json", "print as JSON")
    .action(async (options: { stacks: EnvironmentName[]; across?: boolean; json?: boolean }) => {
      const told = (done: number, of: number) =>
        void (done % 200 === 0 && process.stderr.write(`${done} of ${of} cells\n`));
      const answer = await verifyMatrix(sessionOf(options.stacks[0]!), options.stacks, {
        across: options.across,
        told,
      });
      if (options.json) printJson(answer);
      else process.stdout.write(verificationText(answer));
      const wrong = answer.simulated.length + answer.real.length;
      if (wrong > 0)
        throw new UserError(
          `${wrong} cells are not as the matrix says.`,
          "Compare the account with the program: pulumi preview --refresh; the matrix is in docs/governance.md.",
        );
    });
  return roles;
}

function verificationText({ cells, simulated, unsettled, asked, real, notTaken }: Verification): string {
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? "" : `${title}\n${lines.map((line) => `  - ${line}`).join("\n")}\n`;
  return [
    `${cells} cells by the simulator: ${simulated.length} differ, ${unsettled.length} are a resource's own matter. ${asked} real requests: ${real.length} differ.\n`,
    list("Simulated otherwise:", simulated),
    list("Answered otherwise:", real),
    list("Decided by the resource's own policy, which the simulator does not take for roles:", unsettled),
    list("Roles that you may not take, so that nothing was really asked as them:", notTaken),
  ].join("");
}
