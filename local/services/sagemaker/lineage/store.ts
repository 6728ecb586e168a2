import { createHash } from "node:crypto";
import type { AssociationEdgeType, LineageType } from "@aws-sdk/client-sagemaker";
import type { Cloud } from "../../../cloud";
import type { Table } from "../../../journal";

/** Something that SageMaker tracks: where it comes from identifies it. */
export interface LineageEntity {
  readonly arn: string;
  readonly kind: LineageType;
  /** `DataSet`, `Image`, `Model`, `TrainingJob`, ... */
  readonly type: string;
  readonly name: string;
  readonly sourceUri: string;
  readonly createdMs: number;
}

export interface Association {
  readonly source: string;
  readonly destination: string;
  readonly type: AssociationEdgeType;
  readonly createdMs: number;
}

const folders: Readonly<Record<LineageType, string>> = {
  Artifact: "artifact",
  Action: "action",
  Context: "context",
  TrialComponent: "experiment-trial-component",
};

/** Tracking entities and what ties them. They stay when what they are about is deleted. */
export class LineageStore {
  readonly entities: Table<LineageEntity>;
  readonly associations: Table<Association>;

  constructor(private readonly cloud: Cloud) {
    this.entities = cloud.journal.table("sagemaker/lineage-entities");
    this.associations = cloud.journal.table("sagemaker/lineage-associations");
  }

  /** An artifact; there is one for each `SourceUri` ("Lineage Tracking Entities", developer guide). @returns its ARN. */
  artifact(type: string, sourceUri: string): string {
    const id = createHash("sha256").update(sourceUri).digest("hex").slice(0, 32);
    return this.add("Artifact", type, id, sourceUri, "");
  }

  /** An entity with a name of its own. @returns its ARN. */
  named(kind: Exclude<LineageType, "Artifact">, type: string, name: string, sourceUri: string): string {
    return this.add(kind, type, name, sourceUri, name);
  }

  /** What already is tied stays as it is. */
  tie(source: string, type: AssociationEdgeType, destination: string): void {
    const key = `${source} ${destination}`;
    if (this.associations.has(key)) return;
    this.associations.put(key, { source, destination, type, createdMs: this.cloud.clock.nowMs() });
  }

  private add(kind: LineageType, type: string, id: string, sourceUri: string, name: string): string {
    const arn = this.cloud.arn("sagemaker", `${folders[kind]}/${id}`);
    if (!this.entities.has(arn))
      this.entities.put(arn, { arn, kind, type, name, sourceUri, createdMs: this.cloud.clock.nowMs() });
    return arn;
  }
}
