/** The Pulumi CLI that set-up found or brought; undefined before set-up. */
export function pulumiCli(): Promise<string | undefined>;

/** Folders that PATH needs for it. */
export function pulumiPath(): Promise<string[]>;

/** The folder of the user's cache that set-up keeps its tools in. */
export function cacheDir(): Promise<string>;

/** A Python that has the image's own packages, or what is missing for one. */
export function imageEnvironment(): Promise<
  { readonly python: string; readonly missing?: undefined } | { readonly python?: undefined; readonly missing: string }
>;
