import type { RecommendationRule } from "./rule";
import { alertUnattended } from "./rules/alert-unattended";
import { answersMoved } from "./rules/answers-moved";
import { approvalWaits } from "./rules/approval-waits";
import { experimentDecided } from "./rules/experiment-decided";
import { idleEndpoint } from "./rules/idle-endpoint";
import { limitAhead } from "./rules/limit-ahead";
import { logDoesNotHold } from "./rules/log-does-not-hold";
import { priceAboveBudget } from "./rules/price-above-budget";
import { qualityBelowObjective } from "./rules/quality-below-objective";
import { releaseWentWrong } from "./rules/release-went-wrong";
import { servingBelowTarget } from "./rules/serving-below-target";
import { violationOpen } from "./rules/violation-open";

/** All rules of recommendations; a report says nothing that none of them says. */
export const recommendationRules: readonly RecommendationRule[] = [
  logDoesNotHold,
  violationOpen,
  servingBelowTarget,
  qualityBelowObjective,
  answersMoved,
  priceAboveBudget,
  limitAhead,
  releaseWentWrong,
  alertUnattended,
  idleEndpoint,
  approvalWaits,
  experimentDecided,
];
