/** Roles of people, then the execution roles that services take. */
export const columns = {
  DS: "data-scientist",
  MLE: "ml-engineer",
  APP: "approver",
  AUD: "auditor",
  DEP: "deployer",
  "S-DS": "studio-data-scientist",
  "S-MLE": "studio-ml-engineer",
  PIPE: "pipeline-execution",
  TRAIN: "training-execution",
  PROC: "processing-execution",
  ENDP: "endpoint-execution",
  EXP: "experiment-anna",
} as const;
export type Column = keyof typeof columns;
export type MatrixRole = (typeof columns)[Column];

/** Roles that a person takes by STS; all others are taken by services alone. */
export const peopleOfMatrix: readonly MatrixRole[] = [
  "data-scientist",
  "ml-engineer",
  "approver",
  "auditor",
  "deployer",
];

/** Whose sessions the matrix is about: the source identity that a role's session carries, as the stacks list people. */
export const personOf: Readonly<Partial<Record<MatrixRole, string>>> = {
  "data-scientist": "anna",
  "ml-engineer": "ben",
  approver: "cleo",
  auditor: "dora",
  deployer: "emil",
  "studio-data-scientist": "anna",
  "studio-ml-engineer": "ben",
};

/**
 * What each role may do, written by hand and by nothing else: no cell is computed from the policies, so that a policy
 * which says too much or too little differs from it. One row is one request; the roles stand beside one another,
 * because that is how separation of duties is read: who may approve, and does anybody else? A role's own statements are
 * in `infra/identity/roles/`, and name its column here (`expected`).
 *
 * A cell names the environments (d, s, p for dev, staging, prod) whose role is allowed: on things of its own
 * environment, never on those of another; `-` is nowhere. A row with `*` is about things that belong to no environment.
 * Columns: people; Studio's notebooks; execution roles. Data scientists and their experiments exist in dev alone.
 */
export const expected = `
                                                      | DS  MLE APP AUD DEP | S-DS S-MLE | PIPE TRAIN PROC ENDP EXP
look
sagemaker:ListEndpoints               list            | d   dsp dsp dsp dsp | d    dsp   | -    -     -    -    -   | *
sagemaker:DescribeEndpoint            read            | d   dsp dsp dsp dsp | d    dsp   | -    -     -    -    -
sagemaker:DescribeModelPackage        read            | d   dsp dsp dsp dsp | d    dsp   | dsp  -     -    -    -
sagemaker:ListModelPackages           list            | d   dsp dsp dsp dsp | d    dsp   | dsp  -     -    -    -
sagemaker:ListPipelineExecutions      list            | d   dsp dsp dsp dsp | d    dsp   | -    -     -    -    -
cloudwatch:DescribeAlarms             list            | d   dsp dsp dsp dsp | d    dsp   | -    -     -    -    -   | *
logs:FilterLogEvents                  endpoint        | d   dsp dsp dsp -   | d    dsp   | -    -     -    -    -
logs:FilterLogEvents                  function        | d   dsp dsp dsp -   | d    dsp   | -    -     -    -    -
tag:GetResources                      list            | d   dsp dsp dsp -   | d    dsp   | -    -     -    -    -   | *
ce:GetCostAndUsage                    list            | -   -   -   dsp -   | -    -     | -    -     -    -    -   | *
experiment
sagemaker:CreateTrainingJob           own             | d   -   -   -   -   | d    -     | -    -     -    -    -
sagemaker:CreateTrainingJob           big-instance    | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:CreateTrainingJob           for-a-month     | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:CreateTrainingJob           wrong-role      | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:CreateTrainingJob           others-role     | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:CreateTrainingJob           pipelines-role  | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:StopTrainingJob             own             | d   -   -   -   -   | d    -     | -    -     -    -    -
sagemaker:CreateProcessingJob         own             | d   -   -   -   -   | d    -     | -    -     -    -    -
sagemaker:CreateProcessingJob         pipelines-role  | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:CreatePresignedMlflowAppUrl own             | d   dsp -   -   -   | d    dsp   | -    -     -    -    -
pipeline
sagemaker:CreatePipeline              own             | -   dsp -   -   dsp | -    dsp   | -    -     -    -    -
sagemaker:UpdatePipeline              own             | -   dsp -   -   dsp | -    dsp   | -    -     -    -    -
sagemaker:DeletePipeline              own             | -   dsp -   -   dsp | -    dsp   | -    -     -    -    -
sagemaker:StartPipelineExecution      own             | -   dsp -   -   -   | -    dsp   | -    -     -    -    -
sagemaker:StopPipelineExecution       own             | -   dsp -   -   -   | -    dsp   | -    -     -    -    -
sagemaker:CreateTrainingJob           pipeline        | -   -   -   -   -   | -    -     | dsp  -     -    -    -
sagemaker:CreateTrainingJob           pipeline-big    | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:CreateTrainingJob           pipeline-month  | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:CreateTrainingJob           pipeline-open   | -   -   -   -   -   | -    -     | d    -     -    -    -
lambda:InvokeFunction                 announce        | -   -   -   -   -   | -    -     | dsp  -     -    -    -
feedback
lambda:InvokeFunctionUrl              feedback        | -   dsp -   -   -   | -    -     | -    -     -    -    -
lambda:InvokeFunction                 feedback        | -   -   -   -   -   | -    -     | -    -     -    -    -
lambda:CreateFunctionUrlConfig        signed          | -   -   -   -   dsp | -    -     | -    -     -    -    -
lambda:CreateFunctionUrlConfig        open            | -   -   -   -   -   | -    -     | -    -     -    -    -
s3:GetObject                          labels          | -   dsp -   -   -   | -    -     | -    -     -    -    -
s3:PutObject                          labels          | -   -   -   -   -   | -    -     | -    -     -    -    -
front door
lambda:InvokeFunctionUrl              front-door      | -   p   -   -   -   | -    -     | -    -     -    -    -
lambda:InvokeFunction                 front-door      | -   -   -   -   -   | -    -     | -    -     -    -    -
s3:PutObject                          held            | -   -   -   -   -   | -    -     | -    -     -    -    -
s3:PutObject                          failover        | -   -   -   -   -   | -    -     | -    -     -    -    -
serve
sagemaker:CreateModel                 own             | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:CreateModel                 open            | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:CreateEndpointConfig        own             | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:CreateEndpointConfig        big-instance    | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:CreateEndpoint              own             | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:UpdateEndpoint              own             | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:UpdateEndpointWeightsAndCapacities own      | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:DeleteEndpoint              own             | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:InvokeEndpoint              own             | -   dsp -   -   -   | -    -     | -    -     -    -    -
approve
sagemaker:CreateModelPackage          pending         | -   -   -   -   -   | -    -     | dsp  -     -    -    -
sagemaker:CreateModelPackage          approved        | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:UpdateModelPackage          approve         | -   -   dsp -   -   | -    -     | -    -     -    -    -
sagemaker:UpdateModelPackage          reject          | -   -   dsp -   -   | -    -     | -    -     -    -    -
sagemaker:UpdateModelPackage          annotate        | -   -   -   -   -   | -    -     | -    -     -    -    -
kms:Sign                              decision        | -   -   dsp -   -   | -    -     | -    -     -    -    -
kms:GetPublicKey                      decision        | -   -   dsp dsp dsp | -    -     | -    -     -    -    -
kms:Sign                              log             | -   -   -   -   -   | -    -     | -    -     -    -    -
kms:GetPublicKey                      log             | -   -   -   dsp dsp | -    -     | -    -     -    -    -
sagemaker:DeleteModelPackage          own             | -   -   -   -   -   | -    -     | -    -     -    -    -
sagemaker:DeleteModelPackageGroup     own             | -   -   -   -   dsp | -    -     | -    -     -    -    -
ssm:GetParameter                      release         | -   -   -   dsp dsp | -    -     | -    -     -    -    -
ssm:PutParameter                      release         | -   -   -   -   -   | -    -     | -    -     -    -    -
codebuild:StartBuild                  release         | -   -   -   -   -   | -    -     | -    -     -    -    -
codebuild:UpdateProject               release         | -   -   -   -   -   | -    -     | -    -     -    -    -
tags
sagemaker:AddTags                     note            | -   -   -   -   dsp | -    -     | -    -     -    -    -
sagemaker:AddTags                     environment     | -   -   -   -   dsp | -    -     | -    -     -    -    -
sagemaker:DeleteTags                  environment     | -   -   -   -   dsp | -    -     | -    -     -    -    -
data
s3:ListBucket                         dataset         | d   dsp -   -   -   | d    dsp   | -    -     dsp  -    d   | *
s3:GetObject                          dataset         | d   dsp -   -   -   | d    dsp   | -    -     dsp  -    d   | *
s3:PutObject                          dataset         | -   -   -   -   -   | -    -     | -    -     -    -    -   | *
s3:DeleteObject                       dataset         | -   -   -   -   -   | -    -     | -    -     -    -    -   | *
s3:PutBucketPolicy                    dataset         | -   -   -   -   -   | -    -     | -    -     -    -    -   | *
s3:GetObject                          runs            | d   dsp dsp -   -   | d    dsp   | dsp  dsp   dsp  -    d
s3:GetObject                          evidence        | d   dsp dsp dsp -   | d    dsp   | dsp  dsp   dsp  -    d
s3:PutObject                          runs            | -   -   -   -   -   | -    -     | -    dsp   dsp  -    -
s3:GetObject                          mlflow          | d   dsp -   -   -   | d    dsp   | -    dsp   dsp  -    -
s3:PutObject                          mlflow          | -   -   -   -   -   | -    -     | -    dsp   dsp  -    -
s3:PutObject                          weights         | -   -   -   -   -   | -    -     | -    -     -    -    -
s3:PutObject                          checkpoints     | -   -   -   -   -   | -    -     | -    dsp   -    -    -
s3:PutObject                          champion        | -   -   -   -   -   | -    -     | -    -     -    -    -
s3:PutObject                          sources         | -   -   -   -   -   | -    -     | -    -     -    -    -
s3:PutObject                          users-anna      | d   -   -   -   -   | d    -     | -    -     -    -    d
s3:PutObject                          users-ben       | -   dsp -   -   -   | -    dsp   | -    -     -    -    -
s3:PutObject                          users-else      | -   -   -   -   -   | -    -     | -    -     -    -    -
s3:GetObject                          users-anna      | d   dsp -   -   -   | d    dsp   | -    -     -    -    d
s3:GetObject                          users-else      | d   dsp -   -   -   | d    dsp   | -    -     -    -    -
s3:GetObject                          releases        | -   dsp -   -   -   | -    -     | -    -     dsp  dsp  -
s3:PutObject                          releases        | -   -   -   -   -   | -    -     | -    -     -    -    -
s3:GetObject                          approvals       | -   dsp dsp dsp -   | -    -     | -    -     -    -    -
s3:PutObject                          approvals       | -   -   dsp -   -   | -    -     | -    -     -    -    -
s3:GetObject                          ledger          | -   dsp -   dsp -   | -    -     | -    -     -    -    -
s3:PutObject                          ledger          | -   -   -   -   -   | -    -     | -    -     -    -    -
s3:DeleteObject                       ledger          | -   -   -   -   -   | -    -     | -    -     -    -    -
s3:GetObject                          capture         | -   dsp -   -   -   | -    -     | -    -     -    -    -
s3:PutObject                          capture         | -   -   -   -   -   | -    -     | -    -     -    dsp  -
s3:PutBucketPolicy                    artifacts       | -   -   -   -   -   | -    -     | -    -     -    -    -
s3:DeleteBucket                       own             | -   -   -   -   -   | -    -     | -    -     -    -    -
kms:GenerateDataKey                   direct          | -   -   -   -   -   | -    -     | -    -     -    -    -
kms:CreateGrant                       direct          | -   -   -   -   -   | -    -     | -    -     -    -    -
kms:PutKeyPolicy                      own             | -   -   -   -   -   | -    -     | -    -     -    -    -
kms:ScheduleKeyDeletion               own             | -   -   -   -   -   | -    -     | -    -     -    -    -
identities
iam:GetRole                           service         | -   -   -   dsp dsp | -    -     | -    -     -    -    -
iam:CreateRole                        bounded         | -   -   -   -   -   | -    -     | -    -     -    -    -
iam:CreateRole                        unbounded       | -   -   -   -   -   | -    -     | -    -     -    -    -
iam:PutRolePolicy                     service         | -   -   -   -   -   | -    -     | -    -     -    -    -
iam:PutRolePolicy                     approver        | -   -   -   -   -   | -    -     | -    -     -    -    -
iam:UpdateAssumeRolePolicy            service         | -   -   -   -   -   | -    -     | -    -     -    -    -
iam:UpdateAssumeRolePolicy            approver        | -   -   -   -   -   | -    -     | -    -     -    -    -
iam:AttachRolePolicy                  administrator   | -   -   -   -   -   | -    -     | -    -     -    -    -
iam:DeleteRolePermissionsBoundary     service         | -   -   -   -   -   | -    -     | -    -     -    -    -
iam:CreatePolicyVersion               boundary        | -   -   -   -   -   | -    -     | -    -     -    -    -
iam:CreateUser                        any             | -   -   -   -   -   | -    -     | -    -     -    -    -   | *
sts:AssumeRole                        approver        | -   -   -   -   -   | -    -     | -    -     -    -    -
platform
cloudtrail:LookupEvents               list            | -   -   -   dsp -   | -    -     | -    -     -    -    -   | *
cloudtrail:GetTrailStatus             own             | -   -   -   dsp dsp | -    -     | -    -     -    -    -
cloudtrail:StopLogging                own             | -   -   -   -   -   | -    -     | -    -     -    -    -
cloudtrail:DeleteTrail                own             | -   -   -   -   -   | -    -     | -    -     -    -    -
logs:PutLogEvents                     job             | -   -   -   -   -   | d    dsp   | -    dsp   dsp  dsp  d   | *
logs:DeleteLogGroup                   function        | -   -   -   -   dsp | -    -     | -    -     -    -    -
cloudwatch:DeleteAlarms               own             | -   -   -   -   dsp | -    -     | -    -     -    -    -
lambda:UpdateFunctionCode             own             | -   -   -   -   dsp | -    -     | -    -     -    -    -
lambda:UpdateFunctionCode             release         | -   -   -   -   -   | -    -     | -    -     -    -    -
events:PutTargets                     own             | -   -   -   -   dsp | -    -     | -    -     -    -    -
events:PutTargets                     release         | -   -   -   -   -   | -    -     | -    -     -    -    -
events:DisableRule                    own             | -   -   -   -   -   | -    -     | -    -     -    -    -
sns:Publish                           alerts          | -   -   -   -   -   | -    -     | -    -     -    -    -
sqs:PurgeQueue                        own             | -   -   -   -   -   | -    -     | -    -     -    -    -
sqs:SendMessage                       trials          | -   -   -   -   -   | -    -     | d    -     -    -    -
sqs:SendMessage                       requests        | -   dsp -   -   -   | -    -     | -    -     -    -    -
sqs:SendMessage                       retraining      | -   d   -   -   -   | -    -     | -    -     -    -    -
ecr:BatchGetImage                     image           | -   -   -   -   -   | d    dsp   | -    dsp   dsp  dsp  d   | *
ecr:BatchDeleteImage                  image           | -   -   -   -   -   | -    -     | -    -     -    -    -   | *
ec2:DescribeVpcs                      list            | -   -   -   -   dsp | -    -     | -    sp    sp   sp   -   | *
ec2:DeleteVpc                         untagged        | -   -   -   -   -   | -    -     | -    -     -    -    -   | *
`;
