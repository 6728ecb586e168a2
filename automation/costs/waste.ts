import { Metrics } from "../../aws/cloudwatch";
import { SageMaker } from "../../aws/sagemaker";
import { Hosting } from "../../aws/sagemaker-hosting";
import type { AwsSession } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import { taggedResources } from "../../aws/tagging";
import { environmentTags, project } from "../../contract/names";
import { type EndpointUse, findWaste, type FoundWaste, type TaggedThing } from "../../lifecycle/costs/waste";
import { hoursPerMonth } from "../../pricing/assumptions";
import { Prices, priceTable } from "../../pricing/table";
import type { Environment } from "../stack/environment";
import { keptAudit } from "../teardown/kept-audit";
import { stillThere } from "../teardown/remains";

const dayMs = 86_400_000;

/**
 * Looks for endpoints that nobody calls, and for things with the project's tags that no stack knows.
 * @param all every environment: what another stack declares is no orphan.
 */
export async function readWaste(all: readonly Environment[], idleDays: number): Promise<FoundWaste> {
  const { session } = all[0]!;
  const { at } = await callerIdentity(session);
  const [states, tagged, named] = await Promise.all([
    Promise.all(all.map(declaredBy)),
    Promise.all(all.map(({ name }) => taggedOf(session, name))),
    new Hosting(session).named(project),
  ]);
  const unread = states.flatMap((one) => ("why" in one ? [one] : []));
  const prices = new Prices(priceTable, session.region);
  const things = tagged.flat();
  const others = things.flatMap(({ arn }) => /:endpoint\/(.+)$/.exec(arn)?.[1] ?? []);
  const endpoints = await endpointsOf(session, [...new Set([...named, ...others])], at, idleDays);
  const tagOf = (arn: string) => things.find((one) => one.arn === arn)?.environment;
  const waste = findWaste({
    endpoints: endpoints.map((one) => ({ ...one, environment: tagOf(one.arn) })),
    tagged: things,
    declared: new Set(states.flatMap((one) => ("why" in one ? [] : one.ids))),
    unread: unread.map(({ environment }) => environment),
    now: at.toISOString(),
    idleDays,
    instanceUsd: (type) => monthly(prices, type),
  });
  return {
    ...{ project, at: at.toISOString(), idleDays, waste, unread },
    monthlyUsd: waste.reduce((sum, { monthlyUsd }) => sum + (monthlyUsd ?? 0), 0),
    unpriced: waste.filter(({ monthlyUsd }) => monthlyUsd === null).length,
  };
}

function monthly(prices: Prices, type: string): number | undefined {
  const hourly = prices.known(`sagemaker.hosting.${type}`);
  return hourly === undefined ? undefined : hourly * hoursPerMonth;
}

type Declared = { readonly ids: readonly string[] } | { readonly environment: string; readonly why: string };

async function declaredBy(environment: Environment): Promise<Declared> {
  try {
    const resources = await environment.resources();
    return {
      ids: resources.flatMap(({ id, outputs }) => [id, outputs?.["arn"]].filter((one) => typeof one === "string")),
    };
  } catch (error) {
    return { environment: environment.name, why: (error as Error).message.split("\n")[0]! };
  }
}

async function taggedOf(session: AwsSession, environment: string): Promise<TaggedThing[]> {
  const [arns, kept] = await Promise.all([
    taggedResources(session, environmentTags(environment)),
    keptAudit(session, environment),
  ]);
  // Keys that wait for their deletion are listed, and cost nothing.
  const there = await stillThere(session, arns);
  return there.map((arn) => ({ arn, environment, kept: kept.includes(arn) }));
}

/** Endpoints, with what was asked of them lately. */
async function endpointsOf(
  session: AwsSession,
  names: readonly string[],
  at: Date,
  idleDays: number,
): Promise<EndpointUse[]> {
  const sagemaker = new SageMaker(session);
  const metrics = new Metrics(session);
  const found = await Promise.all(
    names.map(async (name): Promise<EndpointUse | undefined> => {
      const endpoint = await sagemaker.describeEndpoint(name);
      if (!endpoint) return undefined;
      const { EndpointArn: arn, EndpointStatus: status, CreationTime: created } = endpoint;
      const types = new Map(
        (await sagemaker.variantsOf(endpoint.EndpointConfigName!)).map((one) => [one.name, one.instanceType]),
      );
      const variants = [...(endpoint.ProductionVariants ?? []), ...(endpoint.ShadowProductionVariants ?? [])];
      const calls = await Promise.all(
        variants.map(({ VariantName }) =>
          metrics.values(
            {
              ...{ namespace: "AWS/SageMaker", name: "Invocations", statistic: "Sum", periodSeconds: 3600 },
              dimensions: { EndpointName: name, VariantName: VariantName! },
            },
            new Date(at.getTime() - idleDays * dayMs),
            at,
          ),
        ),
      );
      return {
        ...{ name, arn: arn!, environment: undefined, status: status!, createdAt: created!.toISOString() },
        // What is not known has no price either: of shadow variants, and where the configuration is gone.
        instances: variants.map(({ VariantName, CurrentInstanceCount: count = 0 }) => ({
          type: types.get(VariantName!) ?? "unknown",
          count,
        })),
        invocations: calls.flat().reduce((sum, value) => sum + value, 0),
      };
    }),
  );
  return found.filter((one) => one !== undefined);
}
