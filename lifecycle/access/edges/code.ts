import { anyOf, type EdgeFamily, requires } from "./edge";

const sagemaker = (resource: string): string => `arn:aws:sagemaker:{region}:{account}:${resource}`;
const override = (key: string, value = "probe"): ReturnType<typeof requires> =>
  requires("codebuild:StartBuild", "{arn}", { [key.split(".")[0]!]: "true", [key]: value });

/** New code for what runs already. */
export const code: EdgeFamily = {
  name: "new code for what runs already",
  requests: [
    {
      name: "replace function code",
      says: "gives a function other code, or another handler, layer or variables",
      source: "Lambda API, UpdateFunctionCode, UpdateFunctionConfiguration (`Layers`, `Handler`, `Environment`)",
      targets: ["function"],
      alternatives: anyOf("lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration"),
      postconditions: ["as its role"],
    },
    {
      name: "remake a function",
      says: "deletes a function and makes one of its name, which keeps its role by the trust of whoever may pass it",
      source: "Lambda API, PublishLayerVersion; a layer that a function names by version is immutable",
      targets: ["function"],
      alternatives: [
        [
          requires("lambda:DeleteFunction"),
          requires("lambda:CreateFunction"),
          requires("iam:PassRole", "{role}", { "iam:PassedToService": "lambda.amazonaws.com" }),
        ],
      ],
      postconditions: ["as its role"],
    },
    {
      name: "override a build",
      says: "starts a build with a buildspec, source, image or variables of his own",
      source:
        "CodeBuild API, StartBuild: `buildspecOverride`, `sourceLocationOverride`, `imageOverride`, `environmentVariablesOverride`; Service Authorization Reference, CodeBuild: `codebuild:source.buildspec` and others",
      targets: ["project"],
      alternatives: [
        [override("codebuild:source.buildspec")],
        [override("codebuild:source.location")],
        [override("codebuild:environment.image")],
        [override("codebuild:environment.environmentVariables.name", "NODE_OPTIONS")],
      ],
      postconditions: ["as its role"],
    },
    {
      name: "change a project",
      says: "gives a build project another source, buildspec or image",
      source: "CodeBuild API, UpdateProject",
      targets: ["project"],
      alternatives: anyOf("codebuild:UpdateProject"),
      postconditions: ["as its role"],
    },
    {
      name: "rewrite a pipeline",
      says: "gives a pipeline other steps, which its role runs at the next start",
      source:
        "SageMaker API, UpdatePipeline: `RoleArn` is optional, so that PassRole is not asked without it (believed)",
      targets: ["pipeline"],
      alternatives: anyOf("sagemaker:UpdatePipeline"),
      postconditions: ["as its role"],
    },
    {
      name: "rewrite a lifecycle script",
      says: "puts another script under the name that apps start with, or another name into the domain or profile",
      source:
        "SageMaker API, CreateStudioLifecycleConfig, DeleteStudioLifecycleConfig, UpdateDomain, UpdateUserProfile: `LifecycleConfigArns`",
      targets: ["lifecycle-script"],
      alternatives: [
        [requires("sagemaker:DeleteStudioLifecycleConfig"), requires("sagemaker:CreateStudioLifecycleConfig")],
        [
          requires("sagemaker:CreateStudioLifecycleConfig", sagemaker("studio-lifecycle-config/*")),
          requires("sagemaker:UpdateDomain", sagemaker("domain/*")),
        ],
        [
          requires("sagemaker:CreateStudioLifecycleConfig", sagemaker("studio-lifecycle-config/*")),
          requires("sagemaker:UpdateUserProfile", sagemaker("user-profile/*")),
        ],
      ],
      postconditions: ["writes"],
    },
    {
      name: "start somebody's app",
      says: "starts an app in somebody else's profile or space, with an image or a script of his own",
      source: "SageMaker API, CreateApp: `ResourceSpec`; UpdateSpace",
      targets: ["profile"],
      alternatives: [[requires("sagemaker:CreateApp", sagemaker("app/*/{name}/*"))]],
      postconditions: ["as its role"],
    },
    {
      name: "edit a notebook instance",
      says: "opens a notebook instance, or changes what it runs when it starts",
      source: "SageMaker API, UpdateNotebookInstance, UpdateNotebookInstanceLifecycleConfig",
      targets: ["notebook"],
      alternatives: anyOf("sagemaker:UpdateNotebookInstance sagemaker:UpdateNotebookInstanceLifecycleConfig"),
      postconditions: ["as its role"],
    },
    {
      name: "replace an image",
      says: "puts another image under a tag that is there already",
      source:
        'ECR API, PutImage, BatchDeleteImage, PutImageTagMutability; ECR user guide, "Preventing image tags from being overwritten"',
      targets: ["repository"],
      alternatives: [
        [requires("ecr:BatchDeleteImage"), requires("ecr:PutImage")],
        [requires("ecr:PutImageTagMutability"), requires("ecr:PutImage")],
        [requires("ecr:DeleteRepository"), requires("ecr:CreateRepository"), requires("ecr:PutImage")],
      ],
      postconditions: ["writes"],
    },
  ],
  derived: [
    {
      name: "source archive runs",
      says: "what lies in a build's source runs as the build's role",
      source: "CodeBuild API, ProjectSource of type S3",
    },
    {
      name: "image runs",
      says: "jobs and endpoints run the image as their roles",
      source: 'SageMaker developer guide, "How Amazon SageMaker AI runs your training image"',
    },
    {
      name: "script runs",
      says: "a lifecycle script, or what it installs, runs in every app as the profile's role",
      source: 'SageMaker developer guide, "Lifecycle configurations within Studio"',
    },
    {
      name: "definition runs",
      says: "a pipeline takes its steps from the definition that lies in S3 when it is updated",
      source: "SageMaker API, UpdatePipeline: `PipelineDefinitionS3Location`",
    },
  ],
};
