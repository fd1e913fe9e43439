/** What the HTTP API answers, as docs/lake-api.md and its /openapi.json say. Values of sources stay text: see json-text.ts. */
import { elements, members, numberOf, plain, stringOf } from "./json-text.ts";

export interface Analytics {
  readonly total: number;
  readonly bySource: readonly SourceCount[];
  /** Oldest first, each day of the window, days without records too. */
  readonly timeline: readonly DayCount[];
  /** Days of UTC, `YYYY-MM-DD`; none in an empty lake. */
  readonly firstDate: string | undefined;
  readonly lastDate: string | undefined;
}

export interface SourceCount {
  readonly source: string;
  readonly count: number;
}

export interface DayCount {
  readonly date: string;
  readonly total: number;
  readonly bySource: readonly SourceCount[];
}

/** A record: the API's own attributes by name, and each of its fields as the text that came over the wire. */
export interface LakeRecord {
  readonly id: string;
  readonly source: string;
  readonly capturedAt: string | undefined;
  readonly changedAt: string | undefined;
  readonly rawKey: string | undefined;
  /** JSON text of what the source declared, in the API's order. */
  readonly fields: ReadonlyMap<string, string>;
  /** JSON text of the other attributes that the lake gives a record. */
  readonly attributes: ReadonlyMap<string, string>;
  /** JSON text of all that is kept of the document; missing in lists, and where it is in the raw object alone. */
  readonly document: string | undefined;
}

export interface RecordPage {
  readonly records: readonly LakeRecord[];
  /** What the next page is asked for with; none on the last page. */
  readonly lastKey: string | undefined;
}

/** An answer that is JSON and not what the API promises. */
export class UnexpectedShape extends Error {
  override name = "UnexpectedShape";
}

/** The names that no field of a source can have; in the order in which they are shown. */
const ATTRIBUTES = [
  "id",
  "source",
  "type",
  "captured_at",
  "changed_at",
  "processed_at",
  "raw_s3_key",
  "fingerprint",
  "generation",
  "seen",
  "expires_at",
] as const;

export function readAnalytics(text: string): Analytics {
  const answer = members(text);
  return {
    total: count(answer, "total"),
    bySource: counts(answer.get("by_source")),
    timeline: elements(present(answer, "timeline")).map((day) => {
      const parts = members(day);
      return { date: string(parts, "date"), total: count(parts, "total"), bySource: counts(parts.get("by_source")) };
    }),
    firstDate: stringOf(answer.get("first_date")),
    lastDate: stringOf(answer.get("last_date")),
  };
}

export function readPage(text: string): RecordPage {
  const answer = members(text);
  return {
    records: elements(present(answer, "records")).map(readRecord),
    lastKey: stringOf(answer.get("lastKey")),
  };
}

export function readRecord(text: string): LakeRecord {
  const all = members(text);
  const own = new Set<string>([...ATTRIBUTES, "document"]);
  const kept = all.get("document");
  return {
    id: string(all, "id"),
    source: string(all, "source"),
    capturedAt: stringOf(all.get("captured_at")),
    changedAt: stringOf(all.get("changed_at")),
    rawKey: stringOf(all.get("raw_s3_key")),
    fields: new Map([...all].filter(([name]) => !own.has(name))),
    attributes: new Map(ATTRIBUTES.flatMap((name) => (all.has(name) ? [[name, all.get(name) as string]] : []))),
    document: kept === "null" ? undefined : kept,
  };
}

/** Code and message of an error, where the answer has the API's shape; a gateway's own errors have no code. */
export function readError(text: string): { readonly message?: string; readonly code?: string } {
  const answer = members(text);
  const message = stringOf(answer.get("message"));
  const code = stringOf(answer.get("code"));
  return { ...(message && { message }), ...(code && { code }) };
}

/** A record in a line: its first texts, as far as a line goes. */
export function summary(record: LakeRecord, length = 160): string {
  let line = "";
  const values = [...record.fields.values()];
  // Numbers without their names say little, where there are words.
  const texts = values.filter((value) => value.startsWith('"') && value !== '""');
  for (const value of texts.length > 0 ? texts : values) {
    // No more of a field of megabytes is read than is shown; the cut may leave a string without its end.
    const short = value.length > 4 * length ? `${value.slice(0, length).replace(/\\[^"]{0,5}$/, "")}…` : value;
    const words = (short === value ? plain(short) : short.replace(/^"/, "")).replace(/\s+/g, " ").trim();
    if (words && words !== "null") line += `${line && " · "}${words}`;
    if (line.length > length) return `${[...line].slice(0, length).join("").trimEnd()}…`;
  }
  return line;
}

function counts(value: string | undefined): SourceCount[] {
  if (value === undefined) throw new UnexpectedShape("by_source is missing");
  return [...members(value)].map(([source, number]) => {
    const count = numberOf(number);
    if (count === undefined) throw new UnexpectedShape("a count is no number");
    return { source, count };
  });
}

function present(answer: ReadonlyMap<string, string>, name: string): string {
  const value = answer.get(name);
  if (value === undefined) throw new UnexpectedShape(`${name} is missing`);
  return value;
}

function count(answer: ReadonlyMap<string, string>, name: string): number {
  const value = numberOf(answer.get(name));
  if (value === undefined) throw new UnexpectedShape(`${name} is no number`);
  return value;
}

function string(answer: ReadonlyMap<string, string>, name: string): string {
  const value = stringOf(answer.get(name));
  if (value === undefined) throw new UnexpectedShape(`${name} is no text`);
  return value;
}
