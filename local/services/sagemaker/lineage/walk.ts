import type { QueryLineageCommandInput } from "@aws-sdk/client-sagemaker";
import { timestampMs } from "../../pages";
import type { Association, LineageEntity, LineageStore } from "./store";

/** Steps from the start at most, and when a request does not say (QueryLineage API). */
const maxDepth = 10;

type Query = Pick<QueryLineageCommandInput, "Direction" | "Filters" | "MaxDepth">;

/** What is tied to an entity, nearest first: what it was made of, what was made of it, or both. */
export function walk(
  store: LineageStore,
  start: string,
  { Direction = "Both", Filters, MaxDepth = maxDepth }: Query,
): { readonly vertices: readonly LineageEntity[]; readonly edges: readonly Association[] } {
  const all = [...store.associations.values()];
  const into = by(all, "destination");
  const outOf = by(all, "source");
  const edges = new Set<Association>();
  const seen = new Set([start]);
  const up = Direction !== "Descendants";
  const down = Direction !== "Ascendants";
  // Up and down go on as they began: what else was made of the same data is no relative.
  const follow = (next: (arn: string) => readonly Association[], end: (one: Association) => string): void => {
    let reached = [start];
    for (let depth = 0; depth < MaxDepth && reached.length > 0; depth += 1)
      reached = reached.flatMap((arn) =>
        next(arn).flatMap((one) => {
          edges.add(one);
          const other = end(one);
          if (seen.has(other)) return [];
          seen.add(other);
          return [other];
        }),
      );
  };
  if (up)
    follow(
      (arn) => into.get(arn) ?? [],
      ({ source }) => source,
    );
  if (down)
    follow(
      (arn) => outOf.get(arn) ?? [],
      ({ destination }) => destination,
    );
  seen.delete(start);
  return {
    vertices: [...seen].flatMap((arn) => {
      const entity = store.entities.get(arn);
      return entity && passes(entity, Filters) ? [entity] : [];
    }),
    edges: [...edges],
  };
}

function by(all: readonly Association[], end: "source" | "destination"): Map<string, Association[]> {
  const found = new Map<string, Association[]>();
  for (const one of all) found.set(one[end], [...(found.get(one[end]) ?? []), one]);
  return found;
}

function passes({ type, kind, createdMs }: LineageEntity, filters: Query["Filters"]): boolean {
  if (!filters) return true;
  const { Types, LineageTypes, CreatedAfter, CreatedBefore, ModifiedAfter, ModifiedBefore, Properties } = filters;
  // What is made by SageMaker is never modified here, and has no properties.
  return (
    (!Types?.length || Types.includes(type)) &&
    (!LineageTypes?.length || LineageTypes.includes(kind)) &&
    [CreatedAfter, ModifiedAfter].every((at) => at === undefined || createdMs > timestampMs(at)!) &&
    [CreatedBefore, ModifiedBefore].every((at) => at === undefined || createdMs < timestampMs(at)!) &&
    Object.keys(Properties ?? {}).length === 0
  );
}
