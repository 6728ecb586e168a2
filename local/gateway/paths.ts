import { decode } from "./http";

type Segment = { readonly literal: string } | { readonly label: string; readonly greedy: boolean };

const templates = new Map<string, readonly Segment[]>();

/** The path template of a request URI (`/{Bucket}/{Key+}?uploads`) as segments. */
export function segmentsOf(requestUri: string): readonly Segment[] {
  let segments = templates.get(requestUri);
  if (!segments) {
    segments = requestUri
      .split("?")[0]!
      .split("/")
      .filter((part) => part !== "")
      .map((part) => {
        const label = /^\{([^}+]+)(\+?)\}$/.exec(part);
        return label ? { label: label[1]!, greedy: label[2] === "+" } : { literal: part };
      });
    templates.set(requestUri, segments);
  }
  return segments;
}

/** Matches a path against a template. @returns the labels' decoded values, or undefined when it does not fit. */
export function matchPath(requestUri: string, path: string): Record<string, string> | undefined {
  const segments = segmentsOf(requestUri);
  const labels: Record<string, string> = {};
  let rest = path.replace(/^\//, "");
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index]!;
    if ("label" in segment && segment.greedy) {
      if (rest === "") return undefined;
      labels[segment.label] = unescapePath(rest);
      return labels;
    }
    const slash = rest.indexOf("/");
    const part = slash < 0 ? rest : rest.slice(0, slash);
    if (part === "") return undefined;
    if ("literal" in segment) {
      if (segment.literal !== part) return undefined;
    } else labels[segment.label] = unescapePath(part);
    rest = slash < 0 ? "" : rest.slice(slash + 1);
  }
  return rest === "" ? labels : undefined;
}

/** In a path, unlike in a query, a plus sign is a plus sign. */
function unescapePath(text: string): string {
  return decode(text.replace(/\+/g, "%2B"));
}
