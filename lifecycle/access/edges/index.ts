import { code } from "./code";
import { data } from "./data";
import { identities } from "./identities";
import type { EdgeKind, EdgeFamily, RequestEdge } from "./edge";
import { openings } from "./openings";
import { passed } from "./passing";
import { serving } from "./serving";
import { silence } from "./silence";

/** Every edge that the search knows, by family. */
export const families: readonly EdgeFamily[] = [identities, passed, code, data, serving, openings, silence];

export const requestEdges: readonly RequestEdge[] = families.flatMap(({ requests }) => requests);

/** @internal tests plant each kind. */
export const edgeKinds: readonly EdgeKind[] = families.flatMap(({ requests, derived }) => [...requests, ...derived]);
