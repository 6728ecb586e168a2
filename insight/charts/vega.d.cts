/** Vega and Vega-Lite, loaded when the first chart is drawn. */
export function loadVega(): Promise<{ vega: typeof import("vega"); vegaLite: typeof import("vega-lite") }>;
