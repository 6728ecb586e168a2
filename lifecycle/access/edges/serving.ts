import { anyOf, type EdgeFamily, requires } from "./edge";

const sagemaker = (resource: string): string => `arn:aws:sagemaker:{region}:{account}:${resource}`;

/** Endpoints, containers with their variables and arguments, and the URLs and names by which people come in. */
export const serving: EdgeFamily = {
  name: "endpoints, containers, doors",
  requests: [
    {
      name: "serve another model",
      says: "has an endpoint serve a model that he made, or one of another environment",
      source:
        "SageMaker API, CreateModel, CreateEndpointConfig: `ModelName`, UpdateEndpoint, CreateEndpoint; condition key `sagemaker:ModelArn`",
      targets: ["endpoint"],
      alternatives: [
        requires("sagemaker:CreateModel", sagemaker("model/*")),
        requires("sagemaker:CreateEndpointConfig", sagemaker("endpoint-config/*"), {
          "sagemaker:ModelArn": sagemaker("model/of-somebody-else"),
        }),
      ].flatMap((model) => {
        const config = model.action.endsWith("Config")
          ? [model]
          : [model, requires("sagemaker:CreateEndpointConfig", sagemaker("endpoint-config/*"))];
        return [
          [...config, requires("sagemaker:UpdateEndpoint")],
          [...config, requires("sagemaker:DeleteEndpoint"), requires("sagemaker:CreateEndpoint")],
        ];
      }),
      postconditions: ["serves"],
    },
    {
      name: "serve an earlier release",
      says: "has an endpoint serve a configuration that is there, or none",
      source: "SageMaker API, UpdateEndpoint, DeleteEndpoint, CreateEndpoint",
      targets: ["endpoint"],
      alternatives: anyOf("sagemaker:UpdateEndpoint sagemaker:DeleteEndpoint"),
      postconditions: ["turns back"],
    },
    {
      name: "set container variables",
      says: "makes a model whose container starts with variables of his choice, and has an endpoint run it",
      source: "SageMaker API, ContainerDefinition: `Environment`; Python documentation, PYTHON* variables",
      targets: ["endpoint"],
      alternatives: [
        [
          requires("sagemaker:CreateModel", sagemaker("model/*")),
          requires("iam:PassRole", "{role}", { "iam:PassedToService": "sagemaker.amazonaws.com" }),
          requires("sagemaker:CreateEndpointConfig", sagemaker("endpoint-config/*")),
          requires("sagemaker:UpdateEndpoint"),
        ],
      ],
      postconditions: ["as its role"],
    },
    {
      name: "open a presigned door",
      says: "opens Studio or a notebook instance as somebody's profile",
      source: "SageMaker API, CreatePresignedDomainUrl, CreatePresignedNotebookInstanceUrl",
      targets: ["profile"],
      alternatives: anyOf("sagemaker:CreatePresignedDomainUrl"),
      postconditions: ["as its role"],
    },
    {
      name: "open a presigned notebook",
      says: "opens a notebook instance",
      source: "SageMaker API, CreatePresignedNotebookInstanceUrl",
      targets: ["notebook"],
      alternatives: anyOf("sagemaker:CreatePresignedNotebookInstanceUrl"),
      postconditions: ["as its role"],
    },
    {
      name: "start a pipeline",
      says: "starts a pipeline with parameters of his choice",
      source: "SageMaker API, StartPipelineExecution: `PipelineParameters`",
      targets: ["pipeline"],
      alternatives: anyOf("sagemaker:StartPipelineExecution sagemaker:RetryPipelineExecution"),
      postconditions: ["instructs"],
    },
    {
      name: "call a function",
      says: "calls a function with an event of his choice",
      source: "Lambda API, Invoke",
      targets: ["function"],
      alternatives: anyOf("lambda:InvokeFunction"),
      postconditions: ["instructs"],
    },
    {
      name: "send a message",
      says: "puts a message of his own into a queue, topic or bus",
      source: "SQS API, SendMessage; SNS API, Publish; EventBridge API, PutEvents (sources `aws.` are refused)",
      targets: ["queue", "topic", "bus"],
      alternatives: anyOf("sqs:SendMessage sns:Publish events:PutEvents"),
      postconditions: ["instructs"],
    },
    {
      name: "start a build",
      says: "starts a build as it is",
      source: "CodeBuild API, StartBuild",
      targets: ["project"],
      alternatives: anyOf("codebuild:StartBuild"),
      postconditions: ["instructs"],
    },
  ],
  derived: [],
};
