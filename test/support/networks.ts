import type { Cloud } from "../../local/cloud";
import type { Placement } from "../../local/network/placement";
import type { NetworkRecord } from "../../local/network/topology";
import { recordTable } from "../../local/provider/records";
import type { Recorder } from "./mocks";

/** The network resources that a program registered, as the local cloud keeps them. */
export function networkOf(recorder: Recorder): NetworkRecord[] {
  return recorder.resources.filter(({ type }) => /^aws:(ec2|vpc)\//.test(type)).map(({ type, outputs }) => ({ type, id: String(outputs["id"]), properties: outputs }));
}

/** Where the program puts its jobs and models. */
export function workloads(recorder: Recorder): Placement {
  const { subnets, securityGroupIds } = recorder.one("aws:sagemaker/model:Model").inputs["vpcConfig"] as { subnets: string[]; securityGroupIds: string[] };
  return { subnetIds: subnets, securityGroupIds };
}

/** Makes networks in a local cloud as if they had been brought up. @returns how to take one resource away, and how to bring that back. */
export function bringUp(cloud: Cloud, records: readonly NetworkRecord[]): (id: string) => () => void {
  const table = recordTable(cloud);
  const put = ({ type, id, properties }: NetworkRecord): void => table.put(`${type}|${id}`, { type, id, arn: cloud.arn("ec2", id), region: cloud.region, tags: {}, properties: properties as never });
  records.forEach(put);
  return (id) => {
    const taken = records.find((record) => record.id === id);
    if (!taken) throw new Error(`no ${id} among ${records.map((record) => record.id).join(", ")}`);
    table.delete(`${taken.type}|${id}`);
    return () => put(taken);
  };
}
