/** The HTTP API as the pages use it: one address, found once, and every failure a `Failure` that a person can read. */
import {
  type Analytics,
  type LakeRecord,
  type RecordPage,
  readAnalytics,
  readError,
  readPage,
  readRecord,
} from "./contract.ts";
import { members, NotJson, stringOf } from "./json-text.ts";

/** Longer than the API's own time-out (10 s by default, below 30 s always). */
const TIMEOUT_MILLISECONDS = 30_000;

/** Days that the timeline shows. */
export const DAYS = 7;

export type FailureKind = "unreachable" | "timeout" | "missing" | "refused" | "broken";

/**
 * Why there is nothing to show.
 *
 * `unreachable`: no answer. `timeout`: none in time. `missing`: 404. `refused`: another 4xx. `broken`: 5xx, or an
 * answer that is not what the API promises.
 */
export class Failure extends Error {
  override name = "Failure";
  readonly kind: FailureKind;
  readonly status: number | undefined;
  readonly code: string | undefined;

  constructor(kind: FailureKind, message: string, status?: number, code?: string) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.code = code;
  }
}

export function fetchAnalytics(signal: AbortSignal): Promise<Analytics> {
  return read(`/analytics?days=${DAYS}`, readAnalytics, signal);
}

export function fetchPage(
  ask: { readonly source?: string | undefined; readonly lastKey?: string | undefined; readonly limit: number },
  signal: AbortSignal,
): Promise<RecordPage> {
  const query = new URLSearchParams({ limit: String(ask.limit) });
  if (ask.source) query.set("source", ask.source);
  if (ask.lastKey) query.set("lastKey", ask.lastKey);
  return read(`/records?${query}`, readPage, signal);
}

export function fetchRecord(id: string, signal: AbortSignal): Promise<LakeRecord> {
  return read(`/records/${encodeURIComponent(id)}`, readRecord, signal);
}

let address: Promise<string> | undefined;

/** The API's address. It is the stack's and not the build's: the same files serve every stack. */
async function apiAddress(): Promise<string> {
  // Not aborted by who leaves a page: all pages need it.
  address ??= get("/config.json", new AbortController().signal).then(apiUrl, (error: Failure) => {
    if (error.status === undefined) throw error;
    throw new Failure("broken", "The site has no /config.json, which names the API.", error.status);
  });
  try {
    return await address;
  } catch (error) {
    address = undefined;
    throw error;
  }
}

function apiUrl(text: string): string {
  const value = stringOf(members(text).get("apiUrl"));
  if (value === undefined) throw new Failure("broken", "The site's /config.json names no apiUrl.");
  return value.replace(/\/+$/, "");
}

async function read<T>(path: string, reader: (text: string) => T, signal: AbortSignal): Promise<T> {
  let text: string;
  try {
    const base = await apiAddress();
    signal.throwIfAborted();
    text = await get(`${base}${path}`, signal);
  } catch (error) {
    // Who left the page is told nothing.
    signal.throwIfAborted();
    if (error instanceof NotJson) throw new Failure("broken", "The site's /config.json is not JSON.");
    throw error;
  }
  try {
    return reader(text);
  } catch (error) {
    throw new Failure("broken", `The API's answer could not be read: ${(error as Error).message}.`);
  }
}

async function get(url: string, signal: AbortSignal): Promise<string> {
  const limit = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  let answer: Response;
  let text: string;
  try {
    // Asked of the server each time; one that has nothing new says so by the ETag, and sends nothing.
    answer = await fetch(url, {
      cache: "no-cache",
      headers: { accept: "application/json" },
      signal: AbortSignal.any([signal, limit]),
    });
    text = await answer.text();
  } catch {
    if (limit.aborted)
      throw new Failure("timeout", `There was no answer within ${TIMEOUT_MILLISECONDS / 1000} seconds.`);
    throw new Failure("unreachable", "There was no answer: the API, or the way to it, is down.");
  }
  if (!answer.ok) throw refusal(answer.status, text);
  return text;
}

function refusal(status: number, text: string): Failure {
  let said: ReturnType<typeof readError> = {};
  try {
    said = readError(text);
  } catch {
    // A proxy's page of HTML: the status says what can be said.
  }
  const kind = status === 404 ? "missing" : status < 500 ? "refused" : "broken";
  return new Failure(kind, said.message ?? `The API answered with status ${status}.`, status, said.code);
}
