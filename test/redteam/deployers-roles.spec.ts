import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { attack } from "./attack";
import { eventually } from "../support/eventually";
import { all, artifact, role, serving } from "./protected";
import { environments } from "../../contract/environments";
import type { Platform } from "./platform";

const everything = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});
const trusting = (arn: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: arn }, Action: ["sts:AssumeRole", "sts:SetSourceIdentity"] }],
  });
/** Keeps what an attack made from the next ones, when it was not refused. */
async function forget({ administrator: { iam } }: Platform, RoleName: string): Promise<void> {
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "all" })).catch(() => undefined);
  await iam.send(new DeleteRoleCommand({ RoleName })).catch(() => undefined);
}

describe("a deployer cannot become anybody", () => {
  for (const environment of environments)
    attack(
      `the deployer of ${environment} makes a role that trusts the deployer and takes the approver's, the ML engineer's and the auditor's`,
      {
        before: "reached: a session of each of them: one person approves and releases",
        unchanged: role(environment, "approver"),
        chain: async (steps, there) => {
          const emil = await there.as(environment, "deployer");
          const RoleName = `peregrine-${environment}-mine`;
          const own = there.roleArn(environment, "mine");
          const boundary = `arn:aws:iam::${there.accountId}:policy/peregrine/${environment}/peregrine-${environment}-boundary`;
          try {
            await steps.refused("iam:CreateRole", "makes a role", () =>
              emil.iam.send(
                new CreateRoleCommand({
                  RoleName,
                  Path: `/peregrine/${environment}/`,
                  AssumeRolePolicyDocument: trusting(there.roleArn(environment, "deployer")),
                  PermissionsBoundary: boundary,
                }),
              ),
            );
            await steps.refused("iam:PutRolePolicy", "gives it everything", () =>
              emil.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "all", PolicyDocument: everything })),
            );
            const mine = await steps.refused("sts:AssumeRole", "takes it", () =>
              eventually(() => there.take(emil, own, "emil")),
            );
            for (const other of ["approver", "ml-engineer", "auditor"])
              await steps.refused("sts:AssumeRole", `takes the role ${other}`, () =>
                there.take(mine, there.roleArn(environment, other), "emil"),
              );
          } finally {
            await forget(there, RoleName);
          }
        },
      },
    );

  for (const environment of environments)
    attack(`the deployer of ${environment} makes the pipeline's role trust the deployer`, {
      before:
        environment === "dev"
          ? "reached: the role, and with rights of its own making sources/, the next release build's program"
          : "reached: the role, and with rights of its own making the environment's data",
      unchanged: all(role(environment, "pipeline-execution"), artifact("dev", "sources/peregrine.zip")),
      chain: async (steps, there) => {
        const emil = await there.as(environment, "deployer");
        const RoleName = `peregrine-${environment}-pipeline-execution`;
        await steps.refused("iam:UpdateAssumeRolePolicy", "replaces its trust", () =>
          emil.iam.send(
            new UpdateAssumeRolePolicyCommand({
              RoleName,
              PolicyDocument: trusting(there.roleArn(environment, "deployer")),
            }),
          ),
        );
        await steps.refused("iam:PutRolePolicy", "gives it everything", () =>
          emil.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "all", PolicyDocument: everything })),
        );
        const pipeline = await steps.refused("sts:AssumeRole", "takes it", () =>
          there.take(emil, there.roleArn(environment, "pipeline-execution"), "emil"),
        );
        const key = environment === "dev" ? "sources/peregrine.zip" : "releases/red-team";
        await steps.refused("s3:PutObject", `writes ${key}`, () =>
          pipeline.s3.send(new PutObjectCommand({ Bucket: there.artifacts(environment), Key: key, Body: "mine" })),
        );
      },
    });

  attack(
    "the deployer of prod writes production's desired release, ledger, its head and released archives by a role of the deployer's making",
    {
      before: "reached: all of them",
      unchanged: all(serving("prod"), artifact("prod", "ledger/ledger.jsonl"), artifact("prod", "releases/red-team")),
      chain: async (steps, there) => {
        const emil = await there.as("prod", "deployer");
        const RoleName = "peregrine-prod-mine";
        try {
          await steps.refused("iam:CreateRole", "makes a role", () =>
            emil.iam.send(
              new CreateRoleCommand({
                RoleName,
                Path: "/peregrine/prod/",
                AssumeRolePolicyDocument: trusting(there.roleArn("prod", "deployer")),
                PermissionsBoundary: `arn:aws:iam::${there.accountId}:policy/peregrine/prod/peregrine-prod-boundary`,
              }),
            ),
          );
          await steps.refused("iam:PutRolePolicy", "gives it everything", () =>
            emil.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "all", PolicyDocument: everything })),
          );
          const mine = await steps.refused("sts:AssumeRole", "takes it", () =>
            there.take(emil, there.roleArn("prod", "mine"), "emil"),
          );
          for (const name of ["release", "ledger-head"])
            await steps.refused("ssm:PutParameter", `writes /peregrine/prod/${name}`, () =>
              mine.ssm.send(
                new PutParameterCommand({ Name: `/peregrine/prod/${name}`, Value: "mine", Overwrite: true }),
              ),
            );
          for (const Key of ["ledger/ledger.jsonl", "releases/red-team"])
            await steps.refused("s3:PutObject", `writes ${Key}`, () =>
              mine.s3.send(new PutObjectCommand({ Bucket: there.artifacts("prod"), Key, Body: "mine" })),
            );
        } finally {
          await forget(there, RoleName);
        }
      },
    },
  );

  attack("the deployer of dev widens the role of what announces candidates", {
    before: "reached: an inline policy of the deployer's on a service's role",
    unchanged: role("dev", "announce-candidate"),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("iam:PutRolePolicy", "adds a policy", () =>
        emil.iam.send(
          new PutRolePolicyCommand({
            RoleName: "peregrine-dev-announce-candidate",
            PolicyName: "more",
            PolicyDocument: everything,
          }),
        ),
      );
    },
  });

  for (const name of ["approver", "release-build", "release-request", "staging-trial", "deployer"])
    attack(`the deployer of dev changes the trust of ${name}`, {
      before: "held: refused at the first request",
      unchanged: role("dev", name),
      chain: async (steps, there) => {
        const emil = await there.as("dev", "deployer");
        await steps.refused("iam:UpdateAssumeRolePolicy", "replaces its trust", () =>
          emil.iam.send(
            new UpdateAssumeRolePolicyCommand({
              RoleName: `peregrine-dev-${name}`,
              PolicyDocument: trusting(there.roleArn("dev", "deployer")),
            }),
          ),
        );
      },
    });

  attack("the deployer of dev widens the boundary of a role", {
    before: "held: refused at the first request",
    unchanged: role("dev", "pipeline-execution"),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      const RoleName = "peregrine-dev-pipeline-execution";
      await steps.refused("iam:PutRolePermissionsBoundary", "changes its boundary", () =>
        emil.iam.send(
          new PutRolePermissionsBoundaryCommand({
            RoleName,
            PermissionsBoundary: "arn:aws:iam::aws:policy/AdministratorAccess",
          }),
        ),
      );
    },
  });

  attack("the deployer of dev attaches a policy of AWS to a role", {
    before: "held: refused at the first request",
    unchanged: role("dev", "pipeline-execution"),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("iam:AttachRolePolicy", "attaches it", () =>
        emil.iam.send(
          new AttachRolePolicyCommand({
            RoleName: "peregrine-dev-pipeline-execution",
            PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
          }),
        ),
      );
    },
  });

  for (const service of [
    "pipeline-execution",
    "processing-execution",
    "training-execution",
    "endpoint-execution",
    "release-build",
    "staging-trial",
    "night-schedule",
  ])
    attack(`a person takes the role ${service}, which is a service's`, {
      before: "held: refused by the trust policy",
      chain: async (steps, there) => {
        await steps.refused("sts:AssumeRole", "takes it", () =>
          there.take(there.people.own("ben"), there.roleArn("dev", service), "ben"),
        );
      },
    });
});
