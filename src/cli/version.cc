#include <boost/json.hpp>

#include "cli/report.h"
#include "cli/verbs.h"

namespace chancery::cli {

Exit version(const Common& common) {
  if (common.format == Format::kText) {
    print("chancery " CHANCERY_VERSION "\n");
  } else {
    print_value({{"version", CHANCERY_VERSION}}, common.format);
  }
  return Exit::kOk;
}

}  // namespace chancery::cli
