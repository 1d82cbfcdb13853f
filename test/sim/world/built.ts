/** Where the media servers of an image answer. A line of the user data stands for what an image is built with. */

/** A port and a health path of its own. */
export interface Built {
  readonly port: number;
  readonly path: string;
}

/** The first is what a server is built for that says nothing of it. No two have the same port. */
export const BUILDS = [
  { port: 8080, path: "/health" },
  { port: 9090, path: "/v2/health" },
  { port: 9091, path: "/status" },
] as const satisfies readonly Built[];

/** The user data of a person's machine, which answers wherever it is asked. */
export const ANYWHERE = "#!/bin/sh\n# answers anywhere\n";

/** The line that makes a server answer there; nothing for the first of `BUILDS`. */
export function lineFor({ port, path }: Built): string {
  return port === BUILDS[0].port ? "" : `# answers on ${port} at ${path}\n`;
}

/** Where a server with this user data answers. */
export function builtFor(userData: string): readonly Built[] {
  if (userData === ANYWHERE) return BUILDS;
  const built = BUILDS.find((each) => lineFor(each) !== "" && userData.includes(lineFor(each)));
  return [built ?? BUILDS[0]];
}
