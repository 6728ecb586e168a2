import type { Members } from "../members";
import { defaultSubnetIds, defaultVpc } from "./default-network";
import { failure, ProviderFailure } from "./failures";
import { fromMember } from "./mapping";
import type { Session } from "./session";
import { isObject, type Properties, type Value } from "./values";

type Invoke = (args: Properties, session: Session) => Promise<Readonly<Record<string, unknown>>>;

/** A read of AWS for a function of the SDK; its errors in Terraform's words. */
async function reading(
  session: Session,
  title: string,
  service: string,
  operation: string,
  input: Members,
  subject = "",
): Promise<Members> {
  try {
    return await session.call(service, operation, input);
  } catch (error) {
    throw failure("reading", title, subject, session.model(service), operation, error);
  }
}

async function everyPage(
  session: Session,
  title: string,
  service: string,
  operation: string,
  input: Members,
  list: string,
  subject: string,
): Promise<Members[]> {
  const all: Members[] = [];
  for (let token: string | undefined; ;) {
    const page = await reading(
      session,
      title,
      service,
      operation,
      { ...input, ...(token ? { NextToken: token } : {}) },
      subject,
    );
    all.push(...((page[list] ?? []) as Members[]));
    token = page.NextToken as string | undefined;
    if (!token) return all;
  }
}

/** Terraform's filters as EC2 takes them. */
function filters(given: Value | undefined): Members {
  const all = (Array.isArray(given) ? given : []).map((one) => ({
    Name: (one as Members).name,
    Values: (one as Members).values,
  }));
  return all.length > 0 ? { Filters: all } : {};
}

const text = (value: Value | undefined): string => String(value ?? "");

/** Functions of the SDK (`aws.getCallerIdentity`, ...), by token. */
export const invokes: Readonly<Record<string, Invoke>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": async (_args, session) => {
    const { Account, Arn, UserId } = await reading(session, "STS Caller Identity", "sts", "GetCallerIdentity", {});
    return { id: Account, accountId: Account, arn: Arn, userId: UserId };
  },
  "aws:index/getRegion:getRegion": async (args, session) => {
    const region = text(args.region ?? args.name) || session.region;
    return { id: region, name: region, region, description: region, endpoint: `ec2.${region}.amazonaws.com` };
  },
  "aws:index/getPartition:getPartition": async () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": async (_args, { region }) => ({
    id: region,
    region,
    names: ["a", "b", "c"].map((zone) => region + zone),
    zoneIds: ["az1", "az2", "az3"].map((zone) => `${region.replace(/^(..)-(.).*-(\d)$/, "$1$2$3")}-${zone}`),
    groupNames: [region],
  }),
  "aws:ec2/getVpc:getVpc": async (args, session) => {
    const ids = args.id ? { VpcIds: [text(args.id)] } : {};
    const found =
      args.default === true
        ? [defaultVpc(session)]
        : await everyPage(
            session,
            "EC2 VPCs",
            "ec2",
            "DescribeVpcs",
            { ...ids, ...filters(args.filters) },
            "Vpcs",
            text(args.id),
          );
    if (found.length !== 1)
      throw new ProviderFailure(
        found.length === 0
          ? "no matching EC2 VPC found"
          : "multiple EC2 VPCs matched; use additional constraints to reduce matches to a single EC2 VPC",
      );
    const [vpc] = found as [Members];
    return {
      id: vpc.VpcId,
      region: session.region,
      arn: session.arn("ec2", `vpc/${vpc.VpcId}`),
      cidrBlock: vpc.CidrBlock,
      default: vpc.IsDefault,
      state: vpc.State,
      dhcpOptionsId: vpc.DhcpOptionsId,
      instanceTenancy: vpc.InstanceTenancy,
      ownerId: session.accountId,
      tags: {},
    };
  },
  "aws:ec2/getSubnets:getSubnets": async (args, session) => {
    const inDefault = JSON.stringify(args.filters ?? []).includes(String(defaultVpc(session).VpcId));
    const found = inDefault
      ? []
      : await everyPage(session, "EC2 Subnets", "ec2", "DescribeSubnets", filters(args.filters), "Subnets", "");
    return {
      id: session.region,
      region: session.region,
      ids: inDefault ? defaultSubnetIds(session) : found.map((subnet) => subnet.SubnetId),
      tags: {},
    };
  },
  "aws:ssm/getParametersByPath:getParametersByPath": async (args, session) => {
    const path = text(args.path);
    const input = { Path: path, Recursive: args.recursive === true, WithDecryption: args.withDecryption !== false };
    const found = await everyPage(
      session,
      "SSM Parameters by path",
      "ssm",
      "GetParametersByPath",
      input,
      "Parameters",
      path,
    );
    const column = (member: string): unknown[] => found.map((parameter) => parameter[member]);
    return {
      id: path,
      path,
      region: session.region,
      recursive: input.Recursive,
      withDecryption: input.WithDecryption,
      arns: column("ARN"),
      names: column("Name"),
      types: column("Type"),
      values: column("Value"),
    };
  },
  "aws:ssm/getParameter:getParameter": async (args, session) => {
    const name = text(args.name);
    const { Parameter: parameter } = await reading(
      session,
      "SSM Parameter",
      "ssm",
      "GetParameter",
      { Name: name, WithDecryption: args.withDecryption !== false },
      name,
    );
    return {
      id: name,
      name,
      region: session.region,
      arn: parameter.ARN,
      type: parameter.Type,
      value: parameter.Value,
      insecureValue: parameter.Type === "SecureString" ? "" : parameter.Value,
      version: parameter.Version,
    };
  },
  "aws:s3/getBucket:getBucket": async (args, session) => {
    const bucket = text(args.bucket);
    await reading(session, "S3 Bucket", "s3", "HeadBucket", { Bucket: bucket }, bucket);
    return {
      id: bucket,
      bucket,
      arn: `arn:aws:s3:::${bucket}`,
      region: session.region,
      bucketRegion: session.region,
      bucketDomainName: `${bucket}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${bucket}.s3.${session.region}.amazonaws.com`,
      hostedZoneId: "",
    };
  },
  "aws:s3/getObject:getObject": async (args, session) => {
    const request = {
      Bucket: text(args.bucket),
      Key: text(args.key),
      ...(args.versionId ? { VersionId: text(args.versionId) } : {}),
    };
    const head = await reading(session, "S3 Object", "s3", "HeadObject", request, `${request.Bucket}/${request.Key}`);
    // As Terraform: the body only of what says it is text.
    const readable = /^(text\/|application\/(json|xml|yaml|x-yaml|javascript)\b)/.test(String(head.ContentType));
    const body = readable
      ? (await reading(session, "S3 Object", "s3", "GetObject", request, `${request.Bucket}/${request.Key}`)).Body
      : undefined;
    return {
      id: `${request.Bucket}/${request.Key}`,
      bucket: request.Bucket,
      key: request.Key,
      region: session.region,
      arn: `arn:aws:s3:::${request.Bucket}/${request.Key}`,
      body: body === undefined ? "" : Buffer.from(body as Uint8Array).toString("utf8"),
      contentType: head.ContentType,
      contentLength: head.ContentLength,
      etag: String(head.ETag ?? "").replaceAll('"', ""),
      versionId: head.VersionId ?? "",
      metadata: head.Metadata ?? {},
      lastModified: head.LastModified,
    };
  },
  "aws:ecr/getRepository:getRepository": async (args, session) => {
    const name = text(args.name);
    const { repositories } = await reading(
      session,
      "ECR Repository",
      "ecr",
      "DescribeRepositories",
      { repositoryNames: [name] },
      name,
    );
    const repository = (repositories as Members[] | undefined)?.[0] ?? {};
    return {
      id: name,
      name,
      region: session.region,
      arn: repository.repositoryArn,
      registryId: repository.registryId ?? session.accountId,
      repositoryUrl: `${session.accountId}.dkr.ecr.${session.region}.amazonaws.com/${name}`,
      imageTagMutability: repository.imageTagMutability,
      tags: {},
      mostRecentImageTags: [],
    };
  },
  "aws:ecr/getImage:getImage": async (args, session) => {
    const repository = text(args.repositoryName);
    const imageIds = args.imageDigest
      ? [{ imageDigest: args.imageDigest }]
      : args.imageTag
        ? [{ imageTag: args.imageTag }]
        : undefined;
    const found = await everyPage(
      session,
      "ECR Images",
      "ecr",
      "DescribeImages",
      { repositoryName: repository, ...(imageIds ? { imageIds } : {}) },
      "imageDetails",
      repository,
    );
    const newest = found.sort((a, b) => Number(b.imagePushedAt ?? 0) - Number(a.imagePushedAt ?? 0))[0];
    if (!newest) throw new ProviderFailure(`reading ECR Images: no image of repository ${repository} matches`);
    const registry = `${session.accountId}.dkr.ecr.${session.region}.amazonaws.com`;
    return {
      id: newest.imageDigest,
      repositoryName: repository,
      region: session.region,
      registryId: newest.registryId ?? session.accountId,
      imageDigest: newest.imageDigest,
      imageTags: newest.imageTags ?? [],
      imageTag: args.imageTag ?? "",
      imagePushedAt: Math.trunc(Number(new Date(newest.imagePushedAt as string)) / 1000),
      imageSizeInBytes: newest.imageSizeInBytes ?? 0,
      imageUri: `${registry}/${repository}@${String(newest.imageDigest)}`,
    };
  },
  "aws:iam/getRole:getRole": async (args, session) => {
    const name = text(args.name);
    const { Role: role } = await reading(session, "IAM Role", "iam", "GetRole", { RoleName: name }, name);
    const document = String(role.AssumeRolePolicyDocument ?? "");
    return {
      id: name,
      name,
      arn: role.Arn,
      uniqueId: role.RoleId,
      path: role.Path,
      assumeRolePolicy: document.startsWith("%") ? decodeURIComponent(document) : document,
      tags: {},
    };
  },
  "aws:kms/getAlias:getAlias": async (args, session) => {
    const name = text(args.name);
    const { KeyMetadata: key } = await reading(session, "KMS Alias", "kms", "DescribeKey", { KeyId: name }, name);
    return { id: name, name, arn: session.arn("kms", name), targetKeyArn: key.Arn, targetKeyId: key.KeyId };
  },
  "aws:kms/getKey:getKey": async (args, session) => {
    const shape = session.model("kms").shape("KeyMetadata");
    const { KeyMetadata: key } = await reading(
      session,
      "KMS Key",
      "kms",
      "DescribeKey",
      { KeyId: text(args.keyId) },
      text(args.keyId),
    );
    const properties = fromMember(shape, key);
    return { ...(isObject(properties) ? properties : {}), id: key.KeyId, keyId: args.keyId };
  },
};
