import type { ReactNode } from "react";

export function PageTitle({ title, aside }: { readonly title: ReactNode; readonly aside?: ReactNode }) {
  return (
    <div className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-1 sm:mb-8">
      <h1 className="foreign min-w-0 text-2xl font-semibold tracking-tight sm:text-[1.75rem]">{title}</h1>
      {aside}
    </div>
  );
}
