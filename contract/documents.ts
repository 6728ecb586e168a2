/** The `schema` of documents that several parts write or read: its name, and the version of its form. */
export const documentSchema = {
  /** What the pipeline's `evaluate` writes of a candidate (`ml/peregrine_ml/evaluation/evaluate.py`). */
  evaluation: "peregrine.evaluation/2",
  /** What it answered to each tile (`ml/peregrine_ml/evaluation/outcomes.py`). */
  outcomes: "peregrine.outcomes/1",
  /** A signed decision about a model package. */
  decision: "peregrine.decision/1",
  /** An entry of the ledger about a release. */
  release: "peregrine.release/1",
  /** An executive report, as it is kept. */
  report: "peregrine.report/1",
  /** An entry of the ledger about an experiment. */
  experiment: "peregrine.experiment/1",
  /** An entry of the log. */
  logEntry: "peregrine.entry/1",
} as const;
