import { wellArchitected } from "../frameworks";
import { changedByExperiment } from "../experiments";
import { defineRule } from "../rule";

interface Capture {
  readonly enableCapture?: boolean;
  readonly captureOptions?: readonly { readonly captureMode?: string }[];
  readonly destinationS3Uri?: string;
}

interface Deployment {
  readonly blueGreenUpdatePolicy?: object;
  readonly rollingUpdatePolicy?: object;
  readonly autoRollbackConfiguration?: { readonly alarms?: readonly object[] };
}

export const endpointMonitored = defineRule({
  name: "endpoint-monitored",
  description: "Endpoints capture requests and answers, and are updated by an explicit plan that alarms can stop.",
  rationale: "A model that nobody watches fails silently, and without alarms SageMaker rolls nothing back.",
  severity: "critical",
  framework: wellArchitected("MLOPS12", "Monitor deployed models and roll back by alarms"),
  remediationSteps: "Use the MonitoredEndpoint component (infra/serving), which brings all of it.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html",
  appliesTo: (type) => type in checks,
  *check({ type, props }) {
    yield* checks[type]!(props);
  },
});

const checks: Readonly<Record<string, (props: Record<string, unknown>) => Iterable<string>>> = {
  *"aws:sagemaker/endpointConfiguration:EndpointConfiguration"(props) {
    const capture = props["dataCaptureConfig"] as Capture | undefined;
    if (!capture?.enableCapture) {
      yield "Data capture is off.";
      return;
    }
    const modes = (capture.captureOptions ?? []).map(({ captureMode }) => captureMode);
    for (const mode of ["Input", "Output"])
      if (!modes.includes(mode) && !modes.includes("InputAndOutput"))
        yield `Data capture leaves out ${mode === "Input" ? "requests" : "answers"}.`;
  },
  *"aws:sagemaker/endpoint:Endpoint"(props) {
    const deployment = props["deploymentConfig"] as Deployment | undefined;
    // Its variants come and go with an experiment, which SageMaker takes no deployment configuration for.
    if (!deployment && changedByExperiment(props)) return;
    if (!deployment) {
      yield "The endpoint has no deployment configuration, so an update shifts all traffic at once and nothing takes it back.";
      return;
    }
    if (!deployment.blueGreenUpdatePolicy && !deployment.rollingUpdatePolicy)
      yield "The deployment configuration names no update policy.";
    // How many alarms there are is known even while their names are not.
    if ((deployment.autoRollbackConfiguration?.alarms?.length ?? 0) === 0) yield "No alarm can roll an update back.";
  },
};
