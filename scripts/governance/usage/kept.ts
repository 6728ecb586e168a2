/** Rights that no rehearsal uses and that stay, and why. */
export interface Kept {
  /** Roles without their environment's prefix; `*` stands for any letters. */
  readonly roles: readonly string[];
  /** Actions as policies write them, or ids of statements. */
  readonly rights: readonly string[];
  readonly why: string;
}

export const keptRights: readonly Kept[] = [];
