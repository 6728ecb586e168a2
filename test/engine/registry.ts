import { strict as assert } from "node:assert";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { fromIni } from "@aws-sdk/credential-providers";
import type { ServerFile } from "../../local/main";
import { archiveArguments, evaluationOf, packageGroup, packageRequest, printedMap50 } from "../../scripts/base-package";
import type { Finished, ProjectCopy } from "./project-copy";

export const dataset = "lucaskle-ab3-project-pv";
export const group = packageGroup;

/** Model packages without training: what the pipeline leaves of a run, made by hand, through the AWS CLI as any other client. */
export class Registry {
  /** mAP50 of the base weights. */
  map50 = 0;
  readonly sagemaker: SageMakerClient;

  constructor(
    private readonly project: ProjectCopy,
    readonly server: ServerFile,
  ) {
    this.sagemaker = new SageMakerClient({ region: server.region, endpoint: server.url, credentials: fromIni({ filepath: server.credentialsFile, profile: "ab" }) });
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
  async archives<Name extends string>(wanted: Readonly<Record<Name, number | undefined>>): Promise<Record<Name, Buffer>> {
    const file = (name: string) => join(this.project.folder, ".peregrine", `${name}.tar.gz`);
    const targets = Object.entries(wanted).map(([name, confidence]) => `${file(name)}${confidence === undefined ? "" : `=${confidence as number}`}`);
    const made = await this.project.succeed("env", "PYTHONPATH=ml", ".venv/bin/python", ...archiveArguments(targets));
    this.map50 = printedMap50(made.stdout);
    return Object.fromEntries(Object.keys(wanted).map((name) => [name, readFileSync(file(name))])) as Record<Name, Buffer>;
  }

  /** Uploads an archive with its evaluation and registers both as the pipeline's RegisterDetector does. @returns the package's ARN. */
  async register(name: string, body: Buffer, options: { recordedSha256?: string; approval?: string } = {}): Promise<string> {
    const archive = { body, map50: this.map50 };
    const { bucket, prefix, input } = packageRequest(this.server, name, archive, options);
    for (const [file, content] of [["model.tar.gz", body], ["evaluation.json", JSON.stringify(evaluationOf(archive))]] as const) {
      const path = join(this.project.folder, ".peregrine", `${name}-${file}`);
      writeFileSync(path, content);
      assert.equal((await this.aws("s3", "cp", path, `s3://${bucket}/${prefix}/${file}`, "--no-progress")).code, 0);
    }
    return (await this.json("sagemaker", "create-model-package", "--cli-input-json", JSON.stringify(input))).ModelPackageArn as string;
  }

  /** The dataset bucket with some labelled images. @returns the images' files. */
  async seedDataset(count: number): Promise<string[]> {
    await this.json("s3api", "create-bucket", "--bucket", dataset, "--create-bucket-configuration", `LocationConstraint=${this.server.region}`);
    const folder = join(this.project.folder, ".peregrine", "dataset");
    await this.project.succeed("env", "PYTHONPATH=ml", ".venv/bin/python", "-m", "peregrine_ml.dataset", "--out", folder);
    const labels = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.xml$/.test(name)).sort().slice(0, count).map((name) => join(folder, name));
    assert.equal(labels.length, count);
    const images = labels.map((label) => label.replace(/\.xml$/, ".jpg"));
    for (const file of [...images, ...labels]) assert.equal((await this.aws("s3", "cp", file, `s3://${dataset}/flights/${basename(file)}`, "--no-progress")).code, 0);
    return images;
  }
}
