/** The experiment's own things that stand for the environment's in a role's documents. */
export interface StandIns {
  /** `alias/...`. */
  readonly keyAlias?: string;
  readonly artifactsBucket?: string;
  readonly modelPackageGroup?: string;
}

/** A role as the program renders it. */
export interface RoleDocuments {
  readonly trust: string;
  /** Statements of its inline policies. */
  readonly duties: readonly object[];
  readonly boundary: string;
}

/** Documents that the program renders for an account: the questions are about these, not about documents like them. */
export interface ProgramDocuments {
  /** Of an environment's key. */
  readonly keyPolicy: string;
  readonly lambdaTrust: string;
  readonly sagemakerTrust: string;
  /** Driver of a GPU endpoint, as the program configures its variant. */
  readonly inferenceAmiVersion: string;
  /** @param role name without the environment's prefix. */
  roleOf(role: string, standIns: StandIns): RoleDocuments;
}
