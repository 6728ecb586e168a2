import AdmZip from "adm-zip";
import { Functions } from "../../../aws/lambda";
import { held, refuted, errorText } from "../answer";
import type { Experiment } from "../experiment";

/** Lambda's answer where a role does not trust it. */
const notAssumed = /cannot be assumed by Lambda/i;

/** A function whose role trusts Lambda for this account alone. */
export const lambdaTrust: Experiment = {
  name: "lambda-trust",
  question: "Does Lambda say for which account it acts when it takes a role?",
  believed: "A trust policy with the condition aws:SourceAccount lets Lambda take the role.",
  minutes: 6,
  costs: [{ key: "lambda.request", units: 1 }],
  async ask(bench) {
    const functions = new Functions(bench.session);
    const role = await bench.serviceRole("lambda", [
      { Effect: "Allow", Action: "logs:CreateLogStream", Resource: "*" },
    ]);
    const zip = new AdmZip();
    zip.addFile("index.js", Buffer.from("exports.handler = async () => 1;\n"));
    bench.step("creates a function with it; IAM's changes need up to a minute to be known");
    try {
      await bench.settled(2, notAssumed, () =>
        functions.create(bench.name("function"), role, zip.toBuffer(), bench.tags),
      );
    } catch (error) {
      if (notAssumed.test((error as Error).message)) return refuted(errorText(error));
      throw error;
    }
    const state = await bench.until(3, async () =>
      ((one) => (one === "Pending" ? undefined : one))(await functions.state(bench.name("function"))),
    );
    return state === "Active"
      ? held("the function is Active")
      : refuted(`the function is ${state ?? "Pending after 3 minutes"}`);
  },
};
