#pragma once

#include "record/staged.h"

namespace chancery::ca {

using record::Staged;

}  // namespace chancery::ca
