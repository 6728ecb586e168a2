import { type DossierFacts, evidenceOf, factsBy, nodeOf, type Statement } from "./facts";
import { doc, fromNode, fromRelease, nothing, setting, type Say } from "./say";

/** One thing that Annex IV asks for, and what the records say of it: nothing where it is missing. */
export interface AnnexPoint {
  /** As in the regulation: `1(a)`, `2(d)`. */
  readonly point: string;
  readonly asks: string;
  readonly statements: readonly Statement[];
  /** Why it does not apply, by whom that is said; counted on neither side. */
  readonly notApplicable?: Statement;
}

export interface TechnicalFile {
  readonly points: readonly AnnexPoint[];
  readonly score: { readonly filled: number; readonly of: number };
}

/**
 * Annex IV of Regulation (EU) 2024/1689, in its numbering; a point that asks for several things is a row for each. Each
 * row says where the records have it, and that nothing has it otherwise.
 */
const rows: readonly (readonly [point: string, asks: string, ...says: Say[]])[] = [
  [
    "1(a)",
    "intended purpose",
    setting("intendedUse", "The owner says"),
    doc("README.md", "Object detection on drone imagery, delivered under governance."),
  ],
  ["1(a)", "name of the provider", setting("provider", "The owner says")],
  [
    "1(a)",
    "version, and its relation to previous versions",
    fromRelease(
      "releaseId, previousReleaseId",
      ({ release }) =>
        `${release.releaseId}, ${release.previousReleaseId ? `after ${release.previousReleaseId}` : "the first"}; ${release.kind}, ${release.outcome}`,
    ),
  ],
  [
    "1(b)",
    "interaction with hardware and software that is not part of it",
    doc("docs/front-door.md", "How clients send images and get answers."),
    doc("docs/architecture.md", "Which services of AWS it stands on."),
  ],
  ["1(c)", "versions of relevant software", fromNode("archive", /^library /, "Libraries of the training")],
  [
    "1(c)",
    "requirements related to version updates",
    doc("docs/dependencies.md", "Which versions are pinned, and why."),
  ],
  [
    "1(d)",
    "forms in which it is put into service",
    fromRelease(
      "imageUri, imageDigest",
      ({ release }) => `a container behind an endpoint of SageMaker: ${release.imageUri}`,
    ),
  ],
  ["1(e)", "hardware it is intended to run on", setting("servingInstanceType", "Instances of the endpoint")],
  [
    "1(g)",
    "user interface provided to the deployer",
    doc("ml/README.md", "The requests that the endpoint takes, and its answers."),
  ],
  [
    "1(h)",
    "instructions for use for the deployer",
    doc("docs/runbooks/README.md", "What to do when something goes wrong."),
    doc("docs/releases.md", "How a release is made, step by step."),
  ],
  [
    "2(a)",
    "methods and steps of the development",
    fromNode("execution", /^(started|status|job )/, "The pipeline's execution"),
    fromNode("run", /./, "Its run in MLflow"),
  ],
  [
    "2(a)",
    "recourse to pre-trained systems and third-party tools",
    fromNode("archive", /^base weights/, "Base weights"),
    fromNode("package", /^licence/, "Licence"),
  ],
  [
    "2(b)",
    "general logic of the system and its algorithms",
    fromNode("archive", /^architecture/, "Architecture"),
    doc("ml/README.md", "How images are cut, how the detector answers."),
  ],
  [
    "2(b)",
    "key design choices, with rationale and assumptions",
    fromNode("archive", /^parameter /, "Hyperparameters"),
    doc("docs/statistics.md", "How rollouts and experiments are decided, and by which papers."),
  ],
  ["2(b)", "what the system is designed to optimise for", fromNode("package", /^mAP/, "Measured")],
  ["2(c)", "system architecture", doc("docs/architecture.md", "How the parts fit, and which may import which.")],
  [
    "2(c)",
    "computational resources for development, training, testing",
    fromNode("execution", /InstanceType$/, "Instances of the jobs"),
  ],
  [
    "2(d)",
    "training methodologies and techniques",
    fromNode(
      "execution",
      /^parameter (Epochs|ImageSize|BatchSize|LearningRate|FreezeLayers|Seed|ModelVariant)/,
      "Parameters of the training",
    ),
  ],
  [
    "2(d)",
    "training data sets: provenance, scope and main characteristics",
    fromNode("dataset", /^(split|classes|uri|manifest)/, "Data set"),
    (facts) => sources(facts),
  ],
  [
    "2(d)",
    "how the data was obtained and selected",
    fromNode("execution", /^parameter (DatasetUri|RunReason)/, "Where from, and why"),
    doc("docs/retraining.md", "When a retraining is proposed, and on which images."),
  ],
  ["2(d)", "labelling procedures", doc("docs/labelling.md", "Which answers people label, and how labels come in.")],
  [
    "2(d)",
    "data cleaning methodologies",
    fromNode("dataset", /^option/, "Options of the preparation"),
    doc("ml/README.md", "What is refused, and what is left out."),
  ],
  [
    "2(e)",
    "human oversight measures (Article 14)",
    fromRelease(
      "decision",
      ({ release: { decision } }) => decision && `${decision.person} decided at ${decision.at}: ${decision.why}`,
    ),
    doc("docs/governance/separation.md", "Who may do what, and that nobody releases what nobody approved."),
  ],
  [
    "2(f)",
    "pre-determined changes to the system and its performance",
    doc("docs/retraining.md", "What changes the model, and within which bounds."),
  ],
  [
    "2(g)",
    "validation and testing procedures, and their data",
    fromNode("package", /^evaluation/, "Evaluation"),
    fromNode("dataset", /^split (test|val)/, "Held out"),
  ],
  ["2(g)", "metrics of accuracy and robustness", fromNode("package", /^(mAP|gain)/, "Scores")],
  [
    "2(g)",
    "test logs and reports, dated and signed by those responsible",
    fromRelease(
      "decision.decisionSha256",
      ({ release: { decision } }) =>
        decision &&
        `the signed decision ${decision.decisionSha256} binds archive, image, evaluation and data set; by ${decision.person} at ${decision.at}`,
    ),
  ],
  [
    "2(h)",
    "cybersecurity measures",
    doc("docs/network.md", "Who reaches whom."),
    doc("docs/policies.md", "What no environment may be like."),
    fromRelease(
      "policyPack",
      ({ release: { policyPack } }) => `policy pack ${policyPack.version}: ${policyPack.result}`,
    ),
  ],
  ["3", "capabilities and limitations in performance", fromNode("package", /^mAP50 /, "By slice")],
  [
    "3",
    "overall expected accuracy",
    fromNode("package", /^mAP(50)?$/, "On held-out flights"),
    fromRelease(
      "evaluation",
      ({ release: { evaluation } }) => evaluation && `mAP50 ${evaluation.map50}, mAP ${evaluation.map}`,
    ),
  ],
  [
    "3",
    "foreseeable unintended outcomes and sources of risk",
    doc("docs/monitoring.md", "What drift is, and how it is noticed."),
    doc("docs/runbooks/quality-falls.md", "What to do when quality falls."),
  ],
  [
    "3",
    "human oversight measures, technical means to interpret outputs",
    doc("docs/monitoring-reports.md", "How to read what monitoring writes."),
    doc("docs/runbooks/rollback.md", "How a person takes a release back."),
  ],
  [
    "3",
    "specifications on input data",
    doc("ml/README.md", "Content types, sizes and limits of requests."),
    fromNode("dataset", /^classes/, "Classes"),
  ],
  [
    "4",
    "appropriateness of the performance metrics",
    doc("docs/statistics.md", "Which quantities decide, and why."),
    doc("ml/README.md", "How scores are computed."),
  ],
  [
    "5",
    "risk management system (Article 9)",
    doc("docs/governance.md", "Roles, rights and the test behind each."),
    doc("docs/policies.md", "Rules, severities and remediation."),
    doc("docs/runbooks/README.md", "What is done about each alert."),
  ],
  [
    "6",
    "relevant changes through the lifecycle",
    (facts) => [
      {
        text: facts.releases
          .map(({ endedAt, releaseId, kind, outcome }) => `${endedAt} ${kind} of ${releaseId}: ${outcome}`)
          .join("; "),
        evidence: [
          `${facts.ledgerUri}: entries ${facts.releases.map(({ entry: { sequence } }) => sequence).join(", ")}`,
        ],
      },
    ],
  ],
  [
    "7",
    "standards applied, or other solutions adopted",
    doc("docs/policies.md", "The framework that each rule stands for."),
    doc("docs/verify.md", "RFC 6962, C2SP tlog-tiles and checkpoints."),
  ],
  ["8", "copy of the EU declaration of conformity", nothing],
  [
    "9",
    "post-market monitoring system and plan (Article 72)",
    doc("docs/monitoring.md", "What is watched, against what."),
    setting("monitoringMode", "Monitoring"),
  ],
  [
    "9",
    "what was found in operation, and who is told",
    doc("docs/runbooks/drift.md", "What people do about drift."),
    doc("docs/labelling.md", "How quality is measured on what people draw."),
  ],
];

/** The technical file: each thing that Annex IV asks for, and how many of them have evidence. */
export function technicalFile(facts: DossierFacts): TechnicalFile {
  const points: AnnexPoint[] = rows.map(([point, asks, ...says]) => ({
    point,
    asks,
    statements: says.flatMap((say) => say(facts)).flatMap((one) => (one && one.evidence.length > 0 ? [one] : [])),
  }));
  const apart: AnnexPoint = {
    point: "1(f)",
    asks: "illustrations of products that it is a component of",
    statements: [],
    notApplicable: doc("docs/architecture.md", "It is a service, and a component of no product.")(facts)[0],
  };
  const at = points.findIndex(({ point }) => point === "1(g)");
  const all = [...points.slice(0, at), apart, ...points.slice(at)];
  const counted = all.filter(({ notApplicable }) => !notApplicable);
  return {
    points: all,
    score: { filled: counted.filter(({ statements }) => statements.length > 0).length, of: counted.length },
  };
}

function sources(facts: DossierFacts): (Statement | undefined)[] {
  const files = facts.walked.nodes.filter(
    ({ kind, id }) => (kind === "image" || kind === "label") && id.startsWith("s3://"),
  );
  const versioned = files.filter(({ facts: known }) => known["versionId"]).length;
  const dataset = nodeOf(facts, "dataset");
  if (files.length === 0 || !dataset) return [undefined];
  return [
    {
      text: `${files.length} files by SHA-256, ${versioned} of them by S3 version; ${factsBy(dataset, "manifest")
        .map(([, uri]) => uri)
        .join()}`,
      evidence: evidenceOf(facts, dataset),
    },
  ];
}
