/**
 * Times and days. A time is a moment, shown in the reader's own zone, which is named beside it. A day is the API's: it
 * ends at midnight UTC, its counts can't be moved to another zone's days, and so it is shown as it is, everywhere.
 */

const DAY: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", timeZone: "UTC" };

/** `2026-11-26T08:05:00Z` as `26 Nov 2026, 09:05:00 CET`; what is no time is shown as it is. */
export function localTime(time: string, timeZone?: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
    timeZone,
  }).format(date);
}

/** The time of a moment within the reader's day: `09:05:00`. */
export function localClock(time: Date, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone }).format(time);
}

/** The name of the reader's zone, as `Europe/Vienna`. */
export function readersZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `2026-11-26` as `Thu 26 Nov`. */
export function dayLabel(day: string): string {
  return formatted(day, { ...DAY, weekday: "short" }).replace(",", "");
}

/** `2026-11-26` as `Thu`, `26` and `Nov`. */
export function dayParts(day: string): [string, string, string] {
  const part = (options: Intl.DateTimeFormatOptions) => formatted(day, { ...options, timeZone: "UTC" });
  return [part({ weekday: "short" }), part({ day: "numeric" }), part({ month: "short" })];
}

/** `2026-11-26` as `26 Nov 2026`. */
export function dayWithYear(day: string): string {
  return formatted(day, { ...DAY, year: "numeric" });
}

function formatted(day: string, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? day : new Intl.DateTimeFormat("en-GB", options).format(date);
}

/** `1234567` as `1.2m`, where there is little room. */
export function compact(count: number): string {
  return new Intl.NumberFormat("en-GB", { notation: "compact" }).format(count);
}

/** `1234567` as `1,234,567`. */
export function grouped(count: number): string {
  return new Intl.NumberFormat("en-GB").format(count);
}
