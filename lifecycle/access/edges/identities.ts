import { anyOf, type EdgeFamily, requires } from "./edge";

const newRole = "arn:aws:iam::{account}:role/*";

/**
 * Becoming another by IAM itself: trust, rights, boundaries, keys of users, providers. `take a role` is asked apart,
 * since trust policies decide about it.
 */
export const identities: EdgeFamily = {
  name: "roles and their trust",
  requests: [
    {
      name: "edit a trust",
      says: "changes who may take a role, and takes it",
      source: "IAM API, UpdateAssumeRolePolicy",
      targets: ["role"],
      alternatives: anyOf("iam:UpdateAssumeRolePolicy"),
      postconditions: ["as it"],
    },
    {
      name: "add rights",
      says: "adds a policy to a role, which then may whatever its boundary leaves",
      source: "IAM API, PutRolePolicy, AttachRolePolicy; `iam:PermissionsBoundary` is the boundary that the role has",
      targets: ["role"],
      alternatives: [
        [requires("iam:PutRolePolicy", "{arn}", { "iam:PermissionsBoundary": "{boundary}" })],
        [requires("iam:AttachRolePolicy", "{arn}", { "iam:PermissionsBoundary": "{boundary}" })],
      ],
      postconditions: ["extends"],
    },
    {
      name: "drop a boundary",
      says: "takes a role's boundary away or puts another in its place",
      source: "IAM API, DeleteRolePermissionsBoundary, PutRolePermissionsBoundary",
      targets: ["role"],
      alternatives: [
        [requires("iam:DeleteRolePermissionsBoundary")],
        [
          requires("iam:PutRolePermissionsBoundary", "{arn}", {
            "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess",
          }),
        ],
      ],
      postconditions: ["unbinds"],
    },
    {
      name: "rewrite a policy",
      says: "gives a managed policy, or a boundary, another text",
      source: "IAM API, CreatePolicyVersion with SetAsDefault",
      targets: ["policy"],
      alternatives: anyOf("iam:CreatePolicyVersion"),
      postconditions: ["writes"],
    },
    {
      name: "make a role",
      says: "creates a role that trusts him, with every right that the boundary leaves which he must give it",
      source: 'IAM API, CreateRole; IAM user guide, "Permissions boundaries: delegating responsibility"',
      targets: ["account"],
      alternatives: [
        [requires("iam:CreateRole", newRole), requires("iam:PutRolePolicy", newRole)],
        [requires("iam:CreateRole", newRole), requires("iam:AttachRolePolicy", newRole)],
      ],
      postconditions: ["as a new role"],
    },
    {
      name: "make a user",
      says: "creates a user with rights of his choice and a key for it",
      source: "IAM API, CreateUser, PutUserPolicy, CreateAccessKey",
      targets: ["account"],
      alternatives: [
        [
          requires("iam:CreateUser", "arn:aws:iam::{account}:user/*"),
          requires("iam:PutUserPolicy", "arn:aws:iam::{account}:user/*"),
          requires("iam:CreateAccessKey", "arn:aws:iam::{account}:user/*"),
        ],
      ],
      postconditions: ["as a new user"],
    },
    {
      name: "take a user's place",
      says: "makes a key or a password for somebody else",
      source: "IAM API, CreateAccessKey, CreateLoginProfile, UpdateLoginProfile",
      targets: ["user"],
      alternatives: anyOf("iam:CreateAccessKey iam:CreateLoginProfile iam:UpdateLoginProfile"),
      postconditions: ["as its owner"],
    },
    {
      name: "edit an identity provider",
      says: "changes who vouches for people or workflows from outside",
      source: "IAM API, UpdateOpenIDConnectProviderThumbprint, AddClientIDToOpenIDConnectProvider, UpdateSAMLProvider",
      targets: ["identity-provider"],
      alternatives: anyOf(
        "iam:UpdateOpenIDConnectProviderThumbprint iam:DeleteOpenIDConnectProvider iam:UpdateSAMLProvider",
      ),
      postconditions: ["writes"],
    },
  ],
  derived: [
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
