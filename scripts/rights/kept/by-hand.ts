import { notebooks, onAws, people, type Kept } from "./entry";

/** People work by hand. */
export const usedByHand: readonly Kept[] = [
  {
    ...onAws,
    roles: [...people, ...notebooks],
    rights: ["SeeLists", "SeeDetails", "SeeMetrics", "SeeAlarms", "SeeDashboards", "SeeLogs"],
    why: "looking at an environment, by console or command; which call it takes depends on the question",
  },
  {
    ...onAws,
    roles: [...people, ...notebooks],
    rights: ["UseKey"],
    why: "objects of the environment are encrypted with its key; clients describe it to show it",
  },
  {
    ...onAws,
    roles: ["auditor"],
    rights: [
      "ListLedger",
      "ListPermissions",
      "ListDecisions",
      "ReadBucketSettings",
      "ReadLedger",
      "ReadPolicies",
      "ReadReleases",
      "ReadRoles",
      "ReadTrails",
      "ReadTrail",
      "ReadTrailFiles",
      "ReadTrailLog",
      "ReadTrailSettings",
      "OpenTrailFiles",
      "SeeImages",
    ],
    why: "what an audit reads beside what the matrix asks for",
  },
  {
    noticedBy: "test/truth/services.spec.ts",
    roles: ["auditor"],
    rights: ["VerifyDecisions"],
    why: "an auditor has the key itself check a signature",
  },
  {
    noticedBy: "test/automation/audit/log-on-local-cloud.spec.ts",
    roles: ["auditor"],
    rights: ["VerifyLog"],
    why: "an auditor verifies the log, and hands its public key to others",
  },
  {
    ...onAws,
    roles: ["approver"],
    rights: ["ListArtifacts", "SignDecisions"],
    why: "an approver looks at the key and at the evidence before signing, and checks the signature after",
  },
  {
    ...onAws,
    roles: ["data-scientist", "studio-data-scientist"],
    rights: ["RunExperiments"],
    why: "an experiment has tags, and is stopped where it goes astray",
  },
  {
    noticedBy: "test/automation/roles/matrix.spec.ts",
    roles: ["data-scientist", "ml-engineer", ...notebooks],
    rights: ["PassRoles"],
    why: "who starts an experiment or makes a pipeline hands its role over: the matrix's CreateTrainingJob and CreatePipeline fail without",
  },
  {
    ...onAws,
    roles: ["ml-engineer", "studio-ml-engineer"],
    rights: ["OperatePipelines"],
    why: "failed executions are taken up again, and pipelines have tags",
  },
  {
    noticedBy: "test/engine/runbooks.spec.ts",
    roles: ["ml-engineer"],
    rights: ["ScaleEndpoint", "SeeScaling"],
    why: "more instances at once, by hand (runbook)",
  },
  {
    ...onAws,
    roles: ["data-scientist", "ml-engineer"],
    rights: ["OpenStudio", "ListArtifacts"],
    why: "Studio and the console are opened by people",
  },
  {
    ...onAws,
    roles: notebooks,
    rights: ["SeeStudio", "TagOwnSpaces", "RunOwnSpaces", "ListArtifacts"],
    why: "what Studio's pages show and do for the person beside making a space and starting its app",
  },
  {
    noticedBy: "test/truth/services.spec.ts",
    roles: ["studio-data-scientist"],
    rights: ["EncryptDisks", "KeepDisks"],
    why: "disks of a data scientist's space, as of an ML engineer's",
  },
];
