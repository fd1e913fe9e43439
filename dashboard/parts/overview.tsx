"use client";

import dynamic from "next/dynamic";
import Link from "next/link";
import { type ReactNode, useEffect } from "react";
import { DAYS, fetchAnalytics } from "../lib/api.ts";
import type { Analytics } from "../lib/contract.ts";
import { dayWithYear, grouped } from "../lib/times.ts";
import { useResource } from "../lib/use-resource.ts";
import { PageTitle } from "./page-title.tsx";
import { Announcement, EmptyNotice, FailureNotice, Freshness } from "./states.tsx";

// The charts' code is half of what a reader loads, and the lists do without it.
const charts = () => import("./charts.tsx");
const SourceChart = dynamic(() => charts().then((part) => part.SourceChart), { ssr: false, loading: ChartBone });
const TimelineChart = dynamic(() => charts().then((part) => part.TimelineChart), { ssr: false, loading: ChartBone });

export function Overview() {
  const analytics = useResource("analytics", fetchAnalytics);
  const { data, failure, retry } = analytics;
  useEffect(() => {
    // Beside the numbers, and not after them. Where it fails, what draws the charts asks once more, and says so.
    charts().catch(() => undefined);
  }, []);
  return (
    <>
      <PageTitle title="Overview" aside={<Freshness resource={analytics} />} />
      <Announcement>{data ? `${grouped(data.total)} records, loaded.` : failure ? "" : "Loading."}</Announcement>
      {data ? <Loaded analytics={data} /> : failure ? <FailureNotice failure={failure} retry={retry} /> : <Skeleton />}
    </>
  );
}

function Loaded({ analytics }: { readonly analytics: Analytics }) {
  const { total, bySource, timeline, firstDate, lastDate } = analytics;
  const lately = timeline.reduce((sum, day) => sum + day.total, 0);
  return (
    <div className="grid gap-4 sm:gap-5">
      <dl className="grid grid-cols-2 gap-4 sm:gap-5 lg:grid-cols-4">
        <Figure label="Records" value={grouped(total)} note={`${grouped(lately)} new in ${DAYS} days`} />
        <Figure label="Sources" value={grouped(bySource.length)} note="that send records" />
        <Figure label="First day" value={firstDate ? dayWithYear(firstDate) : "none yet"} note="UTC" />
        <Figure label="Last day" value={lastDate ? dayWithYear(lastDate) : "none yet"} note="UTC" />
      </dl>
      {total === 0 ? (
        <EmptyNotice title="The lake is empty">
          Records appear here as soon as the schedule has fetched a source, and this page looks every 30 seconds.
        </EmptyNotice>
      ) : null}
      <div className="grid gap-4 sm:gap-5 lg:grid-cols-5">
        <div className="card min-w-0 p-5 sm:p-6 lg:col-span-2">
          <SourceChart counts={bySource} />
        </div>
        <div className="card min-w-0 p-5 sm:p-6 lg:col-span-3">
          <TimelineChart days={timeline} />
        </div>
      </div>
      <p className="text-sm text-soft">
        A record counts for the day (UTC) on which it was first seen.{" "}
        <Link href="/records/" prefetch={false} className="font-medium text-accent underline underline-offset-4">
          Browse all records
        </Link>
      </p>
    </div>
  );
}

function Figure({ label, value, note }: { readonly label: string; readonly value: string; readonly note: string }) {
  return (
    <div className="card min-w-0 p-4 sm:p-5">
      <dt className="label">{label}</dt>
      <dd className="mt-1.5 text-xl font-semibold tracking-tight tabular-nums sm:text-[1.75rem] sm:leading-9">
        {value}
      </dd>
      <dd className="mt-1 text-[0.8125rem] text-soft">{note}</dd>
    </div>
  );
}

function Skeleton(): ReactNode {
  return (
    <div className="grid gap-4 sm:gap-5" aria-hidden="true">
      <div className="grid grid-cols-2 gap-4 sm:gap-5 lg:grid-cols-4">
        {["records", "sources", "first", "last"].map((name) => (
          <div key={name} className="card h-31 p-5">
            <div className="bone h-4 w-20" />
            <div className="bone mt-4 h-7 w-28" />
          </div>
        ))}
      </div>
      <div className="grid gap-4 sm:gap-5 lg:grid-cols-5">
        <div className="card p-6 lg:col-span-2">
          <ChartBone />
        </div>
        <div className="card p-6 lg:col-span-3">
          <ChartBone />
        </div>
      </div>
    </div>
  );
}

function ChartBone() {
  return <div className="bone h-72" aria-hidden="true" />;
}
