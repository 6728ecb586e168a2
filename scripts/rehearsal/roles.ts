import { clientsOf, type Clients, close } from "../../automation/roles/matrix/clients";
import { peopleOfMatrix } from "../../automation/roles/matrix/expected";
import { cellsOf, homesOf } from "../../automation/roles/matrix/rows";
import { holderOf, targetsOf } from "../../automation/roles/matrix/place";
import { takeRole } from "../../aws/sts";
import { differences, execute } from "../../automation/roles/matrix/ask";
import type { Rehearsal } from "./rehearsal";
import type { Facts } from "./summary";

/**
 * The matrix of roles and actions for people, as real requests: each role of each environment is taken by a person who
 * is listed for it and sends the request of every cell. Services' roles can be taken by services alone; their cells are
 * executed in `test/automation/roles/`.
 * @throws Error with every cell that is not as the table says.
 */
export async function verifyRoles(rehearsal: Rehearsal): Promise<Facts> {
  const { session } = rehearsal.environments.dev;
  const targets = await targetsOf(session);
  const holders = peopleOfMatrix.flatMap((role) => homesOf(role).map((environment) => ({ role, environment })));
  const clients = new Map<string, Clients>();
  try {
    await Promise.all(
      holders.map(async ({ role, environment }) =>
        clients.set(
          `${role} ${environment}`,
          clientsOf(
            await takeRole({ ...session, profile: holderOf(environment, role) }, targets[environment].roleArn(role)),
            { region: session.region },
          ),
        ),
      ),
    );
    const answers = await execute(cellsOf(peopleOfMatrix), targets, ({ role, from }) =>
      clients.get(`${role} ${from}`)!,
    );
    const wrong = differences(answers);
    if (wrong.length > 0)
      throw new Error(
        `${wrong.length} of ${answers.length} cells of the matrix are not as written:\n${wrong.join("\n")}`,
      );
    const allowed = answers.filter(({ actual }) => actual === "allowed").length;
    return { roles: holders.length, cells: answers.length, allowed, denied: answers.length - allowed, different: 0 };
  } finally {
    for (const each of clients.values()) close(each);
  }
}
