import type {
  CreateModelCardCommandInput,
  CreateModelCardCommandOutput,
  DeleteModelCardCommandInput,
  DeleteModelCardCommandOutput,
  DescribeModelCardCommandInput,
  DescribeModelCardCommandOutput,
  ListModelCardsCommandInput,
  ListModelCardsCommandOutput,
  ListModelCardVersionsCommandInput,
  ListModelCardVersionsCommandOutput,
  ModelCardStatus,
  UpdateModelCardCommandInput,
  UpdateModelCardCommandOutput,
  UserContext,
} from "@aws-sdk/client-sagemaker";
import type { Call, Requirement } from "../../../call";
import { registryChecks } from "../../../checks/registry";
import type { Cloud } from "../../../cloud";
import { AwsError } from "../../../errors";
import { need } from "../../../iam/permissions/requirements";
import type { Table } from "../../../journal";
import { type Fidelity, operation } from "../../../operation";
import { listed } from "../listing";
import { emitStateChange } from "../state-change";
import { addTagsRequirement, tagContext, type Tags } from "../tags";
import { userContext } from "./groups";

interface CardVersion {
  readonly content: string;
  readonly status: ModelCardStatus;
  readonly atMs: number;
  readonly by: UserContext;
}

export interface ModelCardRecord {
  readonly name: string;
  readonly arn: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly status: ModelCardStatus;
  /** Oldest first; the first is version 1. */
  readonly versions: readonly CardVersion[];
}

const recorded: Fidelity = {
  level: "recorded",
  note: "cards with their versions; content is JSON of any form, where AWS compares it with the model card's schema, and no export as PDF",
};

/** Model cards, each change a version of its own. */
export class ModelCards {
  readonly cards: Table<ModelCardRecord>;

  constructor(
    private readonly cloud: Cloud,
    private readonly tags: Tags,
  ) {
    this.cards = cloud.journal.table("sagemaker/model-cards");
  }

  operations() {
    const onCard = ({ ModelCardName: name }: { ModelCardName: string }, { operation: action }: Call): Requirement[] => [
      need(`sagemaker:${action}`, this.arn(name)),
    ];
    const onAny = (_input: unknown, { operation: action }: Call): Requirement[] => [need(`sagemaker:${action}`, "*")];
    return {
      CreateModelCard: operation<CreateModelCardCommandInput, CreateModelCardCommandOutput>({
        requires: ({ ModelCardName, Tags: given }, call) => {
          const arn = this.arn(ModelCardName);
          return [need("sagemaker:CreateModelCard", arn, tagContext(given)), ...addTagsRequirement(arn, given, call)];
        },
        fidelity: recorded,
        handle: ({ ModelCardName: name, Content, ModelCardStatus: status, Tags: given }, call) => {
          if (this.cards.has(name)) throw registryChecks.cardNameIsFree(name);
          const atMs = this.cloud.clock.nowMs();
          const version = { content: json(Content), status, atMs, by: userContext(call) as UserContext };
          const arn = this.arn(name);
          this.put({ name, arn, createdMs: atMs, modifiedMs: atMs, status, versions: [version] });
          this.tags.put(arn, given);
          return { ModelCardArn: arn };
        },
      }),
      UpdateModelCard: operation<UpdateModelCardCommandInput, UpdateModelCardCommandOutput>({
        requires: onCard,
        fidelity: recorded,
        handle: ({ ModelCardName, Content, ModelCardStatus: status }, call) => {
          const card = this.get(ModelCardName);
          if (Content !== undefined && status !== undefined) throw registryChecks.contentOrStatus();
          if (card.status === "Archived") throw registryChecks.notArchived();
          const last = card.versions.at(-1)!;
          const version = {
            content: Content === undefined ? last.content : json(Content),
            status: status ?? last.status,
            atMs: this.cloud.clock.nowMs(),
            by: userContext(call) as UserContext,
          };
          this.put({
            ...card,
            status: version.status,
            modifiedMs: version.atMs,
            versions: [...card.versions, version],
          });
          return { ModelCardArn: card.arn };
        },
      }),
      DescribeModelCard: operation<DescribeModelCardCommandInput, DescribeModelCardCommandOutput>({
        requires: onCard,
        fidelity: recorded,
        handle: ({ ModelCardName, ModelCardVersion }) => this.describe(this.get(ModelCardName), ModelCardVersion),
      }),
      DeleteModelCard: operation<DeleteModelCardCommandInput, DeleteModelCardCommandOutput>({
        requires: onCard,
        fidelity: recorded,
        handle: ({ ModelCardName }) => {
          const { name, arn } = this.get(ModelCardName);
          this.cards.delete(name);
          this.tags.drop(arn);
          return {};
        },
      }),
      ListModelCards: operation<ListModelCardsCommandInput, ListModelCardsCommandOutput>({
        requires: onAny,
        fidelity: recorded,
        handle: (input) => {
          const { items, next } = listed(this.cards.values(), { ...input, StatusEquals: input.ModelCardStatus });
          return { ModelCardSummaries: items.map(summary), NextToken: next };
        },
      }),
      ListModelCardVersions: operation<ListModelCardVersionsCommandInput, ListModelCardVersionsCommandOutput>({
        requires: onCard,
        fidelity: recorded,
        handle: ({ ModelCardName, ...input }) => {
          const card = this.get(ModelCardName);
          const rows = card.versions.map(({ status, atMs }, index) => ({
            name: card.name,
            createdMs: card.createdMs,
            modifiedMs: atMs,
            status,
            number: index + 1,
          }));
          const { items, next } = listed(rows, {
            ...input,
            SortBy: "LastModifiedTime",
            StatusEquals: input.ModelCardStatus,
          });
          return {
            ModelCardVersionSummaryList: items.map((one) => ({
              ...summary({ ...card, ...one }),
              ModelCardVersion: one.number,
            })),
            NextToken: next,
          };
        },
      }),
    };
  }

  private put(card: ModelCardRecord): void {
    this.cards.put(card.name, card);
    emitStateChange(this.cloud, "Model Card", card.arn, this.describe(card));
  }

  private describe(card: ModelCardRecord, wanted?: number) {
    const number = wanted ?? card.versions.length;
    const version = card.versions[number - 1];
    if (!version) throw missing(card.name);
    return {
      ModelCardArn: card.arn,
      ModelCardName: card.name,
      ModelCardVersion: number,
      Content: version.content,
      ModelCardStatus: version.status,
      CreationTime: new Date(card.createdMs),
      CreatedBy: card.versions[0]!.by,
      LastModifiedTime: new Date(version.atMs),
      LastModifiedBy: version.by,
    };
  }

  private get(nameOrArn: string): ModelCardRecord {
    const name = nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);
    const card = this.cards.get(name);
    if (!card) throw missing(name);
    return card;
  }

  private arn(nameOrArn: string): string {
    return nameOrArn.startsWith("arn:") ? nameOrArn : this.cloud.arn("sagemaker", `model-card/${nameOrArn}`);
  }
}

function summary({ name, arn, status, createdMs, modifiedMs }: Omit<ModelCardRecord, "versions">) {
  return {
    ModelCardName: name,
    ModelCardArn: arn,
    ModelCardStatus: status,
    CreationTime: new Date(createdMs),
    LastModifiedTime: new Date(modifiedMs),
  };
}

function json(content: string): string {
  try {
    JSON.parse(content);
    return content;
  } catch {
    throw registryChecks.cardIsJson();
  }
}

const missing = (name: string): AwsError =>
  new AwsError("ResourceNotFound", `Could not find model card with name: ${name}`);
