import { pathsMarkdown } from "../../automation/roles/paths/text";
import { PolicyEvaluator } from "../policy-evaluator";
import { environments } from "../../contract/environments";
import { families } from "../../lifecycle/access/edges";
import type { EdgeKind } from "../../lifecycle/access/edges/kind";
import { scopesOf, searchStacks } from "../../automation/roles/paths/search";
import { claims } from "../../automation/roles/world/claims";

let lines: string[] | undefined;

/** The search for chains of allowed steps: what is forbidden, what was found, which steps it knows. Made once: it takes seconds. */
export function pathsSection(): string[] {
  return (lines ??= section());
}

function section(): string[] {
  const answer = searchStacks(scopesOf(environments), new PolicyEvaluator());
  const kind = ({ name, says, source }: EdgeKind): string => `| ${name} | ${says} | ${source} |`;
  return [
    "## Chains of allowed steps",
    "",
    "The matrix checks single requests. `npx peregrine roles paths` searches for what several of them reach together.",
    "From the rendered identity policies, trust policies, boundaries and resource policies it builds a graph: who can act as whom, write what, and have it run or believed.",
    "An IAM evaluator decides each step. The search looks for what nobody may reach (`lifecycle/access/forbidden.ts`).",
    `This is its result for the three stacks in one account: ${answer.roles} roles and ${answer.things} resources, from ${answer.actors} starting points.`,
    "",
    ...pathsMarkdown(answer),
    "",
    "Each request is tried on every resource that the caller's own Allow statements name and that the request could be about.",
    "It is also tried with each value that conditions distinguish, as far as the caller chooses it: tags and parameters of the request.",
    "What AWS itself sets is never chosen: the caller, the second factor, the source identity of a session, the tags of a resource (unless the caller may set them).",
    "People give their sessions their true name where the trust policy demands it, and any name where it does not.",
    "Whatever a caller writes counts as run or believed wherever the program reads it, unless the program checks it:",
    "",
    ...(Object.keys(claims).length === 0
      ? ["No check of the program is counted."]
      : [
          "| counted as checked | proved by |",
          "|---|---|",
          ...Object.values(claims).map(({ says, spec, title }) => `| ${says} | \`${spec}\`, "${title}" |`),
        ]),
    "",
    "The search knows these steps:",
    "",
    ...families.flatMap(({ name, requests, consequences }) => [
      `**${name[0]!.toUpperCase()}${name.slice(1)}**`,
      "",
      "| step | who takes it | source |",
      "|---|---|---|",
      ...[...requests, ...consequences].map(kind),
      "",
    ]),
    "The search leaves out the administrator, root and AWS itself; networks; social engineering; and code of ours that does less than its role may.",
    "Encryption does not count as a barrier: whoever may read or write an object is assumed to have its key.",
    "`test/automation/roles/chains-as-they-were.spec.ts` shows that the search finds the chains that the program once allowed.",
    "`test/lifecycle/access/planted.spec.ts` shows that it finds planted holes of every kind, and nothing where there is none.",
    "",
  ];
}
