import { code } from "./code";
import { data } from "./data";
import { identities } from "./identities";
import type { EdgeKind, Family, RequestEdge } from "./kind";
import { openings } from "./openings";
import { passed } from "./passing";
import { serving } from "./serving";
import { silence } from "./silence";

/** Every way that the search knows, by family. */
export const families: readonly Family[] = [identities, passed, code, data, serving, openings, silence];

export const requestEdges: readonly RequestEdge[] = families.flatMap(({ requests }) => requests);

/** @internal tests plant each kind. */
export const edgeKinds: readonly EdgeKind[] = families.flatMap(({ requests, consequences }) => [
  ...requests,
  ...consequences,
]);
