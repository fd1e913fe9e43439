"use client";

import "./globals.css";

/** In place of Next's own, whose style within the page the content security policy refuses. */
export default function SiteFault() {
  return (
    <html lang="en">
      <head>
        <title>Failed · Baler lake</title>
      </head>
      <body className="p-6 font-sans">
        <h1 className="text-lg font-semibold">This page has failed</h1>
        <p className="mt-1">Load it again. The fault is the page's own, and nothing that was collected is affected.</p>
      </body>
    </html>
  );
}
