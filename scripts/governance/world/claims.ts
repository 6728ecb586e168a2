/** Something that the program does with what it reads, which no policy shows, and the spec that proves it. */
export interface Claim {
  readonly says: string;
  /** File of the spec, and the title of the test in it. */
  readonly spec: string;
  readonly title: string;
}

export type ClaimName = "checkpoints are no code" | "archives are no code" | "images by digest" | "studio libraries by digest" | "evidence by digest" | "states are no code";

/** Claims that hold. Without one, the search takes the worst: what is loaded runs, what is read is believed. */
export const claims: Readonly<Partial<Record<ClaimName, Claim>>> = {};
