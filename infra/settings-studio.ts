import type { Reader } from "./settings-reader";
import instanceTypes from "./instance-types.json";

export const studioRoles = ["data-scientist", "ml-engineer"] as const;
export type StudioRole = (typeof studioRoles)[number];

/** Somebody with a profile and a private space in Studio. */
export interface Person {
  readonly name: string;
  readonly role: StudioRole;
}

export interface StudioSettings {
  readonly enabled: boolean;
  readonly auth: "IAM" | "SSO";
  readonly people: readonly Person[];
  readonly instanceType: string;
  readonly idleMinutes: number;
  readonly spaceGb: number;
  readonly docker: boolean;
  readonly shareOutputs: boolean;
  /** Package index of apps that cannot reach PyPI; undefined leaves pip's own. */
  readonly packageIndex: string | undefined;
}

/** `<name>=<role>`; the name becomes that of a user profile (SageMaker API, UserProfileName), shortened by `-lab` for the space. */
const person = /^([a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,58})=(data-scientist|ml-engineer)$/;

/** Studio: whether there is one, for whom, and how it is kept cheap and closed. */
export function readStudio(read: Reader): StudioSettings {
  const key = "peregrine:people";
  const entries = read.list(key, person, `a person and a role, such as anna=data-scientist (roles: ${studioRoles.join(", ")})`);
  // SageMaker writes names of profiles in lower case in its ARNs.
  const names = entries.map((entry) => person.exec(entry)?.[1]?.toLowerCase());
  const people = entries.flatMap((entry, index) => {
    const [, name, role] = person.exec(entry) ?? [];
    if (!name) return [];
    if (names.indexOf(name.toLowerCase()) < index) read.problem(`${key}[${index}]`, `${name} occurs twice; a person has one role`);
    return [{ name, role: role as StudioRole }];
  });
  return {
    enabled: read.boolean("peregrine:studio"),
    auth: read.oneOf("peregrine:studioAuth", ["IAM", "SSO"], (text) => text as StudioSettings["auth"]),
    people,
    instanceType: read.oneOf("peregrine:studioInstanceType", instanceTypes.apps, String, "a SageMaker Studio instance type such as ml.t3.medium"),
    // 60 to 525600 (SageMaker API, IdleSettings).
    idleMinutes: read.integer("peregrine:studioIdleMinutes", 60, 525_600),
    // 5 to 16384 (SageMaker API, EbsStorageSettings).
    spaceGb: read.integer("peregrine:studioSpaceGb", 5, 16_384),
    docker: read.boolean("peregrine:studioDocker"),
    shareOutputs: read.boolean("peregrine:studioShareOutputs"),
    packageIndex: read.optional("peregrine:studioPackageIndex", /^https:\/\/[^\s'"$`\\]+$/, "the https URL of a Python package index"),
  };
}
