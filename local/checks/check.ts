import { AwsError } from "../errors";

/**
 * Where a check is from. *Documented*: AWS's texts have the rule and its words, or both were seen. *Words believed*:
 * the rule is AWS's, how it is told is not written anywhere. *Believed*: that AWS checks it at all is not written
 * either.
 */
export type Ground = "documented" | "words believed" | "believed";

/**
 * One thing that AWS refuses and the local cloud refuses, too: written down once, for the code that refuses and for the
 * page that lists it.
 */
interface CheckFacts<Names extends readonly string[]> {
  /** In IAM's spelling of the operation: `sagemaker:CreateModel`. */
  readonly operations: readonly string[];
  /** What must be, as a sentence's end: "a variant's machine image is made for its instance type". */
  readonly rule: string;
  readonly ground: Ground;
  /** The error's code; `FailureReason` where the operation succeeds and what it made fails afterwards. */
  readonly code?: string;
  /** Of the answer over HTTP. */
  readonly status?: number;
  /** What stands in the words, in their order; shown as `<name>`. */
  readonly names: Names;
  readonly words: (...given: { readonly [Index in keyof Names]: string }) => string;
}

/** A check; called, it gives the error that refuses. */
export interface Check<Names extends readonly string[] = readonly string[]> extends Omit<CheckFacts<Names>, "code"> {
  (...given: { readonly [Index in keyof Names]: string }): AwsError;
  readonly code: string;
  /** The words with names in them. */
  readonly shown: string;
}

export function check<const Names extends readonly string[]>({
  code = "ValidationException",
  ...facts
}: CheckFacts<Names>): Check<Names> {
  type Given = { readonly [Index in keyof Names]: string };
  const refuse = (...given: Given): AwsError => new AwsError(code, facts.words(...given), facts.status);
  return Object.assign(refuse, {
    ...facts,
    code,
    shown: facts.words(...(facts.names.map((name) => `<${name}>`) as readonly string[] as Given)),
  });
}
