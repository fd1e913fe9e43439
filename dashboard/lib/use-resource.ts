"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { Failure } from "./api.ts";

/** Between two looks for news, in milliseconds; a page that nobody sees asks for nothing. */
export const REFRESH_MILLISECONDS = 30_000;

export interface Resource<T> {
  /** What is shown; of a key that was loaded before, until there is newer. */
  readonly data: T | undefined;
  /** Why the last attempt failed. Data of an earlier one may still be there. */
  readonly failure: Failure | undefined;
  readonly loading: boolean;
  /** When `data` was answered. */
  readonly updatedAt: Date | undefined;
  readonly retry: () => void;
}

interface State<T> {
  readonly key: string | undefined;
  readonly data?: T;
  readonly failure?: Failure | undefined;
  readonly updatedAt?: Date;
}

/**
 * Load something, and again every 30 seconds while the page is visible.
 *
 * @param key names what is loaded: with another key, what is under way is aborted and the new thing is loaded. Without
 * one nothing is.
 */
export function useResource<T>(key: string | undefined, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<State<T>>({ key: undefined });
  const [loading, setLoading] = useState(true);
  const [attempt, setAttempt] = useState(0);
  const loader = useRef(load);
  useEffect(() => {
    loader.current = load;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: an attempt more is a reason to load again.
  useEffect(() => {
    if (key === undefined) return;
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let under = false;

    const run = async () => {
      clearTimeout(timer);
      under = true;
      setLoading(true);
      try {
        const data = await loader.current(leaving.signal);
        if (leaving.signal.aborted) return;
        setState({ key, data, updatedAt: new Date() });
      } catch (error) {
        if (leaving.signal.aborted) return;
        const failure = error instanceof Failure ? error : new Failure("broken", String(error));
        setState((before) => (before.key === key ? { ...before, failure } : { key, failure }));
      }
      under = false;
      setLoading(false);
      timer = setTimeout(tick, REFRESH_MILLISECONDS);
    };
    const tick = () => {
      if (document.visibilityState === "visible") void run();
    };
    const seen = () => {
      if (document.visibilityState === "visible" && !under) void run();
    };

    void run();
    document.addEventListener("visibilitychange", seen);
    return () => {
      leaving.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [key, attempt]);

  const retry = useCallback(() => setAttempt((before) => before + 1), []);
  const current = state.key === key && key !== undefined;
  return {
    data: current ? state.data : undefined,
    failure: current ? state.failure : undefined,
    loading: loading || !current,
    updatedAt: current ? state.updatedAt : undefined,
    retry,
  };
}
