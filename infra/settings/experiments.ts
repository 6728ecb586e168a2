import { integer, type Values } from "./setting";

export const experimentSettings = {
  experimentEveryMinutes: integer(0, 60, {
    meaning:
      "Minutes between two looks at an experiment that compares a challenger with the champion on the endpoint; what does harm is stopped by the next look. 0: no experiments here.",
    default: "0",
  }),
};

export interface ExperimentSettings {
  /** 0 where there are none. */
  readonly everyMinutes: number;
}

export function experimentsOf({ experimentEveryMinutes }: Values<typeof experimentSettings>): ExperimentSettings {
  return { everyMinutes: experimentEveryMinutes };
}
