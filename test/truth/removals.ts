import type { Properties } from "../../local/provider/values";
import { type MatrixRole } from "../../automation/roles/matrix/expected";
import type { Change, Deployed, Deployment } from "./deployment";

/**
 * Something that is taken out of the program, and the part of the platform's work that must then fail in AWS's words.
 */
export interface Removal {
  /** As a sentence goes on after "without". */
  readonly what: string;
  readonly resource: (deployment: Deployment) => Deployed;
  readonly change: Change;
  readonly scenario: Scenario;
  readonly words: RegExp;
}

/** Parts of the platform's work that take less than a second or two each. */
export type Scenario =
  | { readonly kind: "cells"; readonly role: MatrixRole; readonly actions: readonly string[] }
  | { readonly kind: "list"; readonly role: MatrixRole }
  | { readonly kind: "take"; readonly role: MatrixRole }
  | { readonly kind: "tell"; readonly severity: "critical" | "warning" | "info" }
  | { readonly kind: "forward" };

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: string | readonly string[];
}

const documentInputs = ["policy", "assumeRolePolicy"] as const;

/** The statements of a resource's document. */
export function statementsIn(resource: Deployed): Statement[] {
  const input = documentInputs.find((name) => typeof resource.inputs[name] === "string");
  return input ? [(JSON.parse(resource.inputs[input] as string) as { Statement: Statement[] }).Statement].flat() : [];
}

/** Takes one statement out of a document; a document needs one, so the last leaves one that allows nothing. */
export function without(sid: string): (inputs: Properties) => Properties {
  return (inputs) => {
    const input = documentInputs.find((name) => typeof inputs[name] === "string")!;
    const document = JSON.parse(inputs[input] as string) as { Statement: Statement[] };
    const rest = document.Statement.filter(({ Sid }) => Sid !== sid);
    const nothing = {
      ...document.Statement[0]!,
      Effect: "Deny",
      Condition: { StringEquals: { "aws:PrincipalAccount": "000000000000" } },
    };
    return { ...inputs, [input]: JSON.stringify({ ...document, Statement: rest.length > 0 ? rest : [nothing] }) };
  };
}

const topic = (severity: "critical" | "warning" | "info"): Removal => ({
  what: `what lets rules publish to the topic of severity ${severity}`,
  resource: (deployment) => deployment.one("aws:sns/topicPolicy:TopicPolicy", `-alerts-${severity}-policy`),
  change: "gone",
  scenario: { kind: "tell", severity },
  words: /is not authorized to perform: SNS:Publish/i,
});

/** Removals that are no right of a role of the matrix; rights and trust follow from the program itself. */
export const removals: readonly Removal[] = [
  topic("critical"),
  topic("warning"),
  topic("info"),
  {
    what: "the right of the rule that copies SageMaker's events to the environment's bus",
    resource: (deployment) =>
      deployment.resources.find(
        ({ type, name, inputs }) =>
          type === "aws:iam/rolePolicy:RolePolicy" &&
          /forward/.test(name) &&
          String(inputs["policy"]).includes("events:PutEvents"),
      )!,
    change: "gone",
    scenario: { kind: "forward" },
    words: /is not authorized to perform: events:PutEvents/,
  },
];
