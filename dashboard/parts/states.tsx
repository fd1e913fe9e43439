"use client";

import type { ReactNode } from "react";
import type { Failure, FailureKind } from "../lib/api.ts";
import { localClock } from "../lib/times.ts";
import type { Resource } from "../lib/use-resource.ts";

const TITLES: Readonly<Record<FailureKind, string>> = {
  unreachable: "The API can't be reached",
  timeout: "The API takes too long",
  missing: "There is nothing here",
  refused: "The API refused the request",
  broken: "The API failed",
};

/** What is read aloud when something was loaded, and not at each look for news. */
export function Announcement({ children }: { readonly children: string }) {
  return (
    <p role="status" className="sr-only">
      {children}
    </p>
  );
}

/** A failure that leaves nothing to show. */
export function FailureNotice({
  failure,
  retry,
  children,
}: {
  readonly failure: Failure;
  readonly retry: () => void;
  readonly children?: ReactNode;
}) {
  return (
    <section role="alert" className="card border-l-4 border-l-alarm p-6">
      <h2 className="text-lg font-semibold">{TITLES[failure.kind]}</h2>
      <p className="foreign mt-1 max-w-prose text-soft">{failure.message}</p>
      <Status failure={failure} />
      <div className="mt-5 flex flex-wrap gap-3">
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
        {children}
      </div>
    </section>
  );
}

/** How fresh the page is; and, where the last look for news failed, that what is shown is older. */
export function Freshness({ resource }: { readonly resource: Resource<unknown> }) {
  const { updatedAt, failure, retry } = resource;
  if (!updatedAt) return null;
  const time = (
    <time dateTime={updatedAt.toISOString()} className="tabular-nums">
      {localClock(updatedAt)}
    </time>
  );
  if (!failure) return <p className="text-sm text-soft">As of {time}, renewed every 30 seconds</p>;
  return (
    <p
      role="alert"
      className="flex flex-wrap items-center gap-x-3 rounded-lg bg-alarm-wash px-3 py-1 text-sm text-alarm"
    >
      <span>
        {TITLES[failure.kind]}. This is as of {time}.
      </span>
      <button type="button" className="min-h-8 font-medium underline underline-offset-4" onClick={retry}>
        Try again
      </button>
    </p>
  );
}

export function EmptyNotice({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <section className="card px-6 py-12 text-center">
      <h2 className="text-lg font-semibold">{title}</h2>
      <div className="mx-auto mt-1 max-w-prose text-soft">{children}</div>
    </section>
  );
}

function Status({ failure }: { readonly failure: Failure }) {
  if (failure.status === undefined) return null;
  return (
    <p className="foreign mt-2 font-mono text-xs text-soft">
      {[`status ${failure.status}`, failure.code].filter(Boolean).join(" · ")}
    </p>
  );
}
