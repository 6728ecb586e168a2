import type { Person } from "./people";
import type { Reader } from "./reader";
import instanceTypes from "../../contract/hosts/instance-types.json";

export const studioRoles = ["data-scientist", "ml-engineer"] as const;
export type StudioRole = (typeof studioRoles)[number];

/** Somebody with a profile and a private space in Studio. */
export interface StudioPerson {
  readonly name: string;
  readonly role: StudioRole;
}

export interface StudioSettings {
  readonly enabled: boolean;
  readonly auth: "IAM" | "SSO";
  readonly people: readonly StudioPerson[];
  readonly instanceType: string;
  readonly idleMinutes: number;
  readonly spaceGb: number;
  readonly docker: boolean;
  readonly shareOutputs: boolean;
  /** Package index of apps that cannot reach PyPI; undefined leaves pip's own. */
  readonly packageIndex: string | undefined;
}

/** Studio: whether there is one, for whom, and how it is kept cheap and closed. @param members everybody; Studio is for some of them. */
export function readStudio(read: Reader, members: readonly Person[]): StudioSettings {
  return {
    enabled: read.boolean("peregrine:studio"),
    auth: read.oneOf("peregrine:studioAuth", ["IAM", "SSO"], (text) => text as StudioSettings["auth"]),
    people: members.filter((person): person is StudioPerson =>
      (studioRoles as readonly string[]).includes(person.role),
    ),
    instanceType: read.oneOf(
      "peregrine:studioInstanceType",
      instanceTypes.apps,
      String,
      "a SageMaker Studio instance type such as ml.t3.medium",
    ),
    // 60 to 525600 (SageMaker API, IdleSettings).
    idleMinutes: read.integer("peregrine:studioIdleMinutes", 60, 525_600),
    // 5 to 16384 (SageMaker API, EbsStorageSettings).
    spaceGb: read.integer("peregrine:studioSpaceGb", 5, 16_384),
    docker: read.boolean("peregrine:studioDocker"),
    shareOutputs: read.boolean("peregrine:studioShareOutputs"),
    packageIndex: read.optional(
      "peregrine:studioPackageIndex",
      /^https:\/\/[^\s'"$`\\]+$/,
      "the https URL of a Python package index",
    ),
  };
}
