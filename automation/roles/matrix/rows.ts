import { type EnvironmentName, environments } from "../../../contract/environments";

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

/** All that the role of a data scientist's experiments may do, beside what is in the table: the column EXP, which is `-` but for these. */
const experimentsMay: ReadonlySet<string> = new Set([
  "s3:ListBucket dataset",
  "s3:GetObject dataset",
  "s3:GetObject runs",
  "s3:GetObject evidence",
  "s3:GetObject users-anna",
  "s3:PutObject users-anna",
  "logs:PutLogEvents job",
  "ecr:BatchGetImage image",
]);

/**
 * What each role may do, written by hand. A cell names the environments (d, s, p) whose role is allowed: on things of its own environment, never
 * on those of another; `-` is nowhere. "shared" things belong to no environment. Data scientists exist in dev alone.
 */
const table = `
                                                     |  DS | MLE | APP | AUD | DEP | S-DS | S-MLE | PIPE | TRAIN | PROC | ENDP
look
sagemaker:ListEndpoints               list           |  d  | dsp | dsp | dsp | dsp |  d   |  dsp  |  -   |   -   |  -   |  -    | shared
sagemaker:DescribeEndpoint            read           |  d  | dsp | dsp | dsp | dsp |  d   |  dsp  |  -   |   -   |  -   |  -
sagemaker:DescribeModelPackage        read           |  d  | dsp | dsp | dsp | dsp |  d   |  dsp  | dsp  |   -   |  -   |  -
sagemaker:ListModelPackages           list           |  d  | dsp | dsp | dsp | dsp |  d   |  dsp  | dsp  |   -   |  -   |  -
sagemaker:ListPipelineExecutions      list           |  d  | dsp | dsp | dsp | dsp |  d   |  dsp  |  -   |   -   |  -   |  -
cloudwatch:DescribeAlarms             list           |  d  | dsp | dsp | dsp | dsp |  d   |  dsp  |  -   |   -   |  -   |  -    | shared
logs:FilterLogEvents                  endpoint       |  d  | dsp | dsp | dsp |  -  |  d   |  dsp  |  -   |   -   |  -   |  -
logs:FilterLogEvents                  function       |  d  | dsp | dsp | dsp |  -  |  d   |  dsp  |  -   |   -   |  -   |  -
tag:GetResources                      list           |  d  | dsp | dsp | dsp |  -  |  d   |  dsp  |  -   |   -   |  -   |  -    | shared
experiment
sagemaker:CreateTrainingJob           own            |  d  |  -  |  -  |  -  |  -  |  d   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateTrainingJob           big-instance   |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateTrainingJob           for-a-month    |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateTrainingJob           wrong-role     |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateTrainingJob           others-role    |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateTrainingJob           pipelines-role |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:StopTrainingJob             own            |  d  |  -  |  -  |  -  |  -  |  d   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateProcessingJob         own            |  d  |  -  |  -  |  -  |  -  |  d   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateProcessingJob         pipelines-role |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:CreatePresignedMlflowAppUrl own            |  d  | dsp |  -  |  -  |  -  |  d   |  dsp  |  -   |   -   |  -   |  -
pipeline
sagemaker:CreatePipeline              own            |  -  | dsp |  -  |  -  | dsp |  -   |  dsp  |  -   |   -   |  -   |  -
sagemaker:UpdatePipeline              own            |  -  | dsp |  -  |  -  | dsp |  -   |  dsp  |  -   |   -   |  -   |  -
sagemaker:DeletePipeline              own            |  -  | dsp |  -  |  -  | dsp |  -   |  dsp  |  -   |   -   |  -   |  -
sagemaker:StartPipelineExecution      own            |  -  | dsp |  -  |  -  |  -  |  -   |  dsp  |  -   |   -   |  -   |  -
sagemaker:StopPipelineExecution       own            |  -  | dsp |  -  |  -  |  -  |  -   |  dsp  |  -   |   -   |  -   |  -
sagemaker:CreateTrainingJob           pipeline       |  -  |  -  |  -  |  -  |  -  |  -   |   -   | dsp  |   -   |  -   |  -
sagemaker:CreateTrainingJob           pipeline-big   |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateTrainingJob           pipeline-month |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateTrainingJob           pipeline-open  |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  d   |   -   |  -   |  -
lambda:InvokeFunction                 announce       |  -  |  -  |  -  |  -  |  -  |  -   |   -   | dsp  |   -   |  -   |  -
serve
sagemaker:CreateModel                 own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateModel                 open           |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateEndpointConfig        own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateEndpointConfig        big-instance   |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:CreateEndpoint              own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:UpdateEndpoint              own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:UpdateEndpointWeightsAndCapacities own     |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:DeleteEndpoint              own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:InvokeEndpoint              own            |  -  | dsp |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
approve
sagemaker:CreateModelPackage          pending        |  -  |  -  |  -  |  -  |  -  |  -   |   -   | dsp  |   -   |  -   |  -
sagemaker:CreateModelPackage          approved       |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:UpdateModelPackage          approve        |  -  |  -  | dsp |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:UpdateModelPackage          reject         |  -  |  -  | dsp |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:UpdateModelPackage          annotate       |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
kms:Sign                              decision       |  -  |  -  | dsp |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
kms:GetPublicKey                      decision       |  -  |  -  | dsp | dsp | dsp |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:DeleteModelPackage          own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:DeleteModelPackageGroup     own            |  -  |  -  |  -  |  -  | dsp |  -   |   -   |  -   |   -   |  -   |  -
ssm:GetParameter                      release        |  -  |  -  |  -  | dsp | dsp |  -   |   -   |  -   |   -   |  -   |  -
ssm:PutParameter                      release        |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
codebuild:StartBuild                  release        |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
codebuild:UpdateProject               release        |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
tags
sagemaker:AddTags                     note           |  -  |  -  |  -  |  -  | dsp |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:AddTags                     environment    |  -  |  -  |  -  |  -  | dsp |  -   |   -   |  -   |   -   |  -   |  -
sagemaker:DeleteTags                  environment    |  -  |  -  |  -  |  -  | dsp |  -   |   -   |  -   |   -   |  -   |  -
data
s3:ListBucket                         dataset        |  d  | dsp |  -  |  -  |  -  |  d   |  dsp  |  -   |   -   | dsp  |  -    | shared
s3:GetObject                          dataset        |  d  | dsp |  -  |  -  |  -  |  d   |  dsp  |  -   |   -   | dsp  |  -    | shared
s3:PutObject                          dataset        |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -    | shared
s3:DeleteObject                       dataset        |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -    | shared
s3:PutBucketPolicy                    dataset        |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -    | shared
s3:GetObject                          runs           |  d  | dsp | dsp |  -  |  -  |  d   |  dsp  | dsp  |  dsp  | dsp  |  -
s3:GetObject                          evidence       |  d  | dsp | dsp | dsp |  -  |  d   |  dsp  | dsp  |  dsp  | dsp  |  -
s3:PutObject                          runs           |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |  dsp  | dsp  |  -
s3:GetObject                          mlflow         |  d  | dsp |  -  |  -  |  -  |  d   |  dsp  |  -   |  dsp  | dsp  |  -
s3:PutObject                          mlflow         |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |  dsp  | dsp  |  -
s3:PutObject                          weights        |  -  |  -  |  -  |  -  |  -  |  -   |  -    |  -   |  -    |  -   |  -
s3:PutObject                          checkpoints    |  -  |  -  |  -  |  -  |  -  |  -   |  -    |  -   | dsp   |  -   |  -
s3:PutObject                          champion       |  -  |  -  |  -  |  -  |  -  |  -   |  -    |  -   |  -    |  -   |  -
s3:PutObject                          sources        |  -  |  -  |  -  |  -  |  -  |  -   |  -    |  -   |  -    |  -   |  -
s3:PutObject                          users-anna     |  d  |  -  |  -  |  -  |  -  |  d   |   -   |  -   |   -   |  -   |  -
s3:PutObject                          users-ben      |  -  | dsp |  -  |  -  |  -  |  -   |  dsp  |  -   |   -   |  -   |  -
s3:PutObject                          users-else     |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
s3:GetObject                          users-anna     |  d  | dsp |  -  |  -  |  -  |  d   |  dsp  |  -   |   -   |  -   |  -
s3:GetObject                          users-else     |  d  | dsp |  -  |  -  |  -  |  d   |  dsp  |  -   |   -   |  -   |  -
s3:GetObject                          releases       |  -  | dsp |  -  |  -  |  -  |  -   |   -   |  -   |   -   | dsp  | dsp
s3:PutObject                          releases       |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
s3:GetObject                          approvals      |  -  | dsp | dsp | dsp |  -  |  -   |   -   |  -   |   -   |  -   |  -
s3:PutObject                          approvals      |  -  |  -  | dsp |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
s3:GetObject                          ledger         |  -  | dsp |  -  | dsp |  -  |  -   |   -   |  -   |   -   |  -   |  -
s3:PutObject                          ledger         |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
s3:DeleteObject                       ledger         |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
s3:GetObject                          capture        |  -  | dsp |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
s3:PutObject                          capture        |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   | dsp
s3:PutBucketPolicy                    artifacts      |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
s3:DeleteBucket                       own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
kms:GenerateDataKey                   direct         |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
kms:CreateGrant                       direct         |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
kms:PutKeyPolicy                      own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
kms:ScheduleKeyDeletion               own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
identities
iam:GetRole                           service        |  -  |  -  |  -  | dsp | dsp |  -   |   -   |  -   |   -   |  -   |  -
iam:CreateRole                        bounded        |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
iam:CreateRole                        unbounded      |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
iam:PutRolePolicy                     service        |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
iam:PutRolePolicy                     approver       |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
iam:UpdateAssumeRolePolicy            service        |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
iam:UpdateAssumeRolePolicy            approver       |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
iam:AttachRolePolicy                  administrator  |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
iam:DeleteRolePermissionsBoundary     service        |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
iam:CreatePolicyVersion               boundary       |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
iam:CreateUser                        any            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -    | shared
sts:AssumeRole                        approver       |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
platform
cloudtrail:LookupEvents               list           |  -  |  -  |  -  | dsp |  -  |  -   |   -   |  -   |   -   |  -   |  -    | shared
cloudtrail:GetTrailStatus             own            |  -  |  -  |  -  | dsp | dsp |  -   |   -   |  -   |   -   |  -   |  -
cloudtrail:StopLogging                own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
cloudtrail:DeleteTrail                own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
logs:PutLogEvents                     job            |  -  |  -  |  -  |  -  |  -  |  d   |  dsp  |  -   |  dsp  | dsp  | dsp   | shared
logs:DeleteLogGroup                   function       |  -  |  -  |  -  |  -  | dsp |  -   |   -   |  -   |   -   |  -   |  -
cloudwatch:DeleteAlarms               own            |  -  |  -  |  -  |  -  | dsp |  -   |   -   |  -   |   -   |  -   |  -
lambda:UpdateFunctionCode             own            |  -  |  -  |  -  |  -  | dsp |  -   |   -   |  -   |   -   |  -   |  -
lambda:UpdateFunctionCode             release        |  -  |  -  |  -  |  -  |  -  |  -   |  -    |  -   |  -    |  -   |  -
events:PutTargets                     own            |  -  |  -  |  -  |  -  | dsp |  -   |   -   |  -   |   -   |  -   |  -
events:PutTargets                     release        |  -  |  -  |  -  |  -  |  -  |  -   |  -    |  -   |  -    |  -   |  -
events:DisableRule                    own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sns:Publish                           alerts         |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sqs:PurgeQueue                        own            |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -
sqs:SendMessage                       trials         |  -  |  -  |  -  |  -  |  -  |  -   |  -    |  d   |  -    |  -   |  -
sqs:SendMessage                       requests       |  -  | dsp |  -  |  -  |  -  |  -   |  -    |  -   |  -    |  -   |  -
ecr:BatchGetImage                     image          |  -  |  -  |  -  |  -  |  -  |  d   |  dsp  |  -   |  dsp  | dsp  | dsp   | shared
ecr:BatchDeleteImage                  image          |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -    | shared
ec2:DescribeVpcs                      list           |  -  |  -  |  -  |  -  | dsp |  -   |   -   |  -   |  sp   |  sp  |  sp   | shared
ec2:DeleteVpc                         untagged       |  -  |  -  |  -  |  -  |  -  |  -   |   -   |  -   |   -   |  -   |  -    | shared
`;

export interface Row {
  readonly section: string;
  readonly action: string;
  /** Which of several requests of the action; probes go by `action what`. */
  readonly what: string;
  readonly shared: boolean;
  readonly cells: Readonly<Record<Column, string>>;
}

/** One question with its answer: may the role of `from` do this to a thing of `to`? */
export interface Cell {
  readonly row: Row;
  readonly role: MatrixRole;
  readonly from: EnvironmentName;
  readonly to: EnvironmentName;
  readonly expected: "allowed" | "denied";
}

export const rows: readonly Row[] = parse(table);

function parse(text: string): Row[] {
  const [head = "", ...lines] = text.trim().split("\n");
  const names = head
    .split("|")
    .slice(1)
    .map((name) => name.trim()) as Column[];
  let section = "";
  return lines.flatMap((line) => {
    const [first = "", ...cells] = line.split("|").map((part) => part.trim());
    if (cells.length === 0) {
      section = first;
      return [];
    }
    const [action = "", what = ""] = first.split(/\s+/);
    const experiment = { EXP: experimentsMay.has(`${action} ${what}`) ? "d" : "-" };
    return [
      {
        section,
        action,
        what,
        shared: cells[names.length] === "shared",
        cells: {
          ...Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ""])),
          ...experiment,
        } as Row["cells"],
      },
    ];
  });
}

/** Environments in which a role exists. */
export function homesOf(role: MatrixRole): readonly EnvironmentName[] {
  return role.endsWith("data-scientist") || role.startsWith("experiment-") ? ["dev"] : environments;
}

/** Every cell of some roles: each role of each environment against the things of each environment. */
export function cellsOf(roles: readonly MatrixRole[]): Cell[] {
  const wanted = (Object.entries(columns) as [Column, MatrixRole][]).filter(([, role]) => roles.includes(role));
  return rows.flatMap((row) =>
    wanted.flatMap(([column, role]) =>
      homesOf(role).flatMap((from) =>
        (row.shared ? [from] : environments).map((to): Cell => ({
          row,
          role,
          from,
          to,
          expected: row.cells[column].includes(from[0]!) && from === to ? "allowed" : "denied",
        })),
      ),
    ),
  );
}
