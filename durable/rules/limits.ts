/**
 * The numbers of the fleet that no spec changes. Durations are in milliseconds.
 * What the spec can change has its default at the edge, in `worker/api`.
 */

/** A command is not begun later than this after its plan. */
export const COMMAND_LIFE_MS = 20_000;
/** No call takes longer; a command is surely over this long after its `notAfter`. */
export const CALL_LIMIT_MS = 8_000;

/** Commands of one tick, over all kinds: what six connections carry out in about five seconds. */
export const COMMANDS_PER_TICK_MAX = 100;
/** Names in one CreateInstances call, until AWS refuses so many: the model states no maximum. */
export const NAMES_PER_CREATE_MAX = 50;
/** Names read one by one in a tick, after a create that may have happened. */
export const LOOK_UPS_PER_TICK_MAX = 3;
/** Names read one by one in a tick because of their addresses. */
export const OWNERS_PER_TICK_MAX = 5;

/** How often AWS is asked what became of an operation that has made no server yet. */
export const OPERATION_EVERY_MS = 20_000;

/** A listing is complete every tick while something changes, and otherwise every so many ticks. */
export const LISTING_EVERY_TICKS = 6;
export const TAG_EVERY_TICKS = 3;
/** AWS gives about twenty instances in a page (aws-sdk-java-v2 #2156). */
export const LISTING_PAGE_SIZE = 20;

/** A reading older than so many probe intervals says nothing any more. */
export const STALE_AFTER_INTERVALS = 3;
/** What a fleet sustains is never taken for slower than this, so that a reading is stale after three minutes. */
export const SUSTAINED_INTERVAL_MAX_MS = 60_000;
/** A round that has become shorter is believed by and by: so much of the longer one is left after each look. */
export const ROUND_DECAY = 0.9;
/** The share of `health.timeoutSeconds` that a server gets which was silent when last asked, ... */
export const SILENT_LIMIT_SHARE = 0.25;
/** ... and no less than this. */
export const SILENT_LIMIT_MIN_MS = 500;
/** After so many silences in a row a server gets its whole time limit once more. */
export const WHOLE_LIMIT_EVERY = 8;
/** A shard that failed is not called for so many ticks. */
export const SHARD_REST_TICKS = 12;
/** Silences to the spec's check after which a server is taken to be asked in its own way only, ... */
export const TRIALS_MIN = 2;
/** ... and is tried again after this, in case it was changed. */
export const TRIAL_EVERY_MS = 600_000;
/** Servers on which the spec's check is tried in one look: a dead port costs a socket its whole time limit. */
export const TRIALS_PER_LOOK_MAX = 20;
/** Servers that were never asked which come before all others in a look. */
export const NEWCOMERS_FIRST_MAX = 12;
/** More sessions than so many times its capacity no server has: it counts something else, or lies. */
export const SESSIONS_PER_CAPACITY_MAX = 100;
/** Good readings in a row that make a warming server ready. */
export const READY_READINGS = 2;
/** Idle readings after the cordon, and after the drain time, that make it empty. */
export const EMPTY_READINGS = 2;
/** Idle readings that are remembered of one server. */
export const IDLE_READINGS_KEPT = 20;
/** Fewer silent servers than this are never blind eyes. */
export const BLIND_MIN = 2;

/** Two listings that both lack an instance which we did not delete must be so far apart. */
export const ABSENT_APART_MS = 60_000;
/** The same where the listing is empty though several instances should be in it. */
export const EMPTY_APART_MS = 600_000;
/** Listings lag: a row younger than this is not missed. */
export const ABSENT_MIN_AGE_MS = 120_000;
/** A lost instance can come back from a lagging listing; after this it is gone. */
export const LOST_FOR_MS = 600_000;
/** A server that AWS lists as not running for so long is not waited for any more. */
export const STOPPED_FOR_MS = 900_000;
/** What a listing shows is at most so old: AWS's reads lag behind its writes. */
export const LISTING_LAG_MS = 150_000;
/** An adoption that AWS has not shown by then is given up. */
export const ADOPTION_LIFE_MS = 600_000;
/** So often one is looked up after that which is a row, and silent. */
export const DOUBT_EVERY_TICKS = 12;
/** Another ledger's call can arrive so long after ours was born, and be no rival. */
export const RIVAL_AFTER_MS = 120_000;
/** A server that was called back from its drain counts as a spare to come for so long. */
export const RETURNING_FOR_MS = 60_000;
/** Silent servers for which others are launched at the same time; the rest is waited for. */
export const SILENT_REPLACED_MAX = 5;
/** Prices are read once a day; where they are not known yet, once a minute. */
export const BUNDLES_EVERY_MS = 86_400_000;
export const BUNDLES_RETRY_MS = 60_000;
/** So long after a write of the tag EC2 may still say what was there before; then it is written again. */
export const TAG_STALE_MS = 60_000;
/** Launches are taken to last this long until one was measured. */
export const LEAD_GUESS_MS = 180_000;
/** Launches do not begin earlier than this before the moment for which they are. */
export const LEAD_MAX_MS = 1_800_000;
/** Of so many launches the lead is measured. */
export const LEADS_KEPT = 50;
/** Overrides that may be booked at once. */
export const OVERRIDES_MAX = 100;
/** A server that was told to drain, or to come back, is told again if it has not said so after this. */
export const DRAIN_AGAIN_MS = 15_000;
/** A delete that was accepted is asked for again if the instance is still listed after this. */
export const DELETE_AGAIN_MS = 60_000;
/** AWS's word that a server has its address still is good for so many ticks. */
export const WORD_HOLDS_TICKS = 6;

/** Attempts that AWS refused are repeated after 5 s, 10 s, 20 s, ... at most this. */
export const BACKOFF_FIRST_MS = 5_000;
export const BACKOFF_MAX_MS = 600_000;

/** How long a refusal of AWS holds the fleet back before it tries again. */
export const HOLD_MS = {
  quota: 300_000,
  zoneCapacity: 600_000,
  credentials: 60_000,
  rejected: 60_000,
} as const;

/** What AWS has refused for long is tried again after this at the latest. */
export const HOLD_MAX_MS = 600_000;
/** A hold that nobody has tried for so long after its end is forgotten. */
export const HOLD_UNTRIED_MS = 3_600_000;

/** A kind of call that has failed for so long holds the fleet back, ... */
export const CALL_STUCK_AFTER_MS = 30_000;
/** ... and one that is only throttled for so long: where calls are few, every row waits for its turn. */
export const THROTTLED_STUCK_AFTER_MS = 300_000;
/** A row whose own call has failed for so long is shown, although those of others get through. */
export const ROW_STUCK_AFTER_MS = 60_000;
/** A delete, or a drain, that was accepted and is not carried out is shown after this: listings lag by minutes. */
export const DELETE_STUCK_AFTER_MS = 300_000;
/** Without a page of the listing for so long, though one was due, AWS does not answer. */
export const UNSEEN_AFTER_MS = 30_000;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** The wait before attempt `attempts + 1`. */
export function backoffMs(attempts: number): number {
  return Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempts, 20));
}

/** A tag's key: EC2's API reference says 127 where its guides say 128, and what the narrower takes both take. */
export const TAG_KEY_LENGTH_MAX = 127;
export const TAG_VALUE_LENGTH_MAX = 256;
