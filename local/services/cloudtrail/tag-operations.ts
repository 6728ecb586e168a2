import type {
  AddTagsCommandInput,
  AddTagsCommandOutput,
  ListTagsCommandInput,
  ListTagsCommandOutput,
  RemoveTagsCommandInput,
  RemoveTagsCommandOutput,
} from "@aws-sdk/client-cloudtrail";
import { type Fidelity, operation } from "../../operation";
import { onTrails } from "./requirements";
import { tagsOf, type TrailStore } from "./trail-store";

const executed: Fidelity = { level: "executed", note: "conditions of policies see the tags of trails" };

/** Tags of trails. */
export const tagOperations = (trails: TrailStore) => ({
  AddTags: operation<AddTagsCommandInput, AddTagsCommandOutput>({
    requires: (input, call) => onTrails(trails, [input.ResourceId], call),
    fidelity: executed,
    handle: (input) => {
      const trail = trails.get(input.ResourceId);
      trails.put({ ...trail, tags: { ...trail.tags, ...tagsOf(input.TagsList) } });
      return {};
    },
  }),

  RemoveTags: operation<RemoveTagsCommandInput, RemoveTagsCommandOutput>({
    requires: (input, call) => onTrails(trails, [input.ResourceId], call),
    fidelity: executed,
    handle: (input) => {
      const trail = trails.get(input.ResourceId);
      const gone = new Set(Object.keys(tagsOf(input.TagsList)));
      const tags = Object.fromEntries(Object.entries(trail.tags).filter(([name]) => !gone.has(name)));
      trails.put({ ...trail, tags });
      return {};
    },
  }),

  ListTags: operation<ListTagsCommandInput, ListTagsCommandOutput>({
    requires: (input, call) => onTrails(trails, input.ResourceIdList, call),
    fidelity: executed,
    handle: (input) => ({
      ResourceTagList: input.ResourceIdList.map((id) => ({
        ResourceId: id,
        TagsList: Object.entries(trails.get(id).tags).map(([Key, Value]) => ({ Key, Value })),
      })),
    }),
  }),
});
