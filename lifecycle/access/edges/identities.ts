import { anyOf, type Family, need } from "./edge";

const newRole = "arn:aws:iam::{account}:role/*";

/** Becoming another by IAM itself: trust, rights, boundaries, keys of users, providers. `take a role` is asked apart, since trust policies decide about it. */
export const identities: Family = {
  name: "roles and their trust",
  requests: [
    {
      name: "edit a trust",
      says: "changes who may take a role, and takes it",
      source: "IAM API, UpdateAssumeRolePolicy",
      on: ["role"],
      ways: anyOf("iam:UpdateAssumeRolePolicy"),
      gives: ["as it"],
    },
    {
      name: "add rights",
      says: "adds a policy to a role, which then may whatever its boundary leaves",
      source: "IAM API, PutRolePolicy, AttachRolePolicy; `iam:PermissionsBoundary` is the boundary that the role has",
      on: ["role"],
      ways: [
        [need("iam:PutRolePolicy", "{arn}", { "iam:PermissionsBoundary": "{boundary}" })],
        [need("iam:AttachRolePolicy", "{arn}", { "iam:PermissionsBoundary": "{boundary}" })],
      ],
      gives: ["extends"],
    },
    {
      name: "drop a boundary",
      says: "takes a role's boundary away or puts another in its place",
      source: "IAM API, DeleteRolePermissionsBoundary, PutRolePermissionsBoundary",
      on: ["role"],
      ways: [
        [need("iam:DeleteRolePermissionsBoundary")],
        [
          need("iam:PutRolePermissionsBoundary", "{arn}", {
            "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess",
          }),
        ],
      ],
      gives: ["unbinds"],
    },
    {
      name: "rewrite a policy",
      says: "gives a managed policy, or a boundary, another text",
      source: "IAM API, CreatePolicyVersion with SetAsDefault",
      on: ["policy"],
      ways: anyOf("iam:CreatePolicyVersion"),
      gives: ["writes"],
    },
    {
      name: "make a role",
      says: "creates a role that trusts him, with every right that the boundary leaves which he must give it",
      source: 'IAM API, CreateRole; IAM user guide, "Permissions boundaries: delegating responsibility"',
      on: ["account"],
      ways: [
        [need("iam:CreateRole", newRole), need("iam:PutRolePolicy", newRole)],
        [need("iam:CreateRole", newRole), need("iam:AttachRolePolicy", newRole)],
      ],
      gives: ["as a new role"],
    },
    {
      name: "make a user",
      says: "creates a user with rights of his choice and a key for it",
      source: "IAM API, CreateUser, PutUserPolicy, CreateAccessKey",
      on: ["account"],
      ways: [
        [
          need("iam:CreateUser", "arn:aws:iam::{account}:user/*"),
          need("iam:PutUserPolicy", "arn:aws:iam::{account}:user/*"),
          need("iam:CreateAccessKey", "arn:aws:iam::{account}:user/*"),
        ],
      ],
      gives: ["as a new user"],
    },
    {
      name: "take a user's place",
      says: "makes a key or a password for somebody else",
      source: "IAM API, CreateAccessKey, CreateLoginProfile, UpdateLoginProfile",
      on: ["user"],
      ways: anyOf("iam:CreateAccessKey iam:CreateLoginProfile iam:UpdateLoginProfile"),
      gives: ["as its owner"],
    },
    {
      name: "edit an identity provider",
      says: "changes who vouches for people or workflows from outside",
      source: "IAM API, UpdateOpenIDConnectProviderThumbprint, AddClientIDToOpenIDConnectProvider, UpdateSAMLProvider",
      on: ["identity-provider"],
      ways: anyOf("iam:UpdateOpenIDConnectProviderThumbprint iam:DeleteOpenIDConnectProvider iam:UpdateSAMLProvider"),
      gives: ["writes"],
    },
  ],
  consequences: [
    {
      name: "take a role",
      says: "takes a role whose trust policy lets him, under a source identity of his choice where the trust leaves it",
      source:
        'STS API, AssumeRole; IAM user guide, "Monitor and control actions taken with assumed roles" (`sts:SourceIdentity`)',
    },
    {
      name: "use added rights",
      says: "acts as a role whose policies or boundary he changed",
      source: 'IAM user guide, "Policy evaluation logic"',
    },
    {
      name: "be vouched for",
      says: "is vouched for by a provider that he controls",
      source: 'IAM user guide, "Create an OpenID Connect identity provider"',
    },
  ],
};
