#include "http/access_log.h"
namespace chancery::http {}
