import type { Cloud } from "../../../../cloud";
import { bytes, parseS3Uri, readObject } from "../../../objects";
import { type Definition, graph } from "../definition";
import { type Scope, Unresolved } from "../values";
import { USER_AGENT } from "./jobs";
import type { Execution, ExecutionTables } from "./state";
import { stepKey } from "./state";

/** Where the references of a running execution lead to: its parameters, itself, and what its finished steps left. */
export function scopeOf(cloud: Cloud, tables: ExecutionTables, execution: Execution): Scope {
  const response = (step: string): unknown =>
    tables.steps.get(stepKey(execution.arn, step))?.response ?? selectedSource(tables, execution, step);
  return {
    parameters: execution.parameters,
    execution: {
      PipelineName: execution.pipelineName,
      PipelineArn: execution.pipelineArn,
      PipelineExecutionId: execution.id,
      PipelineExecutionArn: execution.arn,
      StartDateTime: new Date(execution.createdMs).toISOString(),
      CurrentDateTime: cloud.clock.now().toISOString(),
    },
    response,
    json: async (source) => {
      const uri = "s3Uri" in source ? source.s3Uri : propertyFileUri(execution, source.propertyFile, response);
      const place = parseS3Uri(uri);
      if (!place) throw new Unresolved(`'${uri}' is not an S3 URI.`);
      const principal = cloud.internals.assume(execution.roleArn, "sagemaker.amazonaws.com", "SageMaker");
      const text = bytes(await readObject(cloud, principal, place.bucket, place.key, USER_AGENT)).toString("utf8");
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw new Unresolved(`${uri} is not a JSON document.`);
      }
    },
  };
}

/** The result of a step that a selective run does not repeat. */
function selectedSource(tables: ExecutionTables, execution: Execution, step: string): unknown {
  const source = execution.selective?.SourcePipelineExecutionArn;
  return source === undefined ? undefined : tables.steps.get(stepKey(source, step))?.response;
}

/** Where a property file lies: the S3 URI of the output that holds it, and its path there. */
function propertyFileUri(execution: Execution, reference: string, response: (step: string) => unknown): string {
  const [, stepName = "", file = ""] = /^Steps\.([^.]+)\.PropertyFiles\.(.+)$/.exec(reference) ?? [];
  const step = graph(JSON.parse(execution.definition) as Definition).get(stepName)?.step;
  const property = step?.PropertyFiles?.find(({ PropertyFileName }) => PropertyFileName === file);
  const outputs = (
    response(stepName) as
      { ProcessingOutputConfig?: { Outputs?: { OutputName: string; S3Output?: { S3Uri?: string } }[] } } | undefined
  )?.ProcessingOutputConfig?.Outputs;
  const uri = outputs?.find(({ OutputName }) => OutputName === property?.OutputName)?.S3Output?.S3Uri;
  if (!property || uri === undefined) throw new Unresolved(`Property file '${reference}' has no output in S3.`);
  return `${uri.replace(/\/$/, "")}/${property.FilePath}`;
}
