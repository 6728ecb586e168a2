import type { Service } from "../service";
import { ec2Permissions } from "../iam/permissions/ec2";
import { ecrPermissions } from "../iam/permissions/ecr";
import { kmsPermissions } from "../iam/permissions/kms";
import { logsPermissions } from "../iam/permissions/logs";
import { s3Permissions } from "../iam/permissions/s3";
import { snsPermissions } from "../iam/permissions/sns";
import { sqsPermissions } from "../iam/permissions/sqs";
import { ssmPermissions } from "../iam/permissions/ssm";

/**
 * Permission tables of the services that moto serves; a service without one requires `<service>:<Operation>` on "*".
 */
export const permissionTables: Readonly<Record<string, Service["permissions"]>> = {
  ec2: ec2Permissions,
  ecr: ecrPermissions,
  kms: kmsPermissions,
  logs: logsPermissions,
  s3: s3Permissions,
  sns: snsPermissions,
  sqs: sqsPermissions,
  ssm: ssmPermissions,
};
