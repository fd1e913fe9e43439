"use client";

import { useState } from "react";
import { grouped } from "../lib/times.ts";

const SHOWN_CHARACTERS = 2_000;

/** What a source sent, as text, its lines kept; the beginning of it where it is long. */
export function ForeignText({ text }: { readonly text: string }) {
  const [all, setAll] = useState(false);
  if (text === "") return <span className="text-soft">empty</span>;
  const long = text.length > SHOWN_CHARACTERS;
  return (
    <>
      <span dir="auto" className="foreign block whitespace-pre-wrap">
        {all || !long ? text : `${text.slice(0, SHOWN_CHARACTERS).replace(/[\ud800-\udbff]$/, "")}…`}
      </span>
      {long ? (
        <button
          type="button"
          aria-expanded={all}
          className="mt-1 min-h-8 font-medium text-accent underline underline-offset-4"
          onClick={() => setAll(!all)}
        >
          {all ? "Show less" : `Show all ${grouped(text.length)} characters`}
        </button>
      ) : null}
    </>
  );
}
