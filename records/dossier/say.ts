import { type DossierFacts, evidenceOf, nodeOf, type Statement } from "./facts";

/** What the records say of a point: undefined, or nothing, where they say nothing. */
export type Say = (facts: DossierFacts) => (Statement | undefined)[];

/** A document of the repository, named with its digest. */
export const doc =
  (path: string, text: string): Say =>
  ({ documents }) => {
    const found = documents.get(path);
    return [found && { text, evidence: [`${path}, SHA-256 ${found.sha256}`] }];
  };

const entry = ({ release, ledgerUri }: DossierFacts, member: string) =>
  `${ledgerUri}: entry ${release.entry.sequence} (${release.entry.hash}), ${member}`;

export const fromRelease =
  (member: string, text: (facts: DossierFacts) => string | undefined): Say =>
  (facts) => {
    const said = text(facts);
    return [said === undefined ? undefined : { text: said, evidence: [entry(facts, member)] }];
  };

/** Facts of what made the release, by kind and the names' beginning. */
export const fromNode =
  (kind: Parameters<typeof nodeOf>[1], pattern: RegExp, heading: string): Say =>
  (facts) => {
    const node = nodeOf(facts, kind);
    const told = Object.entries(node?.facts ?? {}).filter(([name]) => pattern.test(name));
    if (!node || told.length === 0) return [undefined];
    return [
      {
        text: `${heading}: ${told.map(([name, value]) => `${name.replace(/^(parameter|library|option|split) /, "")} ${value}`).join("; ")}`,
        evidence: evidenceOf(facts, node),
      },
    ];
  };

export const setting =
  (name: string, heading: string): Say =>
  ({ settings, release }) => [
    settings[name] === undefined || settings[name] === ""
      ? undefined
      : {
          text: `${heading}: ${settings[name]}`,
          evidence: [`Pulumi.${release.environment}.yaml, Pulumi.yaml: peregrine:${name}`],
        },
  ];

export const nothing: Say = () => [];
