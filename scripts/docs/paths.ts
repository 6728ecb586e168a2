import { pathsMarkdown } from "../../automation/roles/paths/text";
import { PolicyEvaluator } from "../policy-evaluator";
import { environments } from "../../contract/environments";
import { families } from "../../lifecycle/access/edges";
import type { EdgeKind } from "../../lifecycle/access/edges/edge";
import { scopesOf, searchStacks } from "../../automation/roles/paths/search";
import { mitigations } from "../../automation/roles/world/mitigations";

let lines: string[] | undefined;

/**
 * The search for chains of allowed steps: what is forbidden, what was found, which steps it knows. Made once: it takes
 * seconds.
 */
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
    "An IAM evaluator decides each step. The search looks for what nobody may reach (`lifecycle/access/forbidden-goals.ts`).",
    `This is its result for the three stacks in one account: ${answer.roles} roles and ${answer.things} resources, from ${answer.actors} starting points.`,
    "",
    ...pathsMarkdown(answer),
    "",
    "A request is tried on each resource that the caller's own Allow statements name within what is asked for, and with each value that conditions tell apart, as far as the caller chooses it: tags and parameters",
    "of the request. What AWS says itself is never chosen: who asks, the second factor, the source identity of a session, the tags of a thing (unless the caller may set them). People give their roles truthful",
    "names where the trust policy demands it, and any name where it does not. Whatever a caller writes is taken to be run or believed wherever the program reads it, unless the program checks it:",
    "",
    ...(Object.keys(mitigations).length === 0
      ? ["Nothing is taken on trust: no check of the program is counted."]
      : [
          "| counted as checked | proved by |",
          "|---|---|",
          ...Object.values(mitigations).map(({ says, spec, title }) => `| ${says} | \`${spec}\`, "${title}" |`),
        ]),
    "",
    "The steps that the search knows:",
    "",
    ...families.flatMap(({ name, requests, derived }) => [
      `**${name[0]!.toUpperCase()}${name.slice(1)}**`,
      "",
      "| step | who takes it | source |",
      "|---|---|---|",
      ...[...requests, ...derived].map(kind),
      "",
    ]),
    "What it does not know: the administrator, root and AWS itself; networks; what a person is talked into; code of ours that does less than its role may. Encryption is not counted as a barrier: whoever may read or",
    "write an object is taken to have its key. `test/automation/roles/chains-as-they-were.spec.ts` shows that it finds the chains that the program once allowed; `test/lifecycle/access/planted.spec.ts` that it finds holes of",
    "every kind, and nothing where there is none.",
    "",
  ];
}
