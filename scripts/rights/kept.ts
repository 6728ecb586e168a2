import { usedByAws } from "./kept/aws-itself";
import { usedByHand } from "./kept/by-hand";
import { usedByDeployers } from "./kept/deployer";
import type { Kept } from "./kept/entry";
import { seldomUsed } from "./kept/seldom";

/** The first entry that fits a right gives its reason: particular ones come first. */
export const keptRights: readonly Kept[] = [...usedByAws, ...seldomUsed, ...usedByHand, ...usedByDeployers];
