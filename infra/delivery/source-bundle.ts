import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { sourceKey } from "../../contract/places";
import { Component } from "../component";
import type { Scope } from "../scope";
import { releaseSource } from "./source";

/** The committed project in the artifacts bucket: what builds start from. */
export class SourceBundle extends Component {
  readonly object: aws.s3.BucketObjectv2;
  /**
   * `bucket/key`, as CodeBuild takes it. By the bucket's name and not by the object's output: a changed object is no
   * change of a project.
   */
  readonly location: string;

  constructor(
    name: string,
    scope: Scope,
    artifactsBucket: pulumi.Input<string>,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("delivery", "SourceBundle", name, scope, options);
    this.location = `${scope.artifactsBucket}/${sourceKey}`;
    this.object = new aws.s3.BucketObjectv2(
      this.named("object"),
      { bucket: artifactsBucket, key: sourceKey, source: releaseSource(), contentType: "application/zip" },
      this.child(),
    );
    this.registerOutputs({});
  }
}
