import instanceTypes from "../../contract/hosts/instance-types.json";
import type { Person } from "./people";
import { flag, integer, oneOf, optional, type Values } from "./setting";

export const studioRoles = ["data-scientist", "ml-engineer"] as const;
export type StudioRole = (typeof studioRoles)[number];

export const studioSettings = {
  studio: flag({
    meaning: "Makes a SageMaker Studio domain with a profile and a private space per person.",
    default: "false",
  }),
  studioAuth: oneOf(["IAM", "SSO"], {
    meaning:
      "How people come into Studio, one of IAM, SSO (IAM Identity Center). It cannot be changed later without a new domain.",
    default: "IAM",
  }),
  studioInstanceType: oneOf(
    instanceTypes.apps,
    { meaning: "Default instance type of Studio apps.", default: "ml.t3.medium" },
    "a SageMaker Studio instance type such as ml.t3.medium",
  ),
  // 60 to 525600 (SageMaker API, IdleSettings).
  studioIdleMinutes: integer(60, 525_600, {
    meaning: "Minutes without activity after which Studio apps are shut down, 60 or more.",
    default: "60",
  }),
  // 5 to 16384 (SageMaker API, EbsStorageSettings).
  studioSpaceGb: integer(5, 16_384, { meaning: "Disk of a private space, GB, 5 to 16384.", default: "20" }),
  studioDocker: flag({ meaning: "Lets people build and run containers inside Studio apps.", default: "false" }),
  studioShareOutputs: flag({
    meaning:
      "Lets people share notebooks with their outputs, which then lie in the artifacts bucket. Outputs may show images of the dataset.",
    default: "false",
  }),
  studioPackageIndex: optional(/^https:\/\/[^\s'"$`\\]+$/, "the https URL of a Python package index", {
    meaning:
      "Python package index that Studio apps install from, for networks without a way to PyPI. Empty leaves pip's own.",
    example: "https://pypi.example.org/simple",
  }),
};
type StudioValues = Values<typeof studioSettings>;

/** Somebody with a profile and a private space in Studio. */
export interface StudioPerson {
  readonly name: string;
  readonly role: StudioRole;
}

/** Studio: whether there is one, for whom, and how it is kept cheap and closed. */
export interface StudioSettings {
  readonly enabled: boolean;
  readonly auth: StudioValues["studioAuth"];
  readonly people: readonly StudioPerson[];
  readonly instanceType: string;
  readonly idleMinutes: number;
  readonly spaceGb: number;
  readonly docker: boolean;
  readonly shareOutputs: boolean;
  /** Package index of apps that cannot reach PyPI; undefined leaves pip's own. */
  readonly packageIndex: string | undefined;
}

/** @param members everybody; Studio is for some of them. */
export function studioOf(values: StudioValues, members: readonly Person[]): StudioSettings {
  return {
    enabled: values.studio,
    auth: values.studioAuth,
    people: members.filter((person): person is StudioPerson =>
      (studioRoles as readonly string[]).includes(person.role),
    ),
    instanceType: values.studioInstanceType,
    idleMinutes: values.studioIdleMinutes,
    spaceGb: values.studioSpaceGb,
    docker: values.studioDocker,
    shareOutputs: values.studioShareOutputs,
    packageIndex: values.studioPackageIndex,
  };
}
