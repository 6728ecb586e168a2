import type { Cloud } from "../../local/cloud";
import type { Placement } from "../../local/network/placement";
import type { NetworkRecord } from "../../local/network/topology";
import { hex } from "../../local/provider/naming";
import { recordTable, recordTypes } from "../../local/provider/records";
import type { Recorder } from "./mocks";
import { accountId } from "./scope";

/** The network resources that a program registered, as the local cloud keeps them, with ids of AWS's form. */
export function networkOf(recorder: Recorder): NetworkRecord[] {
  return resourcesOf(recorder).map(({ type, outputs }) => ({
    type,
    id: idOf(type, String(outputs["id"])),
    properties: renamed(recorder, outputs) as NetworkRecord["properties"],
  }));
}

const resourcesOf = (recorder: Recorder) =>
  recorder.resources.filter(({ type }) => type in recordTypes && /^aws:(ec2|vpc)\//.test(type));
const idOf = (type: string, id: string): string => `${recordTypes[type]}${hex(id, 17)}`;

function renamed(recorder: Recorder, value: unknown): unknown {
  const ids = new Map(
    resourcesOf(recorder).map(({ type, outputs }) => [String(outputs["id"]), idOf(type, String(outputs["id"]))]),
  );
  const walk = (one: unknown): unknown =>
    typeof one === "string"
      ? (ids.get(one) ?? one)
      : Array.isArray(one)
        ? one.map(walk)
        : one !== null && typeof one === "object"
          ? Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, walk(inner)]))
          : one;
  return walk(value);
}

/** Where the program puts its jobs and models. */
export function workloads(recorder: Recorder): Placement {
  const { subnets, securityGroupIds } = renamed(
    recorder,
    recorder.one("aws:sagemaker/model:Model").inputs["vpcConfig"],
  ) as { subnets: string[]; securityGroupIds: string[] };
  return { subnetIds: subnets, securityGroupIds };
}

/**
 * Makes networks in a local cloud as if they had been brought up.
 * @returns how to take one resource away, and how to bring that back.
 */
export function bringUp(
  cloud: Cloud,
  records: readonly NetworkRecord[],
  tags: Readonly<Record<string, string>> = {},
): (id: string) => () => void {
  const table = recordTable(cloud);
  // The policies name the account that the program was run for.
  const here = (properties: NetworkRecord["properties"]): never =>
    JSON.parse(JSON.stringify(properties).replaceAll(accountId, cloud.accountId)) as never;
  const put = ({ type, id, properties }: NetworkRecord): void =>
    table.put(`${type}|${id}`, {
      type,
      id,
      arn: cloud.arn("ec2", id),
      region: cloud.region,
      tags,
      properties: here(properties),
    });
  records.forEach(put);
  return (id) => {
    const taken = records.find((record) => record.id === id);
    if (!taken) throw new Error(`no ${id} among ${records.map((record) => record.id).join(", ")}`);
    table.delete(`${taken.type}|${id}`);
    return () => put(taken);
  };
}
