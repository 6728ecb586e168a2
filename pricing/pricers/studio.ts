import { amount, rate, times } from "../amounts";
import type { Part, Pricer, World } from "../pricer";

/** SageMaker's own choice where nothing is said (Studio, "Change an instance type"). */
const usualType = "ml.t3.medium";
const usualSpaceGB = 5;

/** Notebooks, their apps, and MLflow servers. */
export const studio: Readonly<Record<string, Pricer>> = {
  "aws:sagemaker/space:Space": (inputs, world) => {
    const settings = inputs.object("spaceSettings");
    const apps = [
      "jupyterLabAppSettings",
      "codeEditorAppSettings",
      "jupyterServerAppSettings",
      "kernelGatewayAppSettings",
    ]
      .filter((name) => settings.has(name))
      .map((name) => settings.object(name));
    const types = apps
      .map((app) => app.object("defaultResourceSpec").optionalText("instanceType"))
      .filter((type) => type !== undefined && type !== "system");
    const gigabytes = settings
      .object("spaceStorageSettings")
      .object("ebsStorageSettings")
      .number("ebsVolumeSizeInGb", usualSpaceGB);
    return [hours(types[0] ?? usualType, world), times(gigabytes, "GB of disk", world.prices.usd("sagemaker.volume"))];
  },
  "aws:sagemaker/app:App": (inputs, world) => {
    // An app in a space of the stack is what the space's hours are for.
    if (inputs.has("spaceName")) return [{ usd: 0, how: "priced with its space" }];
    const type = inputs.object("resourceSpec").optionalText("instanceType") ?? usualType;
    return [type === "system" ? { usd: 0, how: "system apps have no charge" } : hours(type, world)];
  },
  "aws:sagemaker/notebookInstance:NotebookInstance": (inputs, world) => [
    hours(inputs.text("instanceType"), world),
    times(inputs.number("volumeSize", 5), "GB of disk", world.prices.usd("sagemaker.volume")),
  ],
  "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": (inputs, { prices, assume }) => {
    const size = inputs.optionalText("trackingServerSize") ?? "Small";
    return [
      times(
        assume.hoursPerMonth,
        `hours of a ${size.toLowerCase()} tracking server`,
        prices.usd(`sagemaker.mlflow.${size}`),
      ),
    ];
  },
};

function hours(type: string, { prices, assume }: World): Part {
  const hourly = prices.usd(`sagemaker.studio.${type}`);
  return {
    usd: assume.studioHoursPerMonth * hourly,
    atMostUsd: assume.hoursPerMonth * hourly,
    how: `${amount(assume.studioHoursPerMonth)} hours of ${type} at ${rate(hourly)}, ended by idle shutdown`,
  };
}
