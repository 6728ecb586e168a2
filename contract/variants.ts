/** The one production variant outside of experiments; guarded updates demand that its name stays. */
export const championVariant = "champion";

/** The variant of the model that an experiment compares with the champion. */
export const challengerVariant = "challenger";

/**
 * Tag of an endpoint whose variants an experiment has changed, with its id: only such a one may be updated without
 * guards, since SageMaker takes none when variants come or go.
 */
export const experimentTag = "experiment";
