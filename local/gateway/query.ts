import type { Members } from "../members";
import { AwsError } from "../errors";
import type { Member, ServiceModel } from "../model/shapes";
import { decode, type Incoming } from "./http";
import { errorCode, errorStatus, type Codec } from "./protocol";
import { readScalar } from "./values";
import { escape, writeMembers } from "./xml";

type Tree = { text?: string; branches: Map<string, Tree> };

/** The parameters of a query request: from the form body, or from the URL of a GET. */
export function queryParameters(request: Incoming): Map<string, string> {
  const pairs = request.query.map(([key, value]): [string, string] => [key, value]);
  if (request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded"))
    for (const pair of request.body.toString("utf8").split("&")) {
      const equals = pair.indexOf("=");
      if (equals > 0) pairs.push([decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]);
    }
  return new Map(pairs);
}

/** The query protocol of IAM, STS, SNS and others, and EC2's variant of it. */
export const query: Codec = {
  decode(request, operation) {
    const root: Tree = { branches: new Map() };
    for (const [key, value] of queryParameters(request)) plant(root, key.split("."), value);
    return operation.input ? ((read(root, operation.input) as Members | undefined) ?? {}) : {};
  },

  encode(output, operation, model, requestId) {
    const inner = operation.output ? writeMembers(output, operation.output) : "";
    const namespace = model.metadata.xmlNamespace ? ` xmlns="${model.metadata.xmlNamespace}"` : "";
    const wrapper = operation.output?.resultWrapper;
    const result = wrapper ? `<${wrapper}>${inner}</${wrapper}>` : inner;
    const metadata = isEc2(model)
      ? `<requestId>${requestId}</requestId>`
      : `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    return {
      status: 200,
      headers: { "content-type": "text/xml" },
      body: `<${operation.name}Response${namespace}>${result}${metadata}</${operation.name}Response>`,
    };
  },

  encodeError(error, operation, model, requestId) {
    const wanted = errorCode(error, "xml");
    const shape = operation?.errors.find((candidate) => candidate.name === wanted || candidate.error?.code === wanted);
    const code = escape(shape?.error?.code ?? wanted);
    const status = errorStatus(error, operation);
    const extra = Object.entries(error.members)
      .map(([name, value]) => `<${name}>${escape(String(value))}</${name}>`)
      .join("");
    const body =
      model && isEc2(model)
        ? `<Response><Errors><Error><Code>${code}</Code><Message>${escape(error.message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`
        : `<ErrorResponse${model?.metadata.xmlNamespace ? ` xmlns="${model.metadata.xmlNamespace}"` : ""}><Error><Type>${status >= 500 ? "Receiver" : "Sender"}</Type>` +
          `<Code>${code}</Code><Message>${escape(error.message)}</Message>${extra}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status, headers: { "content-type": "text/xml" }, body };
  },
};

function isEc2(model: ServiceModel): boolean {
  return model.metadata.protocol === "ec2";
}

function plant(tree: Tree, path: readonly string[], value: string): void {
  let at = tree;
  for (const step of path) {
    let next = at.branches.get(step);
    if (!next) at.branches.set(step, (next = { branches: new Map() }));
    at = next;
  }
  at.text = value;
}

function read(tree: Tree, member: Member): unknown {
  const { shape } = member;
  switch (shape.type) {
    case "structure": {
      const held: Members = {};
      for (const known of shape.members) {
        const branch = names(known)
          .map((name) => tree.branches.get(name))
          .find((found) => found !== undefined);
        if (branch) held[known.name] = read(branch, known);
      }
      return held;
    }
    case "list": {
      const element = shape.element!;
      // "Tags.member.1" (or the element's own name); flattened "Tags.1". An empty list is "Tags=".
      const wrapped = [element.locationName ?? "member", "member"]
        .map((name) => tree.branches.get(name))
        .find((found) => found !== undefined);
      return numbered(wrapped ?? tree).map((item) => read(item, element));
    }
    case "map": {
      const held: Members = {};
      for (const entry of numbered(tree.branches.get("entry") ?? tree)) {
        const key = entry.branches.get(shape.key!.locationName ?? "key") ?? entry.branches.get("key");
        const value = entry.branches.get(shape.value!.locationName ?? "value") ?? entry.branches.get("value");
        if (key?.text !== undefined && value) held[key.text] = read(value, shape.value!);
      }
      return held;
    }
    case "blob":
    case "boolean":
    case "character":
    case "double":
    case "float":
    case "integer":
    case "long":
    case "string":
    case "timestamp":
      if (tree.text === undefined)
        throw new AwsError("MalformedInput", `Unexpected complex element where ${member.name} should be a value`);
      return readScalar(tree.text, member);
  }
}

function numbered(tree: Tree): Tree[] {
  return [...tree.branches.entries()]
    .filter(([name]) => /^\d+$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, branch]) => branch);
}

function names(member: Member): string[] {
  const located = member.locationName;
  const capital = located && located.charAt(0).toUpperCase() + located.slice(1);
  return [member.queryName, located, capital, member.name].filter((name): name is string => name !== undefined);
}
