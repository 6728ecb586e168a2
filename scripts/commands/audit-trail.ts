import { Command, InvalidArgumentError } from "commander";
import { checkCompleteness, type CompletenessOptions } from "../../automation/audit/completeness";
import { erasePerson } from "../../automation/audit/people";
import { whoTouched, type WhoOptions } from "../../automation/audit/who";
import type { EnvironmentName } from "../../contract/environments";
import { environmentName, openEnvironment, printJson } from "../project";

/** What is asked about people: who touched a resource, and that somebody be forgotten. */
export function peopleCommands(): Command[] {
  return [
    new Command("who")
      .description("Who touched a resource, by the trail's own log files; reads and changes, allowed and denied.")
      .argument("<resource>", "its ARN or its name, such as a bucket, a role or an endpoint")
      .requiredOption("-s, --stack <environment>", "environment whose trail is read", environmentName)
      .option("--denied", "only calls that were refused for want of a right")
      .option("--since <day>", "calls from that day on, yyyy-mm-dd", dayOf)
      .option("--json", "print as JSON, one call a line")
      .action(
        async (
          resource: string,
          { stack, json, ...options }: WhoOptions & { stack: EnvironmentName; json?: boolean },
        ) => {
          const environment = await openEnvironment(stack);
          const touches = await whoTouched(environment, await environment.outputs(), resource, options);
          for (const touch of touches) {
            const { at, event, outcome, error, by, from } = touch;
            const line = `${at}  ${outcome.padEnd(6)}  ${event}  by ${by} from ${from}${error ? `  (${error})` : ""}`;
            process.stdout.write(`${json ? JSON.stringify(touch) : line}\n`);
          }
          if (touches.length === 0 && !json) process.stdout.write("Nobody, as far as the trail's log files tell.\n");
        },
      ),
    new Command("erase")
      .description("Forget somebody: the log keeps its entries and holds, and nobody can say any more who it was.")
      .argument("<person>", "ARN, name of a user or a session, address, e-mail address, or digest")
      .requiredOption("-s, --stack <environment>", "environment", environmentName)
      .action(async (person: string, { stack }: { stack: EnvironmentName }) => {
        const environment = await openEnvironment(stack);
        const erased = await erasePerson(environment.session, await environment.outputs(), person);
        process.stdout.write(`${erased} digests of ${person} lead to nobody any more\n`);
      }),
  ];
}

/** Whether each call that changed something has its entry. Ends with 1 unless all have. */
export async function tellCompleteness(
  stack: EnvironmentName,
  options: CompletenessOptions,
  json = false,
): Promise<void> {
  const environment = await openEnvironment(stack);
  const found = await checkCompleteness(environment, await environment.outputs(), options);
  const { calls, entries, files, missing, waiting, orphans, doubled, problems, added } = found;
  const open = missing.length - added;
  const ok = open === 0 && orphans.length + doubled.length + problems.length === 0;
  if (json) printJson({ ok, ...found });
  else {
    const told = [
      ...problems.map((text) => `FAIL ${text}`),
      ...missing.map(({ id, at, event }) => `${added > 0 ? "ADD " : "FAIL"} call without entry: ${at} ${event} ${id}`),
      ...orphans.map((id) => `FAIL entry without call: ${id}`),
      ...doubled.map((id) => `FAIL id that several entries have: ${id}`),
      `${ok ? "ok  " : "FAIL"} ${calls} calls in ${files} log files, ${entries} entries; ${open} calls without entry, ${orphans.length} entries without call, ${doubled.length} doubled; ${waiting.length} on their way`,
    ];
    process.stdout.write(`${told.join("\n")}\n`);
  }
  if (!ok) process.exitCode = 1;
}

/** A day, as options take it. */
export function dayOf(text: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) throw new InvalidArgumentError("must be a day, such as 2026-11-30.");
  return text;
}
