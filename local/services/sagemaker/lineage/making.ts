import type { Members } from "../../../members";
import type { LineageStore } from "./store";

/**
 * What SageMaker tracks by itself, when jobs and model packages are made (developer guide, "Amazon SageMaker AI-Created
 * Tracking Entities"). Names of trial components are those that AWS's own SDK looks for; names and types of actions and
 * contexts, and which way associations go, are believed.
 */
export class LineageMaking {
  constructor(private readonly store: LineageStore) {}

  training(name: string, arn: string, input: Members): void {
    const job = this.store.named("TrialComponent", "TrainingJob", `${name}-aws-training-job`, arn);
    this.uses(job, "Image", input.AlgorithmSpecification?.TrainingImage);
    for (const { DataSource } of (input.InputDataConfig ?? []) as Members[])
      this.uses(job, "DataSet", DataSource?.S3DataSource?.S3Uri);
    this.makes(job, "Checkpoint", input.CheckpointConfig?.S3Uri);
  }

  /** The artifact is the archive itself: `SageMaker.ModelArtifact` of a trial component, as AWS's SDK shows one. */
  trained(name: string, arn: string, modelArtifacts: string): void {
    this.makes(
      this.store.named("TrialComponent", "TrainingJob", `${name}-aws-training-job`, arn),
      "Model",
      modelArtifacts,
    );
  }

  processing(name: string, arn: string, input: Members): void {
    const job = this.store.named("TrialComponent", "ProcessingJob", `${name}-aws-processing-job`, arn);
    this.uses(job, "Image", input.AppSpecification?.ImageUri);
    for (const { S3Input } of (input.ProcessingInputs ?? []) as Members[]) this.uses(job, "DataSet", S3Input?.S3Uri);
    for (const { S3Output } of (input.ProcessingOutputConfig?.Outputs ?? []) as Members[])
      this.makes(job, "DataSet", S3Output?.S3Uri);
  }

  /** @param group of a version; a package without one belongs to none. */
  package(
    arn: string,
    input: Members,
    status: string,
    group: { readonly name: string; readonly arn: string; readonly version: number } | undefined,
  ): void {
    const { store } = this;
    const made = store.artifact("ModelPackage", arn);
    const id = group ? `${group.name}-${group.version}` : arn.slice(arn.lastIndexOf("/") + 1);
    store.tie(made, "ContributedTo", store.named("Action", "Approval", `${id}-${status}-aws-model-package`, arn));
    if (group)
      store.tie(
        made,
        "AssociatedWith",
        store.named("Context", "ModelPackageGroup", `${group.name}-aws-model-package-group`, group.arn),
      );
    for (const { Image, ModelDataUrl } of (input.InferenceSpecification?.Containers ?? []) as Members[]) {
      this.uses(made, "Image", Image);
      this.uses(made, "Model", ModelDataUrl);
    }
  }

  private uses(what: string, type: string, sourceUri: string | undefined): void {
    if (sourceUri) this.store.tie(this.store.artifact(type, sourceUri), "ContributedTo", what);
  }

  private makes(what: string, type: string, sourceUri: string | undefined): void {
    if (sourceUri) this.store.tie(what, "Produced", this.store.artifact(type, sourceUri));
  }
}
