import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { fromIni } from "@aws-sdk/credential-providers";
import type { ServerFile } from "../../local/main";
import type { EnvironmentName } from "../../contract/environments";
import { type Clients, clientsOf, type Connection, type Session } from "../../automation/roles/matrix/clients";

/** Everybody of the red team has one duty. */
export const people = {
  anna: "data-scientist",
  ben: "ml-engineer",
  cleo: "approver",
  dora: "auditor",
  emil: "deployer",
} as const;
export type Person = keyof typeof people;
export type PersonRole = (typeof people)[Person];

/** The account's IAM users, each signed in with a second factor: they may ask for roles of people, and nothing else. */
export class People {
  private constructor(
    private readonly keys: Readonly<Record<Person, Session>>,
    private readonly accountId: string,
    private readonly connection: Connection,
  ) {}

  /** Those whom the settings list, by the profiles that the local cloud writes for them. */
  static async signedIn(
    { credentialsFile, accountId }: Pick<ServerFile, "credentialsFile" | "accountId">,
    connection: Connection,
  ): Promise<People> {
    const keys = await Promise.all(
      (Object.keys(people) as Person[]).map(
        async (profile) => [profile, await fromIni({ filepath: credentialsFile, profile })()] as const,
      ),
    );
    return new People(Object.fromEntries(keys) as unknown as Record<Person, Session>, accountId, connection);
  }

  /** The person's own key, before any role was taken. */
  own(person: Person): Clients {
    return clientsOf(this.keys[person], this.connection);
  }

  /** Clients of a role's session of a person, taken as people take it: by STS, under their own name. */
  async sessionOf(environment: EnvironmentName, role: PersonRole, person: Person = personOf(role)): Promise<Clients> {
    return assume(this.own(person), this.roleArn(environment, role), this.connection, person);
  }

  roleArn(environment: string, role: string): string {
    return `arn:aws:iam::${this.accountId}:role/peregrine/${environment}/peregrine-${environment}-${role}`;
  }
}

/** Takes a role by STS. @param sourceIdentity the name that the session carries. @returns the session's clients. */
export async function assume(
  { sts }: Clients,
  roleArn: string,
  connection: Connection,
  sourceIdentity?: string,
): Promise<Clients> {
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: sourceIdentity ?? "red-team",
      ...(sourceIdentity ? { SourceIdentity: sourceIdentity } : {}),
    }),
  );
  return clientsOf(
    {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    },
    connection,
  );
}

function personOf(role: PersonRole): Person {
  return (Object.keys(people) as Person[]).find((person) => people[person] === role)!;
}
