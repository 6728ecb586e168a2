import type { Members } from "../../members";
import type { ResourceType } from "../resource-type";

/** The answer lists what was refused; the provider makes that an error. @throws Error */
function activated(key: string, answer: Members): string {
  const [error] = (answer.Errors ?? []) as Members[];
  if (error) throw new Error(`updating Cost Explorer Cost Allocation Tag (${key}): ${error.Code}: ${error.Message}`);
  return key;
}

const status = (TagKey: unknown, Status: unknown): Members => ({ CostAllocationTagsStatus: [{ TagKey, Status }] });

/** Tags by which costs are allocated. Deleting one switches it off. */
export const costs: readonly ResourceType[] = [
  {
    token: "aws:costexplorer/costAllocationTag:CostAllocationTag",
    service: "ce",
    title: "Cost Explorer Cost Allocation Tag",
    replace: ["tagKey"],
    required: ["tagKey", "status"],
    local: ["tagKey", "status"],
    create: [
      {
        operation: "UpdateCostAllocationTagsStatus",
        only: [],
        request: ({ inputs }) => status(inputs.tagKey, inputs.status),
      },
    ],
    read: {
      operation: "ListCostAllocationTags",
      only: [],
      request: ({ id, inputs }) => ({ TagKeys: [id || String(inputs.tagKey)] }),
      result: (answer) => (answer.CostAllocationTags as Members[] | undefined)?.[0],
    },
    delete: [
      {
        operation: "UpdateCostAllocationTagsStatus",
        only: [],
        request: ({ id }) => status(id, "Inactive"),
      },
    ],
    id: (answer, { inputs }) => activated(String(inputs.tagKey), answer),
    fromId: (tagKey) => ({ tagKey }),
    outputs: (answer, { inputs }) => ({
      tagKey: answer.TagKey ?? inputs.tagKey,
      status: answer.Status ?? inputs.status,
      type: answer.Type ?? "UserDefined",
    }),
  },
];
