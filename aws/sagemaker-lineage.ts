import {
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  ListArtifactsCommand,
  paginateListPipelineParametersForExecution,
  paginateQueryLineage,
  type QueryLineageCommandInput,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { type AwsSession, clientSettings } from "./session";

/** A tie that SageMaker's own lineage knows: it makes them for jobs, packages and endpoints by itself. */
export interface OwnLineage {
  /** ARNs of the artifacts that stand for the thing and its parts, by where these come from. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** What it was made of, all the way up. */
  readonly vertices: readonly { readonly arn: string; readonly type: string }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly type: string }[];
}

/** Vertices that a query follows, at most; each page has up to 50 (QueryLineage API). */
const maxVertices = 500;

/** What SageMaker remembers of how something was made. */
export class MakingRecords {
  private readonly client: SageMakerClient;

  constructor(session: AwsSession) {
    this.client = new SageMakerClient(clientSettings(session));
  }

  /** The parameters that an execution ran with, the defaults among them. */
  async parametersOf(executionArn: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    const input = { PipelineExecutionArn: executionArn };
    for await (const page of paginateListPipelineParametersForExecution({ client: this.client }, input))
      for (const { Name, Value } of page.PipelineParameters ?? []) found[Name!] = Value!;
    return found;
  }

  /** The image that a training job ran, as the job names it. @param arn of the job. */
  async trainingImage(arn: string): Promise<string | undefined> {
    const answer = await this.client.send(new DescribeTrainingJobCommand({ TrainingJobName: nameIn(arn) }));
    return answer.AlgorithmSpecification?.TrainingImage;
  }

  /** When a processing job was asked for, and when it had ended. @param arn of the job. */
  async processingTimes(arn: string): Promise<{ from: Date; to: Date } | undefined> {
    const job = await this.client.send(new DescribeProcessingJobCommand({ ProcessingJobName: nameIn(arn) }));
    return job.CreationTime && job.ProcessingEndTime
      ? { from: job.CreationTime, to: job.ProcessingEndTime }
      : undefined;
  }

  /**
   * What SageMaker's own lineage knows of a thing: its artifact and those of what it holds, and what it was made of. Its
   * artifacts are known by where they come from, one for each source (developer guide, "Lineage Tracking Entities").
   * @param source of the thing, such as a model package's ARN. @param parts sources of what it holds.
   */
  async own(source: string, parts: readonly string[]): Promise<OwnLineage> {
    const artifacts: Record<string, string> = {};
    for (const one of [source, ...parts]) {
      const { ArtifactSummaries: [found] = [] } = await this.client.send(new ListArtifactsCommand({ SourceUri: one }));
      if (found) artifacts[one] = found.ArtifactArn!;
    }
    const start = artifacts[source];
    const vertices: { arn: string; type: string }[] = [];
    const edges: { from: string; to: string; type: string }[] = [];
    if (start === undefined) return { artifacts, vertices, edges };
    const input: QueryLineageCommandInput = { StartArns: [start], Direction: "Ascendants", IncludeEdges: true };
    for await (const page of paginateQueryLineage({ client: this.client }, input)) {
      for (const one of page.Vertices ?? []) vertices.push({ arn: one.Arn!, type: one.Type ?? one.LineageType ?? "" });
      for (const one of page.Edges ?? [])
        edges.push({ from: one.SourceArn!, to: one.DestinationArn!, type: one.AssociationType ?? "" });
      if (vertices.length >= maxVertices) break;
    }
    return { artifacts, vertices, edges };
  }
}

const nameIn = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
