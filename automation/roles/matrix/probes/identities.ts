import {
  AttachRolePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRolePermissionsBoundaryCommand,
  GetRoleCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { environmentPath } from "../../../../contract/names";
import type { Clients } from "../clients";
import type { Target } from "../target";
import type { Need, Probe, Probes } from "./probe";

/** No policy language at all: IAM refuses it after it was asked whether the caller may. */
const malformed = "{}";
const serviceRole = "training-execution";

/** A request about a role that exists, under the environment's boundary. */
const onRole = (
  operation: string,
  role: string,
  context: (target: Target) => Need["context"],
  send: (clients: Clients, roleName: string, target: Target) => Promise<unknown>,
): Probe => ({
  needs: (target) => {
    const given = context(target);
    return [{ action: `iam:${operation}`, resource: target.roleArn(role), ...(given ? { context: given } : {}) }];
  },
  send: (clients, target) => send(clients, target.roleName(role), target),
});

const bounded = (target: Target) => ({ "iam:PermissionsBoundary": target.policyArn("boundary") });
const administrator = "arn:aws:iam::aws:policy/AdministratorAccess";

const createRole = (boundary: (target: Target) => string | undefined): Probe => ({
  needs: (target) => {
    const arn = boundary(target);
    return [
      {
        action: "iam:CreateRole",
        resource: target.roleArn("probe"),
        ...(arn ? { context: { "iam:PermissionsBoundary": arn } } : {}),
      },
    ];
  },
  send: ({ iam }, target) =>
    iam.send(
      new CreateRoleCommand({
        RoleName: target.roleName("probe"),
        Path: environmentPath(target.environment),
        AssumeRolePolicyDocument: malformed,
        PermissionsBoundary: boundary(target),
      }),
    ),
});

export const identityProbes: Probes = {
  "iam:GetRole service": onRole(
    "GetRole",
    serviceRole,
    () => undefined,
    ({ iam }, RoleName) => iam.send(new GetRoleCommand({ RoleName })),
  ),
  "iam:CreateRole bounded": createRole((target) => target.policyArn("boundary")),
  "iam:CreateRole unbounded": createRole(() => undefined),
  "iam:PutRolePolicy service": onRole("PutRolePolicy", serviceRole, bounded, ({ iam }, RoleName) =>
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "probe", PolicyDocument: malformed })),
  ),
  "iam:PutRolePolicy approver": onRole("PutRolePolicy", "approver", bounded, ({ iam }, RoleName) =>
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "probe", PolicyDocument: malformed })),
  ),
  "iam:UpdateAssumeRolePolicy service": onRole(
    "UpdateAssumeRolePolicy",
    serviceRole,
    () => undefined,
    ({ iam }, RoleName) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: malformed })),
  ),
  "iam:UpdateAssumeRolePolicy approver": onRole(
    "UpdateAssumeRolePolicy",
    "approver",
    () => undefined,
    ({ iam }, RoleName) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: malformed })),
  ),
  "iam:AttachRolePolicy administrator": onRole(
    "AttachRolePolicy",
    serviceRole,
    (target) => ({ ...bounded(target), "iam:PolicyARN": administrator }),
    ({ iam }, RoleName) => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: administrator })),
  ),
  "iam:DeleteRolePermissionsBoundary service": onRole(
    "DeleteRolePermissionsBoundary",
    serviceRole,
    bounded,
    ({ iam }, RoleName) => iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })),
  ),
  "iam:CreatePolicyVersion boundary": {
    needs: (target) => [{ action: "iam:CreatePolicyVersion", resource: target.policyArn("boundary") }],
    send: ({ iam }, target) =>
      iam.send(new CreatePolicyVersionCommand({ PolicyArn: target.policyArn("boundary"), PolicyDocument: malformed })),
  },
  "iam:CreateUser any": {
    needs: ({ accountId, probe }) => [
      { action: "iam:CreateUser", resource: `arn:aws:iam::${accountId}:user/${probe}` },
    ],
    send: ({ iam }, { probe }) => iam.send(new CreateUserCommand({ UserName: probe })),
  },
  "sts:AssumeRole approver": {
    needs: (target) => [
      { action: "sts:AssumeRole", resource: target.roleArn("approver"), context: { "sts:RoleSessionName": "probe" } },
    ],
    send: ({ sts }, target) =>
      sts.send(new AssumeRoleCommand({ RoleArn: target.roleArn("approver"), RoleSessionName: "probe" })),
  },
};
