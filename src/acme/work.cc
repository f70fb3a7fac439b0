#include "acme/work.h"

namespace chancery::acme {
namespace {

constexpr std::size_t kPage = 256;

using One = std::function<void(const std::string&, const std::string&)>;

void each_work_of(const record::StateReader& state, const LoadedDirectory& directory,
                  std::string_view prefix, const One& one) {
  std::string after(prefix);
  while (true) {
    const auto rows = state.list(record::StateKind::kAcmeWork, directory.scope(), after, kPage);
    if (!rows) return;
    for (const record::StateRow& row : *rows) {
      if (!row.key.id.starts_with(prefix)) return;
      one(directory.name, row.key.id.substr(prefix.size()));
    }
    if (rows->size() < kPage) return;
    after = rows->back().key.id;
  }
}

}  // namespace

void each_work(const record::StateReader& state, Directories& directories, std::string_view prefix,
               const One& one) {
  std::string after;
  while (true) {
    const auto names = directories.list(after, kPage);
    if (!names || names->empty()) return;
    for (const std::string& name : *names) {
      const auto directory = directories.find(name);
      if (directory && *directory) each_work_of(state, **directory, prefix, one);
    }
    after = names->back();
  }
}

}  // namespace chancery::acme
