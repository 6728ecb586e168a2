import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CodeBuildClient } from "@aws-sdk/client-codebuild";
import { CreateServiceLinkedRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateModelPackageCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { fromIni } from "@aws-sdk/credential-providers";
import type { ServerFile } from "../../local/main";
import { archiveArguments, evaluationOf, packageGroup, packageRequest, printedMap50 } from "../../scripts/base-package";
import type { Finished, ProjectCopy } from "./project-copy";
import { datasetBucket } from "../support/dataset";

export const group = packageGroup;

/** Where an archive of the base weights lies. */
export const archiveFile = ({ folder }: ProjectCopy, name: string): string =>
  join(folder, ".peregrine", `${name}.tar.gz`);

/**
 * Model packages without training: what the pipeline leaves of a run, made by hand. SDK clients make and watch things,
 * since each start of the AWS CLI costs most of a second; `aws` is for what a user types.
 */
export class Registry {
  /** mAP50 of the base weights. */
  map50 = 0;
  readonly sagemaker: SageMakerClient;
  readonly codebuild: CodeBuildClient;
  readonly runtime: SageMakerRuntimeClient;
  private readonly s3: S3Client;
  private readonly iam: IAMClient;

  constructor(
    private readonly project: ProjectCopy,
    readonly server: ServerFile,
  ) {
    const settings = {
      region: server.region,
      endpoint: server.url,
      credentials: fromIni({ filepath: server.credentialsFile, profile: "ab" }),
    };
    this.sagemaker = new SageMakerClient(settings);
    this.codebuild = new CodeBuildClient(settings);
    this.runtime = new SageMakerRuntimeClient(settings);
    this.iam = new IAMClient(settings);
    this.s3 = new S3Client({ ...settings, forcePathStyle: true });
  }

  aws(...args: string[]): Promise<Finished> {
    return this.project.run("aws", ...args, "--output", "json");
  }

  async json(...args: string[]): Promise<any> {
    const finished = await this.aws(...args);
    assert.equal(finished.code, 0, finished.output);
    return finished.stdout.trim() ? JSON.parse(finished.stdout) : undefined;
  }

  /** Archives of the base weights by name; the value is the least confidence that is answered, undefined as trained. */
  async archives<Name extends string>(
    wanted: Readonly<Record<Name, number | undefined>>,
  ): Promise<Record<Name, Buffer>> {
    const file = (name: string) => archiveFile(this.project, name);
    const targets = Object.entries(wanted).map(
      ([name, confidence]) => `${file(name)}${confidence === undefined ? "" : `=${confidence as number}`}`,
    );
    const made = await this.project.succeed("env", "PYTHONPATH=ml", ".venv/bin/python", ...archiveArguments(targets));
    this.map50 = printedMap50(made.stdout);
    return Object.fromEntries(Object.keys(wanted).map((name) => [name, readFileSync(file(name))])) as Record<
      Name,
      Buffer
    >;
  }

  /**
   * Uploads an archive with its evaluation, registers both as the pipeline's RegisterDetector does, and has them
   * approved where nothing else is said.
   * @returns the package's ARN.
   */
  async register(
    name: string,
    body: Buffer,
    options: { recordedSha256?: string; approval?: string } = {},
  ): Promise<string> {
    const archive = { body, map50: this.map50 };
    const { bucket, prefix, input } = packageRequest(this.server, name, archive, options);
    const approve = (options.approval ?? "Approved") === "Approved";
    for (const [file, content] of [
      ["model.tar.gz", body],
      ["evaluation.json", JSON.stringify(evaluationOf(archive))],
    ] as const)
      await this.put(bucket, `${prefix}/${file}`, content);
    const arn = (
      await this.sagemaker.send(
        new CreateModelPackageCommand({ ...input, ModelApprovalStatus: "PendingManualApproval" }),
      )
    ).ModelPackageArn!;
    if (approve)
      await this.project.succeed(
        process.execPath,
        "scripts/peregrine.cjs",
        "approve",
        arn,
        "--why",
        "as the pipeline made it",
      );
    return arn;
  }

  /** Whether an object is there. */
  async has(bucket: string, key: string): Promise<boolean> {
    return (await this.list(bucket, key)).includes(key);
  }

  /** Keys of objects below a prefix, 1,000 at most. */
  async list(bucket: string, prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    return Contents.map(({ Key }) => Key!);
  }

  /** What an object holds. */
  async get(bucket: string, key: string): Promise<Buffer> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Buffer.from(await Body!.transformToByteArray());
  }

  /** The cloud's time, as its answers tell it. */
  async now(): Promise<Date> {
    return new Date((await fetch(this.server.url)).headers.get("date")!);
  }

  /** Writes an object. */
  async put(bucket: string, key: string, content: Buffer | string): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }));
  }

  /**
   * What an account has before its first release: the role by which endpoints are scaled, and the dataset bucket with
   * some labelled images, all held out of training.
   * @returns the images' files.
   */
  async seedDataset(count: number): Promise<string[]> {
    await this.iam.send(
      new CreateServiceLinkedRoleCommand({ AWSServiceName: "sagemaker.application-autoscaling.amazonaws.com" }),
    );
    await this.s3.send(
      new CreateBucketCommand({
        Bucket: datasetBucket,
        CreateBucketConfiguration: { LocationConstraint: this.server.region as "eu-central-1" },
      }),
    );
    const folder = join(this.project.folder, ".peregrine", "dataset");
    await this.project.succeed(
      "env",
      "PYTHONPATH=ml",
      ".venv/bin/python",
      "-m",
      "peregrine_ml.dataset",
      "--out",
      folder,
    );
    const labels = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.xml$/.test(name))
      .sort()
      .slice(0, count)
      .map((name) => join(folder, name));
    assert.equal(labels.length, count);
    const images = labels.map((label) => label.replace(/\.xml$/, ".jpg"));
    for (const file of [...images, ...labels])
      await this.put(datasetBucket, `flights/${basename(file)}`, readFileSync(file));
    await this.put(
      datasetBucket,
      "flights/flights.csv",
      [
        "file,flight,light,altitude,split",
        ...images.map((file) => `${basename(file)},${basename(file, ".jpg")},day,nominal,test`),
      ].join("\n"),
    );
    return images;
  }
}
