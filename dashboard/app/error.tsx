"use client";

/** Shown where a page of ours has a fault; what the API does wrong is shown by the pages themselves. */
export default function PageFault({ reset }: { readonly reset: () => void }) {
  return (
    <section role="alert" className="card border-l-4 border-l-alarm p-6">
      <h1 className="text-lg font-semibold">This page has failed</h1>
      <p className="mt-1 text-soft">The fault is the page's own. Nothing that was collected is affected.</p>
      <button type="button" className="button mt-5" onClick={reset}>
        Try again
      </button>
    </section>
  );
}
