/** Numbers, times and names, as people read them. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `12 s`, `14 min`, `2 h 5 min`, `3 d 4 h`. @param {number} ms */
export function lasting(ms) {
  const whole = Math.max(0, ms);
  if (whole < MINUTE) return `${Math.floor(whole / SECOND)} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < 2 * DAY) return two(whole, HOUR, "h", MINUTE, "min");
  return two(whole, DAY, "d", HOUR, "h");
}

/**
 * @param {number} ms
 * @param {number} large
 * @param {string} largeUnit
 * @param {number} small
 * @param {string} smallUnit
 */
function two(ms, large, largeUnit, small, smallUnit) {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeUnit}${rest === 0 ? "" : ` ${rest} ${smallUnit}`}`;
}

/** How long ago, or how far ahead. @param {number} at @param {number} now */
export function fromNow(at, now) {
  return at <= now ? `${lasting(now - at)} ago` : `in ${lasting(at - now)}`;
}

/** `14:05`, with the day where it is not today's. @param {number} at @param {number} now */
export function clock(at, now) {
  const date = new Date(at);
  const time = `${padded(date.getHours())}:${padded(date.getMinutes())}`;
  if (new Date(now).toDateString() === date.toDateString()) return time;
  const isNear = Math.abs(at - now) < 6 * DAY;
  /** @type {Intl.DateTimeFormatOptions} */
  const options = isNear ? { weekday: "short" } : { day: "numeric", month: "short" };
  return `${new Intl.DateTimeFormat("en", options).format(date)} ${time}`;
}

/** `14:05:09`. @param {number} at */
export function seconds(at) {
  const date = new Date(at);
  return `${padded(date.getHours())}:${padded(date.getMinutes())}:${padded(date.getSeconds())}`;
}

/** @param {number} value */
function padded(value) {
  return String(value).padStart(2, "0");
}

/** `$0.42`, `$1,204`. @param {number | null} usd */
export function dollars(usd) {
  if (usd === null) return "unknown";
  const digits = usd >= 1_000 ? 0 : 2;
  return `$${usd.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** `$481`, for what is only foreseen. @param {number} usd */
export function whole(usd) {
  return `$${Math.round(usd).toLocaleString("en")}`;
}

/** `1 server`, `3 servers`. @param {number} count @param {string} noun */
export function many(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** @param {string | null} written ISO 8601 */
export function moment(written) {
  return written === null ? null : Date.parse(written);
}

/** The name without what all names of the fleet begin with. @param {string} name @param {string} fleet */
export function shortName(name, fleet) {
  return name.startsWith(`${fleet}-`) ? name.slice(fleet.length + 1) : name;
}

/** @param {string} text */
export function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
