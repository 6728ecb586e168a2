import assert from "node:assert/strict";
import { program } from "../../scripts/cli";

/** Fails unless a command of ours can be typed as it stands: it exists, and nothing is missing or too much. */
export async function typed(text: string): Promise<void> {
  assert.doesNotMatch(text, /[<>|&;$`]/, text);
  const [npx, peregrine, ...words] = (text.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ""));
  if (npx === "pulumi") return;
  assert.deepEqual([npx, peregrine], ["npx", "peregrine"], text);
  if (words.at(-1) === "--help") return void (await program(words[0]));
  let command = await program(words[0]);
  let rest = words;
  for (let sub; (sub = command.commands.find((one) => one.name() === rest[0])); rest = rest.slice(1)) command = sub;
  assert.equal(command.commands.length, 0, `${text}: ${command.name()} does nothing by itself`);
  const { operands, unknown } = command.parseOptions(rest);
  assert.deepEqual(unknown, [], text);
  for (const [index, argument] of command.registeredArguments.entries())
    assert.ok(!argument.required || operands[index] !== undefined, `${text}: <${argument.name()}> is missing`);
  for (const option of command.options)
    assert.ok(
      !option.mandatory || command.getOptionValue(option.attributeName()) !== undefined,
      `${text}: ${option.long} is missing`,
    );
}
