"""Names that the containers and the rest of the project agree on.

The same as in `contract/monitoring.ts` and `contract/places.ts`: `test/contract/monitoring.spec.ts` compares them.
"""

DRIFT_SCORE = "DriftScore"
RECORDS = "CapturedRecords"
UNREADABLE = "UnreadableRecords"
CAPTURE_GAP = "CaptureGapMinutes"
ESTIMATED_MAP50 = "EstimatedMap50"
ESTIMATED_MAP50_LOW = "EstimatedMap50Low"
PRECISION = "Precision"
RECALL = "Recall"
F1 = "F1"
MAP50 = "Map50"
LABEL_COVERAGE = "LabelCoverage"
LABEL_LAG_HOURS = "LabelLagHours"

SLICE = "Slice"
CLASS = "Class"
"""Dimensions of metrics of a part of the labelled answers, beside EndpointName and VariantName."""

DRIFT_EVENT = "Drift Detected"
QUALITY_EVENT = "Quality Below Objective"
UNWATCHED_EVENT = "Window Not Judged"
EVENT_SOURCE = "peregrine.model"

MONITORING = "monitoring/"
RELEASES = "releases/"
BASELINES = f"{RELEASES}baselines/"
SUMMARIES = f"{MONITORING}summaries/"
SCORES = "scores.json"
"""Of labelled answers, beside the summaries of an endpoint's hours."""
LABELS = "labels/"
CAPTURE = "capture/"

STATISTICS = "statistics.json"
CONSTRAINTS = "constraints.json"
VIOLATIONS = "constraint_violations.json"
REPORT = "report.json"
ANALYSIS = "analysis.json"
PAGE = "report.html"
BASELINE = "baseline.json"
BASELINE_FOLDER = "baseline"
BASELINE_FILES = (STATISTICS, CONSTRAINTS, BASELINE)

SERVICE_NAMESPACE = "/aws/sagemaker/Endpoints/data-metrics"
"""Model Monitor's; AWS's pages spell it in three ways, and this one is in the page on its metrics."""
