import { setTimeout as delay } from "node:timers/promises";
import { type MlflowAddress, mlflowAddress } from "./mlflow-address";
import { ObjectStore, parseS3Uri } from "./s3";
import { type AwsSession, denials } from "./session";

/** A run, with the last value of each metric. */
export interface MlflowRun {
  readonly id: string;
  readonly name: string;
  readonly experiment: string;
  readonly status: string;
  readonly startMs: number;
  /** Absent while it runs. */
  readonly endMs?: number;
  readonly artifactUri: string;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface MetricPoint {
  readonly value: number;
  readonly step: number;
  readonly timestampMs: number;
}

export interface MlflowFile {
  /** Below the run's artifacts. */
  readonly path: string;
  readonly folder: boolean;
  readonly bytes: number;
}

/** MLflow did not do what was asked, and says why. */
export class MlflowError extends Error {
  constructor(
    readonly status: number,
    /** MLflow's own, such as RESOURCE_DOES_NOT_EXIST; of SageMaker in front of it, the exception's name. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    // SageMaker refuses before MLflow is asked, by the names that all its refusals have.
    this.name = denials.has(code) ? code : "MlflowError";
  }
}

/** MLflow takes up to 50,000; an answer of 1,000 runs with a hundred parameters each has some megabytes already. */
const runsPerPage = 1000;
const retried: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const maxTries = 4;

interface Pair<Value> {
  readonly key: string;
  readonly value: Value;
}

interface RunAnswer {
  readonly info: {
    readonly run_id: string;
    readonly run_name?: string;
    readonly experiment_id: string;
    readonly status: string;
    readonly lifecycle_stage?: string;
    readonly start_time: number | string;
    readonly end_time?: number | string;
    readonly artifact_uri?: string;
  };
  readonly data: {
    readonly params?: readonly Pair<string>[];
    /** What JSON cannot say comes as text: `NaN`, `Infinity`. */
    readonly metrics?: readonly Pair<number | string>[];
    readonly tags?: readonly Pair<string>[];
  };
}

/**
 * Runs of an MLflow App of SageMaker, of its tracking server, or of any other MLflow, read by the REST API that all
 * three have (`/api/2.0`).
 */
export class Mlflow {
  private names: Promise<Map<string, string>> | undefined;

  constructor(
    private readonly address: MlflowAddress,
    private readonly store: ObjectStore,
  ) {}

  /** @throws Error for a tracking URI that is none. */
  static of(session: AwsSession, trackingUri: string): Mlflow {
    return new Mlflow(mlflowAddress(session, trackingUri), new ObjectStore(session));
  }

  /** Ids of the experiments that are not deleted, with their names. */
  experiments(): Promise<ReadonlyMap<string, string>> {
    this.names ??= this.readExperiments();
    return this.names;
  }

  /**
   * Runs that are not deleted, newest first.
   * @param filter MLflow's own, which knows no OR; all of them without it.
   */
  async *runs(experimentIds: readonly string[], filter?: string): AsyncGenerator<MlflowRun> {
    if (experimentIds.length === 0) return;
    for (let token: string | undefined; ;) {
      const answer = await this.call<{ runs?: RunAnswer[]; next_page_token?: string }>("POST", "runs/search", {
        experiment_ids: experimentIds,
        filter,
        max_results: runsPerPage,
        order_by: ["attributes.start_time DESC"],
        page_token: token,
      });
      const names = await this.experiments();
      for (const run of answer.runs ?? []) yield runOf(run, names);
      token = answer.next_page_token || undefined;
      if (token === undefined) return;
    }
  }

  /** A run by its id, or undefined where there is none or it was deleted. */
  async run(id: string): Promise<MlflowRun | undefined> {
    try {
      const { run } = await this.call<{ run: RunAnswer }>("GET", "runs/get", { run_id: id });
      return run.info.lifecycle_stage === "deleted" ? undefined : runOf(run, await this.experiments());
    } catch (error) {
      if (error instanceof MlflowError && error.code === "RESOURCE_DOES_NOT_EXIST") return undefined;
      throw error;
    }
  }

  /** All values of a metric, as they were logged. */
  async history(runId: string, metric: string): Promise<MetricPoint[]> {
    const points: MetricPoint[] = [];
    for (let token: string | undefined; ;) {
      const answer = await this.call<{
        metrics?: { value: number | string; step?: number | string; timestamp: number | string }[];
        next_page_token?: string;
      }>("GET", "metrics/get-history", { run_id: runId, metric_key: metric, page_token: token });
      for (const { value, step, timestamp } of answer.metrics ?? [])
        points.push({ value: Number(value), step: Number(step ?? 0), timestampMs: Number(timestamp) });
      token = answer.next_page_token || undefined;
      if (token === undefined) return points;
    }
  }

  /** What lies in a folder of a run's artifacts. @param path of the folder; the top without it. */
  async artifacts(runId: string, path?: string): Promise<MlflowFile[]> {
    const answer = await this.call<{ files?: { path: string; is_dir?: boolean; file_size?: number | string }[] }>(
      "GET",
      "artifacts/list",
      { run_id: runId, path },
    );
    return (answer.files ?? []).map((file) => ({
      path: file.path,
      folder: file.is_dir ?? false,
      bytes: Number(file.file_size ?? 0),
    }));
  }

  /**
   * The bytes of an artifact, as MLflow's clients get them: from the bucket that the run names, with the caller's own
   * rights, or through the server where that keeps them.
   * @returns undefined where there is none.
   * @throws Error for a run whose artifacts lie elsewhere, such as in a folder of the server.
   */
  async artifact(
    { id, artifactUri }: Pick<MlflowRun, "id" | "artifactUri">,
    path: string,
  ): Promise<Buffer | undefined> {
    if (artifactUri.startsWith("s3://")) return this.store.get(parseS3Uri(`${artifactUri}/${path}`));
    const kept = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/.exec(artifactUri)?.[1];
    if (kept === undefined)
      throw new Error(
        `artifacts of run ${id} lie in ${artifactUri}; only those in S3 and those that the server hands out are read`,
      );
    const encoded = `${kept}/${path}`.split("/").map(encodeURIComponent).join("/");
    const answer = await this.send("GET", new URL(`api/2.0/mlflow-artifacts/artifacts/${encoded}`, this.base()));
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw await errorOf(answer, path);
    return Buffer.from(await answer.arrayBuffer());
  }

  private async readExperiments(): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    for (let token: string | undefined; ;) {
      const answer = await this.call<{
        experiments?: { experiment_id: string; name: string }[];
        next_page_token?: string;
      }>("POST", "experiments/search", { max_results: 1000, page_token: token });
      for (const { experiment_id, name } of answer.experiments ?? []) names.set(experiment_id, name);
      token = answer.next_page_token || undefined;
      if (token === undefined) return names;
    }
  }

  private base(): URL {
    const { url } = this.address;
    return url.pathname.endsWith("/") ? url : new URL(`${url.href}/`);
  }

  private async call<Answer>(method: "GET" | "POST", name: string, input: Readonly<Record<string, unknown>>) {
    const url = new URL(`api/2.0/mlflow/${name}`, this.base());
    const given = Object.entries(input).filter(([, value]) => value !== undefined);
    if (method === "GET") for (const [key, value] of given) url.searchParams.set(key, String(value));
    // As signatures write it: MLflow reads a plus as a space, AWS does not.
    url.search = url.search.replaceAll("+", "%20");
    const answer = await this.send(
      method,
      url,
      method === "POST" ? JSON.stringify(Object.fromEntries(given)) : undefined,
    );
    if (!answer.ok) throw await errorOf(answer, name);
    return (await answer.json()) as Answer;
  }

  /** What is throttled or not there for a moment is asked again; everything that is asked here only reads. */
  private async send(method: string, url: URL, body?: string): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const headers = await this.address.authorise(method, url, body);
      const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) }).catch(
        (error: Error) => {
          throw new Error(`MLflow at ${url.origin} does not answer: ${String(error.cause ?? error.message)}`, {
            cause: error,
          });
        },
      );
      if (!retried.has(answer.status) || attempt === maxTries) return answer;
      await answer.body?.cancel();
      await delay(200 * 2 ** attempt);
    }
  }
}

async function errorOf(answer: Response, what: string): Promise<MlflowError> {
  const text = await answer.text();
  let said: { error_code?: string; message?: string; Message?: string; __type?: string } = {};
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    // A proxy's page; its status says enough.
  }
  const code = said.error_code ?? said.__type ?? answer.headers.get("x-amzn-errortype") ?? `HTTP ${answer.status}`;
  return new MlflowError(
    answer.status,
    code,
    `${what}: ${said.message ?? said.Message ?? text.slice(0, 200)} (${code})`,
  );
}

function runOf({ info, data }: RunAnswer, experiments: ReadonlyMap<string, string>): MlflowRun {
  const record = <Value>(pairs: readonly Pair<Value>[] = []): Record<string, Value> =>
    Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
  return {
    id: info.run_id,
    name: info.run_name ?? "",
    experiment: experiments.get(info.experiment_id) ?? info.experiment_id,
    status: info.status,
    startMs: Number(info.start_time),
    ...(info.end_time === undefined ? {} : { endMs: Number(info.end_time) }),
    artifactUri: info.artifact_uri ?? "",
    params: record(data.params),
    metrics: Object.fromEntries((data.metrics ?? []).map(({ key, value }) => [key, Number(value)])),
    tags: record(data.tags),
  };
}
