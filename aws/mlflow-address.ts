import { Sha256 } from "@aws-crypto/sha256-js";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SignatureV4 } from "@smithy/signature-v4";
import { type AwsSession, clientSettings } from "./session";

/** Where an MLflow answers, and how requests to it are made its caller's. */
export interface MlflowAddress {
  readonly url: URL;
  /** Headers of a request, with what proves who asks. @param target path and query, as they are sent. */
  authorise(method: string, target: URL, body: string | undefined): Promise<Record<string, string>>;
}

/**
 * How SageMaker's own plug-in for MLflow (`sagemaker-mlflow` 0.5.0) reaches the two kinds of trackers: host, the header
 * that says which one is meant, and the service that the signature is for.
 */
const kinds = {
  "mlflow-app": {
    host: (region: string) => `mlflow.sagemaker.${region}.app.aws`,
    header: "x-sm-mlflow-app-arn",
    service: "sagemaker",
  },
  "mlflow-tracking-server": {
    host: (region: string) => `${region}.experiments.sagemaker.aws`,
    header: "x-mlflow-sm-tracking-server-arn",
    service: "sagemaker-mlflow",
  },
} as const;

/** @throws Error for a tracking URI that names none of the three: an App, a tracking server, an MLflow by its URL. */
export function mlflowAddress(session: AwsSession, trackingUri: string): MlflowAddress {
  const match = /^arn:aws(?:-us-gov)?:sagemaker:([a-z0-9-]+):\d{12}:(mlflow-app|mlflow-tracking-server)\/.+$/.exec(
    trackingUri,
  );
  if (match) return signedAddress(session, trackingUri, match[1]!, kinds[match[2] as keyof typeof kinds]);
  if (/^https?:\/\//.test(trackingUri)) return plainAddress(new URL(trackingUri));
  throw new Error(
    `"${trackingUri}" is no MLflow: expected the ARN of an MLflow App or tracking server, or an http address`,
  );
}

function signedAddress(
  session: AwsSession,
  arn: string,
  region: string,
  { host, header, service }: (typeof kinds)[keyof typeof kinds],
): MlflowAddress {
  // The plug-in's own variable: a private endpoint has another address.
  const url = new URL(process.env["SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT"] || `https://${host(region)}`);
  const client = new SageMakerClient(clientSettings(session));
  return {
    url,
    async authorise(method, target, body) {
      const signer = new SignatureV4({
        credentials: await client.config.credentials(),
        region,
        service,
        sha256: Sha256,
      });
      const { headers } = await signer.sign({
        method,
        protocol: target.protocol,
        hostname: target.hostname,
        port: Number(target.port) || undefined,
        path: target.pathname,
        query: queryOf(target),
        headers: {
          host: target.host,
          [header]: arn,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        body,
      });
      return headers;
    },
  };
}

/** An MLflow of somebody else: by name and password or by a token, in the variables that MLflow's own client reads. */
function plainAddress(url: URL): MlflowAddress {
  const {
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password,
    MLFLOW_TRACKING_TOKEN: token,
  } = process.env;
  const authorization = user
    ? `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}`
    : token
      ? `Bearer ${token}`
      : undefined;
  return {
    url,
    authorise: (_method, _target, body) =>
      Promise.resolve({
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(authorization ? { authorization } : {}),
      }),
  };
}

function queryOf({ searchParams }: URL): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(searchParams.keys())].map((key) => {
      const values = searchParams.getAll(key);
      return [key, values.length > 1 ? values : values[0]!];
    }),
  );
}
