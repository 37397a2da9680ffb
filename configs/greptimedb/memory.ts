/** Sizes by GreptimeDB's own keys. */
interface MemoryShares {
  readonly inFlightWrites: string;
  readonly mito: Readonly<Record<string, string | number>>;
  readonly index: Readonly<Record<string, string>>;
}

/**
 * How a memory limit is shared out among what keeps data. Buffers and caches together take a little under a half;
 * in-flight writes, scans, compactions and queries have budgets of their own, which are seldom all in use. The
 * proportions follow GreptimeDB's own (write buffer and page cache 1/8 each, small caches 1/16 and 1/32), halved for
 * the small caches, with a bound where GreptimeDB has none.
 */
export function memoryShares(memoryMiB: number): MemoryShares {
  const part = partOf(memoryMiB);
  return {
    inFlightWrites: part(1 / 16, 1024),
    mito: {
      global_write_buffer_size: part(1 / 8, 1024),
      global_write_buffer_reject_size: part(1 / 4, 2048),
      page_cache_size: part(1 / 8),
      sst_meta_cache_size: part(1 / 32, 128),
      vector_cache_size: part(1 / 32, 512),
      selector_result_cache_size: part(1 / 32, 512),
      range_result_cache_size: part(1 / 32, 512),
      prefilter_result_cache_size: part(1 / 64, 128),
      manifest_cache_size: part(1 / 64, 256),
      scan_memory_limit: part(1 / 4),
      experimental_compaction_memory_limit: part(1 / 4),
      max_background_compactions: 1,
    },
    index: {
      metadata_cache_size: part(1 / 64, 64),
      content_cache_size: part(1 / 32, 128),
      result_cache_size: part(1 / 64, 128),
    },
  };
}

/** A fraction of so many MiB, as GreptimeDB writes sizes: at least 8 MiB, and at most so much. */
export const partOf =
  (mebibytes: number) =>
  (fraction: number, atMostMiB = Infinity): string =>
    `${String(Math.max(8, Math.min(Math.floor(mebibytes * fraction), atMostMiB)))}MiB`;
