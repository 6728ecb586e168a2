/**
 * What a model package may say of itself: values of `CustomerMetadataProperties` (SageMaker API, CreateModelPackage).
 * The pattern is published malformed, so that clients which check it let everything through; the service refuses the
 * registration, after the training is paid for.
 */
const value = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const longest = 256;

/** Parameters of the training pipeline whose text becomes such a value: checked where a run starts. */
export const recordedParameters: readonly string[] = ["RunReason", "DatasetUri", "ModelVariant"];

/**
 * @param name of the text, for people.
 * @returns what is wrong with a text as a metadata value; undefined when SageMaker takes it.
 */
export function metadataProblem(name: string, text: string): string | undefined {
  if (text.length < 1 || text.length > longest)
    return `${name} has ${text.length} characters; the registry keeps 1 to ${longest}`;
  if (value.test(text)) return undefined;
  const refused = [...new Set([...text].filter((character) => !value.test(character)))]
    .map((character) => JSON.stringify(character))
    .join(" ");
  return `${name} holds ${refused}; the registry keeps letters, digits, spaces and _ . : / = + - @`;
}

/** Problems of a run's parameters, by name. */
export function recordedProblems(parameters: Readonly<Record<string, string>>): string[] {
  return recordedParameters.flatMap((name) => {
    const text = parameters[name];
    return text === undefined ? [] : (metadataProblem(name, text) ?? []);
  });
}

/** A text as the registry takes it: what it refuses becomes a space, and what is too long is cut. */
export function metadataText(text: string): string {
  const plain = [...text].map((character) => (value.test(character) ? character : " ")).join("");
  return plain.replace(/\s+/g, " ").trim().slice(0, longest);
}
