"use client";

import { useCallback, useSyncExternalStore } from "react";
import { type ListPlace, readPlace, writePlace } from "./list-address.ts";

const MOVED = "baler:moved";

/** Where the address says that the reader is in the list, and a way to go elsewhere. `undefined` while there is no browser. */
export function useListPlace(): { readonly place: ListPlace | undefined; readonly go: (place: ListPlace) => void } {
  const address = useSyncExternalStore(subscribe, currentAddress, () => undefined);
  const go = useCallback((place: ListPlace) => {
    window.history.pushState(null, "", writePlace(place));
    window.dispatchEvent(new Event(MOVED));
  }, []);
  const hash = address?.indexOf("#") ?? -1;
  const place =
    address === undefined
      ? undefined
      : readPlace(hash < 0 ? address : address.slice(0, hash), hash < 0 ? "" : address.slice(hash));
  return { place, go };
}

function currentAddress(): string {
  return `${window.location.search}${window.location.hash}`;
}

function subscribe(changed: () => void): () => void {
  // A link to this page that Next follows says nothing but here; it moves in the middle of React's work.
  const navigation = (window as { navigation?: EventTarget }).navigation;
  const later = () => queueMicrotask(changed);
  navigation?.addEventListener("currententrychange", later);
  for (const name of ["popstate", "hashchange", MOVED]) window.addEventListener(name, changed);
  return () => {
    navigation?.removeEventListener("currententrychange", later);
    for (const name of ["popstate", "hashchange", MOVED]) window.removeEventListener(name, changed);
  };
}
