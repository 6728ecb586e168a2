import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { prefixes } from "../../contract/places";
import type { Scope } from "../scope";
import { releaseSource } from "./source";

/** The committed project in the artifacts bucket: what builds start from. */
export class SourceBundle extends Component {
  readonly object: aws.s3.BucketObjectv2;
  /** `bucket/key`, as CodeBuild takes it. By the bucket's name and not by the object's output: a changed object is no change of a project. */
  readonly location: string;

  constructor(
    name: string,
    scope: Scope,
    artifactsBucket: pulumi.Input<string>,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("delivery", "SourceBundle", name, scope, options);
    const key = `${prefixes.sources}peregrine.zip`;
    this.location = `${scope.artifactsBucket}/${key}`;
    this.object = new aws.s3.BucketObjectv2(
      this.named("object"),
      { bucket: artifactsBucket, key, source: releaseSource(), contentType: "application/zip" },
      this.child(),
    );
    this.registerOutputs({});
  }
}
