import {
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  paginateListProcessingJobs,
  paginateListTrainingJobs,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { type AwsSession, clientSettings } from "./session";

/** A job that has ended, and what its instances were. */
export interface EndedJob {
  readonly kind: "training" | "processing";
  readonly name: string;
  readonly instanceType: string;
  readonly instances: number;
  /** Of each instance, as they are billed. */
  readonly hours: number;
}

/**
 * Jobs whose names begin so and that were made since a time, as far as they have ended. A description for each is asked
 * for one after the other: SageMaker allows ten a second.
 */
export async function endedJobs(session: AwsSession, start: string, since: Date): Promise<EndedJob[]> {
  const client = new SageMakerClient(clientSettings(session));
  const wanted = { NameContains: start, CreationTimeAfter: since };
  const jobs: EndedJob[] = [];
  for await (const page of paginateListTrainingJobs({ client }, wanted))
    for (const { TrainingJobName: name = "" } of page.TrainingJobSummaries ?? []) {
      if (!name.startsWith(start)) continue;
      const { ResourceConfig, BillableTimeInSeconds: seconds } = await client.send(
        new DescribeTrainingJobCommand({ TrainingJobName: name }),
      );
      const { InstanceType: instanceType, InstanceCount: instances = 1 } = ResourceConfig ?? {};
      if (seconds !== undefined && instanceType)
        jobs.push({ kind: "training", name, instanceType, instances, hours: seconds / 3600 });
    }
  for await (const page of paginateListProcessingJobs({ client }, wanted))
    for (const { ProcessingJobName: name = "" } of page.ProcessingJobSummaries ?? []) {
      if (!name.startsWith(start)) continue;
      const { ProcessingResources, ProcessingStartTime, ProcessingEndTime } = await client.send(
        new DescribeProcessingJobCommand({ ProcessingJobName: name }),
      );
      const { InstanceType: instanceType, InstanceCount: instances = 1 } = ProcessingResources?.ClusterConfig ?? {};
      if (ProcessingStartTime && ProcessingEndTime && instanceType) {
        const hours = (ProcessingEndTime.getTime() - ProcessingStartTime.getTime()) / 3_600_000;
        jobs.push({ kind: "processing", name, instanceType, instances, hours });
      }
    }
  return jobs;
}
