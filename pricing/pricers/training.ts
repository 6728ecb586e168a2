import { jobVolumes } from "../../contract/hosts/disks";
import { Inputs, optional, UnknownInput } from "../inputs";
import { runsPerMonth } from "../schedule";
import type { Part, Pricer, World } from "../pricer";
import { amount } from "../amounts";
import { clusterPart } from "./jobs";
import { scheduledRuns } from "./scheduled";

interface Step {
  readonly Name: string;
  readonly Type: string;
  readonly Arguments?: Readonly<Record<string, unknown>>;
}

interface Definition {
  readonly Parameters?: readonly { readonly Name: string; readonly DefaultValue?: unknown }[];
  readonly Steps?: readonly Step[];
}

/** Pipelines, jobs and monitors: what runs now and then. */
export const training: Readonly<Record<string, Pricer>> = {
  "aws:sagemaker/pipeline:Pipeline": (inputs, world) => {
    const text = optional(() => inputs.optionalText("pipelineDefinition"));
    const scheduled = runsOf(inputs, world);
    if (text !== undefined) return byDefinition(JSON.parse(text) as Definition, scheduled, world);
    return scheduled === undefined
      ? bySettings(world)
      : [monitorBySettings(scheduled, world), monitorMetrics(scheduled, world)];
  },
  "aws:sagemaker/trainingJob:TrainingJob": (inputs, world) => {
    const cluster = inputs.object("resourceConfig");
    const most = inputs.object("stoppingCondition").number("maxRuntimeInSeconds", 86_400) / 3600;
    const description = {
      InstanceType: cluster.text("instanceType"),
      InstanceCount: cluster.number("instanceCount", 1),
      VolumeSizeInGB: cluster.number("volumeSizeInGb", 0),
    };
    return [
      trainingPart("training job", description, most, inputs.flag("enableManagedSpotTraining"), {
        ...world,
        assume: { ...world.assume, trainingRunsPerMonth: 1 },
      }),
    ];
  },
  "aws:sagemaker/monitoringSchedule:MonitoringSchedule": (inputs, world) => {
    const { assume } = world;
    const config = inputs.object("monitoringScheduleConfig");
    const expression = config.object("scheduleConfig").text("scheduleExpression");
    const runs = runsPerMonth(expression, assume.hoursPerMonth);
    const resources = jobDefinition(config, world).object("clusterConfig");
    const cluster = {
      InstanceType: resources.text("instanceType"),
      InstanceCount: resources.number("instanceCount", 1),
      VolumeSizeInGB: resources.number("volumeSizeInGb", 0),
    };
    return [
      clusterPart(
        {
          name: `monitor, ${expression}`,
          component: "processing",
          cluster,
          runs,
          hours: assume.monitoringMinutesPerRun / 60,
        },
        world,
      ),
      monitorMetrics(runs, world),
    ];
  },
};

/** How often schedules start a pipeline in a month; undefined when none does. */
function runsOf(inputs: Inputs, world: World): number | undefined {
  return scheduledRuns(
    optional(() => inputs.optionalText("pipelineName")),
    world,
  );
}

/** @param scheduled how often schedules start it; undefined leaves the number of executions to the assumption. */
function byDefinition(
  { Parameters = [], Steps = [] }: Definition,
  scheduled: number | undefined,
  outer: World,
): Part[] {
  const world =
    scheduled === undefined ? outer : { ...outer, assume: { ...outer.assume, trainingRunsPerMonth: scheduled } };
  const { assume } = world;
  // What a schedule starts and trains nothing is a monitor.
  const monitors = scheduled !== undefined && !allSteps(Steps).some(({ Type }) => Type === "Training");
  const processingHours = monitors ? assume.monitoringMinutesPerRun / 60 : assume.processingHoursPerRun;
  const defaults = new Map(Parameters.map(({ Name, DefaultValue }) => [`Parameters.${Name}`, DefaultValue]));
  const known = (value: unknown): unknown =>
    value !== null && typeof value === "object" && "Get" in value
      ? defaults.get(String((value as { Get: string }).Get))
      : value;
  const cluster = (config: unknown) =>
    Object.fromEntries(
      Object.entries((config ?? {}) as Record<string, unknown>).map(([name, value]) => [name, known(value)]),
    );
  const steps = allSteps(Steps).flatMap(({ Name, Type, Arguments = {} }): Part[] => {
    const at = (...path: string[]) =>
      path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], Arguments);
    if (Type === "Training") {
      const seconds = Number(known(at("StoppingCondition", "MaxRuntimeInSeconds")) ?? 86_400);
      return [
        trainingPart(
          Name,
          cluster(at("ResourceConfig")),
          seconds / 3600,
          at("EnableManagedSpotTraining") === true,
          world,
        ),
      ];
    }
    if (Type === "Processing")
      return [
        clusterPart(
          {
            name: Name,
            component: "processing",
            cluster: cluster(at("ProcessingResources", "ClusterConfig")),
            runs: assume.trainingRunsPerMonth,
            hours: processingHours,
          },
          world,
        ),
      ];
    // Steps that start instances, and that nobody has looked at.
    if (["Transform", "Tuning", "AutoML", "EMR", "EMRServerless"].includes(Type))
      throw new UnknownInput(`step ${Name}`, `is of type ${Type}, which has no price here`);
    return [];
  });
  return monitors ? [...steps, monitorMetrics(scheduled, world)] : steps;
}

/** Metrics cost for the hours in which they are published (CloudWatch pricing, "prorated by the hour"). */
function monitorMetrics(runs: number, { assume, prices }: World): Part {
  const share = Math.min(1, runs / assume.hoursPerMonth);
  return {
    usd: assume.monitorMetrics * share * prices.usd("cloudwatch.metric"),
    how: `${amount(assume.monitorMetrics)} custom metrics, in ${amount(100 * share)} % of the hours`,
  };
}

/** Steps of conditions count as if they always ran. */
function allSteps(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => [
    step,
    ...allSteps((step.Arguments?.["IfSteps"] ?? []) as Step[]),
    ...allSteps((step.Arguments?.["ElseSteps"] ?? []) as Step[]),
  ]);
}

/** Settings in the place of a definition that is not known yet. */
function settingOf({ settings }: World): (name: string) => string {
  return (name) => {
    const value = settings[`peregrine:${name}`];
    if (value === undefined)
      throw new UnknownInput(
        "pipelineDefinition",
        `is not known before the update, and no setting peregrine:${name} takes its place`,
      );
    return value;
  };
}

/** A pipeline that a schedule starts is a monitor's: one job, whose network is not known before the first update. */
function monitorBySettings(runs: number, world: World): Part {
  return clusterPart(
    {
      name: "monitor, by the settings",
      component: "processing",
      cluster: {
        InstanceType: settingOf(world)("monitoringInstanceType"),
        InstanceCount: Number(settingOf(world)("monitoringInstances")),
        VolumeSizeInGB: jobVolumes.monitoring,
      },
      runs,
      hours: world.assume.monitoringMinutesPerRun / 60,
    },
    world,
  );
}

/** Before the first update the definition names functions that do not exist; what costs is in the settings as well. */
function bySettings(world: World): Part[] {
  const { assume, resources } = world;
  // The settings are about the one pipeline that trains; of several unknown ones nobody can say which it is.
  const unknown = resources.filter(({ type, inputs: raw, urn }) => {
    const inputs = new Inputs(raw);
    return (
      type === "aws:sagemaker/pipeline:Pipeline" &&
      optional(() => inputs.optionalText("pipelineDefinition")) === undefined &&
      runsOf(inputs, { ...world, urn }) === undefined
    );
  });
  if (unknown.length > 1)
    throw new UnknownInput("pipelineDefinition", "is not known before the update, of more than one pipeline");
  const setting = settingOf(world);
  const processing = (name: string, type: string): Part =>
    clusterPart(
      {
        name,
        component: "processing",
        cluster: { InstanceType: type, InstanceCount: 1, VolumeSizeInGB: 50 },
        runs: assume.trainingRunsPerMonth,
        hours: assume.processingHoursPerRun,
      },
      world,
    );
  const trainingType = setting("trainingInstanceType");
  return [
    processing("profile, by the settings", setting("processingInstanceType")),
    processing("preparation, by the settings", setting("processingInstanceType")),
    trainingPart(
      "training, by the settings",
      { InstanceType: trainingType, InstanceCount: 1, VolumeSizeInGB: 100 },
      Number(setting("trainingMaxHours")),
      setting("trainingSpot") === "true",
      world,
    ),
    processing("evaluation, by the settings", trainingType),
  ];
}

function trainingPart(
  name: string,
  cluster: Readonly<Record<string, unknown>>,
  maxHours: number,
  spot: boolean,
  world: World,
): Part {
  const { assume } = world;
  return clusterPart(
    {
      name,
      component: "training",
      cluster,
      runs: assume.trainingRunsPerMonth,
      hours: Math.min(assume.trainingHoursPerRun, maxHours),
      maxHours,
      ...(spot ? { spotShare: assume.spotShare } : {}),
    },
    world,
  );
}

/** The resources of a monitor: in the schedule itself, or in the job definition that it names. */
function jobDefinition(config: Inputs, { resources }: World): Inputs {
  const inline = config.object("monitoringJobDefinition");
  if (inline.has("monitoringResources")) return inline.object("monitoringResources");
  const definitions = resources.filter(({ type }) => /^aws:sagemaker\/\w+JobDefinition:/.test(type));
  const names = definitions.map(({ inputs }) => inputs["name"]);
  // The name of a definition that does not exist yet may be unknown: of one there is no doubt.
  const index = definitions.length === 1 ? 0 : names.indexOf(config.text("monitoringJobDefinitionName"));
  if (index < 0)
    throw new UnknownInput(
      "monitoringScheduleConfig.monitoringJobDefinitionName",
      "names no job definition of this stack",
    );
  return new Inputs(definitions[index]!.inputs).object("jobResources");
}
