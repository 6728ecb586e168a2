import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { environments } from "../../contract/environments";
import { forecastLimits } from "../../infra/forecasting/forecasts";
import { endpointAlarms, rolloutAlarms } from "../../infra/serving/alarms";
import { type ForecastLimits, watchedOf, watchedSeries } from "../../lifecycle/forecasting/watched";
import { program } from "../../scripts/cli";
import { scopeOf } from "../support/scope";

const notices = JSON.parse(
  readFileSync(join(__dirname, "..", "..", "ml", "tests", "notices.json"), "utf8"),
) as readonly { readonly detail: { readonly command?: string } }[];

/** What alerts tell people to type next. */
function commandsTold(environment: string): string[] {
  const scope = scopeOf(environment, { "peregrine:servingInstanceType": "ml.g6.xlarge" });
  const limits = forecastLimits(scope) as unknown as ForecastLimits;
  return [
    ...Object.values({ ...endpointAlarms(scope), ...rolloutAlarms(scope) }).map(({ command }) => command),
    ...watchedSeries.map((series) => watchedOf(series, limits, environment).command),
    ...notices.flatMap(({ detail: { command } }) => command ?? []),
  ];
}

/** What is missing in a call of ours, or too much. */
function problemsOf(tree: Command, words: readonly string[]): string[] {
  let command = tree;
  let rest = [...words];
  for (let sub; (sub = command.commands.find((one) => one.name() === rest[0])); rest = rest.slice(1)) command = sub;
  const { operands, unknown } = command.parseOptions(rest);
  return [
    ...(command.commands.length > 0 ? [`${command.name()} does nothing by itself`] : []),
    ...unknown.map((word) => `there is no ${word}`),
    ...command.registeredArguments
      .filter(({ required }, index) => required && operands[index] === undefined)
      .map((argument) => `<${argument.name()}> is missing`),
    ...command.options
      .filter((option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined)
      .map((option) => `${option.long} is missing`),
  ];
}

describe("commands that alerts tell people to type", () => {
  it("can be typed as they stand", async () => {
    for (const environment of environments)
      for (const told of commandsTold(environment)) {
        assert.doesNotMatch(told, /[<>|&;$`]/, told);
        const [npx, peregrine, ...words] = told.split(" ");
        if (npx === "pulumi") continue;
        assert.deepEqual([npx, peregrine], ["npx", "peregrine"], told);
        assert.deepEqual(problemsOf(await program(words[0]), words), [], told);
      }
  });

  it("would be found out where something is missing", async () => {
    const found = async (text: string) => problemsOf(await program(), text.split(" "));
    assert.deepEqual(await found("label export"), ["<folder> is missing", "--stack is missing"]);
    assert.deepEqual(await found("cost plan --state"), ["--stack is missing"]);
    assert.deepEqual(await found("retrain"), ["retrain does nothing by itself"]);
    assert.deepEqual(await found("status --loud"), ["there is no --loud"]);
  });
});
