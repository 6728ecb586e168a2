import { InvalidArgumentError } from "commander";

/** Parses a count for commander. */
export function atLeastOne(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("must be a whole number, at least 1.");
  return value;
}
