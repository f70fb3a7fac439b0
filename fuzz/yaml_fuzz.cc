#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cli/yaml_reader.h"

// Files for `chancery apply` come from repositories that many people may write to.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto documents = chancery::cli::read_yaml(text);
  if (!documents) return 0;
  for (const auto& document : *documents) (void)document.find("kind");
  return 0;
}
