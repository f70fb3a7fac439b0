#include "server/store_metrics.h"

namespace chancery::server {
namespace {

void append(std::string& out, std::string_view type, std::string_view name, std::string_view help,
            std::uint64_t value) {
  const std::string full = "chancery_store_" + std::string(name);
  out.append("# HELP ").append(full).append(" ").append(help);
  out.append("\n# TYPE ").append(full).append(" ").append(type);
  out.append("\n").append(full).append(" ").append(std::to_string(value)).append("\n");
}

}  // namespace

std::string store_metrics(const storage::ManagedStore& store) {
  const storage::CommitStatistics commits = store.statistics();
  const storage::StoreHealth health = store.health();
  std::string out;
  const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    append(out, "counter", name, help, value);
  };
  const auto gauge = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    append(out, "gauge", name, help, value);
  };
  counter("flushes_total", "Transactions that became durable.", commits.flushes);
  counter("sets_total", "Write sets in them.", commits.sets);
  counter("entries_total", "Log rows in them.", commits.entries);
  counter("refused_total", "Write sets refused by a precondition.", commits.refused);
  gauge("log_rows", "Rows of the log.", health.log_rows);
  gauge("index_lag_rows", "Log rows that the index on disk does not cover yet.", health.index_lag);
  gauge("index_missing_rows", "Log rows that no index covers until its rebuild ends.",
        health.index_missing);
  gauge("out_of_service", "1 when nothing is written until the next start.",
        health.out_of_service ? 1 : 0);
  gauge("full", "1 when the last commit found no space.", health.storage_full ? 1 : 0);
  return out;
}

}  // namespace chancery::server
