import type {
  DescribeArtifactCommandInput,
  DescribeArtifactCommandOutput,
  DescribeTrialComponentCommandInput,
  DescribeTrialComponentCommandOutput,
  LineageType,
  ListActionsCommandInput,
  ListActionsCommandOutput,
  ListArtifactsCommandInput,
  ListArtifactsCommandOutput,
  ListAssociationsCommandInput,
  ListAssociationsCommandOutput,
  ListContextsCommandInput,
  ListContextsCommandOutput,
  ListTrialComponentsCommandInput,
  ListTrialComponentsCommandOutput,
  QueryLineageCommandInput,
  QueryLineageCommandOutput,
} from "@aws-sdk/client-sagemaker";
import type { Call, Requirement } from "../../../call";
import type { Cloud } from "../../../cloud";
import { AwsError } from "../../../errors";
import { need } from "../../../iam/permissions/requirements";
import type { Members } from "../../../members";
import { type Fidelity, operation } from "../../../operation";
import { page } from "../../pages";
import { listed } from "../listing";
import type { Association, LineageEntity, LineageStore } from "./store";
import { walk } from "./walk";

const executed: Fidelity = {
  level: "executed",
  note: "entities that SageMaker makes by itself for training jobs, processing jobs and model packages; none of endpoints, none of one's own, and no tags",
};

/** Entities of a page when a list's request does not say (SageMaker API). */
const listPage = 10;
/** Vertices of a page when a query's request does not say, and at most (QueryLineage API). */
const queryPage = 50;

/** What is tracked, found and followed. */
export function lineageOperations(cloud: Cloud, store: LineageStore) {
  const onAny = (_input: unknown, { operation: action }: Call): Requirement[] => [need(`sagemaker:${action}`, "*")];
  const missing = (arn: string) => new AwsError("ResourceNotFound", `Entity with ARN '${arn}' does not exist.`);
  const get = (arn: string, kind?: LineageType): LineageEntity => {
    const found = store.entities.get(arn);
    if (!found || (kind && found.kind !== kind)) throw missing(arn);
    return found;
  };
  const some = (kind: LineageType, input: Members, type: string | undefined) => {
    const { SourceUri: uri, SourceArn: source } = input;
    const rows = [...store.entities.values()].filter(
      (one) =>
        one.kind === kind &&
        (uri === undefined || one.sourceUri === uri) &&
        (source === undefined || one.sourceUri === source) &&
        (type === undefined || one.type === type),
    );
    return listed(rows, created(input));
  };
  const component = (name: string) =>
    get(
      name.startsWith("arn:") ? name : cloud.arn("sagemaker", `experiment-trial-component/${name}`),
      "TrialComponent",
    );
  return {
    ListArtifacts: operation<ListArtifactsCommandInput, ListArtifactsCommandOutput>({
      requires: onAny,
      fidelity: executed,
      handle: (input) => {
        const { items, next } = some("Artifact", input, input.ArtifactType);
        return { ArtifactSummaries: items.map(artifact), NextToken: next };
      },
    }),
    DescribeArtifact: operation<DescribeArtifactCommandInput, DescribeArtifactCommandOutput>({
      requires: ({ ArtifactArn }) => [need("sagemaker:DescribeArtifact", ArtifactArn)],
      fidelity: executed,
      handle: ({ ArtifactArn }) => artifact(get(ArtifactArn, "Artifact")),
    }),
    ListActions: operation<ListActionsCommandInput, ListActionsCommandOutput>({
      requires: onAny,
      fidelity: executed,
      handle: (input) => {
        const { items, next } = some("Action", input, input.ActionType);
        return {
          ActionSummaries: items.map((one) => ({
            ActionArn: one.arn,
            ActionName: one.name,
            ActionType: one.type,
            Status: "Completed" as const,
            ...about(one),
          })),
          NextToken: next,
        };
      },
    }),
    ListContexts: operation<ListContextsCommandInput, ListContextsCommandOutput>({
      requires: onAny,
      fidelity: executed,
      handle: (input) => {
        const { items, next } = some("Context", input, input.ContextType);
        return {
          ContextSummaries: items.map((one) => ({
            ContextArn: one.arn,
            ContextName: one.name,
            ContextType: one.type,
            ...about(one),
          })),
          NextToken: next,
        };
      },
    }),
    ListTrialComponents: operation<ListTrialComponentsCommandInput, ListTrialComponentsCommandOutput>({
      requires: onAny,
      fidelity: executed,
      handle: (input) => {
        // Jobs of a pipeline belong to an experiment and a trial only where its definition says so.
        const given = input.ExperimentName !== undefined || input.TrialName !== undefined;
        const { items, next } = given ? { items: [], next: undefined } : some("TrialComponent", input, undefined);
        return { TrialComponentSummaries: items.map(trialComponent), NextToken: next };
      },
    }),
    DescribeTrialComponent: operation<DescribeTrialComponentCommandInput, DescribeTrialComponentCommandOutput>({
      requires: ({ TrialComponentName: name }) => [
        need(
          "sagemaker:DescribeTrialComponent",
          name.startsWith("arn:") ? name : cloud.arn("sagemaker", `experiment-trial-component/${name}`),
        ),
      ],
      fidelity: executed,
      handle: ({ TrialComponentName }) => {
        const { TrialComponentSource: Source, ...rest } = trialComponent(component(TrialComponentName));
        return { ...rest, Source };
      },
    }),
    ListAssociations: operation<ListAssociationsCommandInput, ListAssociationsCommandOutput>({
      requires: onAny,
      fidelity: executed,
      handle: (input) => {
        const rows = [...store.associations.values()]
          .map((one) => association(one, (arn) => store.entities.get(arn)))
          .filter((one) =>
            (["SourceArn", "DestinationArn", "SourceType", "DestinationType", "AssociationType"] as const).every(
              (member) => input[member] === undefined || one.row[member] === input[member],
            ),
          );
        const { items, next } = listed(rows, created(input));
        return { AssociationSummaries: items.map(({ row }) => row), NextToken: next };
      },
    }),
    QueryLineage: operation<QueryLineageCommandInput, QueryLineageCommandOutput>({
      requires: onAny,
      fidelity: executed,
      handle: (input) => {
        const [start] = input.StartArns ?? [];
        if (start === undefined) return { Vertices: [], Edges: [] };
        get(start);
        const { vertices, edges } = walk(store, start, input);
        const { items, next } = page(vertices, input.NextToken, input.MaxResults ?? queryPage);
        const shown = new Set([start, ...items.map(({ arn }) => arn)]);
        return {
          Vertices: items.map(({ arn, type, kind }) => ({ Arn: arn, Type: type, LineageType: kind })),
          Edges: input.IncludeEdges
            ? edges
                .filter(({ source, destination }) => shown.has(source) || shown.has(destination))
                .map(({ source, destination, type }) => ({
                  SourceArn: source,
                  DestinationArn: destination,
                  AssociationType: type,
                }))
            : [],
          NextToken: next,
        };
      },
    }),
  };
}

/** A list's filters and page, as the other lists have them. */
function created({ CreatedAfter, CreatedBefore, SortBy, SortOrder, NextToken, MaxResults }: Members): Members {
  const by = SortBy === "Name" || SortBy === undefined ? SortBy : "CreationTime";
  return {
    CreationTimeAfter: CreatedAfter,
    CreationTimeBefore: CreatedBefore,
    SortBy: by,
    SortOrder,
    NextToken,
    MaxResults: MaxResults ?? listPage,
  };
}

const about = ({ sourceUri, createdMs }: LineageEntity) => ({
  Source: { SourceUri: sourceUri },
  CreationTime: new Date(createdMs),
  LastModifiedTime: new Date(createdMs),
});

const artifact = (one: LineageEntity) => ({ ArtifactArn: one.arn, ArtifactType: one.type, ...about(one) });

const trialComponent = ({ arn, name, sourceUri, type, createdMs }: LineageEntity) => ({
  TrialComponentArn: arn,
  TrialComponentName: name,
  DisplayName: name,
  TrialComponentSource: { SourceArn: sourceUri, SourceType: `SageMaker${type}` },
  CreationTime: new Date(createdMs),
});

function association(
  { source, destination, type, createdMs }: Association,
  entity: (arn: string) => LineageEntity | undefined,
) {
  const [from, to] = [entity(source), entity(destination)];
  const row = {
    SourceArn: source,
    DestinationArn: destination,
    SourceType: from?.type,
    DestinationType: to?.type,
    AssociationType: type,
    ...(from?.name ? { SourceName: from.name } : {}),
    ...(to?.name ? { DestinationName: to.name } : {}),
    CreationTime: new Date(createdMs),
  };
  return { row, createdMs, name: row.SourceName ?? source };
}
