/**
 * What GreptimeDB v1.1.4 documents for each role: the flags of its commands (src/cmd/src/<role>.rs) and the keys of its
 * example files (config/<role>.example.toml), those in comments included. It ignores unknown keys silently, so a
 * misspelled one would be found by nobody.
 */

export const flags = {
  standalone: words(`http-addr grpc-bind-addr mysql-addr postgres-addr influxdb-enable config-file data-home
    user-provider tls-mode tls-cert-path tls-key-path tls-watch env-prefix`),
  metasrv: words(`grpc-bind-addr grpc-server-addr store-addrs config-file selector enable-region-failover http-addr
    http-timeout env-prefix data-home store-key-prefix max-txn-ops backend`),
  datanode: words(`node-id grpc-bind-addr grpc-server-addr metasrv-addrs config-file data-home wal-dir http-addr
    http-timeout env-prefix`),
  frontend: words(`grpc-bind-addr grpc-server-addr internal-grpc-bind-addr internal-grpc-server-addr http-addr
    http-timeout mysql-addr postgres-addr config-file influxdb-enable metasrv-addrs tls-mode tls-cert-path tls-key-path
    tls-watch user-provider disable-dashboard env-prefix`),
  flownode: words(
    `node-id grpc-bind-addr grpc-server-addr metasrv-addrs config-file env-prefix http-addr http-timeout`,
  ),
} as const;

export type DocumentedRole = keyof typeof flags;

/** The options of the HTTP server are the same for all roles (src/servers/src/http.rs); some examples leave this out. */
const undocumented = ["http.enable_cors"];

export const keysOf = (role: DocumentedRole): Set<string> =>
  new Set([
    ...undocumented,
    ...documented[role].split(/\n {2}(?! )/).flatMap((line) => {
      const [section = "", names = ""] = line.trim().split(": ");
      return words(names).map((name) => (section === "-" ? name : `${section}.${name}`));
    }),
  ]);

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** A line a section, `-` for the top. */
const documented: Readonly<Record<DocumentedRole, string>> = {
  standalone: `
  -: default_timezone default_column_prefix auto_create_table user_provider max_in_flight_write_bytes
    write_bytes_exhausted_policy init_regions_in_background init_regions_parallelism max_concurrent_queries
    enable_telemetry
  runtime: global_rt_size compact_rt_size
  http: addr timeout body_limit enable_cors cors_allowed_origins prom_validation_mode
  grpc: bind_addr runtime_size max_connection_age
  grpc.tls: mode cert_path key_path watch
  mysql: enable addr runtime_size keep_alive prepared_stmt_cache_size
  mysql.tls: mode cert_path key_path watch
  postgres: enable addr runtime_size keep_alive
  postgres.tls: mode cert_path key_path watch
  opentsdb: enable
  influxdb: enable default_merge_mode
  jaeger: enable
  otlp: enable trace_ingest_chunk_size
  prom_store: enable with_metric_engine pending_rows_flush_interval max_batch_rows max_concurrent_flushes
    worker_channel_capacity max_inflight_requests
  wal: provider dir file_size purge_threshold purge_interval read_batch_size sync_write enable_log_recycle
    prefill_log_files sync_period recovery_parallelism broker_endpoints connect_timeout timeout auto_create_topics
    num_topics selector_type topic_name_prefix replication_factor create_topic_timeout max_batch_bytes
    consumer_wait_timeout overwrite_entry_start_id
  wal.sasl: type username password
  wal.tls: server_ca_cert_path client_cert_path client_key_path
  metadata_store: file_size purge_threshold purge_interval
  procedure: max_retry_times retry_delay max_running_procedures
  flow: num_workers
  storage: type bucket root access_key_id secret_access_key endpoint region enable_virtual_host_style
    disable_ec2_metadata access_key_secret container account_name account_key sas_token scope credential_path
    credential data_home
  query: parallelism memory_pool_size
  storage.http_client: pool_max_idle_per_host connect_timeout timeout pool_idle_timeout skip_ssl_validation
  region_engine.mito: num_workers worker_channel_size worker_request_batch_size manifest_checkpoint_distance
    compress_manifest max_background_flushes max_background_compactions max_background_purges
    experimental_compaction_memory_limit experimental_compaction_on_exhausted auto_flush_interval
    global_write_buffer_size global_write_buffer_reject_size sst_meta_cache_size vector_cache_size page_cache_size
    selector_result_cache_size range_result_cache_size prefilter_result_cache_size enable_write_cache
    write_cache_path write_cache_size write_cache_ttl preload_index_cache index_cache_percent
    enable_refill_cache_on_read manifest_cache_size sst_write_buffer_size max_concurrent_scan_files
    allow_stale_entries scan_memory_limit scan_memory_on_exhausted min_compaction_interval
    schedule_compaction_after_edit default_flat_format
  region_engine.mito.index: aux_path staging_size staging_ttl metadata_cache_size content_cache_size
    content_cache_page_size result_cache_size
  region_engine.mito.inverted_index: create_on_flush create_on_compaction apply_on_query mem_threshold_on_create
    intermediate_path
  region_engine.mito.fulltext_index: create_on_flush create_on_compaction apply_on_query mem_threshold_on_create
  region_engine.mito.bloom_filter_index: create_on_flush create_on_compaction apply_on_query
    mem_threshold_on_create
  region_engine.metric: sparse_primary_key_encoding
  logging: dir level enable_otlp_tracing otlp_endpoint append_stdout log_format max_log_files otlp_export_protocol
  logging.tracing_sample_ratio: default_ratio
  slow_query: enable record_type threshold sample_ratio
  tracing: tokio_console_addr
  memory: enable_heap_profiling`,
  metasrv: `
  -: data_home store_addrs store_key_prefix backend meta_table_name meta_schema_name auto_create_schema
    meta_election_lock_id selector enable_region_failover region_failure_detector_initialization_delay
    allow_region_failover_on_local_wal node_max_idle_time heartbeat_interval enable_telemetry
  runtime: global_rt_size compact_rt_size
  backend_tls: mode cert_path key_path ca_cert_path
  backend_client: keep_alive_timeout keep_alive_interval connect_timeout
  grpc: bind_addr server_addr runtime_size max_recv_message_size max_send_message_size http2_keep_alive_interval
    http2_keep_alive_timeout
  http: addr timeout body_limit
  procedure: max_retry_times retry_delay max_metadata_value_size max_running_procedures
  failure_detector: threshold min_std_deviation acceptable_heartbeat_pause
  datanode.client: timeout connect_timeout tcp_nodelay
  wal: provider broker_endpoints auto_create_topics auto_prune_interval auto_prune_logical_delete
    flush_trigger_size checkpoint_trigger_size auto_prune_parallelism num_topics selector_type topic_name_prefix
    replication_factor create_topic_timeout
  wal.sasl: type username password
  wal.tls: server_ca_cert_path client_cert_path client_key_path
  event_recorder: ttl
  stats_persistence: ttl interval
  gc: enable gc_cooldown_period
  logging: dir level enable_otlp_tracing otlp_endpoint append_stdout log_format max_log_files otlp_export_protocol
  logging.tracing_sample_ratio: default_ratio
  tracing: tokio_console_addr
  memory: enable_heap_profiling`,
  datanode: `
  -: node_id default_column_prefix require_lease_before_startup init_regions_in_background
    init_regions_parallelism max_concurrent_queries concurrent_query_limiter_timeout enable_telemetry
  http: addr timeout body_limit
  grpc: bind_addr server_addr runtime_size max_recv_message_size max_send_message_size flight_compression
  grpc.tls: mode cert_path key_path watch
  runtime: global_rt_size compact_rt_size query_rt_size ingest_rt_size
  meta_client: metasrv_addrs timeout ddl_timeout connect_timeout tcp_nodelay metadata_cache_max_capacity
    metadata_cache_ttl metadata_cache_tti
  wal: provider dir file_size purge_threshold purge_interval read_batch_size sync_write enable_log_recycle
    prefill_log_files sync_period recovery_parallelism broker_endpoints connect_timeout timeout max_batch_bytes
    consumer_wait_timeout create_index dump_index_interval overwrite_entry_start_id
  wal.sasl: type username password
  wal.tls: server_ca_cert_path client_cert_path client_key_path
  storage: type bucket root access_key_id secret_access_key endpoint region enable_virtual_host_style
    disable_ec2_metadata access_key_secret container account_name account_key sas_token scope credential_path
    credential data_home
  query: parallelism memory_pool_size
  storage.http_client: pool_max_idle_per_host connect_timeout timeout pool_idle_timeout skip_ssl_validation
  region_engine.mito: num_workers worker_channel_size worker_request_batch_size manifest_checkpoint_distance
    experimental_manifest_keep_removed_file_count experimental_manifest_keep_removed_file_ttl compress_manifest
    max_background_flushes max_background_compactions max_background_purges experimental_compaction_memory_limit
    experimental_compaction_on_exhausted auto_flush_interval global_write_buffer_size
    global_write_buffer_reject_size sst_meta_cache_size vector_cache_size page_cache_size
    selector_result_cache_size range_result_cache_size prefilter_result_cache_size enable_write_cache
    write_cache_path write_cache_size write_cache_ttl preload_index_cache index_cache_percent
    enable_refill_cache_on_read manifest_cache_size sst_write_buffer_size max_concurrent_scan_files
    allow_stale_entries scan_memory_limit scan_memory_on_exhausted min_compaction_interval
    schedule_compaction_after_edit default_flat_format
  region_engine.mito.index: aux_path staging_size staging_ttl metadata_cache_size content_cache_size
    content_cache_page_size result_cache_size
  region_engine.mito.inverted_index: create_on_flush create_on_compaction apply_on_query mem_threshold_on_create
    intermediate_path
  region_engine.mito.fulltext_index: create_on_flush create_on_compaction apply_on_query mem_threshold_on_create
  region_engine.mito.bloom_filter_index: create_on_flush create_on_compaction apply_on_query
    mem_threshold_on_create
  region_engine.mito.gc: enable lingering_time unknown_file_lingering_time
  region_engine.metric: sparse_primary_key_encoding
  logging: dir level enable_otlp_tracing otlp_endpoint append_stdout log_format max_log_files otlp_export_protocol
  logging.tracing_sample_ratio: default_ratio
  tracing: tokio_console_addr
  memory: enable_heap_profiling`,
  frontend: `
  -: default_timezone default_column_prefix auto_create_table user_provider max_in_flight_write_bytes
    write_bytes_exhausted_policy
  runtime: global_rt_size compact_rt_size
  http: addr timeout body_limit enable_cors cors_allowed_origins prom_validation_mode
  grpc: bind_addr server_addr runtime_size flight_compression max_connection_age
  grpc.tls: mode cert_path key_path watch
  internal_grpc: bind_addr server_addr runtime_size flight_compression
  internal_grpc.tls: mode cert_path key_path watch
  mysql: enable addr runtime_size keep_alive prepared_stmt_cache_size
  mysql.tls: mode cert_path key_path watch
  postgres: enable addr runtime_size keep_alive
  postgres.tls: mode cert_path key_path watch
  opentsdb: enable
  influxdb: enable default_merge_mode
  jaeger: enable
  otlp: enable trace_ingest_chunk_size
  prom_store: enable with_metric_engine pending_rows_flush_interval max_batch_rows max_concurrent_flushes
    worker_channel_capacity max_inflight_requests
  meta_client: metasrv_addrs timeout ddl_timeout connect_timeout tcp_nodelay metadata_cache_max_capacity
    metadata_cache_ttl metadata_cache_tti
  query: parallelism allow_query_fallback memory_pool_size
  datanode.client: connect_timeout tcp_nodelay
  logging: dir level enable_otlp_tracing otlp_endpoint append_stdout log_format max_log_files otlp_export_protocol
  logging.tracing_sample_ratio: default_ratio
  slow_query: enable record_type threshold sample_ratio ttl
  tracing: tokio_console_addr
  memory: enable_heap_profiling
  event_recorder: ttl`,
  flownode: `
  -: node_id
  flow: num_workers
  flow.batching_mode: query_timeout slow_query_threshold experimental_min_refresh_duration grpc_conn_timeout
    experimental_grpc_max_retries experimental_frontend_scan_timeout experimental_max_filter_num_per_query
    experimental_time_window_merge_threshold experimental_enable_incremental_read read_preference
  flow.batching_mode.frontend_tls: enabled server_ca_cert_path client_cert_path client_key_path
  grpc: bind_addr server_addr runtime_size max_recv_message_size max_send_message_size
  http: addr timeout body_limit
  meta_client: metasrv_addrs timeout ddl_timeout connect_timeout tcp_nodelay metadata_cache_max_capacity
    metadata_cache_ttl metadata_cache_tti
  logging: dir level enable_otlp_tracing otlp_endpoint append_stdout log_format max_log_files otlp_export_protocol
  logging.tracing_sample_ratio: default_ratio
  tracing: tokio_console_addr
  query: parallelism memory_pool_size
  memory: enable_heap_profiling`,
};
