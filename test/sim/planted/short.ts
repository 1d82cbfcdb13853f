/** The bugs of a quick check: found within a few seeds, and of many kinds. */
export const SHORT: ReadonlySet<string> = new Set(["surplus-without-cordon"]);
