/**
 * Where a reader is in the list, as the page's address has it: `/records/?source=posts&size=50#pages=KEY,KEY`.
 *
 * The keys are those of all pages up to this one, so that "previous" works after a reload and in a link that somebody
 * was sent. They stand behind the `#`, where no server sees them: CloudFront refuses addresses over 8,192 bytes, and
 * a key has some hundred.
 */

export const PAGE_SIZES = [20, 50, 100] as const;

export interface ListPlace {
  readonly source: string | undefined;
  readonly size: number;
  /** What each page was asked for with, from the second one on; the last one is this page's. */
  readonly keys: readonly string[];
}

export function readPlace(search: string, hash: string): ListPlace {
  const query = new URLSearchParams(search);
  const size = Number(query.get("size"));
  const pages = new URLSearchParams(hash.replace(/^#/, "")).get("pages");
  return {
    source: query.get("source") || undefined,
    size: PAGE_SIZES.find((known) => known === size) ?? PAGE_SIZES[0],
    keys: pages ? pages.split(",").filter(Boolean).map(decoded) : [],
  };
}

export function writePlace(place: ListPlace): string {
  const query = new URLSearchParams();
  if (place.source) query.set("source", place.source);
  if (place.size !== PAGE_SIZES[0]) query.set("size", String(place.size));
  const keys = place.keys.map(encodeURIComponent).join(",");
  const search = query.size ? `?${query}` : "";
  return `/records/${search}${keys && `#${new URLSearchParams({ pages: keys })}`}`;
}

export function nextPlace(place: ListPlace, lastKey: string): ListPlace {
  return { ...place, keys: [...place.keys, lastKey] };
}

export function previousPlace(place: ListPlace): ListPlace {
  return { ...place, keys: place.keys.slice(0, -1) };
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** The id that the address of a record's page names; `undefined` where it can be no record's. */
export function readRecordId(pathname: string): string | undefined {
  const part = /^\/records\/([^/]+)\/?$/.exec(pathname)?.[1];
  // The API's own rule: nothing else is ever a record's name.
  return part && /^[A-Za-z0-9][A-Za-z0-9-]{2,127}$/.test(part) ? part : undefined;
}
