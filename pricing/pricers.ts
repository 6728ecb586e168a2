import { account } from "./pricers/account";
import { messages } from "./pricers/messages";
import { network } from "./pricers/network";
import { serving } from "./pricers/serving";
import { studio } from "./pricers/studio";
import { training } from "./pricers/training";
import { watching } from "./pricers/watching";
import type { Pricer } from "./pricer";

/** How each type that costs something is priced. */
export const pricers: Readonly<Record<string, Pricer>> = {
  ...account,
  ...messages,
  ...network,
  ...serving,
  ...studio,
  ...training,
  ...watching,
};
