/**
 * The three gates of a soak, judged from what the cloud really did:
 *
 * 1. No busy server was deleted: not one session stood on a server when the cloud accepted its
 *    delete, and none was lost with a server.
 * 2. No zombies at the end: whatever the cloud bills is listed by the fleet's API as its own, and is
 *    whole, unless it is so new that it may still be in the making.
 * 3. The maximum was never exceeded: what the cloud billed, pending and stopped included, at any moment.
 */

/** One instance that the cloud ever made. Times are the model's. */
export interface Billed {
  readonly name: string;
  readonly createdAt: number;
  /** Null while it is billed. */
  readonly endedAt: number | null;
}

/** A delete that the cloud accepted, with the sessions that stood on the server at that moment. */
export interface WitnessedDelete {
  readonly name: string;
  readonly at: number;
  readonly sessions: readonly number[];
}

/** Sessions that went down with their server, whenever they had been sent to it. */
export interface Loss {
  readonly host: string;
  readonly atMs: number;
  readonly sessions: number;
}

/** An instance that is billed at the end, and what it lacks to be a server of the fleet. */
export interface Standing {
  readonly name: string;
  readonly createdAt: number;
  readonly state: string;
  /** Empty if it runs and has the fleet's ports and tags. */
  readonly lacks: readonly string[];
}

/** A row of the fleet's own listing. */
export interface Row {
  readonly name: string;
  readonly phase: string;
}

export interface Evidence {
  readonly maxInstances: number;
  readonly created: readonly Billed[];
  readonly deletes: readonly WitnessedDelete[];
  readonly losses: readonly Loss[];
  readonly standing: readonly Standing[];
  /** Null if the fleet's API did not answer. */
  readonly rows: readonly Row[] | null;
  /** What was made before has had its time to become whole. */
  readonly faultsEndedAt: number;
}

/** What broke a gate: which instances, when, which sessions. */
export interface Offence {
  readonly instances: readonly string[];
  readonly at: number;
  readonly sessions: readonly number[];
  readonly sentence: string;
}

export interface Verdict {
  readonly busyDeletes: readonly Offence[];
  readonly zombies: readonly Offence[];
  readonly overMaximum: readonly Offence[];
  /** The most that was billed at once. */
  readonly peak: number;
}

/** In these the fleet does not manage what may stand behind the row. */
const FORGOTTEN: ReadonlySet<string> = new Set(["gone", "lost"]);
/** In these it is busy with it, as it always may be with a server that is new or on its way out. */
const UNFINISHED: ReadonlySet<string> = new Set([
  "planned",
  "starting",
  "configuring",
  "warming",
  "deleting",
]);

export function judge(evidence: Evidence): Verdict {
  return {
    busyDeletes: busyDeletesIn(evidence),
    zombies: zombiesIn(evidence),
    ...maximumIn(evidence),
  };
}

export function isPassed({ busyDeletes, zombies, overMaximum }: Verdict): boolean {
  return busyDeletes.length + zombies.length + overMaximum.length === 0;
}

function busyDeletesIn({ deletes, losses }: Evidence): Offence[] {
  const busy = deletes.filter(({ sessions }) => sessions.length > 0);
  const seen = new Set(busy.map(({ name }) => name));
  return [
    ...busy.map(({ name, at, sessions }) => ({
      instances: [name],
      at,
      sessions,
      sentence: `${name} was deleted with ${counted(sessions.length, "session")} on it (${sessions.join(", ")})`,
    })),
    // Sent to the server after its delete, or lost with a machine that went without one.
    ...losses
      .filter(({ host }) => !seen.has(host))
      .map(({ host, atMs, sessions }) => ({
        instances: [host],
        at: atMs,
        sessions: [],
        sentence: `${host} took ${counted(sessions, "session")} down with it, though it was empty when its delete was accepted`,
      })),
  ];
}

function zombiesIn({ standing, rows, faultsEndedAt }: Evidence): Offence[] {
  const phases = new Map(rows?.map(({ name, phase }) => [name, phase]));
  return standing.flatMap(({ name, createdAt, state, lacks }) => {
    const offence = (why: string): Offence[] => [
      {
        instances: [name],
        at: createdAt,
        sessions: [],
        sentence: `${name} is billed (${state}), and ${why}`,
      },
    ];
    if (rows === null) return offence("the fleet's API does not answer");
    const phase = phases.get(name);
    if (phase === undefined) return offence("the fleet's API does not list it");
    if (FORGOTTEN.has(phase)) return offence(`the fleet's API calls it ${phase}`);
    if (createdAt >= faultsEndedAt) return [];
    if (UNFINISHED.has(phase)) return offence(`it is still ${phase}`);
    return lacks.length === 0 ? [] : offence(`it is half-made: ${lacks.join(", ")}`);
  });
}

/** Each stretch of time above the maximum, named by its highest moment. */
function maximumIn({ created, maxInstances }: Evidence): Pick<Verdict, "overMaximum" | "peak"> {
  const overMaximum: Offence[] = [];
  const billed = new Set<string>();
  let peak = 0;
  let highest: { readonly at: number; readonly names: readonly string[] } | null = null;
  for (const { at, name, isEnd } of changesOf(created)) {
    if (isEnd) billed.delete(name);
    else billed.add(name);
    peak = Math.max(peak, billed.size);
    if (billed.size > maxInstances) {
      if (billed.size > (highest?.names.length ?? 0)) highest = { at, names: [...billed] };
    } else if (highest !== null) {
      overMaximum.push(tooMany(highest, maxInstances));
      highest = null;
    }
  }
  if (highest !== null) overMaximum.push(tooMany(highest, maxInstances));
  return { overMaximum, peak };
}

/** Begins and ends of bills in order; at one moment the ends come first, as a name may pass on. */
function changesOf(created: readonly Billed[]) {
  return created
    .filter(({ createdAt, endedAt }) => endedAt === null || createdAt < endedAt)
    .flatMap(({ name, createdAt, endedAt }) => [
      { at: createdAt, name, isEnd: false },
      ...(endedAt === null ? [] : [{ at: endedAt, name, isEnd: true }]),
    ])
    .sort((a, b) => a.at - b.at || Number(b.isEnd) - Number(a.isEnd));
}

function tooMany(
  { at, names }: { readonly at: number; readonly names: readonly string[] },
  maxInstances: number,
): Offence {
  const sentence = `${names.length} instances were billed at once, and the maximum is ${maxInstances}: ${names.join(", ")}`;
  return { instances: names, at, sessions: [], sentence };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
