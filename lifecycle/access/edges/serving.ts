import { anyOf, type Family, need } from "./edge";

const sagemaker = (resource: string): string => `arn:aws:sagemaker:{region}:{account}:${resource}`;

/** Endpoints, containers with their variables and arguments, and the URLs and names by which people come in. */
export const serving: Family = {
  name: "endpoints, containers, doors",
  requests: [
    {
      name: "serve another model",
      says: "has an endpoint serve a model that he made, or one of another environment",
      source:
        "SageMaker API, CreateModel, CreateEndpointConfig: `ModelName`, UpdateEndpoint, CreateEndpoint; condition key `sagemaker:ModelArn`",
      on: ["endpoint"],
      ways: [
        need("sagemaker:CreateModel", sagemaker("model/*")),
        need("sagemaker:CreateEndpointConfig", sagemaker("endpoint-config/*"), {
          "sagemaker:ModelArn": sagemaker("model/of-somebody-else"),
        }),
      ].flatMap((model) => {
        const config = model.action.endsWith("Config")
          ? [model]
          : [model, need("sagemaker:CreateEndpointConfig", sagemaker("endpoint-config/*"))];
        return [
          [...config, need("sagemaker:UpdateEndpoint")],
          [...config, need("sagemaker:DeleteEndpoint"), need("sagemaker:CreateEndpoint")],
        ];
      }),
      gives: ["serves"],
    },
    {
      name: "serve an earlier release",
      says: "has an endpoint serve a configuration that is there, or none",
      source: "SageMaker API, UpdateEndpoint, DeleteEndpoint, CreateEndpoint",
      on: ["endpoint"],
      ways: anyOf("sagemaker:UpdateEndpoint sagemaker:DeleteEndpoint"),
      gives: ["turns back"],
    },
    {
      name: "set container variables",
      says: "makes a model whose container starts with variables of his choice, and has an endpoint run it",
      source: "SageMaker API, ContainerDefinition: `Environment`; Python documentation, PYTHON* variables",
      on: ["endpoint"],
      ways: [
        [
          need("sagemaker:CreateModel", sagemaker("model/*")),
          need("iam:PassRole", "{role}", { "iam:PassedToService": "sagemaker.amazonaws.com" }),
          need("sagemaker:CreateEndpointConfig", sagemaker("endpoint-config/*")),
          need("sagemaker:UpdateEndpoint"),
        ],
      ],
      gives: ["as its role"],
    },
    {
      name: "open a presigned door",
      says: "opens Studio or a notebook instance as somebody's profile",
      source: "SageMaker API, CreatePresignedDomainUrl, CreatePresignedNotebookInstanceUrl",
      on: ["profile"],
      ways: anyOf("sagemaker:CreatePresignedDomainUrl"),
      gives: ["as its role"],
    },
    {
      name: "open a presigned notebook",
      says: "opens a notebook instance",
      source: "SageMaker API, CreatePresignedNotebookInstanceUrl",
      on: ["notebook"],
      ways: anyOf("sagemaker:CreatePresignedNotebookInstanceUrl"),
      gives: ["as its role"],
    },
    {
      name: "start a pipeline",
      says: "starts a pipeline with parameters of his choice",
      source: "SageMaker API, StartPipelineExecution: `PipelineParameters`",
      on: ["pipeline"],
      ways: anyOf("sagemaker:StartPipelineExecution sagemaker:RetryPipelineExecution"),
      gives: ["instructs"],
    },
    {
      name: "call a function",
      says: "calls a function with an event of his choice",
      source: "Lambda API, Invoke",
      on: ["function"],
      ways: anyOf("lambda:InvokeFunction"),
      gives: ["instructs"],
    },
    {
      name: "send a message",
      says: "puts a message of his own into a queue, topic or bus",
      source: "SQS API, SendMessage; SNS API, Publish; EventBridge API, PutEvents (sources `aws.` are refused)",
      on: ["queue", "topic", "bus"],
      ways: anyOf("sqs:SendMessage sns:Publish events:PutEvents"),
      gives: ["instructs"],
    },
    {
      name: "start a build",
      says: "starts a build as it is",
      source: "CodeBuild API, StartBuild",
      on: ["project"],
      ways: anyOf("codebuild:StartBuild"),
      gives: ["instructs"],
    },
  ],
  consequences: [],
};
