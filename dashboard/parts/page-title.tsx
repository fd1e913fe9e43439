import type { ReactNode } from "react";

/** A page's heading, and its name in the tab: known only here, as a record's name is in the address alone. */
export function PageTitle({
  title,
  tab = title,
  aside,
}: {
  readonly title: string;
  readonly tab?: string;
  readonly aside?: ReactNode;
}) {
  return (
    <div className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-1 sm:mb-8">
      <title>{`${tab} · Baler lake`}</title>
      <h1 className="foreign min-w-0 text-2xl font-semibold tracking-tight sm:text-[1.75rem]">{title}</h1>
      {aside}
    </div>
  );
}
