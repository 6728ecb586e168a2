/** Services whose name in PrivateLink is not that of their model. One API may be behind several (`ecr`). */
const names: Readonly<Record<string, string>> = {
  sagemaker: "sagemaker.api",
  "sagemaker-runtime": "sagemaker.runtime",
  "sagemaker-metrics": "sagemaker.metrics",
  cloudwatch: "monitoring",
  ecr: "ecr.api",
  resourcegroupstaggingapi: "tagging",
  "service-quotas": "servicequotas",
};

/**
 * What moto, our own services and SageMaker's web applications answer for, and some neighbours that networks commonly
 * lead to.
 */
const offered: readonly string[] = [
  "application-autoscaling",
  "athena",
  "cloudtrail",
  "codebuild",
  "ecr.api",
  "ecr.dkr",
  "ec2",
  "elasticfilesystem",
  "events",
  "execute-api",
  "glue",
  "kinesis-streams",
  "kms",
  "lambda",
  "logs",
  "monitoring",
  "sagemaker.api",
  "sagemaker.featurestore-runtime",
  "sagemaker.metrics",
  "sagemaker.runtime",
  "scheduler",
  "secretsmanager",
  "servicecatalog",
  "servicequotas",
  "sns",
  "sqs",
  "ssm",
  "ssmmessages",
  "states",
  "sts",
  "tagging",
  "xray",
];
const applications: readonly string[] = ["experiments", "mlflow", "notebook", "partner-app", "studio"];
const gateways: readonly string[] = ["dynamodb", "s3"];

/**
 * Services with one address for the whole world, outside of any Region's PrivateLink (AWS PrivateLink guide, services
 * that integrate).
 */
const global: ReadonlySet<string> = new Set(["iam", "budgets", "ce", "organizations"]);

/** @param service the model's name. @returns what an endpoint to it is called; undefined where there is none. */
export function endpointService(region: string, service: string): string | undefined {
  if (global.has(service)) return undefined;
  return `com.amazonaws.${region}.${names[service] ?? service}`;
}

/** SageMaker's web applications, MLflow among them, have names of their own. */
export function applicationService(region: string, application: "studio" | "mlflow" | "experiments"): string {
  return `aws.sagemaker.${region}.${application}`;
}

/** Names of the services that interface endpoints lead to. */
export function interfaceServices(region: string): string[] {
  return [
    ...[...offered, ...gateways].map((one) => `com.amazonaws.${region}.${one}`),
    ...applications.map((one) => `aws.sagemaker.${region}.${one}`),
  ];
}

/** Whether AWS has an endpoint of this name and kind. @param type `Gateway` or `Interface`. */
export function isOffered(region: string, name: string, type: string): boolean {
  return type === "Gateway"
    ? gateways.some((one) => name === `com.amazonaws.${region}.${one}`)
    : interfaceServices(region).includes(name);
}

/** The host that a client of a service calls, for the words it fails with. */
export function hostOf(region: string, serviceName: string): string {
  const [, application] = /^aws\.sagemaker\.[^.]+\.(.+)$/.exec(serviceName) ?? [];
  if (application === "mlflow") return `mlflow.sagemaker.${region}.app.aws`;
  if (application) return `${application}.${region}.sagemaker.aws`;
  const name = serviceName.slice(`com.amazonaws.${region}.`.length);
  return `${name.split(".").reverse().join(".")}.${region}.amazonaws.com`;
}
