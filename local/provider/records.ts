import { nfsGroups } from "../services/sagemaker/studio/nfs-groups";
import type { Cloud } from "../cloud";
import type { InventoryItem, Service } from "../service";
import type { Table } from "../journal";
import { FileSystems } from "../services/efs/store";
import { ProviderFailure } from "./failures";
import { hex, logicalName } from "./naming";
import { blocking, recordShapes } from "./record-outputs";
import type { ResourceType } from "./resource-type";
import type { SdkSchema } from "./sdk-schema";
import type { Session } from "./session";
import type { Properties } from "./values";

/** A resource that is kept but does nothing: AWS would run it, the local cloud remembers it. */
export interface ResourceRecord {
  readonly type: string;
  readonly id: string;
  readonly arn: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: Properties;
}

/**
 * Types kept as records on purpose, with the prefix of their ids where AWS makes them up ("" where the name is the id).
 */
export const recordTypes: Readonly<Record<string, string>> = {
  "aws:ec2/vpc:Vpc": "vpc-",
  "aws:ec2/subnet:Subnet": "subnet-",
  "aws:ec2/securityGroup:SecurityGroup": "sg-",
  "aws:ec2/securityGroupRule:SecurityGroupRule": "sgrule-",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr-",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr-",
  "aws:ec2/routeTable:RouteTable": "rtb-",
  "aws:ec2/route:Route": "r-rtb-",
  "aws:ec2/routeTableAssociation:RouteTableAssociation": "rtbassoc-",
  "aws:ec2/internetGateway:InternetGateway": "igw-",
  "aws:ec2/natGateway:NatGateway": "nat-",
  "aws:ec2/eip:Eip": "eipalloc-",
  "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce-",
  "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": "a-",
  "aws:ec2/flowLog:FlowLog": "fl-",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "sg-",
  "aws:budgets/budget:Budget": "",
  "aws:budgets/budgetAction:BudgetAction": "",
  "aws:costexplorer/anomalyMonitor:AnomalyMonitor": "",
  "aws:costexplorer/anomalySubscription:AnomalySubscription": "",
  "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": "",
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": "",
  "aws:ecr/repositoryPolicy:RepositoryPolicy": "",
  "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "",
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": "",
  "aws:cloudwatch/queryDefinition:QueryDefinition": "",
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "",
};

/** Id lengths of EC2 and of everything else that AWS numbers. */
const ec2Digits = 17;
const otherDigits = 12;

const tableName = "provider/records";
const key = (type: string, id: string): string => `${type}|${id}`;

export function recordTable(cloud: Cloud): Table<ResourceRecord> {
  return cloud.journal.table<ResourceRecord>(tableName);
}

/** The records as a service, so that the inventory of the local cloud shows what is left behind. */
export function createRecords(cloud: Cloud): Service {
  return {
    id: "provider-records",
    operations: {},
    inventory: (): InventoryItem[] => [...recordTable(cloud).values()].map(({ arn, type }) => ({ arn, type })),
    tagsOf: (arn) => [...recordTable(cloud).values()].find((record) => record.arn === arn)?.tags,
  };
}

/** A type without behaviour, good enough for Check and Diff: named where the SDK says it has a name. */
export function recordType(token: string, schema: SdkSchema | undefined): ResourceType {
  const named = schema
    ? schema.inputs.has("name") && !schema.required.includes("name") && (recordTypes[token] ?? "") === ""
    : true;
  return {
    token,
    service: "",
    title: token,
    replace: ["name"],
    ...(named ? { name: { property: "name", limit: 255 } } : {}),
    create: [],
    delete: [],
    id: () => "",
  };
}

export function createRecord(
  session: Session,
  token: string,
  urn: string,
  inputs: Properties,
  schema: SdkSchema | undefined,
): { id: string; properties: Properties } {
  const prefix = recordTypes[token] ?? "";
  const digits = token.startsWith("aws:ec2/") || token.startsWith("aws:vpc/") ? ec2Digits : otherDigits;
  const name = typeof inputs.name === "string" ? inputs.name : undefined;
  const seed = `${urn} ${Date.now()} ${Math.random()}`;
  const id =
    recordShapes[token]?.id?.(inputs, session, seed) ??
    (prefix ? prefix + hex(seed, digits) : (name ?? `${logicalName(urn)}-${hex(urn, 7)}`));
  return { id, properties: keep(session, token, id, inputs, schema) };
}

/** Writes a record and gives the resource's properties. */
export function keep(
  session: Session,
  token: string,
  id: string,
  inputs: Properties,
  schema: SdkSchema | undefined,
): Properties {
  const shape = recordShapes[token];
  const arn = shape?.arn?.(id, inputs, session) ?? recordArn(session, token, id);
  const tags = (inputs.tags ?? {}) as Record<string, string>;
  const properties: Properties = { region: session.region, ...inputs };
  if (!schema || schema.computed.includes("arn")) properties.arn = arn;
  if (!schema || schema.computed.includes("tagsAll")) properties.tagsAll = tags;
  if (schema?.computed.includes("ownerId")) properties.ownerId = session.accountId;
  Object.assign(properties, shape?.outputs?.(id, inputs, session));
  recordTable(session.cloud).put(key(token, id), { type: token, id, arn, region: session.region, tags, properties });
  session.cloud.journal.flush();
  return properties;
}

export function findRecord(session: Session, token: string, id: string): ResourceRecord | undefined {
  return recordTable(session.cloud).get(key(token, id));
}

/**
 * How long the real provider tries to delete what has dependants (terraform-provider-aws, `vpcDeletedTimeout`, default
 * timeouts of `aws_subnet`).
 */
const patienceMs: Readonly<Record<string, number>> = {
  "aws:ec2/vpc:Vpc": 5 * 60_000,
  "aws:ec2/subnet:Subnet": 20 * 60_000,
};

/** Parts of a network that something may keep in use that is not the engine's to delete. */
export const isNetwork = (token: string): boolean => patienceMs[token] !== undefined;

/**
 * Waits, as the real provider does, for what is not the engine's to delete: groups that SageMaker left in a VPC, and
 * mount targets of a file system that it kept.
 * @throws ProviderFailure when they stay.
 */
export async function dropNetwork(session: Session, token: string, id: string): Promise<void> {
  const { clock } = session.cloud;
  const files = new FileSystems(session.cloud);
  const left = (): string[] => [
    ...[...nfsGroups(session.cloud).values()].filter(({ vpcId }) => vpcId === id).map((group) => group.id),
    ...files
      .mountTargets()
      .filter(({ vpcId, subnetId }) => vpcId === id || subnetId === id)
      .map(({ interfaceId }) => interfaceId),
  ];
  const [title, call, word] = token.endsWith(":Vpc")
    ? ["VPC", "DeleteVpc", "vpc"]
    : ["Subnet", "DeleteSubnet", "subnet"];
  for (const end = clock.nowMs() + patienceMs[token]!; left().length > 0; await session.pause(40))
    if (clock.nowMs() > end)
      throw new ProviderFailure(
        `deleting EC2 ${title} (${id}): operation error EC2: ${call}, https response error StatusCode: 400, api error DependencyViolation: The ${word} '${id}' has dependencies and cannot be deleted. (${left().join(", ")})`,
      );
  dropRecord(session, token, id);
}

/** @throws ProviderFailure when other records still hang on it, as EC2 does (DependencyViolation). */
export function dropRecord(session: Session, token: string, id: string): void {
  const word = blocking[token];
  const dependants = word
    ? [...recordTable(session.cloud).values()].filter((record) => record.id !== id && mentions(record.properties, id))
    : [];
  if (dependants.length > 0)
    throw new ProviderFailure(
      `deleting ${token} (${id}): api error DependencyViolation: The ${word} '${id}' has dependencies and cannot be deleted. (${dependants.map((record) => record.id).join(", ")})`,
    );
  recordTable(session.cloud).delete(key(token, id));
  session.cloud.journal.flush();
}

/** `arn:aws:ec2:eu-central-1:111122223333:vpc/vpc-0ab...`: the convention that most services follow. */
function recordArn(session: Session, token: string, id: string): string {
  const [, service = "unknown", kind = "resource"] = /^aws:(\w+)\/(\w+):/.exec(token) ?? [];
  const dashed = kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return session.arn(service === "vpc" ? "ec2" : service, `${dashed}/${id}`);
}

function mentions(value: unknown, id: string): boolean {
  if (value === id) return true;
  return value !== null && typeof value === "object" && Object.values(value).some((inner) => mentions(inner, id));
}
