"use client";

import { useMemo, useState } from "react";
import { lines, type Token } from "../lib/json-text.ts";
import { grouped } from "../lib/times.ts";

const SHOWN_LINES = 400;
/** Of a string in a line, so that one of megabytes does not hide what comes after it. */
const SHOWN_CHARACTERS = 4_000;

/** A document in lines. It is shown, copied and saved as text: nothing of it is ever a number or an element of the page. */
export function JsonViewer({ id, text }: { readonly id: string; readonly text: string }) {
  const [all, setAll] = useState(false);
  const [copied, setCopied] = useState(false);
  const laidOut = useMemo(() => lines(text), [text]);
  const cut = laidOut.length > SHOWN_LINES || text.length > SHOWN_CHARACTERS * 4;
  const shown = all ? laidOut : laidOut.slice(0, SHOWN_LINES);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // A browser that lets no page copy: the text can be saved.
      setCopied(false);
    }
  };
  const save = () => {
    const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `${id}.json`;
    link.click();
    URL.revokeObjectURL(address);
  };

  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <button type="button" className="button" onClick={copy}>
          Copy
        </button>
        <button type="button" className="button" onClick={save}>
          Save as a file
        </button>
        {cut ? (
          <button type="button" className="button" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "Show less" : `Show all ${grouped(laidOut.length)} lines`}
          </button>
        ) : null}
        <span role="status" className="text-sm text-soft">
          {copied ? "Copied." : ""}
        </span>
      </div>
      <section
        aria-label="Raw JSON"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to.
        tabIndex={0}
        className="max-h-[36rem] overflow-auto rounded-lg border border-line bg-sunken p-4"
      >
        <pre className="font-mono text-[0.8125rem] leading-5 wrap-anywhere whitespace-pre-wrap">
          <code>
            {shown.map((line, number) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its number.
              <Line key={number} line={line} whole={all} />
            ))}
            {all || laidOut.length <= SHOWN_LINES ? "" : "…"}
          </code>
        </pre>
      </section>
    </>
  );
}

function Line({ line, whole }: { readonly line: readonly Token[]; readonly whole: boolean }) {
  return (
    <>
      {line.map(({ kind, text }, at) =>
        kind === "mark" ? (
          text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a token is known by its place.
          <span key={at} className={`token-${kind}`}>
            {whole || text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`}
          </span>
        ),
      )}
      {"\n"}
    </>
  );
}
