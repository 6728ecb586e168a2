import { type EnvironmentFacts, evidenceOf } from "../../read-model/facts";
import { usd } from "../amount";
import type { Judged } from "./target";

export function budget(environment: EnvironmentFacts): Judged[] {
  const { name, price, objectives } = environment;
  const limit = objectives.monthlyBudgetUsd;
  const command = `npx peregrine cost plan --stack ${name} --state`;
  const common = {
    name: "budget",
    title: "Price of a month",
    wanted: `at most ${usd(limit)}`,
    severity: "warning" as const,
    area: "platform" as const,
    action: "See what is dear, and turn it down or raise the budget.",
    command,
    evidence: [evidenceOf(price)],
  };
  if ("unread" in price)
    return [{ ...common, found: "not known", state: "unmeasured", atStake: { unknown: price.unread, command } }];
  const { monthlyUsd, atMostUsd } = price.value;
  const over = monthlyUsd - limit;
  return [
    {
      ...common,
      found: usd(monthlyUsd),
      state: over > 0 ? "missed" : "met",
      slack: -over / limit,
      atStake: {
        usd: Math.max(0, over),
        range: [Math.max(0, over), Math.max(0, atMostUsd - limit)],
        how: `${usd(monthlyUsd)} a month for what is up, at most ${usd(atMostUsd)} by autoscaling, less ${usd(limit)}`,
      },
    },
  ];
}

export function log({ name, log: read }: EnvironmentFacts): Judged[] {
  const found = "unread" in read ? undefined : read.value;
  const command = `npx peregrine audit verify --stack ${name}`;
  return [
    {
      name: "log",
      title: "The log of the environment",
      wanted: "holds, entry by entry",
      found: found ? (found.ok ? `holds, ${found.size} entries` : (found.problems[0] ?? "does not hold")) : "not read",
      state: found ? (found.ok ? "met" : "missed") : "unmeasured",
      severity: "critical",
      area: "platform",
      atStake: { unknown: "a log that does not hold proves nothing, whatever it costs", command },
      action: "Verify the log, and tell the auditor.",
      command,
      evidence: [evidenceOf(read)],
    },
  ];
}
