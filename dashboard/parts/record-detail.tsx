"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useSyncExternalStore } from "react";
import { Failure, fetchRecord } from "../lib/api.ts";
import type { LakeRecord } from "../lib/contract.ts";
import { plain } from "../lib/json-text.ts";
import { readRecordId } from "../lib/list-address.ts";
import { localTime } from "../lib/times.ts";
import { useResource } from "../lib/use-resource.ts";
import { ForeignText } from "./foreign-text.tsx";
import { JsonViewer } from "./json-viewer.tsx";
import { PageTitle } from "./page-title.tsx";
import { Announcement, FailureNotice, Freshness } from "./states.tsx";

const TIMES: ReadonlySet<string> = new Set(["captured_at", "changed_at", "processed_at"]);
const NAMES: Readonly<Record<string, string>> = {
  captured_at: "First seen",
  changed_at: "Last changed",
  processed_at: "Processed",
  raw_s3_key: "Raw object",
};

export function RecordDetail() {
  const id = useAddressedId();
  const record = useResource(id ?? undefined, (signal) => fetchRecord(id as string, signal));
  const { data, failure, retry } = record;
  // `null` is an address that can be no record's; `undefined` is one that is not known yet.
  const none = new Failure("missing", "The address names no record.");
  const missing = id === null ? none : data ? undefined : failure;
  return (
    <>
      <nav aria-label="Where you are" className="mb-2 text-sm">
        <Link href="/records/" prefetch={false} className="text-soft underline-offset-4 hover:text-ink hover:underline">
          <svg viewBox="0 0 16 16" className="mr-1.5 inline size-3.5 fill-none stroke-current" aria-hidden="true">
            <path d="M14 8H2m5-5L2 8l5 5" strokeWidth="1.5" />
          </svg>
          All records
        </Link>
      </nav>
      <PageTitle
        title={id ?? (id === null ? "No record" : "Record")}
        tab={id ? `${id} · Records` : "Record"}
        aside={<Freshness resource={record} />}
      />
      <Announcement>{data ? `Record ${data.id}, loaded.` : missing ? "" : "Loading."}</Announcement>
      {missing ? <FailureNotice failure={missing} retry={retry} /> : data ? <Loaded record={data} /> : <Skeleton />}
    </>
  );
}

/** The id in the address. Next believes that it is `_`, of which the page was made. */
function useAddressedId(): string | null | undefined {
  const pathname = usePathname();
  return useSyncExternalStore(
    () => () => {},
    () =>
      readRecordId(pathname === "/records/_/" || pathname === "/records/_" ? window.location.pathname : pathname) ??
      null,
    () => undefined,
  );
}

function Loaded({ record }: { readonly record: LakeRecord }) {
  return (
    <div className="grid gap-4 sm:gap-5">
      <div className="grid items-start gap-4 sm:gap-5 lg:grid-cols-5">
        <Section title="Fields" note="what the source declares" className="lg:col-span-3">
          {record.fields.size > 0 ? (
            <Names>
              {[...record.fields].map(([name, value]) => (
                <Name key={name} name={name}>
                  <ForeignText text={plain(value)} />
                </Name>
              ))}
            </Names>
          ) : (
            <p className="text-sm text-soft">The source declares no fields.</p>
          )}
        </Section>
        <Section title="Origin" note="what the lake noted" className="lg:col-span-2">
          <Names>
            {[...record.attributes].map(([name, value]) => (
              <Name key={name} name={NAMES[name] ?? `${name[0]?.toUpperCase()}${name.slice(1)}`}>
                <Attribute name={name} value={plain(value)} />
              </Name>
            ))}
          </Names>
        </Section>
      </div>
      <Section title="Raw JSON" note="all that is kept of the document, digit by digit">
        {record.document === undefined ? (
          <p className="text-sm text-soft">
            This document is kept in the raw object alone: it is too large for the table.
          </p>
        ) : (
          <JsonViewer id={record.id} text={record.document} />
        )}
      </Section>
    </div>
  );
}

function Attribute({ name, value }: { readonly name: string; readonly value: string }) {
  if (TIMES.has(name)) {
    return (
      <time dateTime={value} title={`${value} (UTC)`} className="tabular-nums">
        {localTime(value)}
      </time>
    );
  }
  if (name === "source") {
    return (
      <Link
        href={`/records/?${new URLSearchParams({ source: value })}`}
        prefetch={false}
        className="foreign text-accent underline underline-offset-4"
      >
        {value}
      </Link>
    );
  }
  const code = name === "raw_s3_key" || name === "fingerprint" || name === "id";
  return <span className={code ? "foreign font-mono text-[0.8125rem]" : "foreign"}>{value}</span>;
}

function Section({
  title,
  note,
  className = "",
  children,
}: {
  readonly title: string;
  readonly note: string;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className={`card min-w-0 p-5 sm:p-6 ${className}`}>
      <h2 className="font-semibold tracking-tight">{title}</h2>
      <p className="mt-0.5 mb-4 text-[0.8125rem] text-soft">{note}</p>
      {children}
    </section>
  );
}

function Names({ children }: { readonly children: ReactNode }) {
  return <dl className="divide-y divide-line border-t border-line text-sm">{children}</dl>;
}

function Name({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="grid gap-x-6 gap-y-0.5 py-2.5 sm:grid-cols-[9rem_minmax(0,1fr)]">
      <dt className="foreign text-soft">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function Skeleton() {
  return (
    <div className="card p-6" aria-hidden="true">
      <div className="bone h-4 w-40" />
      <div className="bone mt-5 h-4 w-full" />
      <div className="bone mt-3 h-4 w-3/4" />
      <div className="bone mt-3 h-4 w-5/6" />
      <div className="bone mt-8 h-56 w-full" />
    </div>
  );
}
