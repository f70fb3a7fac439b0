#include "base/thread_name.h"

#include <pthread.h>

namespace chancery {

void name_this_thread(const char* name) { ::pthread_setname_np(::pthread_self(), name); }

}  // namespace chancery
