/** Claims `name`, a path whose folder is made when it is missing: the claim, to be released, or the process that holds it. */
export function claim(
  name: string,
): { readonly release: () => void; readonly holder?: undefined } | { readonly holder: number };

/** Whether a process of this machine runs, ours or somebody else's. */
export function isAlive(pid: number): boolean;
