/**
 * References of the pipeline definition language (schema 2020-12-01): values that SageMaker fills in when a pipeline
 * runs.
 */
export type Reference = { readonly Get: string };
export type Join = { readonly "Std:Join": { readonly On: string; readonly Values: readonly Value[] } };
export type JsonGet = { readonly "Std:JsonGet": { readonly PropertyFile: Reference; readonly Path: string } };
export type Expression = Reference | Join | JsonGet;
export type Value = string | number | boolean | Expression;

/** Properties of the running execution. */
export type ExecutionProperty =
  "PipelineName" | "PipelineArn" | "PipelineExecutionId" | "PipelineExecutionArn" | "StartDateTime" | "CurrentDateTime";

export const parameter = (name: string): Reference => ({ Get: `Parameters.${name}` });
export const execution = (property: ExecutionProperty): Reference => ({ Get: `Execution.${property}` });
/** A member of the answer that describes a finished step's job, for example `ModelArtifacts.S3ModelArtifacts`. */
export const stepProperty = (step: string, path: string): Reference => ({ Get: `Steps.${step}.${path}` });
/** The S3 URI of a processing step's output. */
export const outputUri = (step: string, output: string): Reference =>
  stepProperty(step, `ProcessingOutputConfig.Outputs['${output}'].S3Output.S3Uri`);
export const join = (on: string, ...values: readonly Value[]): Join => ({ "Std:Join": { On: on, Values: values } });
/** A value as text: hyperparameters and metadata take text only. */
export const text = (value: Value): Join => join("", value);
/** A value of a JSON file that a step wrote and declared as a property file. @param path JsonPath without `$.`. */
export const jsonGet = (step: string, propertyFile: string, path: string): JsonGet => ({
  "Std:JsonGet": { PropertyFile: { Get: `Steps.${step}.PropertyFiles.${propertyFile}` }, Path: path },
});
