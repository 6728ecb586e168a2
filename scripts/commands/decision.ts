import { readFileSync } from "node:fs";
import { Command } from "commander";
import { Decisions } from "../../automation/release/decisions";
import { UserError } from "../../automation/errors";
import { readPackage } from "../../automation/release/package-facts";
import type { EnvironmentName } from "../../contract/environments";
import { isUnknown } from "../../lifecycle/comparison";
import { type DecisionKey, verifyDecision } from "../../lifecycle/decision";
import { decisionChecks, decisionSha256 } from "../../lifecycle/decision-checks";
import { environmentName, openEnvironment, printJson } from "../project";

interface Options {
  readonly registry: EnvironmentName;
  readonly profile?: string;
  readonly json?: boolean;
}

/** `peregrine decision`: what was decided about a model package, and whether it still holds. */
export function decisionCommand(): Command {
  const command = new Command("decision").description("The signed decisions about a model package.");
  command.addCommand(
    readCommand("show", "All decisions about a package, oldest first, with the digests that they are about.").action(
      async (packageArn: string, options: Options) => {
        const { decisions } = await openDecisions(options);
        const [all, key] = await Promise.all([decisions.list(packageArn), decisions.key()]);
        if (options.json)
          return printJson(
            all.map((one) =>
              isUnknown(one) ? one : { ...one, signed: isUnknown(key) ? "unknown" : verifyDecision(one, key) },
            ),
          );
        if (all.length === 0) process.stdout.write(`Nobody has decided about ${packageArn} yet.\n`);
        for (const one of all) {
          if (isUnknown(one)) process.stdout.write(`not readable  ${one.unknown}\n`);
          else
            process.stdout.write(
              `${one.decision.at}  ${one.decision.verdict}  by ${one.decision.person} (${one.decision.by}): ${one.decision.why}\n  ${isUnknown(key) ? `signature not checked: ${key.unknown}` : verifyDecision(one, key) ? "signed" : "NOT SIGNED by the environment's key"}, sha256 ${decisionSha256(one)}, ${one.key}\n`,
            );
        }
      },
    ),
  );
  command.addCommand(
    readCommand(
      "verify",
      "Verifies the newest decision: its signature, and that the package still is what was decided about.",
    )
      .option("--public-key <file>", "PEM or DER file of the public key, instead of asking KMS for it")
      .action(async (packageArn: string, options: Options & { publicKey?: string }) => {
        const { decisions, session, keyArn } = await openDecisions(options);
        const [newest, key, facts] = await Promise.all([
          decisions.newest(packageArn),
          options.publicKey ? keyFrom(options.publicKey, keyArn) : decisions.key(),
          readPackage(session, packageArn),
        ]);
        const checks = decisionChecks({
          packageArn,
          decision: newest,
          key,
          now: facts.digests,
          touchedBy: facts.touchedBy,
        });
        if (options.json) printJson(checks);
        else process.stdout.write(`${checks.map(({ ok, text }) => `${ok ? "ok  " : "FAIL"} ${text}`).join("\n")}\n`);
        if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
      }),
  );
  return command;
}

function readCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument("<package-arn>", "ARN of the model package version")
    .option(
      "--registry <environment>",
      "environment whose registry holds the package",
      environmentName,
      "dev" as EnvironmentName,
    )
    .option("--profile <name>", "AWS profile to act as; that of the environment when left out")
    .option("--json", "print as JSON");
}

async function openDecisions({ registry, profile }: Options) {
  const environment = await openEnvironment(registry);
  const session = { ...environment.session, ...(profile ? { profile } : {}) };
  const outputs = await environment.outputs();
  return { decisions: new Decisions(session, outputs), session, keyArn: outputs.approvalKeyArn };
}

/** A public key that somebody has kept, such as an auditor. */
function keyFrom(file: string, arn: string): DecisionKey {
  const bytes = readFile(file);
  const pem = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/.exec(
    bytes.toString("latin1"),
  )?.[1];
  return { arn, publicKey: pem ? Buffer.from(pem, "base64") : bytes };
}

function readFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UserError(
      `Cannot read the public key: ${(error as Error).message}`,
      "Fetch it: aws kms get-public-key --key-id KEY --query PublicKey --output text | base64 -d",
      { cause: error },
    );
  }
}
