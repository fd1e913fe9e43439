"use client";

import Link from "next/link";
import { fetchAnalytics, fetchPage } from "../lib/api.ts";
import { type LakeRecord, type RecordPage, summary } from "../lib/contract.ts";
import { type ListPlace, nextPlace, PAGE_SIZES, previousPlace } from "../lib/list-address.ts";
import { grouped, localTime, readersZone } from "../lib/times.ts";
import { useListPlace } from "../lib/use-list-place.ts";
import { type Resource, useResource } from "../lib/use-resource.ts";
import { PageTitle } from "./page-title.tsx";
import { Announcement, EmptyNotice, FailureNotice, Freshness } from "./states.tsx";

export function RecordList() {
  const { place, go } = useListPlace();
  const lastKey = place?.keys.at(-1);
  const page = useResource(place && JSON.stringify([place.source, place.size, lastKey]), (signal) =>
    fetchPage({ source: place?.source, limit: place?.size ?? PAGE_SIZES[0], lastKey }, signal),
  );
  const number = (place?.keys.length ?? 0) + 1;
  const count = page.data?.records.length;
  return (
    <>
      <PageTitle title="Records" aside={<Freshness resource={page} />} />
      <Announcement>
        {page.failure && !page.data
          ? ""
          : count === undefined
            ? "Loading."
            : `Page ${number}, ${count} records, loaded.`}
      </Announcement>
      <Filters place={place} go={go} />
      <Content page={page} place={place} go={go} />
      <Pager page={page} place={place} go={go} />
    </>
  );
}

interface Position {
  readonly place: ListPlace | undefined;
  readonly go: (place: ListPlace) => void;
}

function Filters({ place, go }: Position) {
  const analytics = useResource("sources", fetchAnalytics);
  const known = analytics.data?.bySource.map(({ source }) => source) ?? [];
  const chosen = place?.source;
  // An address may name a source that no record has yet.
  const sources = [...new Set(chosen ? [...known, chosen] : known)].sort();
  const field = "min-h-10 max-w-full rounded-lg border border-line bg-surface px-3 text-sm font-normal text-ink";
  return (
    <form className="mb-4 flex flex-wrap gap-4" onSubmit={(event) => event.preventDefault()}>
      <label className="label grid min-w-0 gap-1">
        Source
        <select
          className={field}
          value={chosen ?? ""}
          onChange={({ target }) => place && go({ ...place, source: target.value || undefined, keys: [] })}
        >
          <option value="">All sources</option>
          {sources.map((source) => (
            <option key={source}>{source}</option>
          ))}
        </select>
      </label>
      <label className="label grid gap-1">
        Records on a page
        <select
          className={field}
          value={place?.size ?? PAGE_SIZES[0]}
          onChange={({ target }) => place && go({ ...place, size: Number(target.value), keys: [] })}
        >
          {PAGE_SIZES.map((size) => (
            <option key={size}>{size}</option>
          ))}
        </select>
      </label>
    </form>
  );
}

function Content({ page, place, go }: Position & { readonly page: Resource<RecordPage> }) {
  const { data, failure, retry } = page;
  const first = place && { ...place, keys: [] };
  if (failure && !data) {
    return (
      <FailureNotice failure={failure} retry={retry}>
        {first && place.keys.length > 0 ? <FirstPage go={() => go(first)} /> : null}
      </FailureNotice>
    );
  }
  if (!data) return <Skeleton />;
  if (data.records.length > 0) return <Table records={data.records} />;
  if (first && place.keys.length > 0) {
    return (
      <EmptyNotice title="Nothing is left on this page">
        <p className="mb-4">Its records have gone since the page before was read.</p>
        <FirstPage go={() => go(first)} />
      </EmptyNotice>
    );
  }
  return place?.source ? (
    <EmptyNotice title="This source has no records">
      It has brought none yet, or there is no source of this name.
    </EmptyNotice>
  ) : (
    <EmptyNotice title="The lake is empty">Records appear as soon as the schedule has fetched a source.</EmptyNotice>
  );
}

function FirstPage({ go }: { readonly go: () => void }) {
  return (
    <button type="button" className="button" onClick={go}>
      Go to the first page
    </button>
  );
}

function Table({ records }: { readonly records: readonly LakeRecord[] }) {
  const head = "px-4 py-3 font-medium sm:px-5";
  return (
    <div className="card overflow-hidden">
      <table className="w-full table-fixed text-sm">
        <caption className="sr-only">Records, newest first. Times are those of {readersZone()}.</caption>
        <thead>
          <tr className="border-b border-line bg-sunken text-left text-[0.8125rem] text-soft">
            <th scope="col" className={head}>
              Record
            </th>
            <th scope="col" className={`${head} hidden w-44 sm:table-cell`}>
              Source
            </th>
            <th scope="col" className={`${head} hidden w-60 md:table-cell`}>
              First seen
            </th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <Row key={record.id} record={record} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ record }: { readonly record: LakeRecord }) {
  const line = summary(record);
  const seen = record.capturedAt ? (
    <time dateTime={record.capturedAt} title={`${record.capturedAt} (UTC)`}>
      {localTime(record.capturedAt)}
    </time>
  ) : (
    "unknown"
  );
  return (
    <tr className="relative border-b border-line last:border-0 hover:bg-sunken">
      <td className="px-4 py-3 align-top sm:px-5">
        <Link
          href={`/records/${encodeURIComponent(record.id)}/`}
          prefetch={false}
          className="foreign line-clamp-2 font-medium text-accent after:absolute after:inset-0"
        >
          {record.id}
        </Link>
        {line ? <p className="foreign mt-0.5 line-clamp-2 text-soft">{line}</p> : null}
        <p className="mt-1 text-[0.8125rem] text-soft tabular-nums md:hidden">
          <span className="foreign sm:hidden">{record.source} · </span>
          {seen}
        </p>
      </td>
      <td className="foreign hidden px-5 py-3 align-top sm:table-cell">{record.source}</td>
      <td className="hidden px-5 py-3 align-top tabular-nums md:table-cell">{seen}</td>
    </tr>
  );
}

function Pager({ page, place, go }: Position & { readonly page: Resource<RecordPage> }) {
  const next = page.data?.lastKey;
  const back = place !== undefined && place.keys.length > 0;
  const number = grouped((place?.keys.length ?? 0) + 1);
  // A button that is disabled loses the focus, and with it who goes through pages by keyboard.
  return (
    <nav aria-label="Pages of records" className="mt-5 flex items-center justify-between gap-3">
      <button type="button" className="button" aria-disabled={!back} onClick={() => back && go(previousPlace(place))}>
        Previous
      </button>
      <p className="text-sm text-soft tabular-nums">Page {number}</p>
      <button
        type="button"
        className="button"
        aria-disabled={!next}
        onClick={() => {
          if (next && place) go(nextPlace(place, next));
        }}
      >
        Next
      </button>
    </nav>
  );
}

function Skeleton() {
  return (
    <div className="card" aria-hidden="true">
      {Array.from({ length: 8 }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same.
        <div key={row} className="border-b border-line p-5 last:border-0">
          <div className="bone h-4 w-48 max-w-full" />
          <div className="bone mt-2 h-4 w-full max-w-lg" />
        </div>
      ))}
    </div>
  );
}
