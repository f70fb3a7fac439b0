#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "acme/directory.h"
#include "record/store.h"

namespace chancery::acme {

// each_work goes through what is not done yet: the rows of kind kAcmeWork whose id begins with
// `prefix` ("validation/"), of all directories, a page at a time. `one` is told the directory's
// name and the rest of the id. Ends early when the store cannot be read: the next round finds the
// rest.
void each_work(const record::StateReader& state, Directories& directories, std::string_view prefix,
               const std::function<void(const std::string& directory, const std::string& id)>& one);

}  // namespace chancery::acme
