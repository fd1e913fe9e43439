"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";

const PAGES = [
  { href: "/", name: "Overview" },
  { href: "/records/", name: "Records" },
] as const;

export function SiteHeader() {
  const pathname = usePathname();
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex max-w-6xl items-center justify-between gap-4 px-4 sm:px-6">
        <Link href="/" prefetch={false} className="flex items-center gap-2.5 py-3.5 font-semibold tracking-tight">
          <Mark />
          <span>
            Baler <span className="font-normal text-soft">lake</span>
          </span>
        </Link>
        <nav aria-label="Pages">
          <ul className="flex gap-1">
            {PAGES.map(({ href, name }) => {
              const here = href === "/" ? pathname === "/" : pathname.startsWith("/records");
              return (
                <li key={href}>
                  <Link
                    href={href}
                    prefetch={false}
                    aria-current={here ? "page" : undefined}
                    className="block border-b-2 border-transparent px-3 pt-4.5 pb-4 text-sm font-medium text-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink"
                  >
                    {name}
                  </Link>
                </li>
              );
            })}
          </ul>
        </nav>
      </div>
    </header>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-7" aria-hidden="true">
      <rect width="32" height="32" rx="7" className="fill-accent" />
      <g fill="none" className="stroke-surface" strokeWidth="2.4" strokeLinecap="round">
        <path d="M7 11.5c3-2 6-2 9 0s6 2 9 0" />
        <path d="M7 16.5c3-2 6-2 9 0s6 2 9 0" />
        <path d="M7 21.5c3-2 6-2 9 0s6 2 9 0" />
      </g>
    </svg>
  );
}
