import { witnessedBy, witnessing, witnessParameter, witnessQueue } from "../../../contract/witness";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";

/**
 * What the function that witnesses other environments' logs cannot exceed: what it is shown, what it remembers, its own
 * log. The boundary of all others leaves it no parameter.
 */
export function witnessBoundary({ arns, environment, names }: Scope): Statement[] {
  const witnessed = witnessedBy(environment);
  return [
    allow(
      "Take",
      ["sqs:*"],
      witnessed.map((name) => arns.queue(witnessQueue(name))),
    ),
    allow(
      "Remember",
      [
        // Nothing that was remembered is deleted, or called by another name.
        "ssm:GetParameter",
        "ssm:PutParameter",
      ],
      witnessed.map((name) => arns.parameter(witnessParameter(name))),
    ),
    allow("WriteLogs", ["logs:*"], [arns.logGroup(`/aws/lambda/${names.of("function", witnessing)}:*`)]),
  ];
}
