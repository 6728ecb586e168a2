import { UserError } from "../automation/errors";
import { atATime } from "../aws/at-a-time";
import type { MlflowRun } from "../aws/mlflow";
import { ObjectStore } from "../aws/s3";
import { SageMaker } from "../aws/sagemaker";
import { hasCode } from "../aws/session";
import type { EnvironmentName } from "../contract/environments";
import type { Subject } from "../insight/compare/facts";
import type { Outcomes } from "../insight/compare/outcomes";
import { costOf, modelRun, outcomesBeside, outcomesOfRun, runTags } from "../insight/compare/read";
import { openEnvironment } from "./project";
import type { RecordedRelease } from "../records/release";
import type { Tracking } from "./tracking";

/** What somebody names, before its outcomes are read. */
interface Asked {
  readonly asked: string;
  readonly name: string;
  readonly run?: MlflowRun;
  readonly facts: Readonly<Record<string, string>>;
  readonly evaluationUri?: string;
  readonly gaps: readonly string[];
}

export interface Compared {
  readonly subject: Subject;
  readonly outcomes?: Outcomes;
}

/** Beginnings of ids are taken where they are no shorter. */
const minLength = 7;

/**
 * Finds what is named: releases by their ids, model packages by their ARNs, runs by id, name or pipeline execution.
 * @param releases environment whose releases are meant.
 * @throws UserError for a name that is nothing of these, or several.
 */
export async function askedOf(
  names: readonly string[],
  runs: readonly MlflowRun[],
  { session }: Tracking,
  releases: EnvironmentName,
): Promise<Asked[]> {
  const sagemaker = new SageMaker(session);
  let ledger: ReturnType<typeof ledgerOf> | undefined;
  return Promise.all(
    names.map(async (asked): Promise<Asked> => {
      if (/:model-package\//.test(asked)) return packageOf(sagemaker, asked, asked, runs, {});
      if (!/^r-[0-9a-f]+$/.test(asked)) return runNamed(runs, asked);
      ledger ??= ledgerOf(releases);
      const release = (await ledger)(asked);
      return packageOf(sagemaker, asked, release.modelPackageArn, runs, {
        release: release.releaseId,
        environment: release.environment,
        outcome: release.outcome,
        endedAt: release.endedAt,
      });
    }),
  );
}

/** Reads outcomes and costs. @param inDetail false where facts alone are compared. */
export function comparedOf(
  asked: readonly Asked[],
  { mlflow, session }: Tracking,
  inDetail: boolean,
): Promise<Compared[]> {
  const sagemaker = new SageMaker(session);
  const store = new ObjectStore(session);
  return atATime(asked, async ({ evaluationUri, ...known }): Promise<Compared> => {
    if (!inDetail) return { subject: known };
    const { run } = known;
    const job = run?.tags[runTags.trainingJob];
    const [outcomes, bill] = await Promise.all([
      run
        ? outcomesOfRun(mlflow, run)
        : evaluationUri
          ? outcomesBeside(store, evaluationUri)
          : { gap: "it has no run in MLflow and names no evaluation" },
      job ? sagemaker.trainingBill(job).catch((error: unknown) => error as Error) : undefined,
    ]);
    return {
      subject: {
        ...known,
        ...(bill && !(bill instanceof Error) ? { cost: costOf(bill, session.region) } : {}),
        gaps: [
          ...known.gaps,
          ...("gap" in outcomes ? [outcomes.gap] : []),
          ...(bill instanceof Error ? [`the bill of ${job!} could not be read: ${bill.message}`] : []),
        ],
      },
      ...("found" in outcomes ? { outcomes: outcomes.found } : {}),
    };
  });
}

/** A run as one that is compared. */
export function askedRun(run: MlflowRun, asked = run.id): Asked {
  return { asked, name: run.name || run.id, run, facts: {}, gaps: [] };
}

/** What finds a release of an environment. Its modules are loaded by those alone who name releases. */
async function ledgerOf(environment: EnvironmentName): Promise<(asked: string) => RecordedRelease> {
  const { named, releasesOf } = await import("../automation/release/history");
  const releases = await releasesOf(await openEnvironment(environment));
  return (asked) => named(releases, asked, environment);
}

async function packageOf(
  sagemaker: SageMaker,
  asked: string,
  arn: string,
  runs: readonly MlflowRun[],
  more: Readonly<Record<string, string>>,
): Promise<Asked> {
  const described = await sagemaker.describeModelPackage(arn).catch((error: unknown) => {
    if (hasCode(error, "ValidationException", "ResourceNotFound"))
      throw new UserError(`There is no model package ${arn}.`, "Name one of the registry of --stack.", {
        cause: error,
      });
    throw error;
  });
  const metadata = described.CustomerMetadataProperties ?? {};
  const execution = metadata["pipelineExecutionArn"]?.split("/").at(-1);
  const run = execution === undefined ? undefined : modelRun(runs, execution);
  return {
    asked,
    name: arn.split("/").slice(-2).join("/"),
    ...(run ? { run } : {}),
    facts: {
      package: arn,
      approval: described.ModelApprovalStatus ?? "",
      ...(metadata["modelSha256"] ? { modelSha256: metadata["modelSha256"] } : {}),
      ...(metadata["map50"] ? { map50: metadata["map50"] } : {}),
      ...more,
    },
    evaluationUri: described.ModelMetrics?.ModelQuality?.Statistics?.S3Uri,
    gaps: run ? [] : [`it has no run in this MLflow${execution ? ` (execution ${execution})` : ""}`],
  };
}

function runNamed(runs: readonly MlflowRun[], asked: string): Asked {
  const exact = runs.filter(({ id, name }) => id === asked || name === asked);
  const byExecution = modelRun(runs, asked);
  const begun = asked.length < minLength ? [] : runs.filter(({ id }) => id.startsWith(asked));
  const found = exact.length > 0 ? exact : byExecution ? [byExecution] : begun;
  if (found.length === 1) return askedRun(found[0]!, asked);
  throw new UserError(
    found.length > 1
      ? `${asked} may be ${found.length} runs: ${found
          .slice(0, 5)
          .map(({ id }) => id)
          .join(", ")}.`
      : `There is no run ${asked}.`,
    "See the runs: npx peregrine runs. Packages are named by their ARNs, releases by their ids (r-…).",
  );
}
