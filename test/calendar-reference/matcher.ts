/** Cron expressions by the letter of crontab(5): a local minute matches or does not. No croner. */

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** Takes a local time as the milliseconds that a UTC clock would show it at. */
export function matcherOf(cron: string): (local: number) => boolean {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = cron.split(" ");
  const minutes = numbersOf(minute, 0, 59);
  const hours = numbersOf(hour, 0, 23);
  const days = numbersOf(day, 1, 31);
  const months = numbersOf(named(month, MONTHS, 1), 1, 12);
  const weekdays = numbersOf(named(weekday, WEEKDAYS, 0), 0, 7);
  if (weekdays.has(7)) weekdays.add(0);
  const bothMustMatch = day.startsWith("*") || weekday.startsWith("*");

  return (local) => {
    const date = new Date(local);
    if (!minutes.has(date.getUTCMinutes()) || !hours.has(date.getUTCHours())) return false;
    if (!months.has(date.getUTCMonth() + 1)) return false;
    const dayMatches = days.has(date.getUTCDate());
    const weekdayMatches = weekdays.has(date.getUTCDay());
    return bothMustMatch ? dayMatches && weekdayMatches : dayMatches || weekdayMatches;
  };
}

function numbersOf(field: string, min: number, max: number): Set<number> {
  const numbers = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "", step = "1"] = part.split("/");
    const [low = min, high = low] = range === "*" ? [min, max] : range.split("-").map(Number);
    for (let number = low; number <= high; number += Number(step)) numbers.add(number);
  }
  return numbers;
}

function named(field: string, names: readonly string[], first: number): string {
  return names.reduce(
    (text, name, index) => text.toLowerCase().replaceAll(name, String(index + first)),
    field,
  );
}
