/** Decoded members of a request or an answer, named as in the official service model (`EndpointName`). */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the service model, not the compiler, guards this border
export type Members = Record<string, any>;
