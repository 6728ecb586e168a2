import { startLocalCloud } from "/work/main/local/server";
import { IAMClient, CreateRoleCommand, PutRolePolicyCommand, GetRolePolicyCommand, ListRolesCommand, GetRoleCommand } from "@aws-sdk/client-iam";
import { STSClient, GetCallerIdentityCommand, AssumeRoleCommand, AssumeRoleWithWebIdentityCommand } from "@aws-sdk/client-sts";
import { SSMClient, PutParameterCommand, GetParameterCommand, GetParametersByPathCommand } from "@aws-sdk/client-ssm";
import { S3Client, CreateBucketCommand, PutObjectCommand, GetObjectCommand, ListObjectsV2Command, PutBucketPolicyCommand } from "@aws-sdk/client-s3";
(async () => {
  const cloud = await startLocalCloud({ venv: "/work/main/.venv", speed: 60 });
  try {
  const base = { endpoint: cloud.url, region: "eu-central-1", maxAttempts: 1 };
  const admin = { ...base, credentials: cloud.administrator };
  console.log(await new STSClient(admin).send(new GetCallerIdentityCommand({})).then(r => r.Arn));
  const iam = new IAMClient(admin);
  const trust = JSON.stringify({Version:"2012-10-17",Statement:[{Effect:"Allow",Principal:{AWS:"111122223333"},Action:"sts:AssumeRole"}]});
  const r = await iam.send(new CreateRoleCommand({ RoleName: "data-scientist", Path: "/peregrine/dev/", AssumeRolePolicyDocument: trust, Tags:[{Key:"a",Value:"b"}] }));
  await iam.send(new PutRolePolicyCommand({ RoleName: "data-scientist", PolicyName: "p", PolicyDocument: JSON.stringify({Version:"2012-10-17",Statement:[{Effect:"Allow",Action:["ssm:GetParameter","ssm:GetParametersByPath"],Resource:"arn:aws:ssm:*:*:parameter/peregrine/dev/*"},{Effect:"Allow",Action:["s3:GetObject"],Resource:"arn:aws:s3:::data/*"},{Effect:"Allow",Action:["s3:ListBucket"],Resource:"arn:aws:s3:::data"}]}) }));
  console.log((await iam.send(new GetRolePolicyCommand({ RoleName: "data-scientist", PolicyName: "p" }))).PolicyDocument!.slice(0,60));
  console.log((await iam.send(new GetRoleCommand({ RoleName: "data-scientist" }))).Role);
  const a = await new STSClient(admin).send(new AssumeRoleCommand({ RoleArn: r.Role!.Arn, RoleSessionName: "me" }));
  const C = a.Credentials!; const mine = { ...base, credentials: { accessKeyId: C.AccessKeyId!, secretAccessKey: C.SecretAccessKey!, sessionToken: C.SessionToken! } };
  console.log(C.Expiration);
  const say = async (what: string, p: Promise<any>) => console.log(what, await p.then(() => "ok", e => `${e.name} ${e.$metadata?.httpStatusCode}: ${e.message}`));
  await say("put param admin", new SSMClient(admin).send(new PutParameterCommand({ Name: "/peregrine/dev/release", Value: "1", Type: "String" })));
  await say("get param", new SSMClient(mine).send(new GetParameterCommand({ Name: "/peregrine/dev/release" })));
  await say("get param prod", new SSMClient(mine).send(new GetParameterCommand({ Name: "/peregrine/prod/release" })));
  await say("by path", new SSMClient(mine).send(new GetParametersByPathCommand({ Path: "/peregrine/dev/" })));
  const s3a = new S3Client({ ...admin, forcePathStyle: true }), s3 = new S3Client({ ...mine, forcePathStyle: true });
  await say("create bucket", s3a.send(new CreateBucketCommand({ Bucket: "data", CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } })));
  await say("put admin", s3a.send(new PutObjectCommand({ Bucket: "data", Key: "k", Body: "x" })));
  await say("get", s3.send(new GetObjectCommand({ Bucket: "data", Key: "k" })));
  await say("list", s3.send(new ListObjectsV2Command({ Bucket: "data" })));
  await say("put", s3.send(new PutObjectCommand({ Bucket: "data", Key: "k", Body: "x" })));
  await say("bucket policy", s3a.send(new PutBucketPolicyCommand({ Bucket: "data", Policy: JSON.stringify({Version:"2012-10-17",Statement:[{Effect:"Deny",Principal:"*",Action:"s3:GetObject",Resource:"arn:aws:s3:::data/*",Condition:{ArnLike:{"aws:PrincipalArn":"arn:aws:iam::*:role/peregrine/dev/*"}}}]}) })));
  await say("get denied", s3.send(new GetObjectCommand({ Bucket: "data", Key: "k" })));
  await say("admin still gets", s3a.send(new GetObjectCommand({ Bucket: "data", Key: "k" })));
  await say("iam list", new IAMClient(mine).send(new ListRolesCommand({})));
  await say("bad trust", iam.send(new CreateRoleCommand({ RoleName: "x", AssumeRolePolicyDocument: '{"foo":1}' })));
  await say("web identity", new STSClient({ ...base, credentials: undefined as any }).send(new AssumeRoleWithWebIdentityCommand({ RoleArn: r.Role!.Arn, RoleSessionName: "me", WebIdentityToken: "a.e30.c" })));
  } finally { await cloud.stop(); }
})().catch(e => { console.error(e); process.exit(1); });
