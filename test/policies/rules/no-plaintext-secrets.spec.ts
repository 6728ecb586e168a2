import { noPlaintextSecrets as rule } from "../../../policies/rules/no-plaintext-secrets";
import { describeRule, unknownText } from "../../support/policy";

const lambda = "aws:lambda/function:Function";
const project = "aws:codebuild/project:Project";
const variables = (values: Record<string, unknown>) => ({ environment: { variables: values } });

describeRule(rule, {
  refuses: {
    "a password of a function": [lambda, variables({ DB_PASSWORD: "x" }), /DB_PASSWORD reads like a secret/],
    "a token that a preview does not know": [lambda, variables({ GITHUB_TOKEN: unknownText }), /GITHUB_TOKEN/],
    "an access key under another name": [
      lambda,
      variables({ WHO: "AKIAIOSFODNN7EXAMPLE" }),
      /The value of WHO is a credential/,
    ],
    "a private key": [lambda, variables({ PEM: "-----BEGIN RSA PRIVATE KEY-----" }), /PEM is a credential/],
    "a secret of a container that serves": [
      "aws:sagemaker/model:Model",
      { primaryContainer: { environment: { API_KEY: "x" } } },
      /API_KEY/,
    ],
    "a secret of a job": [
      "aws:sagemaker/pipeline:Pipeline",
      {
        pipelineDefinition: JSON.stringify({
          Steps: [{ Name: "Train", Type: "Training", Arguments: { Environment: { WANDB_API_KEY: "x" } } }],
        }),
      },
      /Step Train: The variable WANDB_API_KEY/,
    ],
    "a plain variable of a build": [
      project,
      { environment: { environmentVariables: [{ name: "NPM_TOKEN", value: "x" }] } },
      /NPM_TOKEN/,
    ],
    "a plain parameter": [
      "aws:ssm/parameter:Parameter",
      { type: "String", value: "x" },
      /reads like a secret, and its type is String/,
      { name: "database-password" },
    ],
  },
  accepts: {
    "the name of a secret": [
      lambda,
      variables({ DB_PASSWORD_ARN: "arn:aws:secretsmanager:::x", TOKEN_PARAMETER: "/a/b" }),
    ],
    "other variables": [lambda, variables({ TOPIC_ARN: unknownText, MODEL_SHA256: "ab", TOKENIZER: "bpe" })],
    "a function without variables": [lambda, {}],
    "a secret that a build fetches itself": [
      project,
      { environment: { environmentVariables: [{ name: "NPM_TOKEN", value: "npm:token", type: "SECRETS_MANAGER" }] } },
    ],
    "an encrypted parameter": [
      "aws:ssm/parameter:Parameter",
      { type: "SecureString", value: "x" },
      ,
      { name: "database-password" },
    ],
  },
  ignores: ["aws:sns/topic:Topic"],
  stoppedBy: { "variables that a preview does not know": [lambda, { environment: unknownText }, /environment/] },
});
