/** Something that the program does with what it reads, which no policy shows, and the spec that proves it. */
export interface Mitigation {
  readonly says: string;
  /** File of the spec, and the title of the test in it. */
  readonly spec: string;
  readonly title: string;
}

export type MitigationName =
  | "checkpoints are no code"
  | "archives are no code"
  | "images by digest"
  | "studio libraries by digest"
  | "evidence by digest"
  | "states are no code";

/** Claims that hold. Without one, the search takes the worst: what is loaded runs, what is read is believed. */
export const mitigations: Readonly<Partial<Record<MitigationName, Mitigation>>> = {
  "checkpoints are no code": {
    says: "Checkpoints and base weights are read as tensors and plain values.",
    spec: "ml/tests/test_hostile_files.py",
    title: "test_a_planted_checkpoint_is_refused",
  },
  "archives are no code": {
    says: "Archives hold plain files, and the served network is data.",
    spec: "ml/tests/test_hostile_files.py",
    title: "test_archives_that_no_training_job_writes_are_refused",
  },
  "studio libraries by digest": {
    says: "Studio's apps install only the requirements that their script names by digest.",
    spec: "test/infra/studio/lifecycle.spec.ts",
    title: "refuses requirements that are not those of its digest, and installs nothing of them",
  },
  "evidence by digest": {
    says: "A decision names the evaluation's and the archive's digests.",
    spec: "test/lifecycle/decision.spec.ts",
    title: "refuses any single change of what is there now, whatever it is changed to",
  },
  "states are no code": {
    says: "Commands open no state that would run code which the program does not have.",
    spec: "test/automation/stack/state-code.spec.ts",
    title: "of this program runs nothing of its own",
  },
};
