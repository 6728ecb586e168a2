/** Services that moto serves; permissions of the first group come from `local/iam/permissions/`. */
export const upstreamServices = [
  "s3",
  "sns",
  "sqs",
  "ssm",
  "kms",
  "logs",
  "ecr",
  "ec2",
  "dynamodb",
  "secretsmanager",
] as const;
export type UpstreamService = (typeof upstreamServices)[number];
