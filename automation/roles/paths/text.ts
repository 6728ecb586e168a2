import { type GoalAnswer, type Path, type PathRequest, type PathsAnswer, type PathStep, reached } from "./find";

/**
 * The answer for a terminal.
 * @param explain every actor's chain, with what each request chooses; else the shortest of each goal.
 */
export function pathsText(answer: PathsAnswer, explain: boolean): string {
  const bad = reached(answer);
  const lines = answer.goals.flatMap((goal) => goalText(goal, explain));
  const summary = `${bad.length} of ${answer.goals.length} forbidden goals can be reached, by ${answer.actors} kinds of actors over ${answer.roles} roles and ${answer.things} things.`;
  return [...lines, "", summary, ""].join("\n");
}

function goalText({ goal, says, paths }: GoalAnswer, explain: boolean): string[] {
  const [shortest, ...others] = paths;
  if (!shortest) return [`ok    ${goal}: ${says} None can.`];
  const shown = explain ? paths : [shortest];
  const also = !explain && others.length > 0 ? [`      also: ${others.map(({ actor }) => actor).join("; ")}`] : [];
  return [`PATH  ${goal}: ${says}`, ...shown.flatMap((path) => pathText(path, explain)), ...also];
}

function pathText({ actor, steps }: Path, explain: boolean): string[] {
  return [`      ${actor}`, ...steps.flatMap((step, at) => stepText(step, at + 1, explain))];
}

function stepText({ edge, reaches, requests, why }: PathStep, number: number, explain: boolean): string[] {
  const said = `      ${number}. ${edge}: ${reaches}${why ? `, since ${why}` : ""}`;
  return [said, ...requests.map((request) => `         ${requestText(request, explain)}`)];
}

function requestText({ action, resource, context, policy, statement }: PathRequest, explain: boolean): string {
  const chosen = Object.entries(context).map(([key, values]) => `${key}=${values.join("|")}`);
  return `${action} on ${resource}, allowed by ${statement} of ${policy}${explain && chosen.length > 0 ? ` with ${chosen.join(", ")}` : ""}`;
}

/** The answer as a section of a Markdown page: one row for each goal. */
export function pathsMarkdown({ goals }: PathsAnswer): string[] {
  return [
    "| forbidden | can be reached |",
    "|---|---|",
    ...goals.map(({ goal, says, paths }) => `| \`${goal}\`: ${says} | ${paths[0] ? pathMarkdown(paths[0]) : "none"} |`),
  ];
}

function pathMarkdown({ actor, steps }: Path): string {
  const step = ({ edge, reaches, requests }: PathStep): string =>
    `${edge} → ${reaches}${requests.length > 0 ? ` (${[...new Set(requests.map(({ statement }) => `\`${statement}\``))].join(", ")})` : ""}`;
  return `**${actor}**: ${steps.map(step).join("; ")}`;
}
